// One subscriber on the engine's side: what it wishes for, where that comes from, and what nobody has taken yet.
//
// Threads: wishes, connections and those who wait live on the loop; the queue has a lock of its own, so that taking
// from it costs no turn. What is queued is queued on the loop, so that nobody who looks there misses it.
#pragma once

#include <array>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include <meridian/subscriber.hpp>

#include "client/subscriber_queue.hpp"
#include "client/subscription_feed.hpp"
#include "io/world.hpp"

namespace meridian::client {

class Subscription final : public detail::Subscription,
                           public std::enable_shared_from_this<Subscription>,
                           private SubscriptionFeed::Owner {
 public:
  // A database of the client, in the order of the configuration.
  struct Source {
    std::string name;
    database::Database* database;  // null: it was removed
  };

  // The engine's share in it. On the loop.
  class Home {
   public:
    [[nodiscard]] virtual const std::vector<Source>& sources() const noexcept = 0;
    [[nodiscard]] virtual database::DatabaseOwner& report() noexcept = 0;
    virtual void on_subscription_moved(const SubscriptionMoved& moved) = 0;
    // It is over, and has no connection any more.
    virtual void on_subscription_closed(Subscription& subscription) = 0;

   protected:
    ~Home() = default;
  };

  // `home` outlives it until it is closed. REQUIRES: made with std::make_shared.
  Subscription(io::World& world, Home& home, SubscriberOptions options);
  ~Subscription() override = default;  // closed before

  void wish(Wish wish, ChannelKind kind, const StringArgs& names) override;
  [[nodiscard]] std::optional<SubscriberEvent> next(Duration timeout) override;
  void next(detail::EventWaiter& waiter) override;
  [[nodiscard]] Result<void> wait_until_subscribed(Duration timeout) override;
  [[nodiscard]] SubscriberCounters counters() const override;
  [[nodiscard]] std::optional<Error> why_closed() const override;
  void close() noexcept override;
  void wait_for_callback() noexcept override;

  // --- On the loop.

  // The active database is left, from now on nothing of it is queued. `planned`: it is well, and so are its
  // connections.
  enum class Leaving { planned, because_of_trouble };
  void leave(Leaving how);
  void activate(std::size_t database, std::uint64_t epoch, const database::EpochGate* gate);

  // A database was added, or one that is not active has gone.
  void on_sources_changed();

  // Somebody is there: what was lost is opened now.
  void recover();

  // The client is closed. What is queued can still be taken.
  void end(const Error& why);

 private:
  using Names = std::unordered_set<std::string>;
  struct ParkedThread {
    io::Parker& parker;
    TimePoint until;
  };
  class Telling;

  void on_feed_message(SubscriptionFeed& feed, Message message) override;
  void on_feed_changed(SubscriptionFeed& feed) override;
  void on_feed_refused(SubscriptionFeed& feed, SubscriptionRefused refused) override;
  void on_feed_lost(SubscriptionFeed& feed, std::optional<TimePoint> good_until) override;

  void make_feed(std::size_t database);
  [[nodiscard]] SubscriptionFeed* active_feed() const noexcept { return active_ ? feeds_[*active_].get() : nullptr; }
  [[nodiscard]] bool wishes_nothing() const noexcept;
  void interrupt(std::optional<TimePoint> good_until);
  void resume();
  void announce_move();

  void put(Message message);
  template <class Notice>
  void put_notice(Notice notice);
  void on_queued();
  void call_back();
  [[nodiscard]] bool has_events() const;
  [[nodiscard]] std::optional<SubscriberEvent> take();

  // A thread that waits: `park` until something changes; false if it is too late for that.
  [[nodiscard]] bool park(std::list<ParkedThread>& threads, TimePoint until, io::Parker& parker);
  void wake_all(std::list<ParkedThread>& threads);
  void arm_timer();
  [[nodiscard]] std::optional<Result<void>> standing() const;
  [[nodiscard]] std::size_t missing() const noexcept;

  void shut(std::optional<Error> why);
  [[nodiscard]] TimePoint until(Duration timeout) const;
  [[nodiscard]] TimePoint now() const { return world_.clock.now(); }

  io::World& world_;
  Home& home_;
  const SubscriberOptions options_;

  // On the loop.
  std::array<Names, channel_kinds.size()> wishes_;
  std::vector<std::unique_ptr<SubscriptionFeed>> feeds_;  // by database; null: none
  std::optional<std::size_t> active_;
  std::uint64_t epoch_ = 0;
  const database::EpochGate* gate_ = nullptr;
  struct Interruption {
    std::string from;
    TimePoint good_until;
  };
  std::optional<Interruption> interruption_;  // of something that was confirmed; until everything is again
  std::size_t early_bytes_ = 0;
  std::vector<Message> early_;                // came while it lasts; they belong behind `SubscriptionMoved`
  std::vector<SubscriptionRefused> refused_;  // on the present connection
  std::list<ParkedThread> for_events_;
  std::list<ParkedThread> for_subscriptions_;
  std::deque<detail::EventWaiter*> waiters_;
  std::unique_ptr<io::Timer> timer_;
  std::optional<TimePoint> armed_;
  bool overflowed_ = false;  // it is about to be over
  bool over_ = false;

  mutable std::mutex mutex_;
  // The rest under mutex_.
  SubscriberQueue queue_;
  std::optional<Error> why_closed_;
  bool callback_posted_ = false;  // or running
  bool callback_running_ = false;
  std::vector<std::shared_ptr<io::Parker>> for_callback_;  // wait for the one that is running
};

}  // namespace meridian::client
