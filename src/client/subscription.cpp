#include "client/subscription.hpp"

#include <algorithm>
#include <utility>

#include "client/blocking.hpp"
#include "protocol/server_error.hpp"

namespace meridian::client {
namespace {

// So many events are told by callback before others on the listeners' thread get their turn.
constexpr int callbacks_in_a_row = 128;

Error closed_error() { return Error(ErrorCode::closed, Delivery::not_sent, "the subscriber is closed"); }

Error deadlock_error() {
  return Error(ErrorCode::would_deadlock, Delivery::not_sent,
               "a subscriber that waits on the I/O thread would wait for itself; use async_next()");
}

}  // namespace

// Gives one event, or the end of them, to one who waits without a thread.
class Subscription::Telling final : public io::Notice {
 public:
  Telling(detail::EventWaiter& waiter, std::optional<SubscriberEvent> event)
      : waiter_(waiter), event_(std::move(event)) {}

 private:
  ~Telling() override = default;
  void tell() noexcept override { waiter_.on_event(std::move(event_)); }
  void told() noexcept override { delete this; }

  detail::EventWaiter& waiter_;
  std::optional<SubscriberEvent> event_;
};

Subscription::Subscription(io::World& world, Home& home, SubscriberOptions options)
    : world_(world),
      home_(home),
      options_(std::move(options)),
      feeds_(home.sources().size()),
      timer_(world.loop.make_timer()),
      queue_(options_.max_queued, options_.max_queued_bytes, options_.overflow) {}

// --- Wishes ----------------------------------------------------------------------------------------------------------

void Subscription::wish(Wish wish, ChannelKind kind, const StringArgs& names) {
  std::vector<std::string> all;
  all.reserve(names.size());
  names.for_each([&](std::string_view name) { all.emplace_back(name); });
  in_a_turn(world_, [&] {
    if (over_) return;
    Names& wishes = wishes_[static_cast<std::size_t>(kind)];
    const bool subscribes = wish == Wish::subscribe;
    std::erase_if(all, [&](const std::string& name) {
      return subscribes ? !wishes.insert(name).second : wishes.erase(name) == 0;
    });
    if (all.empty()) return;
    std::erase_if(refused_, [&](const SubscriptionRefused& refused) {
      return refused.kind == kind && std::find(all.begin(), all.end(), refused.channel) != all.end();
    });
    if (!subscribes) {
      std::erase_if(early_, [&](const Message& message) {
        const std::string& name = kind == ChannelKind::pattern ? message.pattern : message.channel;
        return message.kind == kind && std::find(all.begin(), all.end(), name) != all.end();
      });
    }
    for (const auto& feed : feeds_) {
      if (!feed) continue;
      if (subscribes) feed->subscribe(kind, all);
      else feed->unsubscribe(kind, all);
    }
    resume();
  });
}

bool Subscription::wishes_nothing() const noexcept {
  return std::all_of(wishes_.begin(), wishes_.end(), [](const Names& names) { return names.empty(); });
}

// --- Where it comes from ---------------------------------------------------------------------------------------------

void Subscription::make_feed(std::size_t database) {
  SubscriptionFeed::Owner& owner = *this;
  feeds_[database] = std::make_unique<SubscriptionFeed>(*home_.sources()[database].database, home_.report(), owner);
  SubscriptionFeed& feed = *feeds_[database];
  // One that stands by serves no epoch, as checks do not.
  if (options_.overlap) feed.bind(nullptr, 0);
  else feed.bind(gate_, epoch_);
  feed.set_purpose(database == active_ ? database::Purpose::subscriber : database::Purpose::check);
  for (const ChannelKind kind : channel_kinds) {
    const Names& wishes = wishes_[static_cast<std::size_t>(kind)];
    if (!wishes.empty()) feed.subscribe(kind, {wishes.begin(), wishes.end()});
  }
}

void Subscription::activate(std::size_t database, std::uint64_t epoch, const database::EpochGate* gate) {
  active_ = database;
  epoch_ = epoch;
  gate_ = gate;
  if (options_.overlap) on_sources_changed();
  else make_feed(database);
  active_feed()->set_purpose(database::Purpose::subscriber);
  resume();
}

void Subscription::on_sources_changed() {
  feeds_.resize(home_.sources().size());
  for (std::size_t i = 0; i < feeds_.size(); ++i) {
    if (home_.sources()[i].database == nullptr) {
      if (feeds_[i]) feeds_[i]->retire();
      feeds_[i].reset();
    } else if (!feeds_[i] && active_ && options_.overlap) {
      make_feed(i);
    }
  }
}

void Subscription::leave(Leaving how) {
  SubscriptionFeed* const feed = active_feed();
  if (feed == nullptr) return;
  const std::optional<TimePoint> good_until = feed->look();
  interrupt(good_until && how == Leaving::planned ? now() : good_until);
  if (options_.overlap) {
    feed->set_purpose(database::Purpose::check);
  } else {
    feed->retire();
    feeds_[*active_].reset();
  }
  active_.reset();
  refused_.clear();
}

void Subscription::recover() {
  if (SubscriptionFeed* const feed = active_feed()) feed->open_now();
}

void Subscription::on_feed_message(SubscriptionFeed& feed, Message message) {
  if (&feed != active_feed() || overflowed_) return;
  message.database = home_.sources()[*active_].name;
  message.epoch = epoch_;
  if (!interruption_) return put(std::move(message));
  early_bytes_ += message.channel.size() + message.pattern.size() + message.payload.size();
  early_.push_back(std::move(message));
  if (early_.size() >= options_.max_queued || early_bytes_ >= options_.max_queued_bytes) announce_move();
}

void Subscription::on_feed_changed(SubscriptionFeed& feed) {
  if (&feed == active_feed()) resume();
}

void Subscription::on_feed_refused(SubscriptionFeed& feed, SubscriptionRefused refused) {
  if (&feed != active_feed()) return;
  refused.database = home_.sources()[*active_].name;
  refused.epoch = epoch_;
  refused_.push_back(refused);
  put_notice(std::move(refused));
  wake_all(for_subscriptions_);
}

void Subscription::on_feed_lost(SubscriptionFeed& feed, std::optional<TimePoint> good_until) {
  if (&feed != active_feed()) return;
  interrupt(good_until);
  refused_.clear();
}

// `good_until`: if anything was confirmed here. Messages that are still held back came from here, too: they are told
// before the next move.
void Subscription::interrupt(std::optional<TimePoint> good_until) {
  if (interruption_)
    good_until = good_until ? std::min(*good_until, interruption_->good_until) : interruption_->good_until;
  if (!early_.empty()) announce_move();
  if (good_until && !interruption_) interruption_ = {home_.sources()[*active_].name, *good_until};
}

// Whatever was interrupted goes on when everything is confirmed.
void Subscription::resume() {
  if (wishes_nothing()) {
    interruption_.reset();
    early_.clear();
    early_bytes_ = 0;
  } else if (missing() > 0) {
    return;
  } else if (interruption_ && active_feed()->confirmed() > 0) {
    announce_move();
  }
  wake_all(for_subscriptions_);
}

void Subscription::announce_move() {
  SubscriptionMoved moved{.from = interruption_->from,
                          .to = home_.sources()[*active_].name,
                          .gap = now() - interruption_->good_until,
                          .epoch = epoch_};
  interruption_.reset();
  home_.on_subscription_moved(moved);
  put_notice(std::move(moved));
  early_bytes_ = 0;
  for (Message& message : std::exchange(early_, {})) put(std::move(message));
}

// --- The queue -------------------------------------------------------------------------------------------------------

void Subscription::put(Message message) {
  if (overflowed_) return;
  {
    const std::lock_guard lock(mutex_);
    overflowed_ = queue_.push(std::move(message)) == SubscriberQueue::Fit::overflow;
  }
  if (!overflowed_) return on_queued();
  // Its connections are on the stack here.
  world_.loop.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) {
      self->shut(Error(ErrorCode::queue_full, Delivery::not_sent, "the subscriber's queue overflowed"));
    }
  });
}

template <class Notice>
void Subscription::put_notice(Notice notice) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push(std::move(notice));
  }
  on_queued();
}

void Subscription::on_queued() {
  if (options_.on_event) {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(callback_posted_, true))
      world_.listeners.post([self = shared_from_this()] { self->call_back(); });
    return;
  }
  while (!waiters_.empty()) {
    std::optional<SubscriberEvent> event = take();
    if (!event) return;
    world_.loop.announce(*new Telling(*waiters_.front(), std::move(event)));
    waiters_.pop_front();
  }
  if (for_events_.empty()) return;
  world_.loop.wake(for_events_.front().parker);
  for_events_.pop_front();
}

// On the listeners' thread. The subscriber may be closed and gone, and its engine with it, as soon as this is not
// `running` any more.
void Subscription::call_back() {
  {
    const std::lock_guard lock(mutex_);
    callback_running_ = true;
  }
  for (int told = 0; told < callbacks_in_a_row; ++told) {
    const std::optional<SubscriberEvent> event = take();
    if (!event) break;
    try {
      options_.on_event(*event);
    } catch (...) {  // NOLINT(bugprone-empty-catch): a callback's failure is the callback's own
    }
  }
  std::vector<std::shared_ptr<io::Parker>> waiting;
  {
    const std::lock_guard lock(mutex_);
    callback_running_ = false;
    callback_posted_ = !queue_.empty();
    if (callback_posted_) world_.listeners.post([self = shared_from_this()] { self->call_back(); });
    waiting.swap(for_callback_);
  }
  for (const auto& parker : waiting) parker->unpark();
}

void Subscription::wait_for_callback() noexcept {
  if (world_.listeners.inside() || world_.loop.on_any_io_thread()) return;
  std::shared_ptr<io::Parker> parker;
  {
    const std::lock_guard lock(mutex_);
    if (!callback_running_) return;
    parker = world_.parking.make_parker();
    for_callback_.push_back(parker);
  }
  parker->park();
}

bool Subscription::has_events() const {
  const std::lock_guard lock(mutex_);
  return !queue_.empty();
}

std::optional<SubscriberEvent> Subscription::take() {
  const std::lock_guard lock(mutex_);
  return queue_.pop();
}

SubscriberCounters Subscription::counters() const {
  const std::lock_guard lock(mutex_);
  return queue_.counters();
}

// --- Those who wait --------------------------------------------------------------------------------------------------

std::optional<SubscriberEvent> Subscription::next(Duration timeout) {
  if (options_.on_event) return std::nullopt;
  if (auto event = take()) return event;
  if (timeout <= Duration::zero()) return std::nullopt;
  if (world_.loop.on_any_io_thread()) throw deadlock_error();
  const std::shared_ptr<io::Parker> parker = world_.parking.make_parker();
  for (const TimePoint end = until(timeout);;) {
    bool parked = false;
    bool at_end = false;
    in_a_turn(world_, [&] {
      if (has_events()) return;
      parked = !over_ && park(for_events_, end, *parker);
      at_end = !parked;
    });
    if (at_end) return std::nullopt;
    if (parked) parker->park();
    if (auto event = take()) return event;
  }
}

void Subscription::next(detail::EventWaiter& waiter) {
  std::optional<SubscriberEvent> event;
  bool waits = false;
  in_a_turn(world_, [&] {
    if (!options_.on_event) event = take();
    waits = !event && !over_ && !options_.on_event;
    if (waits) waiters_.push_back(&waiter);
  });
  if (!waits) waiter.on_event(std::move(event));
}

Result<void> Subscription::wait_until_subscribed(Duration timeout) {
  if (world_.loop.on_any_io_thread()) return Unexpected(deadlock_error());
  const std::shared_ptr<io::Parker> parker = world_.parking.make_parker();
  for (const TimePoint end = until(timeout);;) {
    std::optional<Result<void>> result;
    in_a_turn(world_, [&] {
      result = standing();
      if (result || park(for_subscriptions_, end, *parker)) return;
      result = fail(ErrorCode::timed_out, Delivery::not_sent,
                    std::to_string(missing()) + " subscriptions were not confirmed in time");
    });
    if (result) return *std::move(result);
    parker->park();
  }
}

// Nothing: one has to wait.
std::optional<Result<void>> Subscription::standing() const {
  if (over_) return Unexpected(*why_closed());
  if (!refused_.empty()) {
    const SubscriptionRefused& refused = refused_.front();
    return Unexpected(Error({.code = protocol::classify(refused.server_text, {}).code,
                             .delivery = Delivery::rejected,
                             .message = "a subscription was refused",
                             .server_text = refused.server_text,
                             .database = refused.database,
                             .epoch = refused.epoch}));
  }
  if (missing() > 0) return std::nullopt;
  return Result<void>();
}

std::size_t Subscription::missing() const noexcept {
  if (const SubscriptionFeed* const feed = active_feed()) return feed->missing();
  std::size_t all = 0;
  for (const Names& names : wishes_) all += names.size();
  return all;
}

TimePoint Subscription::until(Duration timeout) const {
  const TimePoint present = now();
  return timeout > TimePoint::max() - present ? TimePoint::max() : present + timeout;
}

bool Subscription::park(std::list<ParkedThread>& threads, TimePoint end, io::Parker& parker) {
  if (now() >= end) return false;
  threads.push_back({parker, end});
  arm_timer();
  return true;
}

void Subscription::wake_all(std::list<ParkedThread>& threads) {
  for (const ParkedThread& thread : std::exchange(threads, {})) world_.loop.wake(thread.parker);
}

// For those whose time is over; they find out by themselves.
void Subscription::arm_timer() {
  TimePoint first = TimePoint::max();
  for (const auto* threads : {&for_events_, &for_subscriptions_}) {
    for (const ParkedThread& thread : *threads) first = std::min(first, thread.until);
  }
  if (first == TimePoint::max() || (armed_ && *armed_ <= first)) return;
  armed_ = first;
  timer_->arm(first, [this] {
    armed_.reset();
    for (auto* threads : {&for_events_, &for_subscriptions_}) {
      for (auto thread = threads->begin(); thread != threads->end();) {
        if (thread->until > now()) {
          ++thread;
          continue;
        }
        world_.loop.wake(thread->parker);
        thread = threads->erase(thread);
      }
    }
    arm_timer();
  });
}

// --- The end ---------------------------------------------------------------------------------------------------------

std::optional<Error> Subscription::why_closed() const {
  const std::lock_guard lock(mutex_);
  return why_closed_;
}

void Subscription::close() noexcept {
  in_a_turn(world_, [this] {
    shut(std::nullopt);
    const std::lock_guard lock(mutex_);
    queue_.clear();
  });
}

void Subscription::end(const Error& why) { shut(why); }

// Without `why` its owner closes it.
void Subscription::shut(std::optional<Error> why) {
  if (std::exchange(over_, true)) return;
  active_.reset();
  for (auto& feed : feeds_) {
    if (feed) feed->retire();
    feed.reset();
  }
  timer_.reset();
  {
    const std::lock_guard lock(mutex_);
    why_closed_ = why ? *why : closed_error();
  }
  if (why) put_notice(SubscriptionEnded{*std::move(why)});
  for (detail::EventWaiter* waiter : std::exchange(waiters_, {})) {
    world_.loop.announce(*new Telling(*waiter, std::nullopt));
  }
  wake_all(for_events_);
  wake_all(for_subscriptions_);
  home_.on_subscription_closed(*this);
}

}  // namespace meridian::client
