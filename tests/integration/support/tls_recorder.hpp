// A server that serves nobody: it does its part of TLS, or does not speak it at all, and keeps every byte that it gets.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "integration/support/tls_server_end.hpp"

namespace meridian::testing {

struct RecorderOptions {
  std::optional<TlsServerOptions> tls{};  // without: a plain server
  std::string answer{};                   // of a plain server, to the first bytes
  bool closes = false;                    // a plain server: closes at the first bytes
};

// Listens on 127.0.0.1.
class TlsRecorder {
 public:
  explicit TlsRecorder(RecorderOptions options);
  TlsRecorder(const TlsRecorder&) = delete;
  TlsRecorder& operator=(const TlsRecorder&) = delete;
  ~TlsRecorder();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  // Of all connections so far.
  [[nodiscard]] std::string raw() const;
  [[nodiscard]] std::string plaintext() const;
  [[nodiscard]] int connections() const noexcept { return connections_; }

 private:
  void serve();

  const RecorderOptions options_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  mutable std::mutex mutex_;
  std::string raw_;        // under mutex_
  std::string plaintext_;  // under mutex_
  std::thread thread_;
};

}  // namespace meridian::testing
