/// \file
/// `FailoverGroup`: failover and failback for objects that the program already has (BYO-1): a redis-plus-plus `Redis`,
/// a pool of hiredis connections, an HTTP client. Selection, checks, breakers, repetitions and events are those of
/// `MultiDbClient`. To be included apart from `<meridian/meridian.hpp>`.
///
/// \code
/// meridian::FailoverGroup<Pool> group({
///     .members = {{.name = "east", .object = east, .weight = 1.0}, {.name = "west", .object = west, .weight = 0.5}},
///     .probe = [](Pool& pool) { return pool.ping(); },
/// });
/// group.on_event([](const meridian::ActiveDatabaseChanged& e) { log("{} -> {}: {}", e.from, e.to, e.evidence); });
///
/// std::string value = group.run(meridian::Repeat::read_only, [](Pool& pool) { return pool.get("key"); });
/// \endcode
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <meridian/detail/group_engine.hpp>

namespace meridian {

/// One member of a group: an object that reaches one database, or whatever it is that fails.
template <class T>
struct GroupMember {
  /// How events and errors call it; unique.
  std::string name{};
  /// Not null. Used by several threads at once: by those that call `run`, and by the probe's.
  std::shared_ptr<T> object{};
  /// Priority, > 0 and finite, higher first; never a share of load. Ties go to the earlier in the list.
  double weight = 1.0;
  /// How long this member stays out after a failover away from it, ≥ 0.
  Duration grace_period = std::chrono::seconds(60);
  /// Replaces the group's.
  std::optional<CircuitBreakerOptions> circuit_breaker{};
};

/// The configuration of a `FailoverGroup`. Fields that `MultiDbConfig` has, too, mean the same and have the same
/// defaults; read "member" for "database".
template <class T>
struct FailoverGroupConfig {
  /// At least one.
  std::vector<GroupMember<T>> members{};

  /// Is this member well? False and any exception mean no. It runs on a thread of the member's own and may block; what
  /// takes longer than it is given counts as unanswered, and the next probe of that member waits until it has returned.
  /// Empty: only traffic judges, and a member counts as healthy until it does (HC-8).
  std::function<bool(T&)> probe{};
  /// Would a write be served? Asked beside `probe` when writes are owed or refused, and before a program that writes
  /// goes to a member (DET-3, FB-2). It should change nothing: `SETRANGE key 0 ""` on a missing key. Empty: `probe` is
  /// asked instead, and what only writes meet is noticed by counting (DET-1).
  std::function<bool(T&)> write_probe{};
  /// What an exception of `run`'s function, or of a probe, means. Nothing, or empty: `meaning_of_exception`. Called on
  /// the thread of the one that threw.
  std::function<std::optional<ExceptionMeaning>(const std::exception_ptr&)> classify{};

  // Calls.
  RetryPolicy command_retry{};
  Repeat repeat_up_to = Repeat::overwrite;
  RetryBudget retry_budget{};
  Duration command_deadline = std::chrono::seconds(5);
  WhenUnavailable when_unavailable = WhenUnavailable::fail;
  std::shared_ptr<Runtime> runtime{};

  // Noticing.
  /// The fields of `MultiDbConfig` of the same names; `trials` counts in a member's own only.
  CircuitBreakerOptions circuit_breaker{};
  FailureDetectors failure_detectors{};
  /// A function that runs for so long, while no other on the member has ended, makes the group ask the probe; > 0.
  Duration suspicion_after = std::chrono::milliseconds(250);
  Duration suspicion_probe_timeout = std::chrono::milliseconds(400);
  int suspicion_probes = 2;
  Duration health_check_interval = std::chrono::seconds(5);
  int health_check_probes = 3;
  Duration health_check_probes_delay = std::chrono::milliseconds(500);
  Duration health_check_timeout = std::chrono::seconds(3);
  HealthCheckPolicy health_check_policy = HealthCheckPolicy::majority;
  InitialHealthCheckPolicy initial_health_check_policy = InitialHealthCheckPolicy::one_available;

  // Moving.
  std::shared_ptr<FailoverStrategy> failover_strategy{};
  int failover_attempts = 10;
  Duration failover_delay = std::chrono::seconds(12);
  Duration auto_fallback_interval = std::chrono::seconds(30);
  Failback failback = Failback::immediate;
  Duration failback_stage = std::chrono::seconds(30);
  std::vector<int> failback_ramp{10, 25, 50};

  std::vector<EventListener> event_listeners{};
};

/// What an exception means if the program does not say. An `Error` keeps its code; `std::bad_alloc` is
/// `local_resource`, `std::logic_error` is `invalid_argument`; anything else is `connection_lost`. All are in doubt,
/// except an `Error` that was answered: what the function did before it threw is its own secret.
[[nodiscard]] MERIDIAN_EXPORT ExceptionMeaning meaning_of_exception(const std::exception_ptr& thrown) noexcept;

/// For `classify`, if every function runs one command at most: an `Error` is taken at its word, also when it says that
/// the command was certainly not sent, or was rejected. Nothing for any other exception.
[[nodiscard]] MERIDIAN_EXPORT std::optional<ExceptionMeaning> meaning_of_error(
    const std::exception_ptr& thrown) noexcept;

/// What an error reply of a Redis server means, by its first word: for `classify`, if the program's client throws or
/// returns such texts. `LOADING …` is `loading` and `rejected`: the server proved that it did not run this command.
[[nodiscard]] MERIDIAN_EXPORT ExceptionMeaning meaning_of_error_reply(std::string_view text) noexcept;

namespace detail {

template <class T, class Function>
inline constexpr bool wants_attempt = std::is_invocable_v<Function&, T&, const GroupAttempt&>;

template <class T, class Function>
decltype(auto) call_group_function(Function& function, T& object, const GroupAttempt& attempt) {
  if constexpr (wants_attempt<T, Function>) return std::invoke(function, object, attempt);
  else return std::invoke(function, object);
}

template <class T, class Function>
using GroupValue = decltype(call_group_function<T, Function>(std::declval<Function&>(), std::declval<T&>(),
                                                             std::declval<const GroupAttempt&>()));

template <class T, class Function>
class TypedGroupWork final : public GroupWork {
 public:
  using Value = GroupValue<T, Function>;
  static_assert(!std::is_reference_v<Value>, "return a value: a reference may not outlive its member");

  explicit TypedGroupWork(Function& function) noexcept : function_(function) {}

  std::exception_ptr attempt(void* object, const GroupAttempt& attempt) noexcept override {
    thrown_ = nullptr;
    try {
      if constexpr (std::is_void_v<Value>) call_group_function(function_, *static_cast<T*>(object), attempt);
      else value_.emplace(call_group_function(function_, *static_cast<T*>(object), attempt));
    } catch (...) {
      thrown_ = std::current_exception();
    }
    return thrown_;
  }

  [[nodiscard]] Value take() {
    if constexpr (!std::is_void_v<Value>) return std::move(*value_);
  }
  [[nodiscard]] const std::exception_ptr& thrown() const noexcept { return thrown_; }

 private:
  struct Nothing {};
  Function& function_;
  std::optional<std::conditional_t<std::is_void_v<Value>, Nothing, Value>> value_;
  std::exception_ptr thrown_;
};

template <class T>
GroupMemberSpec spec_of(const GroupMember<T>& member, const std::function<bool(T&)>& probe,
                        const std::function<bool(T&)>& write_probe) {
  GroupMemberSpec spec{.name = member.name,
                       .weight = member.weight,
                       .grace_period = member.grace_period,
                       .circuit_breaker = member.circuit_breaker,
                       .object = member.object};
  // The object stays as long as the probe runs, also when the member has been removed meanwhile.
  if (probe) spec.probe = [probe, object = member.object] { return probe(*object); };
  if (write_probe) spec.write_probe = [write_probe, object = member.object] { return write_probe(*object); };
  return spec;
}

template <class T>
MultiDbConfig rules_of(const FailoverGroupConfig<T>& config) {
  MultiDbConfig rules;
  rules.command_retry = config.command_retry;
  rules.repeat_up_to = config.repeat_up_to;
  rules.retry_budget = config.retry_budget;
  rules.command_deadline = config.command_deadline;
  rules.when_unavailable = config.when_unavailable;
  rules.runtime = config.runtime;
  rules.failures_detection_window = config.circuit_breaker.failures_detection_window;
  rules.min_num_failures = config.circuit_breaker.min_num_failures;
  rules.failure_rate_threshold = config.circuit_breaker.failure_rate_threshold;
  rules.consecutive_failures = config.circuit_breaker.consecutive_failures;
  rules.sustained_failures = config.circuit_breaker.sustained_failures;
  rules.slow_call_threshold = config.circuit_breaker.slow_call_threshold;
  rules.slow_call_rate = config.circuit_breaker.slow_call_rate;
  rules.failure_detectors = config.failure_detectors;
  rules.suspicion_after = config.suspicion_after;
  rules.suspicion_probe_timeout = config.suspicion_probe_timeout;
  rules.suspicion_probes = config.suspicion_probes;
  rules.health_check_interval = config.health_check_interval;
  rules.health_check_probes = config.health_check_probes;
  rules.health_check_probes_delay = config.health_check_probes_delay;
  rules.health_check_timeout = config.health_check_timeout;
  rules.health_check_policy = config.health_check_policy;
  rules.initial_health_check_policy = config.initial_health_check_policy;
  rules.failover_strategy = config.failover_strategy;
  rules.failover_attempts = config.failover_attempts;
  rules.failover_delay = config.failover_delay;
  rules.auto_fallback_interval = config.auto_fallback_interval;
  rules.failback = config.failback;
  rules.failback_stage = config.failback_stage;
  rules.failback_ramp = config.failback_ramp;
  rules.drain = Duration::zero();  // a function that runs is awaited by its caller, and cut short by nobody
  rules.event_listeners = config.event_listeners;
  return rules;
}

template <class T>
GroupSpec spec_of(const FailoverGroupConfig<T>& config) {
  GroupSpec spec{.classify = config.classify, .rules = rules_of(config)};
  for (const GroupMember<T>& member : config.members) {
    spec.members.push_back(spec_of(member, config.probe, config.write_probe));
  }
  return spec;
}

}  // namespace detail

/// Thread-safe; movable, not copyable. A moved-from group may only be destroyed or assigned to. Not fork-safe. To be
/// destroyed when no call is under way; the destructor waits for probes that are running, so give them time limits.
template <class T>
class FailoverGroup {
 public:
  /// Validates everything (INIT-4), runs the first round of probes and blocks until the initial policy is decided
  /// (INIT-5). Throws `Error`: `invalid_argument` names field and value; `initial_health_check_failed` names each
  /// member and why (INIT-3), and nothing is left running; `local_resource`: no threads or descriptors left.
  explicit FailoverGroup(const FailoverGroupConfig<T>& config) : FailoverGroup(value_or_throw(create(config))) {}

  FailoverGroup(FailoverGroup&&) noexcept = default;
  FailoverGroup& operator=(FailoverGroup&&) noexcept = default;
  FailoverGroup(const FailoverGroup&) = delete;
  FailoverGroup& operator=(const FailoverGroup&) = delete;
  ~FailoverGroup() = default;

  /// The same without exceptions.
  [[nodiscard]] static Result<FailoverGroup> create(const FailoverGroupConfig<T>& config) {
    auto engine = detail::open_group(detail::spec_of(config));
    if (!engine) return Unexpected(std::move(engine).error());
    return FailoverGroup(std::move(*engine), config.probe, config.write_probe);
  }

  /// Calls `function(object)` or `function(object, attempt)` with the active member, on this thread, and returns what
  /// it returns. `repeat` says how safe it is to run the function again: an attempt that failed is repeated, on
  /// whichever member is active then, as the grade and `classify` allow (CMD-1). All of it has one deadline, which ends
  /// the waiting; a function that runs is never cut short, and what it returns late is returned.
  ///
  /// Throws what the last attempt threw if that is the whole truth, else `Error`: an earlier attempt may have run;
  /// `temporarily_unavailable` and `no_valid_database` (FO-6); `timed_out`: the deadline came first; `cancelled`;
  /// `would_deadlock`: on the library's own I/O thread. In `options` `use_cache` says nothing.
  template <class Function>
  auto run(Repeat repeat, Function&& function, const CallOptions& options = {}) {
    detail::TypedGroupWork<T, std::remove_reference_t<Function>> work(function);
    detail::GroupEnd end = engine_->run(work, repeat, options);
    if (end.in_its_own_words) std::rethrow_exception(work.thrown());
    if (end.error) throw std::move(*end.error);
    return work.take();
  }

  /// The same as a `Result`: an exception of the function gives an error with its text, and the code and delivery that
  /// `classify` names.
  template <class Function>
  [[nodiscard]] auto try_run(Repeat repeat, Function&& function, const CallOptions& options = {}) {
    using Work = detail::TypedGroupWork<T, std::remove_reference_t<Function>>;
    using Value = typename Work::Value;
    Work work(function);
    detail::GroupEnd end = engine_->run(work, repeat, options);
    if (end.error) return Result<Value>(Unexpected(std::move(*end.error)));
    if constexpr (std::is_void_v<Value>) return Result<Value>();
    else return Result<Value>(work.take());
  }

  /// A consistent picture of the group and of every member (MAN-4). Empty after `close`. Waits for nothing outside.
  [[nodiscard]] ClientStatus describe() const { return engine_->describe(); }
  [[nodiscard]] std::vector<DatabaseStatus> databases() const { return describe().databases; }

  /// Carries out what an operator wants (<meridian/operations.hpp>), with members for databases. `AddDatabase` and
  /// `AddHealthCheck` are refused with `invalid_argument`: see `add` and `FailoverGroupConfig::probe`.
  [[nodiscard]] Result<void> operate(op::Operation operation) { return engine_->operate(std::move(operation)); }

  /// The throwing forms.
  void set_active_database(std::string name) { act(op::SetActiveDatabase{std::move(name)}); }
  void force_active_database(std::string name, Duration duration) {
    act(op::ForceActiveDatabase{std::move(name), duration});
  }
  void pin() { act(op::Pin{}); }
  void unpin() { act(op::Unpin{}); }
  void drain(std::string name) { act(op::Drain{std::move(name)}); }
  void undrain(std::string name) { act(op::Undrain{std::move(name)}); }
  void freeze() { act(op::SetDecisionMode{DecisionMode::frozen}); }
  void unfreeze() { act(op::SetDecisionMode{DecisionMode::deciding}); }
  void observe_only() { act(op::SetDecisionMode{DecisionMode::observing}); }
  void remove(std::string name) { act(op::RemoveDatabase{std::move(name)}); }
  void set_weight(std::string name, double weight) { act(op::SetWeight{std::move(name), weight}); }
  /// With the group's probes; it is used once they have passed.
  void add(const GroupMember<T>& member) {
    value_or_throw(engine_->add(detail::spec_of(member, probe_, write_probe_)));
  }
  /// What `op::Reconfigure` takes over; members, probes and `classify` stay as they are.
  void reconfigure(const FailoverGroupConfig<T>& config) { act(op::Reconfigure{detail::rules_of(config)}); }

  /// Calls `callable` with each event of the type that it takes (EV-2): `[](const ActiveDatabaseChanged& e) {…}`.
  template <class Callable>
  void on_event(Callable callable) {
    engine_->add_listener(make_listener(std::move(callable)));
  }

  /// Calls that wait end with `closed`, later ones, too. Functions that run go on. Idempotent.
  void close() noexcept { engine_->close(); }

 private:
  FailoverGroup(std::shared_ptr<detail::GroupEngine> engine, std::function<bool(T&)> probe,
                std::function<bool(T&)> write_probe)
      : engine_(std::move(engine)), probe_(std::move(probe)), write_probe_(std::move(write_probe)) {}

  void act(op::Operation operation) { value_or_throw(engine_->operate(std::move(operation))); }

  std::shared_ptr<detail::GroupEngine> engine_;
  std::function<bool(T&)> probe_;  // of members that are added later
  std::function<bool(T&)> write_probe_;
};

}  // namespace meridian
