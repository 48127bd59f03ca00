// The checks of rule INIT-4.
#include "core/validate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <type_traits>
#include <utility>
#include <variant>

#include <meridian/duration_text.hpp>

#include "core/server_text.hpp"

namespace meridian::core {
namespace {

// Longer limits are certainly mistakes, and sums of shorter ones never overflow the clock.
constexpr Duration longest = std::chrono::hours(24 * 365);

constexpr std::string_view a_health_check = "a health check";

std::string number_text(double value) {
  std::array<char, 32> text;
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  return std::string(text.data(), written.ptr);
}

// Collects the first complaint about the fields of one struct.
class Checker {
 public:
  explicit Checker(std::string_view prefix) : prefix_(prefix.empty() ? std::string() : std::string(prefix) + ".") {}

  void require(bool right, std::string_view field, const std::string& value, std::string_view rule) {
    if (right || error_) return;
    error_ = invalid(prefix_ + std::string(field) + " is " + value + ": must be " + std::string(rule));
  }

  void positive(Duration value, std::string_view field) {
    require(value > Duration::zero(), field, duration_text(value), "greater than 0");
    not_too_long(value, field);
  }

  void not_negative(Duration value, std::string_view field) {
    require(value >= Duration::zero(), field, duration_text(value), "0 or greater");
    not_too_long(value, field);
  }

  template <class Integer>
  void at_least(Integer least, Integer value, std::string_view field) {
    require(value >= least, field, std::to_string(value), "at least " + std::to_string(least));
  }

  void backoff(const Backoff& value, std::string_view field) {
    const std::string name(field);
    if (value.kind == Backoff::Kind::none) return;
    if (value.kind == Backoff::Kind::steps) {
      require(!value.steps.empty(), name + ".steps", "empty", "at least one wait");
      for (std::size_t i = 0; i < value.steps.size(); ++i) {
        positive(value.steps[i], name + ".steps[" + std::to_string(i) + "]");
      }
      return;
    }
    positive(value.base, name + ".base");
    positive(value.cap, name + ".cap");
    require(value.cap >= value.base, name + ".cap", duration_text(value.cap),
            "at least " + name + ".base, which is " + duration_text(value.base));
  }

  // Where the wait is all that keeps the client from flooding the network.
  void unending_backoff(const Backoff& value, std::string_view field) {
    require(value.kind != Backoff::Kind::none, std::string(field) + ".kind", "none",
            "constant, linear, exponential or steps: trying again without a wait floods the network");
    backoff(value, field);
  }

  // A share or a rate. NaN is refused, too.
  void from_0_to(double most, double value, std::string_view field) {
    require(value >= 0 && value <= most, field, number_text(value), "from 0 to " + number_text(most));
  }

  void retries(const RetryPolicy& policy, Repeat repeat_up_to, const RetryBudget& budget) {
    at_least(0, policy.retries, "command_retry.retries");
    backoff(policy.backoff, "command_retry.backoff");
    require(repeat_up_to != Repeat::never, "repeat_up_to", "never",
            "a grade that may be repeated: read_only … administrative");
    from_0_to(10, budget.share, "retry_budget.share");
    require(std::isfinite(budget.per_second) && budget.per_second >= 0, "retry_budget.per_second",
            number_text(budget.per_second), "finite and 0 or greater");
  }

  // Of a list of pointers: "health_checks[1] is null: must be a health check".
  template <class List>
  void no_null(const List& list, const std::string& field, std::string_view what) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      require(list[i] != nullptr, field + "[" + std::to_string(i) + "]", "null", what);
    }
  }

  void adopt(std::optional<Error> error) {
    if (!error_) error_ = std::move(error);
  }

  [[nodiscard]] std::optional<Error> result() && { return std::move(error_); }

 private:
  void not_too_long(Duration value, std::string_view field) {
    require(value <= longest, field, duration_text(value), "at most 365 days");
  }

  std::string prefix_;
  std::optional<Error> error_;
};

bool is_blank_or_control(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte <= 0x20 || byte == 0x7f;
}

void check_limits(Checker& check, const ReplyLimits& limits) {
  check.require(limits.depth >= 1 && limits.depth <= 128, "limits.depth", std::to_string(limits.depth),
                "from 1 to 128");
  check.at_least<std::size_t>(1, limits.elements_per_aggregate, "limits.elements_per_aggregate");
  check.at_least<std::size_t>(1, limits.elements_per_reply, "limits.elements_per_reply");
  check.at_least<std::size_t>(1, limits.bulk_bytes, "limits.bulk_bytes");
  check.at_least<std::size_t>(1, limits.line_bytes, "limits.line_bytes");
}

void check_keepalive(Checker& check, const Keepalive& keepalive) {
  check.not_negative(keepalive.idle, "keepalive.idle");
  if (keepalive.idle == Duration::zero()) return;
  check.positive(keepalive.interval, "keepalive.interval");
  check.at_least(1, keepalive.count, "keepalive.count");
}

void check_socket_path(Checker& check, const std::string& path) {
  constexpr std::size_t longest_path = 107;  // what sockaddr_un has room for
  check.require(path.front() == '/', "path", quoted(path), "absolute");
  check.require(path.find('\0') == std::string::npos, "path", quoted(path), "without a zero byte");
  check.require(path.size() <= longest_path, "path", quoted(path),
                "at most " + std::to_string(longest_path) + " bytes long, but has " + std::to_string(path.size()));
}

struct TlsTextField {
  std::string_view name;
  std::string TlsOptions::*field;
};

constexpr TlsTextField tls_texts[] = {
    {"server_name", &TlsOptions::server_name},    {"ca_file", &TlsOptions::ca_file},
    {"ca_folder", &TlsOptions::ca_folder},        {"certificate_file", &TlsOptions::certificate_file},
    {"key_file", &TlsOptions::key_file},          {"cipher_list", &TlsOptions::cipher_list},
    {"cipher_suites", &TlsOptions::cipher_suites}};

// Somebody who set one of these believes that the connection is safe.
void check_nothing_needs_tls(Checker& check, const TlsOptions& tls) {
  const std::string rule = "left alone without TLS; enabled is false, and the URI does not say rediss:// or valkeys://";
  for (const TlsTextField& text : tls_texts) {
    check.require((tls.*text.field).empty(), text.name, quoted(tls.*text.field), rule);
  }
  check.require(tls.ca_pem.empty(), "ca_pem", "set", rule);
  check.require(tls.certificate_pem.empty(), "certificate_pem", "set", rule);
  check.require(tls.key_pem.empty(), "key_pem", "set", rule);
  check.require(tls.key_passphrase.empty(), "key_passphrase", "set", rule);
}

void check_tls_fields(Checker& check, const TlsOptions& tls) {
  const bool has_certificate = !tls.certificate_file.empty() || !tls.certificate_pem.empty();
  const bool has_key = !tls.key_file.empty() || !tls.key_pem.empty();
  check.require(tls.certificate_file.empty() || tls.certificate_pem.empty(), "certificate_file",
                quoted(tls.certificate_file), "empty if certificate_pem is set");
  check.require(tls.key_file.empty() || tls.key_pem.empty(), "key_file", quoted(tls.key_file),
                "empty if key_pem is set");
  check.require(has_certificate || !has_key, tls.key_pem.empty() ? "key_file" : "key_pem",
                tls.key_pem.empty() ? quoted(tls.key_file) : "set",
                "set together with certificate_file or certificate_pem, which are empty");
  check.require(has_key || !has_certificate, tls.certificate_pem.empty() ? "certificate_file" : "certificate_pem",
                tls.certificate_pem.empty() ? quoted(tls.certificate_file) : "set",
                "set together with key_file or key_pem, which are empty");
  check.require(has_key || tls.key_passphrase.empty(), "key_passphrase", "set",
                "set together with key_file or key_pem, which are empty");
  check.require(std::none_of(tls.server_name.begin(), tls.server_name.end(), is_blank_or_control), "server_name",
                quoted(tls.server_name), "a name or an address, without spaces");
}

void check_cache(Checker& check, const std::optional<CacheOptions>& cache) {
  if (!cache) return;
  check.at_least<std::size_t>(1, cache->max_entries, "cache.max_entries");
  check.at_least<std::size_t>(1, cache->max_bytes, "cache.max_bytes");
  if (cache->max_age) check.positive(*cache->max_age, "cache.max_age");
}

void check_circuit_breaker(Checker& check, const CircuitBreakerOptions& breaker) {
  check.positive(breaker.failures_detection_window, "failures_detection_window");
  check.from_0_to(1, breaker.failure_rate_threshold, "failure_rate_threshold");
  check.from_0_to(1, breaker.sustained_failures.rate, "sustained_failures.rate");
  check.at_least<std::size_t>(1, breaker.sustained_failures.min_attempts, "sustained_failures.min_attempts");
  check.positive(breaker.sustained_failures.window, "sustained_failures.window");
  if (breaker.slow_call_threshold) check.positive(*breaker.slow_call_threshold, "slow_call_threshold");
  check.require(breaker.slow_call_rate > 0 && breaker.slow_call_rate <= 1, "slow_call_rate",
                number_text(breaker.slow_call_rate), "greater than 0 and at most 1");
  check.unending_backoff(breaker.trials, "trials");
}

void check_noticing(Checker& check, const MultiDbConfig& config) {
  check_circuit_breaker(check, circuit_breaker_of(config));
  check.no_null(config.failure_detectors, "failure_detectors", "a failure detector");
  check.positive(config.suspicion_after, "suspicion_after");
  check.positive(config.suspicion_probe_timeout, "suspicion_probe_timeout");
  check.at_least(1, config.suspicion_probes, "suspicion_probes");
}

void check_health_checks(Checker& check, const MultiDbConfig& config) {
  check.no_null(config.health_checks, "health_checks", a_health_check);
  check.positive(config.health_check_interval, "health_check_interval");
  check.at_least(1, config.health_check_probes, "health_check_probes");
  check.not_negative(config.health_check_probes_delay, "health_check_probes_delay");
  check.positive(config.health_check_timeout, "health_check_timeout");
  const int gaps = config.health_check_probes - 1;
  // Divided, not multiplied: the product may overflow. Rounded up, so that "equal" stays wrong.
  const auto share = [&] {
    const bool has_rest = config.health_check_timeout % gaps > Duration::zero();
    return config.health_check_timeout / gaps + Duration(has_rest ? 1 : 0);
  };
  const bool leaves_time = gaps < 1 || config.health_check_probes_delay < share();
  check.require(leaves_time, "health_check_timeout", duration_text(config.health_check_timeout),
                "greater than health_check_probes_delay × (health_check_probes − 1), which is " +
                    duration_text(config.health_check_probes_delay) + " × " + std::to_string(gaps));
}

void check_failback(Checker& check, const MultiDbConfig& config) {
  check.require(config.auto_fallback_interval <= longest, "auto_fallback_interval",
                duration_text(config.auto_fallback_interval), "at most 365 days");
  check.positive(config.failback_stage, "failback_stage");
  check.require(config.failback != Failback::ramp || !config.failback_ramp.empty(), "failback_ramp", "empty",
                "at least one percentage for failback ramp");
  int least = 1;
  for (std::size_t i = 0; i < config.failback_ramp.size(); ++i) {
    const int percent = config.failback_ramp[i];
    check.require(percent >= least && percent <= 99, "failback_ramp[" + std::to_string(i) + "]",
                  std::to_string(percent), "from " + std::to_string(least) + " to 99, more at each step");
    least = percent < 99 ? percent + 1 : 99;
  }
}

void check_moving(Checker& check, const MultiDbConfig& config) {
  check.at_least(1, config.failover_attempts, "failover_attempts");
  check.positive(config.failover_delay, "failover_delay");
  check.require(
      config.failover_attempts < 1 || config.failover_delay <= longest / config.failover_attempts, "failover_delay",
      duration_text(config.failover_delay),
      "at most 365 days when multiplied by failover_attempts, which is " + std::to_string(config.failover_attempts));
  check_failback(check, config);
  check.not_negative(config.drain, "drain");
  for (std::size_t i = 0; i < config.event_listeners.size(); ++i) {
    check.require(config.event_listeners[i] != nullptr, "event_listeners[" + std::to_string(i) + "]", "empty",
                  "callable");
  }
}

// All but the databases.
void check_settings(Checker& check, const MultiDbConfig& config) {
  check.retries(config.command_retry, config.repeat_up_to, config.retry_budget);
  check.positive(config.command_deadline, "command_deadline");
  check_noticing(check, config);
  check_health_checks(check, config);
  check_cache(check, config.cache);
  check_moving(check, config);
}

void check_weight(Checker& check, double weight) {
  check.require(std::isfinite(weight) && weight > 0, "weight", number_text(weight), "finite and greater than 0");
}

void check_name(Checker& check, const std::string& database, std::span<const std::string> names) {
  std::string known;
  for (const std::string& name : names) known += (known.empty() ? "one of " : ", ") + quoted(name);
  check.require(std::find(names.begin(), names.end(), database) != names.end(), "database", quoted(database),
                known.empty() ? "the name of a database, but there is none" : known);
}

// What an operation asks for. Each is held to what meridian/operations.hpp says of its fields.
using Names = std::span<const std::string>;

template <class OnOneDatabase>
  requires requires(const OnOneDatabase& wanted) { wanted.database.empty(); }
void check_operation(Checker& check, const OnOneDatabase& wanted, Names names) {
  check_name(check, wanted.database, names);
  if constexpr (std::is_same_v<OnOneDatabase, op::ForceActiveDatabase>) check.positive(wanted.duration, "duration");
  if constexpr (std::is_same_v<OnOneDatabase, op::SetWeight>) check_weight(check, wanted.weight);
}

template <class OnTheClient>
  requires std::is_empty_v<OnTheClient>
void check_operation(Checker&, const OnTheClient&, Names) {}

void check_operation(Checker&, const op::SetDecisionMode&, Names) {}

void check_operation(Checker& check, const op::AddDatabase& wanted, Names) {
  check.adopt(validate(wanted.database, "database"));
}

void check_operation(Checker& check, const op::AddHealthCheck& wanted, Names names) {
  check.require(wanted.check != nullptr, "check", "null", a_health_check);
  if (!wanted.database.empty()) check_name(check, wanted.database, names);
}

void check_operation(Checker& check, const op::AddFailureDetector& wanted, Names) {
  check.require(wanted.detector != nullptr, "detector", "null", "a failure detector");
}

void check_operation(Checker& check, const op::Reconfigure& wanted, Names) { check_settings(check, wanted.config); }

}  // namespace

Error invalid(std::string message) {
  return Error(ErrorCode::invalid_argument, Delivery::not_sent, std::move(message));
}

CircuitBreakerOptions circuit_breaker_of(const MultiDbConfig& config) {
  return {.failures_detection_window = config.failures_detection_window,
          .min_num_failures = config.min_num_failures,
          .failure_rate_threshold = config.failure_rate_threshold,
          .consecutive_failures = config.consecutive_failures,
          .sustained_failures = config.sustained_failures,
          .slow_call_threshold = config.slow_call_threshold,
          .slow_call_rate = config.slow_call_rate};
}

std::optional<Error> validate(const ClientOptions& options, std::string_view prefix) {
  Checker check(prefix);
  check.at_least(0, options.database, "database");
  check.require(std::none_of(options.client_name.begin(), options.client_name.end(), is_blank_or_control),
                "client_name", quoted(options.client_name), "free of spaces and control characters");
  check.positive(options.connect_timeout, "connect_timeout");
  check.positive(options.command_timeout, "command_timeout");
  check.positive(options.command_deadline, "command_deadline");
  if (options.tcp_user_timeout) check.positive(*options.tcp_user_timeout, "tcp_user_timeout");
  check_keepalive(check, options.keepalive);
  check.at_least<std::size_t>(1, options.max_queued, "max_queued");
  check.at_least<std::size_t>(1, options.max_queued_bytes, "max_queued_bytes");
  check.unending_backoff(options.reconnect, "reconnect");
  check.positive(options.idle_ping, "idle_ping");
  check.require(options.connections >= 1 && options.connections <= 64, "connections",
                std::to_string(options.connections), "from 1 to 64");
  check.require(options.dedicated_connections >= 1 && options.dedicated_connections <= 10000, "dedicated_connections",
                std::to_string(options.dedicated_connections), "from 1 to 10000");
  check.retries(options.command_retry, options.repeat_up_to, options.retry_budget);
  check_limits(check, options.limits);
  check_cache(check, options.cache);
  return std::move(check).result();
}

std::optional<Error> validate(const Endpoint& endpoint, std::string_view prefix) {
  Checker check(prefix);
  if (!endpoint.path.empty()) {
    check_socket_path(check, endpoint.path);
    return std::move(check).result();
  }
  const auto is_wrong = [](char character) {
    return is_blank_or_control(character) || std::string_view("[]/@?#").find(character) != std::string_view::npos;
  };
  check.require(!endpoint.host.empty(), "host", "empty", "a name or an address");
  check.require(std::none_of(endpoint.host.begin(), endpoint.host.end(), is_wrong), "host", quoted(endpoint.host),
                "a name or an address, without brackets or spaces");
  check.require(endpoint.port != 0, "port", "0", "from 1 to 65535");
  return std::move(check).result();
}

std::optional<Error> validate(const TlsOptions& tls, const Endpoint& endpoint, std::string_view prefix) {
  Checker check(prefix);
  if (tls.enabled) {
    check.require(endpoint.path.empty(), "enabled", "true",
                  "false for a Unix socket, which servers speak plainly on: " + quoted(endpoint.path));
    check_tls_fields(check, tls);
  } else {
    check_nothing_needs_tls(check, tls);
  }
  return std::move(check).result();
}

std::optional<Error> validate(const MultiDbConfig& config) {
  if (config.databases.empty()) return invalid("databases is empty: must be at least one database");
  Checker check("");
  for (std::size_t i = 0; i < config.databases.size(); ++i) {
    check.adopt(validate(config.databases[i], "databases[" + std::to_string(i) + "]"));
  }
  check_settings(check, config);
  return std::move(check).result();
}

std::optional<Error> validate(const DatabaseConfig& database, const std::string& prefix) {
  if (database.uri.empty() && !database.endpoint) {
    return invalid(prefix + " has neither uri nor endpoint: give one of them");
  }
  if (!database.uri.empty() && database.endpoint) {
    return invalid(prefix + " has both uri and endpoint: give only one of them");
  }
  Checker check(prefix);
  if (database.endpoint) check.adopt(validate(*database.endpoint, prefix + ".endpoint"));
  check_weight(check, database.weight);
  check.not_negative(database.grace_period, "grace_period");
  check.adopt(validate(database.options, prefix + ".options"));
  if (database.health_checks) check.no_null(*database.health_checks, "health_checks", a_health_check);
  if (database.circuit_breaker) {
    Checker breaker(prefix + ".circuit_breaker");
    check_circuit_breaker(breaker, *database.circuit_breaker);
    check.adopt(std::move(breaker).result());
  }
  return std::move(check).result();
}

std::optional<Error> validate_operation(const op::Operation& operation, std::span<const std::string> names) {
  Checker check("");
  std::visit([&](const auto& wanted) { check_operation(check, wanted, names); }, operation);
  return std::move(check).result();
}

}  // namespace meridian::core
