// Real randomness: seeded by the system, so that clients that start together do not jitter together. Not for secrets.
#pragma once

#include <random>

#include "io/random.hpp"

namespace meridian::net {

class SeededRandom final : public io::Random {
 public:
  SeededRandom() {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    engine_.seed(seed);
  }

  [[nodiscard]] std::uint64_t next() noexcept override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace meridian::net
