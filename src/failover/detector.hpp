// Judges the outcomes of real traffic of one class, reads or writes: a sliding window with two thresholds, failures in
// a row (rule DET-1), and failures or slow calls that last.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <meridian/circuit_breaker.hpp>

#include "failover/sliding_counts.hpp"

namespace meridian::failover {

// Whether a failure counts for the rule of failures in a row, or for the window only.
enum class InARow { counted, ignored };

// A share of failures that lasts, of whatever is counted: attempts, connections, slow calls.
class SustainedDetector {
 public:
  SustainedDetector(const SustainedFailures& settings, double rate) noexcept
      : rate_(rate), min_attempts_(settings.min_attempts), counts_(settings.window) {}

  void success(TimePoint now, std::size_t times = 1) noexcept { counts_.success(now, times); }
  void failure(TimePoint now, std::size_t times = 1) noexcept { counts_.failure(now, times); }
  // "12 of 20"; nothing if it is not so, or switched off.
  [[nodiscard]] std::optional<std::string> verdict(TimePoint now) const;
  void reset() noexcept { counts_.reset(); }

 private:
  double rate_;
  std::size_t min_attempts_;
  SlidingCounts counts_;
};

class Detector {
 public:
  explicit Detector(const CircuitBreakerOptions& settings) noexcept;

  // `elapsed`: since it was sent. `times`: so many alike. Returns true if it was slow.
  bool success(TimePoint now, Duration elapsed = Duration::zero(), std::size_t times = 1) noexcept;
  void failure(TimePoint now, InARow in_a_row) noexcept;

  // Why the breaker should open now; nothing if it should not.
  [[nodiscard]] std::optional<std::string> verdict(TimePoint now) const;
  [[nodiscard]] std::optional<std::string> slow_verdict(TimePoint now) const;

  void reset() noexcept;

 private:
  [[nodiscard]] std::optional<std::string> window_verdict(TimePoint now) const;

  std::size_t min_failures_;
  double failure_rate_;
  std::size_t consecutive_;
  Duration slow_threshold_;
  SlidingCounts window_;
  SustainedDetector sustained_;
  SustainedDetector slow_;
  std::size_t in_a_row_ = 0;
};

}  // namespace meridian::failover
