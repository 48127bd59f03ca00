/// \file
/// When real traffic opens the circuit breaker of a database, and how it is tried again (behaviour.md, section 2).
#pragma once

#include <cstddef>
#include <optional>

#include <meridian/backoff.hpp>
#include <meridian/time.hpp>

namespace meridian {

/// Opens the breaker for what never reaches the window rule: storms of resets, heavy loss. The failures must last: the
/// whole window long, not only at one end of it. Counted are attempts, and connections, each by themselves.
struct SustainedFailures {
  double rate = 0.5;                          ///< At least this share failed, > 0 and ≤ 1; 0: off.
  std::size_t min_attempts = 10;              ///< Of at least so many attempts, or connections, ≥ 1.
  Duration window = std::chrono::seconds(3);  ///< > 0.
};

/// What opens a breaker. Reads and writes have counters of their own (DET-3); any of the rules is enough.
///
/// A breaker of your own: switch these rules off (`min_num_failures`, `failure_rate_threshold`, `consecutive_failures`
/// and `sustained_failures.rate` 0, `slow_call_threshold` unset) and give a `FailureDetector` that sees every attempt
/// and says when to open it; `trials` may be `Backoff::from` a function of yours. What stays is what no statistics can
/// say: a suspicion that probes confirm (DET-5), and that an open one is tried before it closes.
struct CircuitBreakerOptions {
  /// Sliding window of the two rules below, > 0 (DET-1).
  Duration failures_detection_window = std::chrono::seconds(2);
  /// Both reached, inclusive, opens the breaker; 0 switches that half off. Both 0: no window rule.
  std::size_t min_num_failures = 1000;
  double failure_rate_threshold = 0.1;
  /// So many failures in a row open the breaker; 0 = off.
  std::size_t consecutive_failures = 5;
  SustainedFailures sustained_failures{};
  /// A call that took longer is slow, > 0; unset: none is. Slow calls count over the window of `sustained_failures`,
  /// and must last as long as those.
  std::optional<Duration> slow_call_threshold{};
  /// This share of slow calls opens the breaker, > 0 and ≤ 1.
  double slow_call_rate = 0.5;
  /// The waits between trials of an open breaker, once its grace period is over (DET-7). Never more than
  /// `health_check_interval`, if that is longer than the first.
  Backoff trials{.kind = Backoff::Kind::exponential,
                 .base = std::chrono::milliseconds(500),
                 .cap = std::chrono::seconds(5),
                 .full_jitter = false};
};

}  // namespace meridian
