#include "failover/detector.hpp"

#include <algorithm>

namespace meridian::failover {

std::int64_t Detector::slice_of(TimePoint now) const noexcept {
  const Duration::rep width = std::max<Duration::rep>(1, settings_.window.count() / static_cast<Duration::rep>(slices));
  return now.time_since_epoch().count() / width;
}

Detector::Bucket& Detector::bucket(TimePoint now) noexcept {
  const std::int64_t slice = slice_of(now);
  Bucket& bucket = buckets_[static_cast<std::size_t>(slice) % slices];
  if (bucket.slice != slice) bucket = {.slice = slice};
  return bucket;
}

void Detector::success(TimePoint now) noexcept {
  ++bucket(now).successes;
  in_a_row_ = 0;
}

void Detector::failure(TimePoint now, InARow in_a_row) noexcept {
  ++bucket(now).failures;
  if (in_a_row == InARow::counted) ++in_a_row_;
}

std::optional<std::string> Detector::verdict(TimePoint now) const {
  if (settings_.consecutive > 0 && in_a_row_ >= settings_.consecutive) {
    return std::to_string(in_a_row_) + " failures in a row";
  }
  const bool count_matters = settings_.min_failures > 0;
  const bool rate_matters = settings_.failure_rate > 0;
  if (!count_matters && !rate_matters) return std::nullopt;
  std::size_t failures = 0;
  std::size_t total = 0;
  const std::int64_t current = slice_of(now);
  for (const Bucket& b : buckets_) {
    if (b.slice < 0 || current - b.slice >= static_cast<std::int64_t>(slices)) continue;
    failures += b.failures;
    total += b.failures + b.successes;
  }
  if (failures == 0) return std::nullopt;
  if (count_matters && failures < settings_.min_failures) return std::nullopt;
  // Divided, not multiplied: 7 of 100 must reach 0.07, and 0.07 × 100 is a little more than 7.
  if (rate_matters && static_cast<double>(failures) / static_cast<double>(total) < settings_.failure_rate) {
    return std::nullopt;
  }
  return std::to_string(failures) + " of " + std::to_string(total) + " failed within the detection window";
}

void Detector::reset() noexcept {
  buckets_ = {};
  in_a_row_ = 0;
}

}  // namespace meridian::failover
