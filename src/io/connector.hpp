// Turning an address into a stream: resolving, connecting and, with TLS, its handshake. Resolves anew at each attempt.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <meridian/options.hpp>

#include "io/stream.hpp"

namespace meridian::io {

struct Address {
  std::string host;
  std::uint16_t port = 0;
  std::string path{};  // of a Unix socket; if set, host and port do not count

  // "host:port", "[v6]:port", "unix:/path"
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Address&, const Address&) = default;
};

[[nodiscard]] Address address_of(const Endpoint& endpoint);

struct SocketOptions {
  Duration tcp_user_timeout{0};  // 0: the system's default
  Duration keepalive_idle{0};    // 0: no keepalive
  Duration keepalive_interval{0};
  int keepalive_count = 0;
  const TlsOptions* tls = nullptr;  // null or not enabled: plain. Read inside `connect` only
};

struct ConnectOutcome {
  std::unique_ptr<Stream> stream;  // set exactly when status is ok
  IoStatus status = IoStatus::ok;  // refused only if every address of the name refused
  std::string detail{};            // address and reason, for the error message
};

// An attempt under way. Destroying it abandons the attempt; its handler is then never called.
class ConnectAttempt {
 public:
  virtual ~ConnectAttempt() = default;

  // What it is waiting for, for the message of whoever gives it up: "looking up the name", "the TLS handshake with …".
  // Empty: nothing to add.
  [[nodiscard]] virtual std::string waiting_for() const { return {}; }
};

class Connector {
 public:
  virtual ~Connector() = default;

  // Starts an attempt; called on the loop. `handler` runs on the loop, once, and never inside this call. There is no
  // timeout here: whoever asks also watches the clock and drops the attempt. The stream is ready for use: with TLS the
  // handshake is over and the server is verified.
  [[nodiscard]] virtual std::unique_ptr<ConnectAttempt> connect(const Address& address, const SocketOptions& options,
                                                                std::function<void(ConnectOutcome)> handler) = 0;
};

}  // namespace meridian::io
