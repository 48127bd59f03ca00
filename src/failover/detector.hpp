// Judges the outcomes of real traffic: a sliding window with two thresholds, and failures in a row (rule DET-1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "failover/settings.hpp"

namespace meridian::failover {

// Whether a failure counts for the rule of failures in a row, or for the window only.
enum class InARow { counted, ignored };

class Detector {
 public:
  explicit Detector(const DetectorSettings& settings) noexcept : settings_(settings) {}

  void success(TimePoint now) noexcept;
  void failure(TimePoint now, InARow in_a_row) noexcept;

  // Why the breaker should open now; nothing if it should not.
  [[nodiscard]] std::optional<std::string> verdict(TimePoint now) const;

  void reset() noexcept;

 private:
  // Time moves the window, not traffic: a bucket is only counted while its slice of time is inside the window.
  static constexpr std::size_t slices = 20;
  struct Bucket {
    std::int64_t slice = -1;
    std::size_t successes = 0;
    std::size_t failures = 0;
  };

  [[nodiscard]] std::int64_t slice_of(TimePoint now) const noexcept;
  [[nodiscard]] Bucket& bucket(TimePoint now) noexcept;

  DetectorSettings settings_;
  std::array<Bucket, slices> buckets_{};
  std::size_t in_a_row_ = 0;
};

}  // namespace meridian::failover
