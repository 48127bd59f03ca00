// Turns an address into a stream that can be used: resolves anew at each attempt, connects by TCP or to a Unix socket,
// and with TLS shakes hands.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "io/connector.hpp"
#include "net/errands.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "net/tls_context.hpp"

namespace meridian::net {

// Lives on the loop. Numeric addresses are connected to at once, without a thread.
class Connector final : public io::Connector {
 public:
  explicit Connector(Loop& loop) : loop_(loop), errands_(loop), resolver_(loop) {}
  Connector(Loop& loop, Resolver::Lookup lookup) : loop_(loop), errands_(loop), resolver_(loop, std::move(lookup)) {}

  [[nodiscard]] std::unique_ptr<io::ConnectAttempt> connect(const io::Address& address,
                                                            const io::SocketOptions& options,
                                                            std::function<void(io::ConnectOutcome)> handler) override;

 private:
  // Null if they ask for no TLS.
  [[nodiscard]] std::shared_ptr<TlsContext> context_for(const TlsOptions* tls);

  Loop& loop_;
  Errands errands_;
  Resolver resolver_;
  std::vector<std::shared_ptr<TlsContext>> contexts_;  // the most recently used last
};

}  // namespace meridian::net
