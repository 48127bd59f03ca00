// The bugs that can be planted (core/decision.hpp), what each of them is, and whether the simulator finds it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/decision.hpp"

namespace meridian::simulation {

struct Mutation {
  core::Decision decision{};
  std::string_view name;
  std::string_view what;  // the bug, in words
};

// All of them, in the order of core::Decision.
[[nodiscard]] std::span<const Mutation> mutations() noexcept;

// What was found with a bug planted. Empty texts: nothing.
struct Finding {
  std::string history;  // "seed 12: I2"
  std::string test;     // the first that fails
  double seconds = 0;

  [[nodiscard]] bool is_found() const noexcept { return !history.empty() || !test.empty(); }
};

// Runs up to `seeds` histories until one is violated, and the tests of the rules until one fails, in a process of its
// own, because a client with a bug may do anything.
[[nodiscard]] Finding look_for(core::Decision planted, std::uint64_t seeds);

}  // namespace meridian::simulation
