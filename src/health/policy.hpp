// When the probes of one check have decided its verdict (HC-2).
#pragma once

#include <optional>

#include <meridian/health_check.hpp>

namespace meridian::health {

// Healthy, unhealthy, or not decided yet. `majority` means more than half of all `total` probes.
[[nodiscard]] constexpr std::optional<bool> verdict(HealthCheckPolicy policy, int total, int passed,
                                                    int failed) noexcept {
  const auto needed = [&] {
    switch (policy) {
      case HealthCheckPolicy::all: return total;
      case HealthCheckPolicy::any: return 1;
      case HealthCheckPolicy::majority: return total / 2 + 1;
    }
    return total;
  }();
  if (passed >= needed) return true;
  if (failed > total - needed) return false;
  return std::nullopt;
}

}  // namespace meridian::health
