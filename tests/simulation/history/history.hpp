// One seeded history of a whole MultiDbClient: callers call, faults come and go, everything is checked against the
// invariants of faults.md section 3. A pure function of the seed: a failing one is reproduced by its number alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "simulation/history/plan.hpp"

namespace meridian::simulation {

struct HistoryReport {
  std::uint64_t seed = 0;
  std::vector<std::string> violations;
  std::string plan;                 // of a history with violations
  std::vector<std::string> events;  // likewise: what the client told its listeners

  std::size_t calls = 0;
  std::size_t answered = 0;
  std::size_t not_sent = 0;
  std::size_t rejected = 0;
  std::size_t in_doubt = 0;
  std::size_t switches = 0;
  std::size_t unavailable = 0;  // how often nothing was usable
  std::array<std::size_t, fault_kinds> faults{};
  Duration virtual_time{};
};

[[nodiscard]] HistoryReport run_history(std::uint64_t seed);

}  // namespace meridian::simulation
