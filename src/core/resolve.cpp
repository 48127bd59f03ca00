// From what a program writes to what the client runs on.
#include "core/resolve.hpp"

#include <algorithm>
#include <utility>

#include "core/server_text.hpp"
#include "core/validate.hpp"

namespace meridian::core {
namespace {

Result<ResolvedDatabase> resolve_one(const DatabaseConfig& database, const MultiDbConfig& config,
                                     const std::string& prefix) {
  ResolvedDatabase resolved;
  if (database.endpoint) {
    resolved.endpoint = *database.endpoint;
    resolved.options = database.options;
  } else {
    Result<Target> target = parse_uri(database.uri, database.options);
    if (!target) return Unexpected(invalid(prefix + "." + target.error().message()));
    // What the URI says has not been checked yet: a time of 300 years overflows the clock.
    if (auto wrong = validate(target->options, prefix + ".uri")) return Unexpected(std::move(*wrong));
    resolved.endpoint = std::move(target->endpoint);
    resolved.options = std::move(target->options);
  }
  resolved.name = database_name(database);
  resolved.options.command_deadline = config.command_deadline;
  resolved.options.command_retry = config.command_retry;
  resolved.options.repeat_up_to = config.repeat_up_to;
  resolved.options.retry_budget = config.retry_budget;
  resolved.options.cache = config.cache;
  resolved.weight = database.weight;
  resolved.grace_period = database.grace_period;
  resolved.health_checks = database.health_checks.value_or(config.health_checks);
  resolved.has_own_breaker = database.circuit_breaker.has_value();
  resolved.circuit_breaker = database.circuit_breaker ? *database.circuit_breaker : circuit_breaker_of(config);
  return resolved;
}

}  // namespace

Result<std::vector<ResolvedDatabase>> resolve(const MultiDbConfig& config) {
  if (std::optional<Error> error = validate(config)) return Unexpected(std::move(*error));
  std::vector<ResolvedDatabase> databases;
  for (std::size_t i = 0; i < config.databases.size(); ++i) {
    const std::string prefix = "databases[" + std::to_string(i) + "]";
    Result<ResolvedDatabase> database = resolve_one(config.databases[i], config, prefix);
    if (!database) return Unexpected(std::move(database.error()));
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      if (databases[earlier].name == database->name) {
        return Unexpected(invalid(prefix + ".name is " + quoted(database->name) + ": must be unique, but databases[" +
                                  std::to_string(earlier) + "] is called so, too"));
      }
    }
    databases.push_back(std::move(*database));
  }
  return databases;
}

Result<ResolvedDatabase> resolve_added(const MultiDbConfig& config, const DatabaseConfig& database,
                                       std::span<const std::string> taken) {
  if (std::optional<Error> error = validate(database, "database")) return Unexpected(std::move(*error));
  Result<ResolvedDatabase> resolved = resolve_one(database, config, "database");
  if (resolved && std::find(taken.begin(), taken.end(), resolved->name) != taken.end()) {
    return Unexpected(
        invalid("database.name is " + quoted(resolved->name) + ": must be unique, but one is called so already"));
  }
  return resolved;
}

std::string endpoint_text(const Endpoint& endpoint) {
  if (!endpoint.path.empty()) return "unix:" + endpoint.path;
  const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + endpoint.host + "]" : endpoint.host;
  return host + ":" + std::to_string(endpoint.port);
}

}  // namespace meridian::core

namespace meridian {

std::string database_name(const DatabaseConfig& database) {
  if (!database.name.empty()) return database.name;
  return database.endpoint ? core::endpoint_text(*database.endpoint) : redact_uri(database.uri);
}

Result<void> check_config(const MultiDbConfig& config) {
  const Result<std::vector<core::ResolvedDatabase>> databases = core::resolve(config);
  if (!databases) return Unexpected(databases.error());
  return {};
}

}  // namespace meridian
