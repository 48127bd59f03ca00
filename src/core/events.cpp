// Names of the enums in <meridian/events.hpp>.
#include <meridian/events.hpp>

namespace meridian {

std::string_view to_string(CircuitState state) noexcept {
  switch (state) {
    case CircuitState::closed: return "closed";
    case CircuitState::open: return "open";
    case CircuitState::half_open: return "half_open";
  }
  return "unknown";
}

std::string_view to_string(Health health) noexcept {
  switch (health) {
    case Health::unknown: return "unknown";
    case Health::healthy: return "healthy";
    case Health::unhealthy: return "unhealthy";
  }
  return "unknown";
}

std::string_view to_string(SwitchReason reason) noexcept {
  switch (reason) {
    case SwitchReason::health_check: return "health_check";
    case SwitchReason::circuit_breaker: return "circuit_breaker";
    case SwitchReason::failback: return "failback";
  }
  return "unknown";
}

}  // namespace meridian
