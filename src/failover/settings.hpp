// What the decisions depend on: the part of MultiDbConfig that is not about connections and calls.
#pragma once

#include <string>
#include <vector>

#include <meridian/circuit_breaker.hpp>
#include <meridian/health_check.hpp>
#include <meridian/multi_db_config.hpp>
#include <meridian/time.hpp>

namespace meridian::failover {

struct Settings {
  Duration suspicion_probe_timeout{};
  int suspicion_probes = 2;
  Duration health_check_interval{};
  InitialHealthCheckPolicy initial_policy = InitialHealthCheckPolicy::one_available;
  Duration temporarily{};  // failover_attempts × failover_delay
  Duration auto_fallback_interval{};
  Failback failback = Failback::immediate;
  Duration failback_stage = std::chrono::seconds(30);
  std::vector<int> failback_ramp{};
  Duration drain{};
  bool asks_strategy = false;  // the program picks the target
};

struct DatabaseSpec {
  std::string name;
  double weight = 1;
  Duration grace_period{};
  bool has_checks = true;
  CircuitBreakerOptions breaker{};
};

}  // namespace meridian::failover
