#include "bench/load.hpp"

namespace meridian::bench {

Load::Load(std::size_t lanes, std::size_t samples_per_lane) : lanes_(lanes) {
  for (Lane& lane : lanes_) lane.samples.reserve(samples_per_lane);
}

std::uint64_t Load::completed() const noexcept {
  std::uint64_t sum = 0;
  for (const Lane& lane : lanes_) sum += lane.completed.load(std::memory_order_relaxed);
  return sum;
}

std::vector<std::uint32_t> Load::take_samples() {
  std::vector<std::uint32_t> all;
  for (Lane& lane : lanes_) {
    all.insert(all.end(), lane.samples.begin(), lane.samples.end());
    lane.samples.clear();
  }
  return all;
}

KeySpace::KeySpace(std::size_t value_bytes) : value(value_bytes, 'v') {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string digits = std::to_string(i);
    keys.push_back("key:" + std::string(4 - digits.size(), '0') + digits);
  }
}

}  // namespace meridian::bench
