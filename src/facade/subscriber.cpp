// `Subscriber` on its engine.
#include <meridian/subscriber.hpp>

#include <utility>

#include <meridian/detail/engine.hpp>

namespace meridian {

namespace detail {

Subscriber make_subscriber(std::shared_ptr<Engine> engine, SubscriberOptions options) {
  const auto refuse_zero = [](std::size_t value, const char* name) {
    if (value > 0) return;
    throw Error(ErrorCode::invalid_argument, Delivery::not_sent, std::string(name) + " must be > 0, and is 0");
  };
  refuse_zero(options.max_queued, "max_queued");
  refuse_zero(options.max_queued_bytes, "max_queued_bytes");
  std::shared_ptr<Subscription> subscription = engine->make_subscription(std::move(options));
  return Subscriber(std::move(engine), std::move(subscription));
}

}  // namespace detail

using Wish = detail::Subscription::Wish;

std::string_view to_string(ChannelKind kind) noexcept {
  switch (kind) {
    case ChannelKind::channel: return "channel";
    case ChannelKind::pattern: return "pattern";
    case ChannelKind::shard: return "shard";
  }
  return "unknown";
}

Subscriber::Subscriber(std::shared_ptr<detail::Engine> engine,
                       std::shared_ptr<detail::Subscription> subscription) noexcept
    : engine_(std::move(engine)), subscription_(std::move(subscription)) {}

Subscriber& Subscriber::operator=(Subscriber&& other) noexcept {
  if (this == &other) return *this;
  let_go();
  subscription_ = std::move(other.subscription_);
  engine_ = std::move(other.engine_);
  return *this;
}

Subscriber::~Subscriber() { let_go(); }

void Subscriber::let_go() noexcept {
  if (!subscription_) return;
  subscription_->close();
  subscription_->wait_for_callback();
  subscription_.reset();
  engine_.reset();
}

void Subscriber::subscribe(const StringArgs& channels) {
  subscription_->wish(Wish::subscribe, ChannelKind::channel, channels);
}
void Subscriber::unsubscribe(const StringArgs& channels) {
  subscription_->wish(Wish::unsubscribe, ChannelKind::channel, channels);
}
void Subscriber::psubscribe(const StringArgs& patterns) {
  subscription_->wish(Wish::subscribe, ChannelKind::pattern, patterns);
}
void Subscriber::punsubscribe(const StringArgs& patterns) {
  subscription_->wish(Wish::unsubscribe, ChannelKind::pattern, patterns);
}
void Subscriber::ssubscribe(const StringArgs& shard_channels) {
  subscription_->wish(Wish::subscribe, ChannelKind::shard, shard_channels);
}
void Subscriber::sunsubscribe(const StringArgs& shard_channels) {
  subscription_->wish(Wish::unsubscribe, ChannelKind::shard, shard_channels);
}

std::optional<SubscriberEvent> Subscriber::next(Duration timeout) { return subscription_->next(timeout); }

std::optional<SubscriberEvent> Subscriber::try_next() { return subscription_->next(Duration::zero()); }

Result<void> Subscriber::wait_until_subscribed(Duration timeout) {
  return subscription_->wait_until_subscribed(timeout);
}

SubscriberCounters Subscriber::counters() const { return subscription_->counters(); }

std::optional<Error> Subscriber::why_closed() const { return subscription_->why_closed(); }

void Subscriber::close() noexcept { subscription_->close(); }

}  // namespace meridian
