// Wires the parts of a world together.
#include "simulation/world/world.hpp"

#include <string>

namespace meridian::simulation {

SimulatedWorld::SimulatedWorld(std::uint64_t seed)
    : random_(seed),
      client_random_(random_.fork("client")),
      network_(scheduler_, random_.fork("network")),
      io_{.clock = scheduler_,
          .random = client_random_,
          .loop = scheduler_.loop(),
          .listeners = scheduler_.listeners(),
          .connector = network_,
          .parking = scheduler_,
          .errands = errands_,
          .executors = executors_} {}

// Queued tasks may own streams and timers: they go while the network is still here.
SimulatedWorld::~SimulatedWorld() { scheduler_.stop(); }

FakeServer& SimulatedWorld::add_server(std::string_view name) {
  io::Address address{std::string(name) + ".sim", 6379};
  servers_.push_back(
      std::make_unique<FakeServer>(scheduler_, network_, std::move(address), servers_.size(), operations_));
  return *servers_.back();
}

bool SimulatedWorld::run_until(const std::function<bool()>& condition, Duration limit) {
  const TimePoint end = now() + limit;
  while (!condition()) {
    if (scheduler_.step(end)) continue;
    scheduler_.run_until(end);
    return condition();
  }
  return true;
}

}  // namespace meridian::simulation
