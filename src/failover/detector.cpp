#include "failover/detector.hpp"

#include "core/decision.hpp"

namespace meridian::failover {
namespace {

std::string of_total(const SlidingCounts::Totals& totals) {
  return std::to_string(totals.failures) + " of " + std::to_string(totals.failures + totals.successes);
}

// Divided, not multiplied: 7 of 100 must reach 0.07, and 0.07 × 100 is a little more than 7.
bool reaches(const SlidingCounts::Totals& totals, double rate) noexcept {
  return static_cast<double>(totals.failures) / static_cast<double>(totals.failures + totals.successes) >= rate;
}

}  // namespace

std::optional<std::string> SustainedDetector::verdict(TimePoint now) const {
  if (rate_ <= 0) return std::nullopt;
  const SlidingCounts::Totals totals = counts_.totals(now);
  if (!totals.lasting || totals.failures + totals.successes < min_attempts_ || !reaches(totals, rate_)) {
    return std::nullopt;
  }
  return of_total(totals);
}

Detector::Detector(const CircuitBreakerOptions& settings) noexcept
    : min_failures_(settings.min_num_failures),
      failure_rate_(settings.failure_rate_threshold),
      consecutive_(settings.consecutive_failures),
      slow_threshold_(settings.slow_call_threshold.value_or(Duration::max())),
      window_(settings.failures_detection_window),
      sustained_(settings.sustained_failures, settings.sustained_failures.rate),
      slow_(settings.sustained_failures, settings.slow_call_rate) {}

bool Detector::success(TimePoint now, Duration elapsed, std::size_t times) noexcept {
  if (core::decide<core::Decision::window_reset_by_success>(false, true)) window_.reset();
  window_.success(now, times);
  sustained_.success(now, times);
  in_a_row_ = 0;
  if (slow_threshold_ == Duration::max()) return false;
  const bool is_slow = elapsed > slow_threshold_;
  if (is_slow) slow_.failure(now, times);
  else slow_.success(now, times);
  return is_slow;
}

void Detector::failure(TimePoint now, InARow in_a_row) noexcept {
  window_.failure(now);
  sustained_.failure(now);
  if (in_a_row == InARow::counted) ++in_a_row_;
}

std::optional<std::string> Detector::verdict(TimePoint now) const {
  if (consecutive_ > 0 && in_a_row_ >= consecutive_) return std::to_string(in_a_row_) + " failures in a row";
  if (auto why = window_verdict(now)) return why;
  const bool lasts = core::decide<core::Decision::lasting_ignored>(true, false);
  if (const auto share = sustained_.verdict(now); share && lasts) return *share + " failed, and it lasts";
  return std::nullopt;
}

std::optional<std::string> Detector::slow_verdict(TimePoint now) const {
  const auto share = slow_.verdict(now);
  return share ? std::optional(*share + " were slow, and it lasts") : std::nullopt;
}

std::optional<std::string> Detector::window_verdict(TimePoint now) const {
  if (min_failures_ == 0 && failure_rate_ <= 0) return std::nullopt;
  const SlidingCounts::Totals totals = window_.totals(now);
  if (totals.failures == 0 || totals.failures < min_failures_ || !reaches(totals, failure_rate_)) return std::nullopt;
  return of_total(totals) + " failed within the detection window";
}

void Detector::reset() noexcept {
  window_.reset();
  sustained_.reset();
  slow_.reset();
  in_a_row_ = 0;
}

}  // namespace meridian::failover
