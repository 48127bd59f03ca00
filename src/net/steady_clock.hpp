// The real monotonic clock.
#pragma once

#include <time.h>

#include <chrono>

#include "io/clock.hpp"

namespace meridian::net {

class SteadyClock final : public io::Clock {
 public:
  // That of std::chrono::steady_clock, without the way through its library.
  [[nodiscard]] TimePoint now() const noexcept override {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return TimePoint(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }

  // When the kernel last looked at its clock: at most 10 ms ago, for a fraction of the price.
  [[nodiscard]] static TimePoint last_tick() noexcept {
    timespec tick{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &tick);
    return TimePoint(std::chrono::seconds(tick.tv_sec) + std::chrono::nanoseconds(tick.tv_nsec));
  }
};

}  // namespace meridian::net
