// One run: servers, proxies, clients, callers and those who disturb them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "stress/chaos_proxy.hpp"
#include "stress/tally.hpp"

namespace meridian::stress {

struct Settings {
  std::uint64_t operations = 1'000'000;
  std::uint64_t seed = 1;
  int threads = 100;
  int chains = 10;  // for each client: callers whose callbacks make the next call; four times as many coroutines
};

struct Report {
  double seconds = 0;
  std::array<std::uint64_t, harms> harm{};
  std::string server;  // version
};

// Everything that was counted is in `tally`. Throws std::exception when it cannot even begin.
[[nodiscard]] Report run(const Settings& settings, Tally& tally);

}  // namespace meridian::stress
