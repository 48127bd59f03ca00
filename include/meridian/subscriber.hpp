/// \file
/// Publish and subscribe: `Subscriber`, had from any client. It remembers what it is subscribed to, and subscribes
/// again after a reconnect and, on a client of several databases, after a switch; then it says for how long it was
/// deaf.
///
/// \code
/// meridian::Subscriber subscriber = client.subscriber();
/// subscriber.subscribe({"news", "weather"});
/// subscriber.psubscribe("orders.*");
/// while (auto event = subscriber.next(meridian::Duration::max())) {
///   if (const auto* message = std::get_if<meridian::Message>(&*event)) use(message->channel, message->payload);
///   if (const auto* moved = std::get_if<meridian::SubscriptionMoved>(&*event)) catch_up(moved->gap);
/// }
///
/// // Or by callback:
/// auto printer = client.subscriber({.on_event = [](const meridian::SubscriberEvent& event) { print(event); }});
/// printer.subscribe("news");
///
/// // Or in a coroutine:
/// while (auto event = co_await subscriber.async_next()) use(*event);
/// \endcode
///
/// What is published while nobody listens is lost: that is how Redis does it. The manual (docs/pubsub.md) says what is
/// promised. Sources: https://redis.io/docs/latest/develop/pubsub/, behaviour.md PS-1 … PS-4.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <meridian/commands/arguments.hpp>
#include <meridian/detail/awaitable.hpp>
#include <meridian/events.hpp>
#include <meridian/result.hpp>
#include <meridian/time.hpp>

namespace meridian {

/// How a message found its way.
enum class ChannelKind : std::uint8_t {
  channel,  ///< SUBSCRIBE
  pattern,  ///< PSUBSCRIBE
  shard,    ///< SSUBSCRIBE
};

/// "channel", "pattern", "shard".
[[nodiscard]] MERIDIAN_EXPORT std::string_view to_string(ChannelKind kind) noexcept;

/// What somebody published.
struct Message {
  ChannelKind kind = ChannelKind::channel;
  std::string channel;
  std::string pattern;  ///< That `channel` fits, for `ChannelKind::pattern`; else empty.
  std::string payload;
  std::string database;     ///< That it came from.
  std::uint64_t epoch = 0;  ///< Under which the connection to it was made; 0 for a client of one database.
};

/// A server does not let us subscribe, most often because an ACL does not permit the channel. The wish is remembered
/// and tried again on the next connection.
struct SubscriptionRefused {
  ChannelKind kind{};
  std::string channel;  ///< Or pattern.
  std::string database;
  std::string server_text;  ///< Escaped and cut, as in `Error`.
  std::uint64_t epoch = 0;
};

/// The last event: the client was closed, or the queue overflowed and `Overflow::disconnect` says so. Not told after
/// the subscriber's own `close()`.
struct SubscriptionEnded {
  Error error;
};

/// What a subscriber receives, in one order. No message of an earlier database or connection comes behind a
/// `SubscriptionMoved`.
using SubscriberEvent = std::variant<Message, SubscriptionMoved, SubscriptionRefused, SubscriptionEnded>;

/// What becomes of a message that does not fit the queue.
enum class Overflow : std::uint8_t {
  drop_oldest,  ///< The oldest messages in the queue make room.
  drop_newest,  ///< It is dropped.
  disconnect,   ///< The subscriber ends with `queue_full`; what is queued can still be taken.
};

struct SubscriberOptions {
  /// Receives every event, one after the other; nothing is left for `next` then. It runs on the thread that the
  /// client's listeners share, where it may block (they wait, calls do not) and may use the client and the subscriber,
  /// even close it. What it throws is dropped.
  std::function<void(const SubscriberEvent&)> on_event{};

  /// The queue's bounds, > 0. Bytes are those of channels, patterns and payloads.
  std::size_t max_queued = std::size_t{64} << 10;
  std::size_t max_queued_bytes = std::size_t{64} << 20;
  Overflow overflow = Overflow::drop_oldest;

  /// PS-4: subscribed on all databases all the time, delivering what the active one says. A switch then costs the time
  /// until it is decided and no more; each database carries the subscriptions.
  bool overlap = false;
};

struct SubscriberCounters {
  std::uint64_t received = 0;   ///< Messages for what is subscribed to.
  std::uint64_t delivered = 0;  ///< Of those, so many were taken from the queue
  std::uint64_t dropped = 0;    ///< and so many did not fit. The rest is queued, or was when it closed.
  std::uint64_t moves = 0;      ///< `SubscriptionMoved` events.
  std::size_t queued = 0;       ///< Events that wait now.
};

namespace detail {

/// One who waits for the next event without a thread.
class EventWaiter {
 public:
  EventWaiter() noexcept = default;
  EventWaiter(const EventWaiter&) = delete;
  EventWaiter& operator=(const EventWaiter&) = delete;

  /// Once: the event, or nothing more comes. In the calling thread or on the I/O thread, outside the engine.
  virtual void on_event(std::optional<SubscriberEvent> event) noexcept = 0;

 protected:
  ~EventWaiter() = default;
};

/// The engine's side of a subscriber. Thread-safe.
class MERIDIAN_EXPORT Subscription {
 public:
  enum class Wish : std::uint8_t { subscribe, unsubscribe };

  virtual ~Subscription() = default;
  virtual void wish(Wish wish, ChannelKind kind, const StringArgs& names) = 0;
  /// Waits for `timeout`; 0: does not wait. Throws `would_deadlock` if it would wait on an I/O thread.
  [[nodiscard]] virtual std::optional<SubscriberEvent> next(Duration timeout) = 0;
  virtual void next(EventWaiter& waiter) = 0;
  [[nodiscard]] virtual Result<void> wait_until_subscribed(Duration timeout) = 0;
  [[nodiscard]] virtual SubscriberCounters counters() const = 0;
  [[nodiscard]] virtual std::optional<Error> why_closed() const = 0;
  virtual void close() noexcept = 0;
  /// Waits until a callback that is running has returned, unless it would wait for itself.
  virtual void wait_for_callback() noexcept = 0;
};

class Engine;

}  // namespace detail

/// One stream of events from any number of channels, patterns and shard channels, over one connection of its own (with
/// `overlap`: one to each database). Any number per client, independent of each other. Thread-safe; movable, not
/// copyable; a moved-from one may only be destroyed or assigned to.
///
/// Lifetime: it may be destroyed before its client or after it. Closing the client ends it (`SubscriptionEnded`); a
/// subscriber that is left holds on to the closed client's threads until it goes, too. Destroying it waits for a
/// callback that is running, except on the listeners' thread (inside the callback) and on an I/O thread.
class MERIDIAN_EXPORT Subscriber {
 public:
  Subscriber(Subscriber&&) noexcept = default;
  Subscriber& operator=(Subscriber&& other) noexcept;
  ~Subscriber();

  /// From any thread, before or after connecting; they return at once. Wishes are remembered until they are taken back,
  /// and made again on every new connection. After `unsubscribe` returned, no message of the channel is queued any
  /// more; those in the queue stay.
  void subscribe(const StringArgs& channels);
  void unsubscribe(const StringArgs& channels);
  void psubscribe(const StringArgs& patterns);
  void punsubscribe(const StringArgs& patterns);
  void ssubscribe(const StringArgs& shard_channels);
  void sunsubscribe(const StringArgs& shard_channels);

  /// The next event; nothing if there is none within `timeout`, or ever again (`why_closed` tells which).
  /// `Duration::max()`: waits for as long as it takes. Throws `Error` (`would_deadlock`) if it would wait on the
  /// library's I/O thread.
  [[nodiscard]] std::optional<SubscriberEvent> next(Duration timeout);
  [[nodiscard]] std::optional<SubscriberEvent> try_next();

  /// `co_await` gives the next event; nothing when none will come any more. As with calls, the coroutine goes on on the
  /// I/O thread, and must not be destroyed meanwhile: `close()` lets it go on.
  class NextEvent;
  [[nodiscard]] NextEvent async_next() noexcept;

  /// Returns when every wish is confirmed on the active database. Errors: `timed_out`; `closed`; `no_permission` or
  /// another code if the server refused one. Throws nothing; fails with `would_deadlock` on an I/O thread.
  [[nodiscard]] Result<void> wait_until_subscribed(Duration timeout);

  [[nodiscard]] SubscriberCounters counters() const;

  /// Why it is over; nothing while it is not.
  [[nodiscard]] std::optional<Error> why_closed() const;

  /// Ends it; what is queued is dropped. From any thread, callback and coroutine. Idempotent.
  void close() noexcept;

  /// For the library: `client.subscriber()` makes one.
  Subscriber(std::shared_ptr<detail::Engine> engine, std::shared_ptr<detail::Subscription> subscription) noexcept;

 private:
  void let_go() noexcept;

  std::shared_ptr<detail::Engine> engine_;  // outlives the subscription
  std::shared_ptr<detail::Subscription> subscription_;
};

/// Awaited once, where it was made: the coroutine's frame.
class [[nodiscard]] Subscriber::NextEvent final : public detail::EventWaiter {
 public:
  explicit NextEvent(detail::Subscription& subscription) noexcept : subscription_(subscription) {}

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> coroutine) {
    suspension_.begin(coroutine);
    subscription_.next(*this);
    return suspension_.stays();
  }
  [[nodiscard]] std::optional<SubscriberEvent> await_resume() {
    suspension_.end();
    return std::move(event_);
  }

 private:
  void on_event(std::optional<SubscriberEvent> event) noexcept override {
    event_ = std::move(event);
    suspension_.resume();
  }

  detail::Subscription& subscription_;
  detail::Suspension suspension_;
  std::optional<SubscriberEvent> event_;
};

namespace detail {
[[nodiscard]] MERIDIAN_EXPORT Subscriber make_subscriber(std::shared_ptr<Engine> engine, SubscriberOptions options);
}

inline Subscriber::NextEvent Subscriber::async_next() noexcept { return NextEvent(*subscription_); }

}  // namespace meridian
