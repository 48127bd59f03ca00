// Seeded randomness (xoshiro256++) in independent streams: what one part of the world draws never shifts what another
// part sees.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "io/random.hpp"

namespace meridian::simulation {

class RandomStream final : public io::Random {
 public:
  explicit RandomStream(std::uint64_t seed) noexcept : seed_(seed) {
    for (std::uint64_t& word : state_) word = split_mix(seed);
  }

  // A stream of its own: a function of this stream's seed and the name, not of what was drawn so far.
  [[nodiscard]] RandomStream fork(std::string_view name) const noexcept {
    std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
    for (const char character : name) hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3U;
    return fork(hash);
  }
  [[nodiscard]] RandomStream fork(std::uint64_t number) const noexcept {
    std::uint64_t mixed = seed_ ^ std::rotl(split_mix(number), 17);
    return RandomStream(split_mix(mixed));
  }

  [[nodiscard]] std::uint64_t next() noexcept override {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Uniform in [low, high], near enough for histories. REQUIRES: low ≤ high.
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    const double span = static_cast<double>(high - low) + 1.0;
    return std::min(high, low + static_cast<std::int64_t>(uniform() * span));
  }
  [[nodiscard]] Duration between(Duration low, Duration high) noexcept {
    return Duration(between(low.count(), high.count()));
  }
  [[nodiscard]] bool chance(double probability) noexcept { return uniform() < probability; }

 private:
  static std::uint64_t split_mix(std::uint64_t& state) noexcept {
    std::uint64_t mixed = state += 0x9e3779b97f4a7c15U;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
  }

  std::uint64_t seed_;
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace meridian::simulation
