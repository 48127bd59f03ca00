/// \file
/// The configuration of a `MultiDbClient`. Defaults and meaning: behaviour.md, section 2, and docs/options.md.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <meridian/circuit_breaker.hpp>
#include <meridian/events.hpp>
#include <meridian/failover_strategy.hpp>
#include <meridian/failure_detector.hpp>
#include <meridian/health_check.hpp>
#include <meridian/options.hpp>

namespace meridian {

/// One database. Give either `uri` or `endpoint`.
struct DatabaseConfig {
  /// `redis://[user[:password]@]host[:port][/database][?options]`; what it does not say comes from `options`.
  std::string uri{};
  std::optional<Endpoint> endpoint{};
  ClientOptions options{};
  /// How events, errors and metrics call it; unique. Empty: the redacted URI or "host:port".
  std::string name{};
  /// Priority, > 0 and finite, higher first; never a share of load. Ties go to the earlier in the list.
  double weight = 1.0;
  /// How long this database stays out after a failover away from it, ≥ 0.
  Duration grace_period = std::chrono::seconds(60);
  /// Replaces `MultiDbConfig::health_checks` for this database; an empty list means no checks (HC-8).
  std::optional<HealthChecks> health_checks{};
  /// Replaces all of these for this database: a field that is not set has the library's default, not the client's.
  std::optional<CircuitBreakerOptions> circuit_breaker{};
};

/// What a client calls it: its name, or the redacted URI, or "host:port" of the endpoint.
[[nodiscard]] MERIDIAN_EXPORT std::string database_name(const DatabaseConfig& database);

/// What a call does while no database is usable.
enum class WhenUnavailable {
  fail,  ///< Fails within 10 ms (FO-6).
  wait,  ///< Waits until its deadline.
};

/// How traffic goes home (FB-3). Read-your-writes is not promised while two databases serve.
enum class Failback {
  immediate,    ///< Everything at once.
  reads_first,  ///< Single reads and pipelines of reads for one stage, then everything.
  ramp,         ///< A growing share of the callers, one stage for each step of `failback_ramp`, then everything.
};

/// The configuration of a `MultiDbClient`. The fields from `failures_detection_window` to `slow_call_rate` are those of
/// `CircuitBreakerOptions`, which says more about them.
struct MultiDbConfig {
  /// At least one.
  std::vector<DatabaseConfig> databases{};

  // Calls.
  RetryPolicy command_retry{};
  /// The highest grade that is sent again when in doubt. `Repeat::accumulate` gives the at-least-once behaviour of
  /// other clients: commands may then run twice.
  Repeat repeat_up_to = Repeat::overwrite;
  RetryBudget retry_budget{};
  /// The whole call: queueing, connecting, repetitions, failover; > 0.
  Duration command_deadline = std::chrono::seconds(5);
  WhenUnavailable when_unavailable = WhenUnavailable::fail;
  /// Whose threads do the I/O; null: those that all clients of the process share.
  std::shared_ptr<Runtime> runtime{};

  // Noticing: traffic.
  /// Sliding window of the two rules below, > 0 (DET-1).
  Duration failures_detection_window = std::chrono::seconds(2);
  /// Both reached, inclusive, opens the breaker; 0 switches that half off. Both 0: no window rule.
  std::size_t min_num_failures = 1000;
  double failure_rate_threshold = 0.1;
  /// So many failures in a row open the breaker; 0 = off.
  std::size_t consecutive_failures = 5;
  SustainedFailures sustained_failures{};
  /// A call that took longer is slow, > 0; unset: none is.
  std::optional<Duration> slow_call_threshold{};
  /// This share of slow calls opens the breaker, > 0 and ≤ 1.
  double slow_call_rate = 0.5;
  /// More judges of the traffic, beside the rules above.
  FailureDetectors failure_detectors{};

  // Noticing: suspicion (DET-5).
  /// Silence on a connection that owes replies, before an extra probe is sent; > 0.
  Duration suspicion_after = std::chrono::milliseconds(250);
  /// For each such probe; at least 4 × the usual round trip is allowed. > 0.
  Duration suspicion_probe_timeout = std::chrono::milliseconds(400);
  /// So many unanswered in a row make the database unhealthy; ≥ 1.
  int suspicion_probes = 2;

  // Noticing: scheduled checks.
  /// Several run side by side and all must pass. Empty: databases count as healthy until traffic says otherwise.
  HealthChecks health_checks{ping_health_check()};
  /// Between rounds, ± 10 % jitter; > 0.
  Duration health_check_interval = std::chrono::seconds(5);
  /// Per check and round; ≥ 1.
  int health_check_probes = 3;
  Duration health_check_probes_delay = std::chrono::milliseconds(500);
  /// The whole check; each probe gets its share. > `probes_delay × (probes − 1)`.
  Duration health_check_timeout = std::chrono::seconds(3);
  HealthCheckPolicy health_check_policy = HealthCheckPolicy::majority;
  InitialHealthCheckPolicy initial_health_check_policy = InitialHealthCheckPolicy::one_available;

  // Moving.
  /// Picks the target; null: the heaviest that is usable (FO-1).
  std::shared_ptr<FailoverStrategy> failover_strategy{};
  /// While nothing is usable, errors say "temporarily" for `failover_attempts × failover_delay`. ≥ 1, > 0.
  int failover_attempts = 10;
  Duration failover_delay = std::chrono::seconds(12);
  /// Between looks for a heavier database that is well, ± 10 % jitter; ≤ 0 turns automatic failback off.
  Duration auto_fallback_interval = std::chrono::seconds(30);
  Failback failback = Failback::immediate;
  /// Of reads first, and of each step of a ramp; ± 10 % jitter; > 0.
  Duration failback_stage = std::chrono::seconds(30);
  /// Of a ramp: the percentage of callers (threads, or `CallOptions::caller`) at each step, growing, 1 … 99.
  std::vector<int> failback_ramp{10, 25, 50};
  /// At failback, at a switch by hand and at removal: how long replies that the old database owes are awaited; then
  /// they are `in_doubt`. ≥ 0.
  Duration drain = std::chrono::seconds(2);

  /// Set: replies are cached, and dropped at every switch.
  std::optional<CacheOptions> cache{};

  /// Attached before the first check runs, so that they miss nothing. Made with
  /// `make_listener([](const HealthChanged& e) {…})`.
  std::vector<EventListener> event_listeners{};
};

/// What the constructor of a client would say of `config` (INIT-4): nothing, or the one error that names the field, its
/// value and what would be right. Looks into no file and asks no server.
[[nodiscard]] MERIDIAN_EXPORT Result<void> check_config(const MultiDbConfig& config);

}  // namespace meridian
