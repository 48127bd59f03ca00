// Configuration is checked whole before anything starts (rule INIT-4). Every error is `invalid_argument` and names the
// field, its value and what would be right: "databases[1].options.connect_timeout is -5ms: must be greater than 0".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <meridian/multi_db_config.hpp>
#include <meridian/operations.hpp>
#include <meridian/options.hpp>

namespace meridian::core {

// The first thing that is wrong, or nothing. `prefix` is how the program calls the whole: "options",
// "databases[0].endpoint"; an empty one adds nothing to the field names.
[[nodiscard]] std::optional<Error> validate(const ClientOptions& options, std::string_view prefix);
[[nodiscard]] std::optional<Error> validate(const Endpoint& endpoint, std::string_view prefix);

// Of a resolved target. Says what can be said without looking into files and keys; `net::check_tls` does both.
[[nodiscard]] std::optional<Error> validate(const TlsOptions& tls, const Endpoint& endpoint, std::string_view prefix);

// Everything that can be said without reading the URIs; `resolve` (resolve.hpp) does both.
[[nodiscard]] std::optional<Error> validate(const MultiDbConfig& config);
[[nodiscard]] std::optional<Error> validate(const DatabaseConfig& database, const std::string& prefix);

// Of what an operator wants from a client with databases of these names: whether it makes sense, not whether it is
// possible now. A database that is added is checked whole by `resolve_added` (resolve.hpp).
[[nodiscard]] std::optional<Error> validate_operation(const op::Operation& operation,
                                                      std::span<const std::string> names);

// The fields of `MultiDbConfig` that a database without a `circuit_breaker` of its own is judged by.
[[nodiscard]] CircuitBreakerOptions circuit_breaker_of(const MultiDbConfig& config);

// An `invalid_argument` error.
[[nodiscard]] Error invalid(std::string message);

}  // namespace meridian::core
