// The server's end of one TLS connection, without a socket: none of the code under test. No OpenSSL in this header.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "integration/support/certificates.hpp"

namespace meridian::testing {

struct TlsServerOptions {
  Identity identity{};
  std::string client_ca{};  // PEM; if set, clients must show a certificate that it signed
  bool only_tls_1_1 = false;
  bool at_most_tls_1_2 = false;
};

class TlsServerEnd {
 public:
  explicit TlsServerEnd(const TlsServerOptions& options);
  TlsServerEnd(const TlsServerEnd&) = delete;
  TlsServerEnd& operator=(const TlsServerEnd&) = delete;
  ~TlsServerEnd();

  // Bytes from the client; goes on with the handshake and gives the plaintext that they hold.
  std::string feed(std::string_view bytes);
  // Bytes for the client.
  std::string take();
  void write(std::string_view plaintext);
  // Asks for new keys, and for an answer to that (TLS 1.3).
  void update_keys();
  // close_notify
  void finish();

  [[nodiscard]] bool is_connected() const;
  [[nodiscard]] bool has_failed() const;
  [[nodiscard]] bool client_has_finished() const;
  // What the client's greeting names (SNI).
  [[nodiscard]] std::string asked_name() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace meridian::testing
