// One seeded history of a whole MultiDbClient: callers call, faults come and go, everything is checked against the
// invariants of faults.md section 3. A pure function of the seed: a failing one is reproduced by its number alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <meridian/events.hpp>

#include "simulation/history/ledger.hpp"
#include "simulation/history/plan.hpp"

namespace meridian::simulation {

inline constexpr std::size_t switch_reasons = 6;

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
  std::array<std::size_t, repeat_grades> in_doubt_by_grade{};
  std::size_t duplicates = 0;  // executed more than once
  std::size_t messages = 0;    // that subscribers were given
  std::size_t switches = 0;
  std::array<std::size_t, switch_reasons> switches_by_reason{};
  std::size_t unavailable = 0;  // how often nothing was usable
  std::array<std::size_t, fault_kinds> faults{};
  std::array<std::size_t, action_kinds> actions{};  // of operators, that were carried out
  Duration virtual_time{};
};

// What the client may send again when in doubt. `at_least_once` is `repeat_up_to = accumulate`: what I2 forbids is then
// only counted.
enum class Repeating { as_by_default, at_least_once };

[[nodiscard]] HistoryReport run_history(std::uint64_t seed, Repeating repeating = Repeating::as_by_default);

}  // namespace meridian::simulation
