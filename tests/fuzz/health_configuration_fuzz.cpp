// libFuzzer target of INIT-4: a configuration made from any bytes is either refused with one error that names a field,
// or what comes out holds every promise that the client is built on.
//
// Each field takes one byte that chooses among the values that matter for it: right, at a limit, beyond it, absurd.
// Bytes that have run out choose the default, so that no byte at all means all defaults, which lack only a database.
// The floor is `health` and not `core`, because a default configuration holds its PING check.
#include <meridian/multi_db_config.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <iostream>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/backoff.hpp"
#include "core/resolve.hpp"
#include "core/validate.hpp"

namespace {

using meridian::Backoff;
using meridian::ClientOptions;
using meridian::DatabaseConfig;
using meridian::Duration;
using meridian::MultiDbConfig;
using meridian::Result;
using meridian::core::ResolvedDatabase;
using namespace std::chrono_literals;

void require(bool held, std::string_view what, std::string_view detail = {}) {
  if (held) return;
  std::cerr << "broken: " << what << ": " << detail << '\n';
  std::abort();
}

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

  std::uint8_t next() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }

  // 0, and so the end of the input, keeps what `field` has.
  template <class T>
  void choose(T& field, std::initializer_list<std::type_identity_t<T>> values) {
    const std::size_t choice = next() % (values.size() + 1);
    if (choice > 0) field = *(values.begin() + choice - 1);
  }

  void choose(Duration& field) {
    choose(field, {0ns, 1ns, 1ms, 500ms, 1s, 3s, 24h * 365, 24h * 365 + 1ns, -1ns, -5s, Duration::max(),
                   Duration::min(), Duration(next() * 1'000'000'000LL)});
  }

  void choose(int& field) { choose(field, {0, 1, 2, 7, -1, std::numeric_limits<int>::max(), int{next()}}); }

  void choose(std::size_t& field) { choose(field, {0, 1, 32, 128, 129, std::numeric_limits<std::size_t>::max()}); }

  // A text of up to 31 bytes.
  void choose(std::string& field) {
    const std::size_t length = next() % 32;
    if (length == 0) return;
    field.clear();
    for (std::size_t i = 0; i < length; ++i) field += static_cast<char>(next());
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

void fill(Bytes& bytes, Backoff& backoff) {
  bytes.choose(backoff.kind,
               {Backoff::Kind::none, Backoff::Kind::constant, Backoff::Kind::linear, Backoff::Kind::steps});
  bytes.choose(backoff.base);
  bytes.choose(backoff.cap);
  bytes.choose(backoff.full_jitter, {false});
}

void fill(Bytes& bytes, ClientOptions& options) {
  bytes.choose(options.user);
  bytes.choose(options.client_name);
  bytes.choose(options.database);
  bytes.choose(options.protocol, {meridian::Protocol::resp2, meridian::Protocol::resp3});
  bytes.choose(options.connect_timeout);
  bytes.choose(options.command_timeout);
  bytes.choose(options.command_deadline);
  if (bytes.next() % 2 == 1) bytes.choose(options.tcp_user_timeout.emplace(1s));
  bytes.choose(options.keepalive.idle);
  bytes.choose(options.keepalive.interval);
  bytes.choose(options.keepalive.count);
  bytes.choose(options.max_queued);
  bytes.choose(options.max_queued_bytes);
  fill(bytes, options.reconnect);
  bytes.choose(options.idle_ping);
  bytes.choose(options.command_retry.retries);
  fill(bytes, options.command_retry.backoff);
  bytes.choose(options.repeat_up_to, {meridian::Repeat::administrative, meridian::Repeat::never});
  bytes.choose(options.limits.depth);
  bytes.choose(options.limits.elements_per_aggregate);
  bytes.choose(options.limits.bulk_bytes);
  bytes.choose(options.limits.line_bytes);
}

void fill(Bytes& bytes, meridian::HealthChecks& checks) {
  switch (bytes.next() % 4) {
    case 1: checks.clear(); break;
    case 2: checks.push_back(nullptr); break;
    case 3: checks.push_back(meridian::ping_health_check()); break;
    default: break;
  }
}

DatabaseConfig database_from(Bytes& bytes) {
  DatabaseConfig database;
  constexpr std::array options = {"",
                                  "?db=3",
                                  "?idle_ping=250ms&client_name=shop",
                                  "?connect_timeout=600000m",
                                  "?command_timeout=150000000m",
                                  "?client_name=two%20words"};
  const std::uint8_t kind = bytes.next();
  std::string host = "host" + std::to_string(bytes.next());
  bytes.choose(host);
  if (kind % 4 != 1) database.uri = "redis://" + host + options[kind / 4 % options.size()];
  if (kind % 4 == 1 || kind % 4 == 2) {
    database.endpoint = meridian::Endpoint{host, 6379};
    bytes.choose(database.endpoint->port, {0, 1, 65535});
  }
  if (kind % 4 == 3) database.uri = host;
  bytes.choose(database.name);
  bytes.choose(database.weight,
               {0.0, -1.0, 1e-300, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()});
  bytes.choose(database.grace_period);
  if (bytes.next() % 2 == 1) fill(bytes, database.health_checks.emplace());
  if (bytes.next() % 2 == 1) fill(bytes, database.options);
  return database;
}

// Of a share or a rate.
void fill(Bytes& bytes, double& rate) {
  bytes.choose(rate, {0.0, 1.0, -0.1, 1.1, 10.0, 10.5, std::numeric_limits<double>::infinity(),
                      std::numeric_limits<double>::quiet_NaN()});
}

void fill(Bytes& bytes, meridian::CircuitBreakerOptions& breaker) {
  bytes.choose(breaker.failures_detection_window);
  fill(bytes, breaker.failure_rate_threshold);
  fill(bytes, breaker.sustained_failures.rate);
  bytes.choose(breaker.sustained_failures.min_attempts);
  bytes.choose(breaker.sustained_failures.window);
  if (bytes.next() % 2 == 1) bytes.choose(breaker.slow_call_threshold.emplace(1s));
  fill(bytes, breaker.slow_call_rate);
  fill(bytes, breaker.trials);
  for (int steps = bytes.next() % 3; steps > 0; --steps) bytes.choose(breaker.trials.steps.emplace_back(1s));
}

// What came later than the rest: last, so that older inputs mean what they meant.
void fill_moving(Bytes& bytes, MultiDbConfig& config) {
  fill(bytes, config.retry_budget.share);
  fill(bytes, config.retry_budget.per_second);
  bytes.choose(config.failback, {meridian::Failback::reads_first, meridian::Failback::ramp});
  bytes.choose(config.failback_stage);
  bytes.choose(config.failback_ramp, {{}, {1, 99}, {99}, {0}, {100}, {20, 10}});
  fill(bytes, config.slow_call_rate);
  if (!config.databases.empty() && bytes.next() % 2 == 1) fill(bytes, config.databases[0].circuit_breaker.emplace());
}

MultiDbConfig config_from(Bytes& bytes) {
  MultiDbConfig config;
  const std::size_t count = bytes.next() % 5;
  for (std::size_t i = 0; i < count; ++i) config.databases.push_back(database_from(bytes));
  bytes.choose(config.health_check_probes);
  bytes.choose(config.health_check_probes_delay);
  bytes.choose(config.health_check_timeout);
  bytes.choose(config.health_check_interval);
  fill(bytes, config.health_checks);
  bytes.choose(config.failover_attempts);
  bytes.choose(config.failover_delay);
  bytes.choose(config.auto_fallback_interval);
  bytes.choose(config.drain);
  bytes.choose(config.failures_detection_window);
  bytes.choose(config.failure_rate_threshold, {0.0, 1.0, -0.1, 1.1, std::numeric_limits<double>::quiet_NaN()});
  bytes.choose(config.suspicion_after);
  bytes.choose(config.suspicion_probe_timeout);
  bytes.choose(config.suspicion_probes);
  bytes.choose(config.command_deadline);
  bytes.choose(config.command_retry.retries);
  fill(bytes, config.command_retry.backoff);
  bytes.choose(config.repeat_up_to, {meridian::Repeat::read_only, meridian::Repeat::never});
  if (bytes.next() % 4 == 3) config.event_listeners.emplace_back();
  fill_moving(bytes, config);
  return config;
}

// INIT-4: one error, which names the field.
void examine(const meridian::Error& error) {
  constexpr std::array fields = {"databases",
                                 "command_retry",
                                 "repeat_up_to",
                                 "command_deadline",
                                 "failures_detection_window",
                                 "failure_rate_threshold",
                                 "suspicion_after",
                                 "suspicion_probe_timeout",
                                 "suspicion_probes",
                                 "health_checks",
                                 "health_check_interval",
                                 "health_check_probes",
                                 "health_check_timeout",
                                 "failover_attempts",
                                 "failover_delay",
                                 "auto_fallback_interval",
                                 "drain",
                                 "retry_budget",
                                 "failback_stage",
                                 "failback_ramp",
                                 "slow_call_rate",
                                 "event_listeners"};
  const std::string& message = error.message();
  require(error.code() == meridian::ErrorCode::invalid_argument, "another error code", message);
  require(error.delivery() == meridian::Delivery::not_sent, "an error that is not not_sent", message);
  require(std::any_of(fields.begin(), fields.end(), [&](std::string_view f) { return message.starts_with(f); }),
          "an error that names no field", message);
}

__extension__ using Wide = unsigned __int128;

bool is_limit(Duration value) { return value > 0ns && value <= 24h * 365; }

void examine(const Backoff& backoff) {
  for (const int attempt : {1, 2, 63, 64, std::numeric_limits<int>::max()}) {
    for (const double uniform : {0.0, 0.5, std::nextafter(1.0, 0.0)}) {
      const Duration wait = meridian::core::backoff_delay(backoff, attempt, uniform);
      const bool right = backoff.kind == Backoff::Kind::none    ? wait == 0ns
                         : backoff.kind == Backoff::Kind::steps ? is_limit(wait)
                                                                : wait > 0ns && wait <= backoff.cap;
      require(right, "a wait outside its limits");
    }
  }
}

void examine(const meridian::CircuitBreakerOptions& breaker) {
  require(is_limit(breaker.failures_detection_window) && is_limit(breaker.sustained_failures.window),
          "a window without an end");
  require(!breaker.slow_call_threshold || is_limit(*breaker.slow_call_threshold), "a threshold outside its limits");
  for (const double rate : {breaker.failure_rate_threshold, breaker.sustained_failures.rate, breaker.slow_call_rate}) {
    require(rate >= 0 && rate <= 1, "a rate outside its limits");
  }
  require(breaker.trials.kind != Backoff::Kind::none, "trials without a wait");
  examine(breaker.trials);
}

void examine(const ResolvedDatabase& database) {
  require(!database.name.empty(), "a database without a name");
  require(!meridian::core::validate(database.endpoint, "endpoint"), "a wrong endpoint", database.name);
  const auto wrong = meridian::core::validate(database.options, "options");
  require(!wrong, "wrong options", wrong ? wrong->message() : "");
  for (const Duration limit : {database.options.connect_timeout, database.options.command_timeout,
                               database.options.command_deadline, database.options.idle_ping}) {
    require(is_limit(limit), "an endless time limit", database.name);
  }
  require(database.options.reconnect.kind != Backoff::Kind::none, "reconnecting without a wait", database.name);
  examine(database.options.reconnect);
  require(std::isfinite(database.weight) && database.weight > 0, "a weight that cannot be compared", database.name);
  require(database.grace_period >= 0ns, "a negative grace", database.name);
  examine(database.circuit_breaker);
  for (const auto& check : database.health_checks) require(check != nullptr, "a check that is none", database.name);
}

void examine(const MultiDbConfig& config, const std::vector<ResolvedDatabase>& databases) {
  require(!databases.empty() && databases.size() == config.databases.size(), "databases lost");
  for (std::size_t i = 0; i < databases.size(); ++i) {
    examine(databases[i]);
    require(databases[i].options.command_deadline == config.command_deadline, "a deadline of its own");
    for (std::size_t j = 0; j < i; ++j) require(databases[i].name != databases[j].name, "a name twice");
  }
  examine(config.command_retry.backoff);
  require(is_limit(config.health_check_interval), "rounds without a pause");
  // Each factor is below 2^63, so that the products cannot overflow.
  require(config.health_check_probes >= 1 && config.failover_attempts >= 1, "nothing is ever tried");
  require(config.health_check_probes_delay >= 0ns && is_limit(config.failover_delay), "a delay outside its limits");
  const Wide pauses = Wide(config.health_check_probes_delay.count()) * Wide(config.health_check_probes - 1);
  require(is_limit(config.health_check_timeout) && pauses < Wide(config.health_check_timeout.count()),
          "a check without time for its probes");
  const Wide temporary = Wide(config.failover_delay.count()) * Wide(config.failover_attempts);
  require(temporary <= Wide(Duration(24h * 365).count()), "\"temporarily\" for ever");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const MultiDbConfig config = config_from(bytes);
  const auto wrong = meridian::core::validate(config);
  const Result<std::vector<ResolvedDatabase>> resolved = meridian::core::resolve(config);
  if (wrong) {
    require(!resolved && resolved.error().message() == wrong->message(), "a wrong configuration let through",
            wrong->message());
  }
  if (resolved) examine(config, *resolved);
  else examine(resolved.error());
  return 0;
}
