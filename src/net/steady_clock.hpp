// The real monotonic clock.
#pragma once

#include <time.h>

#include <chrono>

#include "io/clock.hpp"

namespace meridian::net {

class SteadyClock final : public io::Clock {
 public:
  [[nodiscard]] TimePoint now() const noexcept override {
    return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
  }

  // When the kernel last looked at its clock: at most 10 ms ago, for a fraction of the price.
  [[nodiscard]] static TimePoint last_tick() noexcept {
    timespec tick{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &tick);
    return TimePoint(std::chrono::seconds(tick.tv_sec) + std::chrono::nanoseconds(tick.tv_nsec));
  }
};

}  // namespace meridian::net
