// Randomness, as told: jitter and backoff draw from it, so that a simulated history is a function of its seed.
#pragma once

#include <cstdint>

#include <meridian/time.hpp>

namespace meridian::io {

class Random {
 public:
  virtual ~Random() = default;

  // 64 uniform bits. Called on the loop only.
  [[nodiscard]] virtual std::uint64_t next() noexcept = 0;

  // Uniform in [0, 1).
  [[nodiscard]] double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  // `mean` moved by up to ± `share` of itself: the jitter of every schedule.
  [[nodiscard]] Duration jittered(Duration mean, double share) noexcept {
    const double factor = 1.0 + share * (2.0 * uniform() - 1.0);
    return Duration(static_cast<Duration::rep>(static_cast<double>(mean.count()) * factor));
  }
};

}  // namespace meridian::io
