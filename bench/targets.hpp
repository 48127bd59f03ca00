// What the numbers are meant to be, and whether they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/measure.hpp"
#include "bench/statistics.hpp"

namespace meridian::bench {

enum class Verdict { held, held_within_spread, missed, stated, not_measured };
[[nodiscard]] std::string_view to_string(Verdict verdict) noexcept;

struct Target {
  enum class Bound { at_least, at_most, stated };

  std::string what;    // in words
  std::string row;     // Row::name(); empty: measured by something else than a row
  std::string metric;  // field of the row's JSON
  Bound bound = Bound::at_least;
  double limit = 0;

  // "≥ 0.97"
  [[nodiscard]] std::string limit_text() const;
};

// In the order of the table of issue 3.
[[nodiscard]] const std::vector<Target>& targets();
// What is asked of a row.
enum class Asked { nothing, figures, a_target };
[[nodiscard]] Asked asked_of(const Row& row);
// Time to compile meridian.hpp, against its standard headers.
[[nodiscard]] Target compile_time_target();

struct Judged {
  Target target;
  std::optional<Spread> measured;
  Verdict verdict = Verdict::not_measured;
};

// A miss by less than the spread counts as held: the limit lies between the quartiles.
[[nodiscard]] Judged judge(const Target& target, const std::optional<Spread>& measured);
// All targets that are measured by rows.
[[nodiscard]] std::vector<Judged> judge_rows(const Json& rows);

}  // namespace meridian::bench
