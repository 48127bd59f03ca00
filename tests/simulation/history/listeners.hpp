// Subscribers of the program, somebody who publishes, and what is delivered to whom (I8, PS-2).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <meridian/subscriber.hpp>

#include "client/multi_engine.hpp"
#include "simulation/history/plan.hpp"
#include "simulation/world/world.hpp"

namespace meridian::simulation {

class Listeners {
 public:
  using Violate = std::function<void(std::string)>;

  Listeners(SimulatedWorld& world, Violate violate);

  // Subscribes, changes its mind now and then, and publishes on every server until `end`.
  void begin(const std::shared_ptr<client::MultiEngine>& engine, const std::vector<SubscriberPlan>& plans,
             TimePoint end);

  // What a server is to the client.
  enum class Role { active, stands_by, unused, in_doubt };

  // I8, when everything has been well for long: the active server has exactly the subscriptions that are wanted, one
  // that stands by those of subscribers that overlap, others none. `roles`: by server.
  void check_subscribed(const std::vector<Role>& roles) const;

  void close() noexcept { subscribers_.clear(); }

  [[nodiscard]] std::size_t delivered() const noexcept { return delivered_; }

 private:
  struct One {
    std::set<std::string> wanted;
    bool overlap = false;
    std::map<std::string, std::uint64_t> last;  // by server and channel: the number of the last message
    std::optional<Subscriber> subscriber;
  };
  void on_event(One& one, const SubscriberEvent& event);
  void publish_later(TimePoint end);
  void change_later(One& one, TimePoint end);

  SimulatedWorld& world_;
  const Violate violate_;
  RandomStream random_;
  std::vector<std::unique_ptr<One>> subscribers_;
  std::uint64_t last_number_ = 0;
  std::size_t delivered_ = 0;
};

}  // namespace meridian::simulation
