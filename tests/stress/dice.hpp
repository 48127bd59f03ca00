// Seeded randomness, one die for each thread.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>

namespace meridian::stress {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] std::uint64_t below(std::uint64_t end) { return engine_() % end; }
  [[nodiscard]] std::uint64_t between(std::uint64_t first, std::uint64_t last) {
    return first + below(last - first + 1);
  }
  [[nodiscard]] bool chance(double probability) { return static_cast<double>(engine_() >> 11) * 0x1p-53 < probability; }
  // Small numbers as often as large ones: 1 … 10 like 10 … 100.
  [[nodiscard]] std::uint64_t magnitude(std::uint64_t first, std::uint64_t last) {
    const double share = static_cast<double>(engine_() >> 11) * 0x1p-53;
    const auto low = static_cast<double>(first);
    const auto high = static_cast<double>(last) + 1;
    return static_cast<std::uint64_t>(low * std::pow(high / low, share));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace meridian::stress
