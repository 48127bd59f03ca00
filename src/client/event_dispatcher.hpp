// Tells listeners what happened (rule EV-2): in order, on the listeners' executor, never under a lock that a listener
// could meet, and whatever one throws is dropped.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include <meridian/events.hpp>

#include "io/executor.hpp"

namespace meridian::client {

class EventDispatcher {
 public:
  explicit EventDispatcher(io::Executor& listeners);

  // Any thread. The listener hears what is told from now on.
  void add(EventListener listener);

  // Any thread. Beyond `max_pending` events that no listener has taken yet, the newest are dropped: a listener that
  // never returns costs events, not memory.
  void tell(Event event);

  static constexpr std::size_t max_pending = 10'000;

 private:
  struct Shared {
    std::mutex mutex;
    std::vector<std::shared_ptr<EventListener>> listeners;  // guarded by mutex
    std::size_t pending = 0;                                // guarded by mutex
  };
  io::Executor& executor_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace meridian::client
