// Medians and their spread.
#pragma once

#include <cstdint>
#include <vector>

namespace meridian::bench {

struct Spread {
  double median = 0;
  double low = 0;   // first quartile
  double high = 0;  // third quartile
};

// Of at least one value.
[[nodiscard]] Spread spread_of(std::vector<double> values);

// The sample below which `share` of them are; 0 if there is none.
[[nodiscard]] double percentile(std::vector<std::uint32_t>& samples, double share);

}  // namespace meridian::bench
