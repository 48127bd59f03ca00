// A `MultiDbConfig` with every default filled in: what the client is built from.
#pragma once

#include <string>
#include <vector>

#include <meridian/multi_db_config.hpp>
#include <meridian/result.hpp>

namespace meridian::core {

struct ResolvedDatabase {
  std::string name;
  Endpoint endpoint;
  // What the whole client decides (`command_deadline`, `command_retry`, `repeat_up_to`) has the client's values here.
  ClientOptions options;
  double weight = 1.0;
  Duration grace_period{};
  HealthChecks health_checks;
};

// Validates everything (INIT-4), reads the URIs and names the databases: by their own name, or the redacted URI, or
// "host:port". The order is that of the configuration. Error: `invalid_argument` with field and value.
[[nodiscard]] Result<std::vector<ResolvedDatabase>> resolve(const MultiDbConfig& config);

// "host:port", with brackets around an IPv6 address, or "unix:/path".
[[nodiscard]] std::string endpoint_text(const Endpoint& endpoint);

}  // namespace meridian::core
