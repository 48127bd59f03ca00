// What a subscriber has received and nobody has taken yet: in order, bounded, with a policy for what does not fit.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include <meridian/subscriber.hpp>

namespace meridian::client {

class SubscriberQueue {
 public:
  SubscriberQueue(std::size_t max_events, std::size_t max_bytes, Overflow overflow) noexcept
      : max_events_(max_events), max_bytes_(max_bytes), overflow_(overflow) {}

  enum class Fit { yes, dropped, overflow };

  // `dropped`: this one or older ones made room, which `counters` tells. `overflow`: it is dropped, and the policy says
  // that this is the end.
  Fit push(Message message);

  // What is no message counts towards the bounds, too, but always finds room: messages go first, then the oldest.
  void push(SubscriptionMoved moved);
  void push(SubscriptionRefused refused);
  void push(SubscriptionEnded ended);

  [[nodiscard]] std::optional<SubscriberEvent> pop();
  [[nodiscard]] bool empty() const noexcept { return events_.empty(); }
  void clear() noexcept;

  [[nodiscard]] SubscriberCounters counters() const noexcept;

 private:
  static constexpr std::size_t size_of(const Message& message) noexcept {
    return message.channel.size() + message.pattern.size() + message.payload.size();
  }
  [[nodiscard]] bool is_full(std::size_t more_bytes) const noexcept {
    return events_.size() >= max_events_ || bytes_ + more_bytes > max_bytes_;
  }
  bool drop_oldest_message() noexcept;
  void put(SubscriberEvent event);

  const std::size_t max_events_;
  const std::size_t max_bytes_;
  const Overflow overflow_;
  std::deque<SubscriberEvent> events_;
  std::size_t bytes_ = 0;  // of the messages among them
  SubscriberCounters counters_;
};

}  // namespace meridian::client
