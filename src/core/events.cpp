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
    case SwitchReason::manual: return "manual";
    case SwitchReason::forced: return "forced";
    case SwitchReason::removed: return "removed";
  }
  return "unknown";
}

std::string_view to_string(SwitchScope scope) noexcept {
  switch (scope) {
    case SwitchScope::all: return "all";
    case SwitchScope::reads: return "reads";
    case SwitchScope::callers: return "callers";
  }
  return "unknown";
}

std::string_view to_string(DecisionMode mode) noexcept {
  switch (mode) {
    case DecisionMode::deciding: return "deciding";
    case DecisionMode::frozen: return "frozen";
    case DecisionMode::observing: return "observing";
  }
  return "unknown";
}

}  // namespace meridian
