// How many of a kind succeeded and failed lately. Time moves the window, not traffic: a slice is counted only while its
// part of time is inside the window.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <meridian/time.hpp>

namespace meridian::failover {

class SlidingCounts {
 public:
  explicit SlidingCounts(Duration window) noexcept;

  void success(TimePoint now, std::size_t times = 1) noexcept { slice(now).successes += times; }
  void failure(TimePoint now, std::size_t times = 1) noexcept { slice(now).failures += times; }

  struct Totals {
    std::size_t successes = 0;
    std::size_t failures = 0;
    // There were failures in each third of the window: they last.
    bool lasting = false;
  };
  [[nodiscard]] Totals totals(TimePoint now) const noexcept;

  void reset() noexcept;

 private:
  static constexpr std::size_t slices = 20;
  struct Slice {
    std::int64_t number = -1;
    std::size_t successes = 0;
    std::size_t failures = 0;
  };

  [[nodiscard]] std::int64_t number_at(TimePoint now) const noexcept { return now.time_since_epoch().count() / width_; }
  // Nearly always the same as last time: a comparison instead of a division.
  [[nodiscard]] Slice& slice(TimePoint now) noexcept {
    if (now >= current_ends_) turn(now);
    return slices_[current_];
  }
  void turn(TimePoint now) noexcept;

  Duration::rep width_;
  std::array<Slice, slices> slices_{};
  std::size_t current_ = 0;
  TimePoint current_ends_ = TimePoint::min();
};

}  // namespace meridian::failover
