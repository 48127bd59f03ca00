// The TLS handshake on a connected stream. Nothing but the handshake is written before it is over and the server is
// verified.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "io/connector.hpp"
#include "net/tls_session.hpp"

namespace meridian::net {

// Lives on the loop; to be held by a shared_ptr. Dropping it ends the connection.
class TlsHandshake : public std::enable_shared_from_this<TlsHandshake> {
 public:
  using Handler = std::function<void(io::ConnectOutcome)>;

  // `where` is the address, for messages. `handler` is called once, perhaps inside `start`.
  TlsHandshake(io::Executor& loop, std::unique_ptr<io::Stream> raw, std::unique_ptr<TlsSession> session,
               std::string where, Handler handler);

  void start() { step(); }

  [[nodiscard]] std::string waiting_for() const;

 private:
  enum class Sending { done, not_done };

  void step();
  [[nodiscard]] Sending send();
  [[nodiscard]] io::Task next_step();
  void on_end(io::IoStatus status);
  void finish(io::IoStatus status, const std::string& why);

  io::Executor& loop_;
  std::unique_ptr<io::Stream> raw_;
  std::unique_ptr<TlsSession> session_;
  const std::string where_;
  Handler handler_;
  bool heard_ = false;
  std::array<char, 16 << 10> arrived_;
};

}  // namespace meridian::net
