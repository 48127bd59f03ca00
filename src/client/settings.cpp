#include "client/settings.hpp"

#include <algorithm>

namespace meridian::client {

failover::DatabaseSpec brain_spec(const core::ResolvedDatabase& database) {
  return {.name = database.name,
          .weight = database.weight,
          .grace_period = database.grace_period,
          .has_checks = !database.health_checks.empty(),
          .breaker = database.circuit_breaker};
}

failover::Settings brain_settings(const MultiDbConfig& config) {
  return {.suspicion_probe_timeout = config.suspicion_probe_timeout,
          .suspicion_probes = config.suspicion_probes,
          .health_check_interval = config.health_check_interval,
          .initial_policy = config.initial_health_check_policy,
          .temporarily = config.failover_attempts * config.failover_delay,
          .auto_fallback_interval = config.auto_fallback_interval,
          .failback = config.failback,
          .failback_stage = config.failback_stage,
          .failback_ramp = config.failback_ramp,
          .drain = config.drain,
          .asks_strategy = config.failover_strategy != nullptr};
}

std::vector<failover::DatabaseSpec> brain_specs(const std::vector<core::ResolvedDatabase>& databases) {
  std::vector<failover::DatabaseSpec> specs;
  specs.reserve(databases.size());
  for (const core::ResolvedDatabase& database : databases) specs.push_back(brain_spec(database));
  return specs;
}

RunnerSettings runner_settings(const MultiDbConfig& config, const std::vector<core::ResolvedDatabase>& databases) {
  RunnerSettings settings{.retry = {.policy = config.command_retry, .repeat_up_to = config.repeat_up_to},
                          .retry_budget = config.retry_budget,
                          .command_deadline = config.command_deadline,
                          .cache = config.cache};
  for (const core::ResolvedDatabase& database : databases) {
    settings.max_queued = std::max(settings.max_queued, database.options.max_queued);
    settings.max_queued_bytes = std::max(settings.max_queued_bytes, database.options.max_queued_bytes);
    settings.connections = std::max(settings.connections, static_cast<std::size_t>(database.options.connections));
  }
  return settings;
}

MultiDbConfig without_databases(MultiDbConfig config) {
  config.databases.clear();
  config.event_listeners.clear();
  return config;
}

}  // namespace meridian::client
