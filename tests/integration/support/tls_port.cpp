#include "integration/support/tls_port.hpp"

namespace meridian::testing {

TlsPort::TlsPort(RedisServer& server, const Authority& authority)
    : server_(server), ca_file_(folder_.write("ca.pem", authority.pem())) {
  show(right(authority));
  expect_ok({"CONFIG", "SET", "tls-auth-clients", "no"});
  open_port();
}

void TlsPort::show(const Identity& identity) {
  // Under new names, or the server would not look at them.
  const std::string number = std::to_string(++shown_);
  expect_ok({"CONFIG", "SET", "tls-cert-file", folder_.write(number + ".pem", identity.certificate), "tls-key-file",
             folder_.write(number + ".key", identity.key), "tls-ca-cert-file", ca_file_});
}

void TlsPort::expect_ok(const std::vector<std::string>& command) {
  const std::string reply = server_.command(command);
  if (reply != "+OK\r\n") throw ServerError("TLS at " + server_.uri() + ": " + reply);
}

// Another process may have the port.
void TlsPort::open_port() {
  for (int candidate = server_.port() + 1; candidate < server_.port() + 100; ++candidate) {
    const std::string text = std::to_string(candidate);
    if (server_.command({"CONFIG", "SET", "tls-port", text}) != "+OK\r\n") continue;
    port_ = static_cast<std::uint16_t>(candidate);
    return;
  }
  throw ServerError("no port for TLS beside " + server_.uri());
}

}  // namespace meridian::testing
