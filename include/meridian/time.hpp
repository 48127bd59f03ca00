/// \file
/// The library's own time types. Every time limit and interval of the library is a `meridian::Duration`, at most 365
/// days; arguments that a server counts in whole seconds or milliseconds have that type. The literals of `std::chrono`
/// (`250ms`, `5s`) convert to both.
#pragma once

#include <chrono>

namespace meridian {

/// Nanoseconds: fine enough for every timer, wide enough for 292 years.
using Duration = std::chrono::nanoseconds;

/// The monotonic clock that all deadlines and windows are measured on. It has no `now()` on purpose: code below
/// `src/net` is told the time (see `io::Clock`), so that the simulator can be the one who tells it.
struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock, duration>;
  static constexpr bool is_steady = true;
};

/// A point on the monotonic clock. Wall-clock steps never move it.
using TimePoint = MonotonicClock::time_point;

}  // namespace meridian
