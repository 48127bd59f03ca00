// Turns an address into a TcpStream: resolves anew at each attempt and tries the addresses of the name in order.
#pragma once

#include <memory>

#include "io/connector.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"

namespace meridian::net {

// Lives on the loop. Numeric addresses are connected to at once, without a thread.
class TcpConnector final : public io::Connector {
 public:
  explicit TcpConnector(Loop& loop) : loop_(loop), resolver_(loop) {}
  TcpConnector(Loop& loop, Resolver::Lookup lookup) : loop_(loop), resolver_(loop, std::move(lookup)) {}

  [[nodiscard]] std::unique_ptr<io::ConnectAttempt> connect(const io::Address& address,
                                                            const io::SocketOptions& options,
                                                            std::function<void(io::ConnectOutcome)> handler) override;

 private:
  Loop& loop_;
  Resolver resolver_;
};

}  // namespace meridian::net
