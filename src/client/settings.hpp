// What the parts of an engine over several databases are told of its configuration.
#pragma once

#include <vector>

#include <meridian/multi_db_config.hpp>

#include "client/call_runner.hpp"
#include "core/resolve.hpp"
#include "failover/settings.hpp"

namespace meridian::client {

[[nodiscard]] failover::DatabaseSpec brain_spec(const core::ResolvedDatabase& database);
[[nodiscard]] std::vector<failover::DatabaseSpec> brain_specs(const std::vector<core::ResolvedDatabase>& databases);
[[nodiscard]] failover::Settings brain_settings(const MultiDbConfig& config);

// The queue before the switch has no database of its own: the roomiest limit among them holds.
[[nodiscard]] RunnerSettings runner_settings(const MultiDbConfig& config,
                                             const std::vector<core::ResolvedDatabase>& databases);

// What stays when the client is made: databases and listeners have places of their own.
[[nodiscard]] MultiDbConfig without_databases(MultiDbConfig config);

}  // namespace meridian::client
