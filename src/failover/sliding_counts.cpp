#include "failover/sliding_counts.hpp"

#include <algorithm>

namespace meridian::failover {

SlidingCounts::SlidingCounts(Duration window) noexcept
    : width_(std::max<Duration::rep>(1, window.count() / static_cast<Duration::rep>(slices))) {}

void SlidingCounts::turn(TimePoint now) noexcept {
  const std::int64_t number = number_at(now);
  current_ = static_cast<std::size_t>(number) % slices;
  current_ends_ = TimePoint(Duration((number + 1) * width_));
  if (slices_[current_].number != number) slices_[current_] = {.number = number};
}

SlidingCounts::Totals SlidingCounts::totals(TimePoint now) const noexcept {
  constexpr std::size_t thirds = 3;
  Totals totals;
  std::array<bool, thirds> failed{};
  const std::int64_t current = number_at(now);
  for (const Slice& one : slices_) {
    // A time a little older than the last one that was counted is still the present.
    const std::int64_t age = std::max<std::int64_t>(0, current - one.number);
    if (one.number < 0 || age >= static_cast<std::int64_t>(slices)) continue;
    totals.successes += one.successes;
    totals.failures += one.failures;
    if (one.failures > 0) failed[static_cast<std::size_t>(age) * thirds / slices] = true;
  }
  totals.lasting = failed[0] && failed[1] && failed[2];
  return totals;
}

void SlidingCounts::reset() noexcept {
  slices_ = {};
  current_ends_ = TimePoint::min();
}

}  // namespace meridian::failover
