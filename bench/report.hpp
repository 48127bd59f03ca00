// What was measured, for people, for programs and for docs/performance.md.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/compile_time.hpp"
#include "bench/counts.hpp"
#include "bench/machine.hpp"
#include "bench/measure.hpp"
#include "bench/profile.hpp"
#include "bench/targets.hpp"

namespace meridian::bench {

struct Report {
  Machine machine;
  Json rows = Json::array();
  std::vector<Judged> judged;
  std::optional<CompileTime> compile_time;
  std::vector<Counts> counts;
  std::vector<Profile> profiles;                            // none without perf
  std::string system_call_counter;                          // empty: there was none
  std::vector<std::pair<std::string, std::string>> failed;  // what could not be measured, and why
};

// One line for a row that has just been measured.
[[nodiscard]] std::string line_of(const Row& row, const Json& measured);
// The targets and what follows them, as plain text.
[[nodiscard]] std::string summary(const Report& report);
// {"rows": […], …}
[[nodiscard]] Json to_json(const Report& report);
// docs/performance.md.
[[nodiscard]] std::string to_markdown(const Report& report);

}  // namespace meridian::bench
