// A port for TLS beside the plain one of a real server.
#pragma once

#include <cstdint>
#include <string>

#include "integration/support/certificates.hpp"
#include "integration/support/redis_server.hpp"

namespace meridian::testing {

// Opens it with a certificate for localhost and 127.0.0.1. The server and the authority outlive it; client certificates
// are not asked for. Throws ServerError.
class TlsPort {
 public:
  TlsPort(RedisServer& server, const Authority& authority);

  [[nodiscard]] static Identity right(const Authority& authority) {
    return authority.issue({.dns_names = {"localhost"}, .addresses = {"127.0.0.1"}});
  }

  // From now on new connections get this certificate.
  void show(const Identity& identity);

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string uri() const { return "rediss://" + address(); }
  // The authority's certificate, which the server has, too.
  [[nodiscard]] const std::string& ca_file() const noexcept { return ca_file_; }

 private:
  void expect_ok(const std::vector<std::string>& command);
  void open_port();

  RedisServer& server_;
  TemporaryFolder folder_;
  std::string ca_file_;
  int shown_ = 0;
  std::uint16_t port_ = 0;
};

}  // namespace meridian::testing
