// Rule INIT-4: everything is validated first; one error names the field, its value and what would be right. And what a
// valid configuration resolves to.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

#include "core/resolve.hpp"
#include "core/validate.hpp"

namespace meridian::core {
namespace {

using namespace std::chrono_literals;

class AlwaysHealthy : public HealthCheck {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "always"; }
  [[nodiscard]] Request probe() const override { return {}; }
  [[nodiscard]] bool is_healthy(ReplyView) const override { return true; }
};

// Two databases, and no check by default: the standard ones live on a higher floor.
MultiDbConfig valid() {
  return {.databases = {{.uri = "redis://east:14000"}, {.endpoint = Endpoint{"west", 14000}, .weight = 0.5}},
          .health_checks = {}};
}

// What is said about a valid configuration after `spoil` changed it.
std::string complaint(const std::function<void(MultiDbConfig&)>& spoil) {
  MultiDbConfig config = valid();
  spoil(config);
  const auto resolved = resolve(config);
  if (resolved) return "(accepted)";
  EXPECT_EQ(resolved.error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(resolved.error().delivery(), Delivery::not_sent);
  return resolved.error().message();
}

std::string complaint_about_options(const std::function<void(ClientOptions&)>& spoil) {
  return complaint([&](MultiDbConfig& config) { spoil(config.databases[1].options); });
}

TEST(Configuration, that_is_valid_is_accepted) {
  EXPECT_EQ(complaint([](MultiDbConfig&) {}), "(accepted)");
  EXPECT_EQ(validate(ClientOptions{}, "options"), std::nullopt);
}

TEST(Configuration, INIT_4_no_databases) {
  EXPECT_EQ(complaint([](auto& c) { c.databases.clear(); }), "databases is empty: must be at least one database");
}

TEST(Configuration, INIT_4_neither_uri_nor_endpoint) {
  EXPECT_EQ(complaint([](auto& c) { c.databases[0].uri = ""; }),
            "databases[0] has neither uri nor endpoint: give one of them");
}

TEST(Configuration, INIT_4_both_uri_and_endpoint) {
  EXPECT_EQ(complaint([](auto& c) { c.databases[1].uri = "redis://x"; }),
            "databases[1] has both uri and endpoint: give only one of them");
}

TEST(Configuration, INIT_4_weight) {
  EXPECT_EQ(complaint([](auto& c) { c.databases[1].weight = 0; }),
            "databases[1].weight is 0: must be finite and greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.databases[0].weight = -0.5; }),
            "databases[0].weight is -0.5: must be finite and greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.databases[0].weight = std::numeric_limits<double>::infinity(); }),
            "databases[0].weight is inf: must be finite and greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.databases[0].weight = std::numeric_limits<double>::quiet_NaN(); }),
            "databases[0].weight is nan: must be finite and greater than 0");
}

TEST(Configuration, INIT_4_grace_period) {
  EXPECT_EQ(complaint([](auto& c) { c.databases[0].grace_period = -1s; }),
            "databases[0].grace_period is -1s: must be 0 or greater");
}

TEST(Configuration, INIT_4_endpoint) {
  EXPECT_EQ(complaint([](auto& c) { c.databases[1].endpoint->host = ""; }),
            "databases[1].endpoint.host is empty: must be a name or an address");
  EXPECT_EQ(complaint([](auto& c) { c.databases[1].endpoint->host = "[::1]"; }),
            "databases[1].endpoint.host is '[::1]': must be a name or an address, without brackets or spaces");
  EXPECT_EQ(complaint([](auto& c) { c.databases[1].endpoint->port = 0; }),
            "databases[1].endpoint.port is 0: must be from 1 to 65535");
  EXPECT_EQ(complaint([](auto& c) { c.databases[1].endpoint->path = "redis.sock"; }),
            "databases[1].endpoint.path is 'redis.sock': must be absolute");
}

TEST(Configuration, INIT_4_uri) {
  EXPECT_EQ(complaint([](auto& c) { c.databases[0].uri = "redis://east:70000"; }),
            "databases[0].uri: port is 70000: must be from 1 to 65535");
  EXPECT_EQ(complaint([](auto& c) {
              c.databases[0].uri = "redis://east?nonsense=1";
            }).find("databases[0].uri: option 'nonsense' is not known"),
            0u);
}

TEST(Configuration, INIT_4_duplicate_names) {
  EXPECT_EQ(complaint([](auto& c) { c.databases[0].name = c.databases[1].name = "home"; }),
            "databases[1].name is 'home': must be unique, but databases[0] is called so, too");
}

TEST(Configuration, INIT_4_duplicate_default_names) {
  EXPECT_EQ(complaint([](auto& c) { c.databases[1] = c.databases[0]; }),
            "databases[1].name is 'redis://east:14000': must be unique, but databases[0] is called so, too");
}

TEST(Configuration, INIT_4_null_health_checks) {
  EXPECT_EQ(complaint([](auto& c) { c.health_checks = {nullptr}; }),
            "health_checks[0] is null: must be a health check");
  EXPECT_EQ(complaint([](auto& c) {
              c.databases[1].health_checks = HealthChecks{std::make_shared<AlwaysHealthy>(), nullptr};
            }),
            "databases[1].health_checks[1] is null: must be a health check");
}

TEST(Configuration, INIT_4_zero_probes) {
  EXPECT_EQ(complaint([](auto& c) { c.health_check_probes = 0; }), "health_check_probes is 0: must be at least 1");
  EXPECT_EQ(complaint([](auto& c) { c.suspicion_probes = 0; }), "suspicion_probes is 0: must be at least 1");
}

TEST(Configuration, INIT_4_intervals_and_timeouts) {
  EXPECT_EQ(complaint([](auto& c) { c.health_check_interval = 0s; }),
            "health_check_interval is 0ms: must be greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.health_check_interval = -5s; }),
            "health_check_interval is -5s: must be greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.health_check_probes_delay = -1ms; }),
            "health_check_probes_delay is -1ms: must be 0 or greater");
  EXPECT_EQ(complaint([](auto& c) { c.health_check_timeout = 0s; }),
            "health_check_timeout is 0ms: must be greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.command_deadline = 0s; }), "command_deadline is 0ms: must be greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.failures_detection_window = 0s; }),
            "failures_detection_window is 0ms: must be greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.suspicion_after = 0s; }), "suspicion_after is 0ms: must be greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.suspicion_probe_timeout = -1s; }),
            "suspicion_probe_timeout is -1s: must be greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.failover_delay = 0s; }), "failover_delay is 0ms: must be greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.drain = -1s; }), "drain is -1s: must be 0 or greater");
}

TEST(Configuration, INIT_4_probes_must_fit_into_the_check_timeout) {
  const auto with = [](Duration delay, int probes, Duration timeout) {
    return complaint([=](MultiDbConfig& config) {
      config.health_check_probes_delay = delay;
      config.health_check_probes = probes;
      config.health_check_timeout = timeout;
    });
  };
  EXPECT_EQ(with(1s, 4, 3s),
            "health_check_timeout is 3s: must be greater than health_check_probes_delay × (health_check_probes − 1), "
            "which is 1s × 3");
  EXPECT_EQ(with(1s, 4, 3s + 1ns), "(accepted)");
  EXPECT_EQ(with(1s, 3, 3s), "(accepted)");
  EXPECT_EQ(with(10s, 1, 3s), "(accepted)");
  EXPECT_NE(with(24h, std::numeric_limits<int>::max(), 3s), "(accepted)");
}

TEST(Configuration, INIT_4_failure_rate) {
  EXPECT_EQ(complaint([](auto& c) { c.failure_rate_threshold = 1.5; }),
            "failure_rate_threshold is 1.5: must be from 0 to 1");
  EXPECT_EQ(complaint([](auto& c) { c.failure_rate_threshold = -0.1; }),
            "failure_rate_threshold is -0.1: must be from 0 to 1");
  EXPECT_EQ(complaint([](auto& c) { c.failure_rate_threshold = std::numeric_limits<double>::quiet_NaN(); }),
            "failure_rate_threshold is nan: must be from 0 to 1");
  EXPECT_EQ(complaint([](auto& c) { c.failure_rate_threshold = 1; }), "(accepted)");
}

TEST(Configuration, INIT_4_failover_attempts) {
  EXPECT_EQ(complaint([](auto& c) { c.failover_attempts = 0; }), "failover_attempts is 0: must be at least 1");
  EXPECT_EQ(
      complaint([](auto& c) { c.failover_attempts = std::numeric_limits<int>::max(); }),
      "failover_delay is 12s: must be at most 365 days when multiplied by failover_attempts, which is 2147483647");
}

TEST(Configuration, INIT_4_retries) {
  EXPECT_EQ(complaint([](auto& c) { c.command_retry.retries = -1; }),
            "command_retry.retries is -1: must be at least 0");
  EXPECT_EQ(complaint([](auto& c) { c.command_retry.backoff.base = 0s; }),
            "command_retry.backoff.base is 0ms: must be greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.command_retry.backoff.cap = 1ms; }),
            "command_retry.backoff.cap is 1ms: must be at least command_retry.backoff.base, which is 10ms");
  EXPECT_EQ(complaint([](auto& c) { c.repeat_up_to = Repeat::never; }),
            "repeat_up_to is never: must be a grade that may be repeated: read_only … administrative");
}

TEST(Configuration, INIT_4_steps_of_a_backoff) {
  EXPECT_EQ(complaint([](auto& c) { c.command_retry.backoff.kind = Backoff::Kind::steps; }),
            "command_retry.backoff.steps is empty: must be at least one wait");
  EXPECT_EQ(complaint([](auto& c) {
              c.command_retry.backoff = {.kind = Backoff::Kind::steps, .steps = {1s, 0s}};
            }),
            "command_retry.backoff.steps[1] is 0ms: must be greater than 0");
}

TEST(Configuration, INIT_4_retry_budget) {
  EXPECT_EQ(complaint([](auto& c) { c.retry_budget.share = 10.5; }),
            "retry_budget.share is 10.5: must be from 0 to 10");
  EXPECT_EQ(complaint([](auto& c) { c.retry_budget.per_second = -1; }),
            "retry_budget.per_second is -1: must be finite and 0 or greater");
  EXPECT_EQ(complaint([](auto& c) { c.retry_budget = {.share = 0, .per_second = 0}; }), "(accepted)");
}

TEST(Configuration, INIT_4_sustained_failures_and_slow_calls) {
  EXPECT_EQ(complaint([](auto& c) { c.sustained_failures.rate = -0.5; }),
            "sustained_failures.rate is -0.5: must be from 0 to 1");
  EXPECT_EQ(complaint([](auto& c) { c.sustained_failures.min_attempts = 0; }),
            "sustained_failures.min_attempts is 0: must be at least 1");
  EXPECT_EQ(complaint([](auto& c) { c.sustained_failures.window = 0s; }),
            "sustained_failures.window is 0ms: must be greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.slow_call_threshold = 0s; }),
            "slow_call_threshold is 0ms: must be greater than 0");
  EXPECT_EQ(complaint([](auto& c) { c.slow_call_rate = 0; }),
            "slow_call_rate is 0: must be greater than 0 and at most 1");
}

TEST(Configuration, INIT_4_circuit_breaker_of_a_database) {
  EXPECT_EQ(complaint([](auto& c) { c.databases[1].circuit_breaker = {.failure_rate_threshold = 2}; }),
            "databases[1].circuit_breaker.failure_rate_threshold is 2: must be from 0 to 1");
  EXPECT_EQ(complaint([](auto& c) { c.databases[1].circuit_breaker = {.trials = {.kind = Backoff::Kind::none}}; }),
            "databases[1].circuit_breaker.trials.kind is none: must be constant, linear, exponential or steps: trying "
            "again without a wait floods the network");
}

TEST(Configuration, INIT_4_failback) {
  EXPECT_EQ(complaint([](auto& c) { c.failback_stage = 0s; }), "failback_stage is 0ms: must be greater than 0");
  EXPECT_EQ(complaint([](auto& c) {
              c.failback_ramp = {10, 10};
            }),
            "failback_ramp[1] is 10: must be from 11 to 99, more at each step");
  EXPECT_EQ(complaint([](auto& c) {
              c.failback_ramp = {50, 100};
            }),
            "failback_ramp[1] is 100: must be from 51 to 99, more at each step");
  EXPECT_EQ(complaint([](auto& c) {
              c.failback = Failback::ramp;
              c.failback_ramp.clear();
            }),
            "failback_ramp is empty: must be at least one percentage for failback ramp");
}

TEST(Configuration, INIT_4_null_failure_detectors) {
  EXPECT_EQ(complaint([](auto& c) { c.failure_detectors = {nullptr}; }),
            "failure_detectors[0] is null: must be a failure detector");
}

TEST(Configuration, INIT_4_event_listeners) {
  EXPECT_EQ(complaint([](auto& c) { c.event_listeners.emplace_back(); }),
            "event_listeners[0] is empty: must be callable");
}

TEST(Configuration, INIT_4_limits_that_would_overflow_the_clock) {
  EXPECT_EQ(complaint([](auto& c) { c.command_deadline = 24h * 366; }),
            "command_deadline is 527040m: must be at most 365 days");
  EXPECT_NE(complaint([](auto& c) { c.command_deadline = Duration::max(); }), "(accepted)");
  EXPECT_NE(complaint([](auto& c) { c.auto_fallback_interval = Duration::max(); }), "(accepted)");
  EXPECT_EQ(complaint([](auto& c) { c.auto_fallback_interval = -1s; }), "(accepted)") << "it turns failback off";
}

TEST(Options, INIT_4_timeouts) {
  EXPECT_EQ(complaint_about_options([](auto& o) { o.connect_timeout = -5ms; }),
            "databases[1].options.connect_timeout is -5ms: must be greater than 0");
  EXPECT_EQ(complaint_about_options([](auto& o) { o.command_timeout = 0s; }),
            "databases[1].options.command_timeout is 0ms: must be greater than 0");
  EXPECT_EQ(complaint_about_options([](auto& o) { o.command_deadline = 0s; }),
            "databases[1].options.command_deadline is 0ms: must be greater than 0");
  EXPECT_EQ(complaint_about_options([](auto& o) { o.idle_ping = 0s; }),
            "databases[1].options.idle_ping is 0ms: must be greater than 0");
  EXPECT_EQ(complaint_about_options([](auto& o) { o.tcp_user_timeout = 0s; }),
            "databases[1].options.tcp_user_timeout is 0ms: must be greater than 0");
}

TEST(Options, INIT_4_identity) {
  EXPECT_EQ(complaint_about_options([](auto& o) { o.database = -1; }),
            "databases[1].options.database is -1: must be at least 0");
  EXPECT_EQ(complaint_about_options([](auto& o) { o.client_name = "a\nb"; }),
            "databases[1].options.client_name is 'a\\x0ab': must be free of spaces and control characters");
}

TEST(Options, INIT_4_keepalive) {
  EXPECT_EQ(complaint_about_options([](auto& o) { o.keepalive.idle = -1s; }),
            "databases[1].options.keepalive.idle is -1s: must be 0 or greater");
  EXPECT_EQ(complaint_about_options([](auto& o) { o.keepalive.interval = 0s; }),
            "databases[1].options.keepalive.interval is 0ms: must be greater than 0");
  EXPECT_EQ(complaint_about_options([](auto& o) { o.keepalive.count = 0; }),
            "databases[1].options.keepalive.count is 0: must be at least 1");
  EXPECT_EQ(complaint_about_options([](auto& o) { o.keepalive = {.idle = 0s, .interval = 0s, .count = 0}; }),
            "(accepted)");
}

TEST(Options, INIT_4_queue) {
  EXPECT_EQ(complaint_about_options([](auto& o) { o.max_queued = 0; }),
            "databases[1].options.max_queued is 0: must be at least 1");
  EXPECT_EQ(complaint_about_options([](auto& o) { o.max_queued_bytes = 0; }),
            "databases[1].options.max_queued_bytes is 0: must be at least 1");
}

TEST(Options, INIT_4_reconnect) {
  EXPECT_EQ(complaint_about_options([](auto& o) { o.reconnect.kind = Backoff::Kind::none; }),
            "databases[1].options.reconnect.kind is none: must be constant, linear, exponential or steps: trying again "
            "without a wait floods the network");
  EXPECT_EQ(complaint_about_options([](auto& o) { o.reconnect.base = 0s; }),
            "databases[1].options.reconnect.base is 0ms: must be greater than 0");
}

TEST(Options, INIT_4_limits) {
  EXPECT_EQ(complaint_about_options([](auto& o) { o.limits.depth = 129; }),
            "databases[1].options.limits.depth is 129: must be from 1 to 128");
  EXPECT_EQ(complaint_about_options([](auto& o) { o.limits.depth = 0; }),
            "databases[1].options.limits.depth is 0: must be from 1 to 128");
  EXPECT_EQ(complaint_about_options([](auto& o) { o.limits.bulk_bytes = 0; }),
            "databases[1].options.limits.bulk_bytes is 0: must be at least 1");
}

TEST(Options, are_named_without_a_prefix_when_there_is_none) {
  ClientOptions options;
  options.database = -1;
  EXPECT_EQ(validate(options, "")->message(), "database is -1: must be at least 0");
}

TEST(Resolve, names_databases_by_uri_or_address_unless_they_have_a_name) {
  MultiDbConfig config = valid();
  config.databases.push_back({.uri = "redis://ada:hunter2@south:1/2?protocol=2"});
  config.databases.push_back({.endpoint = Endpoint{"::1", 7000}});
  config.databases.push_back({.uri = "redis://elsewhere", .name = "spare"});
  const auto databases = resolve(config);
  ASSERT_TRUE(databases);
  ASSERT_EQ(databases->size(), 5u);
  EXPECT_EQ((*databases)[0].name, "redis://east:14000");
  EXPECT_EQ((*databases)[1].name, "west:14000");
  EXPECT_EQ((*databases)[2].name, "redis://ada:***@south:1/2");
  EXPECT_EQ((*databases)[3].name, "[::1]:7000");
  EXPECT_EQ((*databases)[4].name, "spare");
}

TEST(Resolve, reads_the_uri_over_the_options_of_the_database) {
  MultiDbConfig config = valid();
  config.databases[0].uri = "redis://ada:hunter2@east:14000/3?command_timeout=9s";
  config.databases[0].options.connect_timeout = 4s;
  const auto databases = resolve(config);
  ASSERT_TRUE(databases);
  const ResolvedDatabase& east = databases->front();
  EXPECT_EQ(east.endpoint, (Endpoint{"east", 14000}));
  EXPECT_EQ(east.options.user, "ada");
  EXPECT_EQ(east.options.password.reveal_secret(), "hunter2");
  EXPECT_EQ(east.options.database, 3);
  EXPECT_EQ(east.options.command_timeout, 9s);
  EXPECT_EQ(east.options.connect_timeout, 4s);
}

TEST(Resolve, gives_each_database_what_the_client_decides) {
  MultiDbConfig config = valid();
  config.databases[0].uri = "redis://east:14000?command_deadline=9s";
  config.command_deadline = 3s;
  config.command_retry.retries = 7;
  config.repeat_up_to = Repeat::accumulate;
  const auto databases = resolve(config);
  ASSERT_TRUE(databases);
  for (const ResolvedDatabase& database : *databases) {
    EXPECT_EQ(database.options.command_deadline, 3s);
    EXPECT_EQ(database.options.command_retry.retries, 7);
    EXPECT_EQ(database.options.repeat_up_to, Repeat::accumulate);
  }
}

TEST(Resolve, gives_a_database_its_own_checks_or_the_clients) {
  MultiDbConfig config = valid();
  config.health_checks = {std::make_shared<AlwaysHealthy>()};
  config.databases[1].health_checks = HealthChecks{};
  const auto databases = resolve(config);
  ASSERT_TRUE(databases);
  EXPECT_EQ((*databases)[0].health_checks, config.health_checks);
  EXPECT_TRUE((*databases)[1].health_checks.empty());
}

TEST(Resolve, gives_a_database_its_own_breaker_or_the_clients) {
  MultiDbConfig config = valid();
  config.consecutive_failures = 9;
  config.slow_call_threshold = 1s;
  config.databases[1].circuit_breaker = {.consecutive_failures = 2};
  const auto databases = resolve(config);
  ASSERT_TRUE(databases);
  EXPECT_EQ((*databases)[0].circuit_breaker.consecutive_failures, 9u);
  EXPECT_EQ((*databases)[0].circuit_breaker.slow_call_threshold, 1s);
  EXPECT_EQ((*databases)[1].circuit_breaker.consecutive_failures, 2u);
  EXPECT_EQ((*databases)[1].circuit_breaker.slow_call_threshold, std::nullopt);
}

std::string complaint_about_newcomer(const DatabaseConfig& database) {
  const std::vector<std::string> taken = {"redis://east:14000", "west"};
  const auto added = resolve_added(valid(), database, taken);
  return added ? "(accepted as " + added->name + ")" : added.error().message();
}

TEST(Resolve, MAN_2_a_database_that_joins_is_validated_and_named_as_at_the_start) {
  EXPECT_EQ(complaint_about_newcomer({.uri = "redis://south:1"}), "(accepted as redis://south:1)");
  EXPECT_EQ(complaint_about_newcomer({.uri = "redis://south:1", .name = "south"}), "(accepted as south)");
  EXPECT_EQ(complaint_about_newcomer({.uri = "redis://east:14000"}),
            "database.name is 'redis://east:14000': must be unique, but one is called so already");
  EXPECT_EQ(complaint_about_newcomer({.uri = "redis://south:0"}), "database.uri: port is 0: must be from 1 to 65535");
  EXPECT_EQ(complaint_about_newcomer({.uri = "redis://south", .weight = 0}),
            "database.weight is 0: must be finite and greater than 0");
}

std::string complaint_about(const op::Operation& operation) {
  const std::vector<std::string> names = {"east", "west"};
  const auto error = validate_operation(operation, names);
  return error ? error->message() : "(accepted)";
}

TEST(Operations, MAN_2_are_validated_first) {
  EXPECT_EQ(complaint_about(op::SetWeight{"west", 2.5}), "(accepted)");
  EXPECT_EQ(complaint_about(op::SetWeight{"west", 0}), "weight is 0: must be finite and greater than 0");
  EXPECT_EQ(complaint_about(op::RemoveDatabase{"north"}), "database is 'north': must be one of 'east', 'west'");
  EXPECT_EQ(complaint_about(op::AddDatabase{{.uri = "redis://x", .grace_period = -1s}}),
            "database.grace_period is -1s: must be 0 or greater");
  EXPECT_EQ(complaint_about(op::AddHealthCheck{nullptr}), "check is null: must be a health check");
  EXPECT_EQ(complaint_about(op::AddHealthCheck{std::make_shared<AlwaysHealthy>(), "north"}),
            "database is 'north': must be one of 'east', 'west'");
  EXPECT_EQ(complaint_about(op::AddFailureDetector{nullptr}), "detector is null: must be a failure detector");
  EXPECT_EQ(complaint_about(op::Reconfigure{{.health_checks = {}, .drain = -1s}}),
            "drain is -1s: must be 0 or greater");
  EXPECT_EQ(complaint_about(op::Reconfigure{{.health_checks = {}}}), "(accepted)") << "its databases do not count";
}

TEST(Operations, MAN_1_are_validated_first) {
  EXPECT_EQ(complaint_about(op::SetActiveDatabase{"north"}), "database is 'north': must be one of 'east', 'west'");
  EXPECT_EQ(complaint_about(op::ForceActiveDatabase{"east", 0s}), "duration is 0ms: must be greater than 0");
  EXPECT_EQ(complaint_about(op::ForceActiveDatabase{"east", 1h}), "(accepted)");
  EXPECT_EQ(complaint_about(op::Pin{}), "(accepted)");
}

}  // namespace
}  // namespace meridian::core
