// All subscribers of one client: they follow its switches, and end with it. Lives on the loop, but for `make`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "client/subscription.hpp"

namespace meridian::client {

class Subscriptions final : private Subscription::Home {
 public:
  // `report` is told of the troubles of connections, `tell` of moves.
  Subscriptions(io::World& world, database::DatabaseOwner& report, std::function<void(const SubscriptionMoved&)> tell);

  // The client's databases, in order. One that is let go of keeps its place.
  void add_source(Subscription::Source source);
  void remove_source(std::size_t database);

  // Any thread. After `close` it is over from the beginning.
  [[nodiscard]] std::shared_ptr<Subscription> make(SubscriberOptions options);

  // FO-4: the active database is left, before the new epoch is published; then another one is active.
  void leave(Subscription::Leaving how);
  void activate(std::size_t database, std::uint64_t epoch, const database::EpochGate* gate);

  // Somebody answers on the active database: what was lost there is opened now.
  void recover();

  // Before the databases are gone.
  void close();

 private:
  [[nodiscard]] const std::vector<Subscription::Source>& sources() const noexcept override { return sources_; }
  [[nodiscard]] database::DatabaseOwner& report() noexcept override { return report_; }
  void on_subscription_moved(const SubscriptionMoved& moved) override { tell_(moved); }
  void on_subscription_closed(Subscription& subscription) override { std::erase(all_, &subscription); }

  io::World& world_;
  database::DatabaseOwner& report_;
  const std::function<void(const SubscriptionMoved&)> tell_;
  std::vector<Subscription::Source> sources_;
  std::vector<Subscription*> all_;
  std::optional<std::size_t> active_;
  std::uint64_t epoch_ = 0;
  const database::EpochGate* gate_ = nullptr;
  bool closed_ = false;
};

}  // namespace meridian::client
