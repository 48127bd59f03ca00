// How long it takes to compile a file that includes <meridian/meridian.hpp>.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/statistics.hpp"

namespace meridian::bench {

struct CompileTime {
  Spread meridian_seconds;  // CPU time at -O0
  Spread standard_seconds;  // of a file with only the standard headers that the public headers name
  Spread ratio;             // within each pair
  std::vector<std::string> standard_headers;
};

// Compiles both `pairs` times, in turn. Throws std::runtime_error if the compiler does not like it.
[[nodiscard]] CompileTime measure_compile_time(int pairs);

}  // namespace meridian::bench
