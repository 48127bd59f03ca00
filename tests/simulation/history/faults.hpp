// Makes the faults of a plan happen in a world, and knows which databases have been well and since when.
#pragma once

#include <optional>
#include <vector>

#include "simulation/history/plan.hpp"
#include "simulation/world/world.hpp"

namespace meridian::simulation {

class Faults {
 public:
  // Queues everything. Both outlive this.
  Faults(SimulatedWorld& world, const Plan& plan);

  // Since when this one has had no fault; nothing if it has one now.
  [[nodiscard]] std::optional<TimePoint> well_since(std::size_t server) const { return well_since_[server]; }

  // The client's process has not stood still since.
  [[nodiscard]] TimePoint client_runs_since() const noexcept { return client_runs_since_; }

 private:
  void schedule(const Fault& fault);
  void begin(const Fault& fault);
  void end(const Fault& fault);
  void flap(std::size_t server, TimePoint ends, bool up);
  void reset_again(std::size_t server, TimePoint ends);
  void be_slow(std::size_t server);
  void lose_segments(std::size_t server);
  void cut_off(std::size_t server, ConnectFault meets);
  void be_full(std::size_t server);
  void misbehave(std::size_t server, FaultKind kind);
  void become_ill(std::size_t server) { well_since_[server].reset(); }
  void become_well(std::size_t server) { well_since_[server] = world_.now(); }

  SimulatedWorld& world_;
  const Plan& plan_;
  RandomStream random_;
  std::vector<LinkSettings> healthy_links_;
  std::vector<std::optional<TimePoint>> well_since_;
  TimePoint client_runs_since_{};
};

}  // namespace meridian::simulation
