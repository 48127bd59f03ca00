// What the story found out, whether it held, and how that is told: to a person as a table, to a program as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <meridian/meridian.hpp>

#include "demo/ledger.hpp"
#include "demo/screen.hpp"

namespace meridian::demo {

// Calls that ended with an error, by what is known of them.
struct FailedCalls {
  std::uint64_t not_sent = 0;
  std::uint64_t rejected = 0;
  std::uint64_t in_doubt = 0;
  std::uint64_t error_replies = 0;  // `Delivery::answered`: never to be expected of these commands

  [[nodiscard]] std::uint64_t total() const noexcept { return not_sent + rejected + in_doubt + error_replies; }
};

struct FaultReport {
  std::string fault;   // "kill"
  std::string victim;  // "east"
  Duration allowed{};  // for `switch_after`
  // From the fault to the end of the first call that another database answered, and which one that was.
  std::optional<Duration> switch_after;
  std::string next;
  std::string evidence;  // the library's own words for why it left
  // From the victim's return to its first answer.
  std::optional<Duration> failback_after;
  // From this fault to the next one.
  FailedCalls failed;
  // Of those, the ones that ended from 1 s before the failback to 1 s after its drain.
  std::uint64_t failback_failed = 0;
  IncrCount incr;
};

struct StoryReport {
  std::vector<FaultReport> faults;
  std::uint64_t calls = 0;
  std::uint64_t calls_failed = 0;  // counted on its own, not summed from the faults
  Duration took{};
};

// Every reason why the story did not hold; empty: it held.
[[nodiscard]] std::vector<std::string> broken_promises(const StoryReport& report);

void print_table(Screen& screen, const StoryReport& report);

[[nodiscard]] nlohmann::ordered_json to_json(const StoryReport& report);

}  // namespace meridian::demo
