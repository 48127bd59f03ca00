// The configuration of a run, and its print-out.
#include "demo/settings.hpp"

#include <cstdio>
#include <string_view>
#include <utility>

#include "demo/narration.hpp"

namespace meridian::demo {
namespace {

std::string text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%g", value);
  return buffer;
}

std::string_view text(HealthCheckPolicy policy) {
  switch (policy) {
    case HealthCheckPolicy::all: return "all";
    case HealthCheckPolicy::any: return "any";
    case HealthCheckPolicy::majority: return "majority";
  }
  return "";
}

}  // namespace

double weight_of(std::size_t index) noexcept {
  double weight = 1.0;
  for (std::size_t i = 0; i < index; ++i) weight /= 2;
  return weight;
}

MultiDbConfig make_config(const Tempo& tempo) {
  MultiDbConfig config;
  config.auto_fallback_interval = tempo.auto_fallback_interval;
  return config;
}

DatabaseConfig make_database(const Tempo& tempo, std::string name, std::string uri, std::size_t index) {
  DatabaseConfig database;
  database.uri = std::move(uri);
  database.name = std::move(name);
  database.weight = weight_of(index);
  database.grace_period = tempo.grace_period;
  return database;
}

void print_settings(Screen& screen, const MultiDbConfig& c) {
  const auto row = [&](const char* about, const std::string& values) {
    std::string label = "  " + std::string(about);
    label.resize(14, ' ');
    screen.print({{label, Tone::strong}, {values}});
  };
  for (const DatabaseConfig& d : c.databases) {
    row("database", (d.name.empty() ? "" : d.name + "  ") + redact_uri(d.uri) + "  weight " + text(d.weight) +
                        ", grace_period " + configured(d.grace_period));
  }
  const ClientOptions& options = c.databases.front().options;
  row("calls", "command_deadline " + configured(c.command_deadline) + ", command_timeout " +
                   configured(options.command_timeout) + ", retries " + std::to_string(c.command_retry.retries) +
                   ", repeat_up_to " + std::string(to_string(c.repeat_up_to)));
  row("traffic", "consecutive_failures " + std::to_string(c.consecutive_failures) + "; or min_num_failures " +
                     std::to_string(c.min_num_failures) + " and failure_rate_threshold " +
                     text(c.failure_rate_threshold) + " within " + configured(c.failures_detection_window));
  row("suspicion", "suspicion_after " + configured(c.suspicion_after) + ", suspicion_probes " +
                       std::to_string(c.suspicion_probes) + ", suspicion_probe_timeout " +
                       configured(c.suspicion_probe_timeout) + ", idle_ping " + configured(options.idle_ping));
  row("checks", "health_check_interval " + configured(c.health_check_interval) + ", " +
                    std::to_string(c.health_check_probes) + " probes, delay " +
                    configured(c.health_check_probes_delay) + ", timeout " + configured(c.health_check_timeout) +
                    ", policy " + std::string(text(c.health_check_policy)));
  row("moving", "auto_fallback_interval " + configured(c.auto_fallback_interval) + ", drain " + configured(c.drain));
  screen.print(
      {{"  grace_period and auto_fallback_interval are shorter than the library's defaults, so that the demo is; "
        "the rest is as it comes.",
        Tone::faint}});
}

}  // namespace meridian::demo
