// A `MultiDbConfig` with every default filled in: what the client is built from.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <meridian/multi_db_config.hpp>
#include <meridian/result.hpp>

namespace meridian::core {

struct ResolvedDatabase {
  std::string name;
  Endpoint endpoint;
  // What the whole client decides (`command_deadline`, `command_retry`, `repeat_up_to`, `retry_budget`, `cache`) has
  // the client's values here.
  ClientOptions options;
  double weight = 1.0;
  Duration grace_period{};
  HealthChecks health_checks;
  CircuitBreakerOptions circuit_breaker;
  bool has_own_breaker = false;  // else the client's
};

// Validates everything (INIT-4), reads the URIs and names the databases: by their own name, or the redacted URI, or
// "host:port". The order is that of the configuration. Error: `invalid_argument` with field and value.
[[nodiscard]] Result<std::vector<ResolvedDatabase>> resolve(const MultiDbConfig& config);

// The same for a database that joins a client with this configuration while it runs (MAN-2). `taken`: the names of
// those it has. Errors call the newcomer "database".
[[nodiscard]] Result<ResolvedDatabase> resolve_added(const MultiDbConfig& config, const DatabaseConfig& database,
                                                     std::span<const std::string> taken);

// "host:port", with brackets around an IPv6 address, or "unix:/path".
[[nodiscard]] std::string endpoint_text(const Endpoint& endpoint);

}  // namespace meridian::core
