// The real monotonic clock.
#pragma once

#include <chrono>

#include "io/clock.hpp"

namespace meridian::net {

class SteadyClock final : public io::Clock {
 public:
  [[nodiscard]] TimePoint now() const noexcept override {
    return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
  }
};

}  // namespace meridian::net
