#include "client/subscriptions.hpp"

#include <utility>

#include "client/blocking.hpp"

namespace meridian::client {

Subscriptions::Subscriptions(io::World& world, database::DatabaseOwner& report,
                             std::function<void(const SubscriptionMoved&)> tell)
    : world_(world), report_(report), tell_(std::move(tell)) {}

void Subscriptions::add_source(Subscription::Source source) {
  sources_.push_back(std::move(source));
  for (Subscription* subscription : all_) subscription->on_sources_changed();
}

void Subscriptions::remove_source(std::size_t database) {
  sources_[database].database = nullptr;
  for (Subscription* subscription : all_) subscription->on_sources_changed();
}

std::shared_ptr<Subscription> Subscriptions::make(SubscriberOptions options) {
  std::shared_ptr<Subscription> subscription;
  in_a_turn(world_, [&] {
    Subscription::Home& home = *this;
    subscription = std::make_shared<Subscription>(world_, home, std::move(options));
    if (closed_) {
      subscription->end(Error(ErrorCode::closed, Delivery::not_sent, "the client is closed"));
      return;
    }
    all_.push_back(subscription.get());
    if (active_) subscription->activate(*active_, epoch_, gate_);
  });
  return subscription;
}

void Subscriptions::leave(Subscription::Leaving how) {
  active_.reset();
  for (Subscription* subscription : all_) subscription->leave(how);
}

void Subscriptions::activate(std::size_t database, std::uint64_t epoch, const database::EpochGate* gate) {
  active_ = database;
  epoch_ = epoch;
  gate_ = gate;
  for (Subscription* subscription : all_) subscription->activate(database, epoch, gate);
}

void Subscriptions::recover() {
  for (Subscription* subscription : all_) subscription->recover();
}

void Subscriptions::close() {
  closed_ = true;
  active_.reset();
  const Error why(ErrorCode::closed, Delivery::not_sent, "the client was closed");
  for (Subscription* subscription : std::vector(all_)) subscription->end(why);
}

}  // namespace meridian::client
