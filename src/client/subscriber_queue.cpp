#include "client/subscriber_queue.hpp"

#include <algorithm>
#include <utility>

namespace meridian::client {

SubscriberQueue::Fit SubscriberQueue::push(Message message) {
  ++counters_.received;
  const std::size_t size = size_of(message);
  Fit fit = Fit::yes;
  while (is_full(size)) {
    fit = Fit::dropped;
    // One that is too large for an empty queue drops nothing but itself.
    if (overflow_ == Overflow::drop_oldest && size <= max_bytes_ && drop_oldest_message()) continue;
    ++counters_.dropped;
    return overflow_ == Overflow::disconnect ? Fit::overflow : Fit::dropped;
  }
  bytes_ += size;
  events_.emplace_back(std::move(message));
  return fit;
}

void SubscriberQueue::push(SubscriptionMoved moved) {
  ++counters_.moves;
  put(std::move(moved));
}

void SubscriberQueue::push(SubscriptionRefused refused) { put(std::move(refused)); }

void SubscriberQueue::push(SubscriptionEnded ended) { put(std::move(ended)); }

void SubscriberQueue::put(SubscriberEvent event) {
  if (events_.size() >= max_events_ && !drop_oldest_message()) events_.pop_front();
  events_.push_back(std::move(event));
}

bool SubscriberQueue::drop_oldest_message() noexcept {
  const auto oldest = std::find_if(events_.begin(), events_.end(),
                                   [](const SubscriberEvent& event) { return std::holds_alternative<Message>(event); });
  if (oldest == events_.end()) return false;
  bytes_ -= size_of(std::get<Message>(*oldest));
  events_.erase(oldest);
  ++counters_.dropped;
  return true;
}

std::optional<SubscriberEvent> SubscriberQueue::pop() {
  if (events_.empty()) return std::nullopt;
  std::optional<SubscriberEvent> event(std::move(events_.front()));
  events_.pop_front();
  if (const auto* message = std::get_if<Message>(&*event)) {
    bytes_ -= size_of(*message);
    ++counters_.delivered;
  }
  return event;
}

void SubscriberQueue::clear() noexcept {
  events_.clear();
  bytes_ = 0;
}

SubscriberCounters SubscriberQueue::counters() const noexcept {
  SubscriberCounters counters = counters_;
  counters.queued = events_.size();
  return counters;
}

}  // namespace meridian::client
