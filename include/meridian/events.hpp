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
#include <vector>

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
  manual,           ///< `set_active_database`, or the active one was drained.
  forced,           ///< `force_active_database`.
  removed,          ///< The active database was removed.
};

/// Which calls a switch moves (FB-3): all, or in a stage of a failback some.
enum class SwitchScope {
  all,
  reads,    ///< Single reads and pipelines of reads.
  callers,  ///< A share of the callers.
};

[[nodiscard]] MERIDIAN_EXPORT std::string_view to_string(CircuitState state) noexcept;
[[nodiscard]] MERIDIAN_EXPORT std::string_view to_string(Health health) noexcept;
[[nodiscard]] MERIDIAN_EXPORT std::string_view to_string(SwitchReason reason) noexcept;
[[nodiscard]] MERIDIAN_EXPORT std::string_view to_string(SwitchScope scope) noexcept;

/// Commands go to another database from now on. In a stage of a failback `scope` says which; the last stage has `all`.
/// A failback that is broken off is told as a switch of all back to the one that was active before.
struct ActiveDatabaseChanged {
  std::string from;
  std::string to;
  SwitchReason reason{};
  std::uint64_t epoch = 0;  ///< The number of this switch; grows with each one.
  std::string evidence;     ///< What the decision rests on, in words.
  SwitchScope scope = SwitchScope::all;
  int percent = 100;  ///< Of the callers, with `SwitchScope::callers`.
};

/// `observe_only` (MAN-3): this would have been decided.
struct SwitchWithheld {
  std::string from;  ///< Empty: none was active.
  std::string to;    ///< Empty: nothing was usable.
  SwitchReason reason{};
  std::string evidence;
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
/// `when_unavailable` says so (FO-6). It is over with the next `ActiveDatabaseChanged`, or, if the database that was
/// active is used again, with its `CircuitStateChanged` to `closed`.
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

/// The set of databases was changed while running (MAN-2).
struct DatabaseAdded {
  std::string database;
  double weight = 0;
};
struct DatabaseRemoved {
  std::string database;
};
struct WeightChanged {
  std::string database;
  double from = 0;
  double to = 0;
};

using Event = std::variant<ActiveDatabaseChanged, CommandsFailed, CircuitStateChanged, HealthChanged,
                           AllDatabasesUnavailable, ConfigurationRefused, SubscriptionMoved, SwitchWithheld,
                           DatabaseAdded, DatabaseRemoved, WeightChanged>;

/// Receives the events in order, on one thread that all listeners of a client share: it may block (the other listeners
/// wait, calls do not) and may call any method of the client. Beyond 10 000 events that wait, new ones are dropped;
/// those that still wait when the client is destroyed are, too. What it throws is dropped (EV-2). It stays until the
/// client is destroyed, which waits for one that is running (unless it is that one which destroys it): what it refers
/// to must live so long, and no lock that it takes may be held there.
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

/// What the client decides by itself (MAN-3).
enum class DecisionMode {
  deciding,
  frozen,     ///< Nothing: it stays where it is.
  observing,  ///< Nothing either, but it tells what it would have done (`SwitchWithheld`).
};

[[nodiscard]] MERIDIAN_EXPORT std::string_view to_string(DecisionMode mode) noexcept;

/// What has happened on one database since the client was made. Attempts that ended late, after a switch away, count
/// where they were sent.
struct DatabaseCounters {
  std::uint64_t reads = 0;  ///< Attempts that were answered.
  std::uint64_t writes = 0;
  std::uint64_t failed_reads = 0;  ///< Attempts that were sent and failed for reasons that count (DET-2).
  std::uint64_t failed_writes = 0;
  std::uint64_t slow = 0;              ///< Slower than `slow_call_threshold`.
  std::uint64_t connections_lost = 0;  ///< Or not made.
  std::uint64_t probes = 0;            ///< Extra probes: suspicions and trials.
  std::uint64_t failed_probes = 0;
  std::uint64_t activations = 0;  ///< Times that it became active.
  std::uint64_t failovers = 0;    ///< Times that it was left because of trouble.
};

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
  bool drained = false;       ///< `drain` was called: it is not chosen.
  int flaps = 0;              ///< How often its grace period was doubled (FO-7); decays.
  DatabaseCounters counters{};
};

/// How a client of several databases stands: `MultiDbClient::describe()` (MAN-4).
struct ClientStatus {
  std::string active{};     ///< Empty: none is usable.
  std::uint64_t epoch = 0;  ///< As `CallInfo::epoch`.
  /// A failback by stages is under way (FB-3): what goes to `next` already.
  std::string next{};
  SwitchScope scope = SwitchScope::all;
  int percent = 100;
  DecisionMode mode{};
  bool pinned = false;
  Duration held_for{0};  ///< > 0: no automatic failback for so long, after a choice by hand (MAN-1).
  std::vector<DatabaseStatus> databases{};
};

/// For people: a line for the client and one for each database.
[[nodiscard]] MERIDIAN_EXPORT std::string to_text(const ClientStatus& status);
/// For programs: one JSON object; durations are whole milliseconds.
[[nodiscard]] MERIDIAN_EXPORT std::string to_json(const ClientStatus& status);

}  // namespace meridian
