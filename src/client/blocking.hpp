// Waiting on the calling thread for what happens on the loop.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <meridian/detail/engine.hpp>

#include "io/world.hpp"

namespace meridian::client {

// Runs `task` on the loop and returns when it is done. On the loop itself it runs at once. REQUIRES: the loop runs.
template <class Function>
void run_on_loop(io::World& world, Function task) {
  if (world.loop.inside()) {
    task();
    return;
  }
  const std::shared_ptr<io::Parker> parker = world.parking.make_parker();
  world.loop.post([&task, parker] {
    task();
    parker->unpark();
  });
  parker->park();
}

// Submits and waits for the completion.
inline Result<Reply> execute_blocking(io::World& world, detail::Engine& engine, const Request& request,
                                      const CallOptions& options) {
  if (world.loop.inside()) {
    return fail(ErrorCode::would_deadlock, Delivery::not_sent,
                request.name + ": a blocking call inside a callback would wait for itself; use submit()");
  }
  const std::shared_ptr<io::Parker> parker = world.parking.make_parker();
  std::optional<Result<Reply>> outcome;
  engine.submit(request, options, [&outcome, parker](Result<Reply> result) {
    outcome = std::move(result);
    parker->unpark();
  });
  parker->park();
  return std::move(*outcome);
}

}  // namespace meridian::client
