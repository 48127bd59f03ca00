// Where the CPU time of Meridian's client goes.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "bench/row.hpp"

namespace meridian::bench {

struct Profile {
  using Share = std::pair<std::string, double>;  // name, per cent

  Row row;
  std::vector<Share> places;     // kernel, libraries, and the program with Meridian in it
  std::vector<Share> functions;  // those with the largest shares; kernel functions end with " (kernel)"
};

// The rows that are profiled.
[[nodiscard]] std::vector<Row> profiled_rows();

// Needs perf. Throws std::runtime_error if it fails.
[[nodiscard]] Profile profile_row(const Row& row, const std::string& uri, std::chrono::milliseconds length);

}  // namespace meridian::bench
