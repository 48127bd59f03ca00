// One TLS connection without its socket: ciphertext is fed and taken, plaintext read and written. Counts what leaves in
// records, which is what exact delivery needs (design.md, section 3).
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/tls.hpp>

#include "io/stream.hpp"

namespace meridian::net {

// Not thread-safe.
class TlsSession {
 public:
  // `host` is what the connection was made to; it is verified unless `tls` names another. Null if OpenSSL has no
  // memory.
  [[nodiscard]] static std::unique_ptr<TlsSession> make(SSL_CTX* context, const TlsOptions& tls,
                                                        const std::string& host);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Goes on with the handshake. ok: it is over and the server is verified; would_block: more must be fed; tls: it has
  // failed. In each case there may be output to send, the alert that tells the server of a failure included.
  [[nodiscard]] io::IoStatus handshake() noexcept;

  // What came from the socket.
  void feed(std::string_view ciphertext) noexcept;

  // Decrypts what was fed. would_block: nothing of it is left; eof: the peer closed; tls: `failure()`.
  [[nodiscard]] io::IoResult read(std::span<char> into) noexcept;

  // Encrypts `bytes` as records at the end of `output`, and gives how many of them; 0: it must read first, or has
  // failed. REQUIRES: has_records() is false.
  [[nodiscard]] std::size_t write(std::string_view bytes) noexcept;
  static constexpr std::size_t most_per_write = 64 << 10;

  // Ciphertext for the socket. After `sent` says how much of it was accepted: the bytes whose record was accepted to
  // its last byte since.
  [[nodiscard]] std::string_view output() const noexcept { return std::string_view(output_).substr(sent_); }
  [[nodiscard]] std::size_t sent(std::size_t bytes) noexcept;

  // Encrypted bytes are waiting that must not leave without being asked for again: their writer may have given up.
  [[nodiscard]] bool has_records() const noexcept { return next_record_ < records_.size(); }

  // A message of the handshake has come in part (TLS 1.3 sends some later on): nothing can be encrypted before the
  // rest.
  [[nodiscard]] bool must_read_first() const noexcept { return SSL_in_init(ssl_.get()) != 0; }

  // Puts the orderly end (close_notify) into the output.
  void finish() noexcept;

  // What went wrong, in words; empty if nothing did.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

 private:
  struct SslFree {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  };
  struct Record {
    std::size_t end;    // offset in output_ behind its last byte
    std::size_t bytes;  // of plaintext
  };

  explicit TlsSession(std::string wanted) : wanted_(std::move(wanted)) {}
  [[nodiscard]] bool set_up(SSL_CTX* context, const TlsOptions& tls);
  static TlsSession& of(const SSL* ssl) noexcept;
  static int on_verified(int ok, X509_STORE_CTX* store);
  static int on_certificate_wanted(SSL* ssl, X509** certificate, EVP_PKEY** key);
  void collect_output() noexcept;
  io::IoStatus fail() noexcept;

  std::unique_ptr<SSL, SslFree> ssl_;
  BIO* from_peer_ = nullptr;  // ssl_ owns both
  BIO* to_peer_ = nullptr;
  const std::string wanted_;  // the name or address to verify

  std::string output_;
  std::size_t sent_ = 0;
  std::vector<Record> records_;
  std::size_t next_record_ = 0;

  std::string refusal_;  // why the server's certificate was refused
  std::string failure_;
  bool certificate_was_wanted_ = false;  // the server asked for ours, and there is none
};

}  // namespace meridian::net
