// Turning an address into a stream: resolving and connecting. Resolves anew at each attempt.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "io/stream.hpp"

namespace meridian::io {

struct Address {
  std::string host;
  std::uint16_t port = 0;

  // "host:port", "[v6]:port"
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Address&, const Address&) = default;
};

struct SocketOptions {
  Duration tcp_user_timeout{0};  // 0: the system's default
  Duration keepalive_idle{0};    // 0: no keepalive
  Duration keepalive_interval{0};
  int keepalive_count = 0;
};

struct ConnectOutcome {
  std::unique_ptr<Stream> stream;  // set exactly when status is ok
  IoStatus status = IoStatus::ok;  // refused only if every address of the name refused
  std::string detail;              // address and reason, for the error message
};

// An attempt under way. Destroying it abandons the attempt; its handler is then never called.
class ConnectAttempt {
 public:
  virtual ~ConnectAttempt() = default;
};

class Connector {
 public:
  virtual ~Connector() = default;

  // Starts an attempt; called on the loop. `handler` runs on the loop, once, and never inside this call. There is no
  // timeout here: whoever asks also watches the clock and drops the attempt.
  [[nodiscard]] virtual std::unique_ptr<ConnectAttempt> connect(const Address& address, const SocketOptions& options,
                                                                std::function<void(ConnectOutcome)> handler) = 0;
};

}  // namespace meridian::io
