#include "client/event_dispatcher.hpp"

#include <utility>

namespace meridian::client {

EventDispatcher::EventDispatcher(io::Executor& listeners) : executor_(listeners), shared_(std::make_shared<Shared>()) {}

void EventDispatcher::add(EventListener listener) {
  const std::lock_guard lock(shared_->mutex);
  shared_->listeners.push_back(std::make_shared<EventListener>(std::move(listener)));
}

void EventDispatcher::tell(Event event) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->listeners.empty() || shared_->pending >= max_pending) return;
    ++shared_->pending;
  }
  executor_.post([shared = shared_, event = std::move(event)] {
    std::vector<std::shared_ptr<EventListener>> listeners;
    {
      const std::lock_guard lock(shared->mutex);
      --shared->pending;
      listeners = shared->listeners;
    }
    for (const auto& listener : listeners) {
      try {
        (*listener)(event);
      } catch (...) {  // NOLINT(bugprone-empty-catch): a listener's failure is the listener's own (EV-2)
      }
    }
  });
}

}  // namespace meridian::client
