// Certificates, keys and rules of TLS, loaded once and shared by connections; loaded again when a file has changed.
#pragma once

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <meridian/result.hpp>
#include <meridian/time.hpp>
#include <meridian/tls.hpp>

namespace meridian::net {

struct SslContextFree {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextFree>;

// Everything that `tls` says, except the name to verify. Error: what is wrong, with `prefix` before the field.
[[nodiscard]] Result<SslContext> make_ssl_context(const TlsOptions& tls, std::string_view prefix);

// Whether one context serves both.
[[nodiscard]] bool are_same(const TlsOptions& a, const TlsOptions& b);

// One set of options and what was loaded for it. Not thread-safe: lives on the loop.
class TlsContext {
 public:
  explicit TlsContext(TlsOptions options) : options_(std::move(options)) {}

  [[nodiscard]] const TlsOptions& options() const noexcept { return options_; }

  // For the next connection, valid until the next call (a connection made with it keeps it). Looks whether files have
  // changed if the last look is `look_interval` ago. What cannot be loaded leaves what was loaded before in use: a
  // renewal is seldom one step, and half of it must not stop anything. Null if nothing was ever loaded: `error()`.
  [[nodiscard]] SSL_CTX* current(TimePoint now);
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

  static constexpr Duration look_interval = std::chrono::seconds(1);

 private:
  // What tells one state of a file from another.
  struct Stamp {
    std::string path;
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;  // -1: not there
    std::int64_t changed = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  static void add_stamp(const std::string& path, std::vector<Stamp>& stamps);
  [[nodiscard]] std::vector<Stamp> look() const;

  const TlsOptions options_;
  SslContext context_;
  std::vector<Stamp> loaded_;  // the files as they were when `context_` was loaded
  std::optional<TimePoint> looked_at_;
  std::string error_;
};

}  // namespace meridian::net
