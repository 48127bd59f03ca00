// What the decisions depend on: the part of MultiDbConfig that is not about connections and calls.
#pragma once

#include <cstddef>
#include <string>

#include <meridian/health_check.hpp>
#include <meridian/time.hpp>

namespace meridian::failover {

struct DetectorSettings {
  Duration window{};
  std::size_t min_failures = 0;
  double failure_rate = 0;
  std::size_t consecutive = 0;
};

struct Settings {
  DetectorSettings detector;
  Duration suspicion_probe_timeout{};
  int suspicion_probes = 2;
  Duration health_check_interval{};
  InitialHealthCheckPolicy initial_policy = InitialHealthCheckPolicy::one_available;
  Duration temporarily{};  // failover_attempts × failover_delay
  Duration auto_fallback_interval{};
  Duration drain{};
};

struct DatabaseSpec {
  std::string name;
  double weight = 1;
  Duration grace_period{};
  bool has_checks = true;
};

}  // namespace meridian::failover
