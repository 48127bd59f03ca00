// The profiles. They live on this floor, because a default configuration holds its PING check.
#include <meridian/profiles.hpp>

namespace meridian::profiles {

using namespace std::chrono_literals;

MultiDbConfig compatible() {
  MultiDbConfig config;
  config.repeat_up_to = Repeat::accumulate;
  config.command_retry = {.retries = 3,
                          .backoff = {.kind = Backoff::Kind::exponential, .base = 1s, .cap = 10s, .full_jitter = true}};
  config.retry_budget.share = config.command_retry.retries;  // as many as there can be
  config.command_deadline = 15s;
  config.consecutive_failures = 0;
  config.sustained_failures.rate = 0;
  return config;
}

MultiDbConfig fast() {
  MultiDbConfig config;
  config.suspicion_after = 100ms;
  config.suspicion_probe_timeout = 200ms;
  config.suspicion_probes = 2;
  config.health_check_interval = 1s;
  config.health_check_probes_delay = 100ms;
  config.health_check_timeout = 1s;
  return config;
}

ClientOptions fast_options() {
  ClientOptions options;
  options.idle_ping = 1s;
  return options;
}

MultiDbConfig low_traffic() {
  MultiDbConfig config;
  config.consecutive_failures = 2;
  config.failures_detection_window = 1min;
  config.min_num_failures = 3;
  config.failure_rate_threshold = 0.5;
  return config;
}

ClientOptions low_traffic_options() {
  ClientOptions options;
  options.idle_ping = 2s;
  options.connections = 1;
  return options;
}

}  // namespace meridian::profiles
