/// \file
/// What a `MultiDbClient` tells its listeners (EV-1), and the words that events and `databases()` use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <meridian/error.hpp>
#include <meridian/export.hpp>
#include <meridian/time.hpp>

namespace meridian {

/// The circuit breaker of a database.
enum class CircuitState {
  closed,     ///< Usable.
  open,       ///< Not usable: traffic or probes failed.
  half_open,  ///< Being tried.
};

/// The verdict of the scheduled health checks.
enum class Health {
  unknown,  ///< Not yet decided.
  healthy,
  unhealthy,
};

/// Why the active database changed.
enum class SwitchReason {
  health_check,     ///< Scheduled checks of the active database failed.
  circuit_breaker,  ///< Traffic or suspicion probes opened its breaker.
  failback,         ///< A heavier database is well again.
};

[[nodiscard]] MERIDIAN_EXPORT std::string_view to_string(CircuitState state) noexcept;
[[nodiscard]] MERIDIAN_EXPORT std::string_view to_string(Health health) noexcept;
[[nodiscard]] MERIDIAN_EXPORT std::string_view to_string(SwitchReason reason) noexcept;

/// Commands go to another database from now on.
struct ActiveDatabaseChanged {
  std::string from;
  std::string to;
  SwitchReason reason{};
  std::uint64_t epoch = 0;  ///< The number of this switch; grows with each one.
  std::string evidence;     ///< What the decision rests on, in words.
};

/// Calls ended with an error that counts against the database. Collected over 100 ms.
struct CommandsFailed {
  std::string database;
  std::uint64_t epoch = 0;
  std::size_t not_sent = 0;
  std::size_t rejected = 0;
  std::size_t in_doubt = 0;
  ErrorCode last_code{};
  std::string last_error;
};

struct CircuitStateChanged {
  std::string database;
  CircuitState from{};
  CircuitState to{};
  std::string evidence;
};

struct HealthChanged {
  std::string database;
  Health from{};
  Health to{};
  std::string evidence;
};

/// No database is usable: calls fail with `temporarily_unavailable`, later with `no_valid_database`, or wait if
/// `when_unavailable` says so (FO-6).
struct AllDatabasesUnavailable {
  std::uint64_t epoch = 0;
  std::string evidence;
};

/// A server refused our credentials or options: somebody must change a configuration.
struct ConfigurationRefused {
  std::string database;
  std::string evidence;
};

/// All subscriptions of one `Subscriber` (<meridian/subscriber.hpp>) have been made again: on another database, or on
/// the same after its connection was lost. Messages of the gap are lost.
struct SubscriptionMoved {
  std::string from;
  std::string to;
  /// From the last moment at which the old subscription is known to have been good to the confirmation of the last new
  /// one. An upper bound: a connection that fell silent was good when it was last heard, perhaps later.
  Duration gap{0};
  std::uint64_t epoch = 0;  ///< Under which the new ones were made.
};

using Event = std::variant<ActiveDatabaseChanged, CommandsFailed, CircuitStateChanged, HealthChanged,
                           AllDatabasesUnavailable, ConfigurationRefused, SubscriptionMoved>;

/// Receives the events in order, on one thread that all listeners of a client share: it may block (the other listeners
/// wait, calls do not) and may call any method of the client. Beyond 10 000 events that wait, new ones are dropped;
/// those that still wait when the client is destroyed are, too. What it throws is dropped (EV-2).
using EventListener = std::function<void(const Event&)>;

namespace detail {

template <class Callable, class Variant>
inline constexpr bool takes_one_of = false;
template <class Callable, class... Events>
inline constexpr bool takes_one_of<Callable, std::variant<Events...>> =
    (std::is_invocable_v<Callable&, const Events&> || ...);

}  // namespace detail

/// Makes a listener from a callable that takes one of the event types (or, generic, any of them).
template <class Callable>
EventListener make_listener(Callable callable) {
  static_assert(detail::takes_one_of<Callable, Event>, "a listener takes one of the event types by const reference");
  return [callable = std::move(callable)](const Event& event) mutable {
    std::visit(
        [&](const auto& concrete) {
          if constexpr (std::is_invocable_v<Callable&, decltype(concrete)>) callable(concrete);
        },
        event);
  };
}

/// One database as the client sees it now: `MultiDbClient::databases()`.
struct DatabaseStatus {
  std::string name;
  double weight = 0;
  bool active = false;
  CircuitState circuit{};
  Health health{};
  Duration grace_left{0};     ///< > 0 while it stays out after a failover away from it.
  std::string last_evidence;  ///< The last thing that was held against it; empty if nothing was.
  bool eligible = false;      ///< Could be chosen now.
  std::string why_not;        ///< If not eligible: the reason.
};

}  // namespace meridian
