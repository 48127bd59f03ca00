// Threads for user code that answers the client.
#pragma once

#include <memory>

#include "io/executors.hpp"
#include "net/listener_thread.hpp"

namespace meridian::net {

class Executors final : public io::Executors {
 public:
  [[nodiscard]] std::unique_ptr<io::Executor> make() override { return std::make_unique<ListenerThread>(); }
};

}  // namespace meridian::net
