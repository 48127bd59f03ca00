// Owns a brain and virtual time: steps from wake to wake, answers its probes as scripted, and keeps what it decided.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "failover/brain.hpp"

namespace meridian::failover {

using namespace std::chrono_literals;
using core::ProbeKind;
using core::ProbeReport;
using core::ProbeVerdict;

inline constexpr DatabaseIndex east = 0;
inline constexpr DatabaseIndex west = 1;
inline constexpr DatabaseIndex south = 2;

inline Settings default_settings() {
  return {.suspicion_probe_timeout = 400ms,
          .suspicion_probes = 2,
          .health_check_interval = 5s,
          .initial_policy = InitialHealthCheckPolicy::one_available,
          .temporarily = 120s,
          .auto_fallback_interval = 30s,
          .drain = 2s};
}

inline std::vector<DatabaseSpec> three_databases() {
  return {{.name = "east", .weight = 1.0, .grace_period = 60s, .has_checks = true},
          {.name = "west", .weight = 0.5, .grace_period = 60s, .has_checks = true},
          {.name = "south", .weight = 0.25, .grace_period = 60s, .has_checks = true}};
}

// What a probe of a database meets.
struct Weather {
  ProbeReport report{};
  Duration after = 1ms;
};
inline Weather fine() { return {}; }
inline Weather refusing() { return {{ProbeVerdict::refused, ErrorCode::connect_refused, "refused", {}}, 1ms}; }
inline Weather silent() { return {{ProbeVerdict::unanswered, ErrorCode::timed_out, "not answered", {}}, 0ms}; }
inline Weather saying(ErrorCode code, std::string text) {
  return {{ProbeVerdict::cannot_serve, code, std::move(text), {}}, 1ms};
}
inline Weather verdict_of(ProbeVerdict verdict) { return {{verdict, ErrorCode::server_error, "", {}}, 1ms}; }

class BrainDriver {
 public:
  struct TimedSwitch {
    TimePoint at;
    Switch what;
  };
  struct TimedProbe {
    TimePoint at;
    StartProbe what;
  };

  explicit BrainDriver(std::vector<DatabaseSpec> databases = three_databases(), Settings settings = default_settings(),
                       std::uint64_t seed = 1)
      : brain(settings, databases, seed), size(databases.size()) {}

  void start() {
    brain.start(now);
    collect();
  }

  // Started, every check passed, the heaviest active, and what that told forgotten.
  void start_healthy() {
    start();
    for (DatabaseIndex i = 0; i < size; ++i) check(i, true);
    forget();
  }

  void forget() {
    switches.clear();
    events.clear();
    probes.clear();
    checks_now.clear();
    verdicts = 0;
  }

  // --- What happens.
  void set(DatabaseIndex i, const Weather& weather) {
    for (const ProbeKind kind : {ProbeKind::ping, ProbeKind::write, ProbeKind::large}) weather_[{i, kind}] = weather;
  }
  void set(DatabaseIndex i, ProbeKind kind, const Weather& weather) { weather_[{i, kind}] = weather; }

  void check(DatabaseIndex i, bool healthy) {
    brain.on_check_round(now, i, healthy, healthy ? "" : "the check failed");
    collect();
  }
  void check_probe_failed(DatabaseIndex i) {
    brain.on_check_probe_failed(now, i, "late");
    collect();
  }
  void trouble(DatabaseIndex i,
               ConnectionTrouble trouble = {
                   .message = "reset", .carries_commands = true, .owed_replies = true, .was_ready = true}) {
    brain.on_connection_trouble(now, i, trouble);
    collect();
  }
  void silence(DatabaseIndex i, Silence silence = {}) {
    brain.on_silence(now, i, silence);
    collect();
  }
  void heard(DatabaseIndex i, Heard heard = Heard::commands) {
    brain.on_heard(now, i, heard);
    collect();
  }
  void answered(DatabaseIndex i, bool is_read, std::uint64_t link = 1) {
    brain.on_attempt(now, i, brain.epoch(), {.is_read = is_read, .link = link, .sent_at = now});
    collect();
  }
  void failed(DatabaseIndex i, bool is_read, ErrorCode code, std::uint64_t link = 1) {
    failed(i, is_read, code, link, now, brain.epoch());
  }
  void failed(DatabaseIndex i, bool is_read, ErrorCode code, std::uint64_t link, TimePoint sent_at,
              std::uint64_t epoch) {
    brain.on_attempt(
        now, i, epoch,
        {.is_read = is_read, .failed = true, .code = code, .text = "said so", .link = link, .sent_at = sent_at});
    collect();
  }

  // A database goes down so that everybody is refused, and the connection to it breaks.
  void kill(DatabaseIndex i) {
    set(i, refusing());
    trouble(i);
  }
  void kill_all() {
    for (DatabaseIndex i = 0; i < size; ++i) set(i, refusing());
    for (DatabaseIndex i = 0; i < size; ++i) trouble(i);
  }

  // By hand; what it answers comes in `operations`.
  template <class Operation>
  void begin(Operation operation) {
    operation(brain, now);
    collect();
  }
  // The same: what it answered at once, or at the end of the trial if there is one.
  template <class Operation>
  std::optional<Error> operate(Operation operation) {
    operations.clear();
    operation(brain, now);
    collect();
    if (operations.empty()) run_for(500ms);
    EXPECT_EQ(operations.size(), 1U);
    return operations.empty() ? std::nullopt : operations.front().error;
  }
  std::optional<Error> choose(DatabaseIndex i, const Choice& choice = {}) {
    return operate([&](Brain& b, TimePoint t) { b.set_active(t, 1, i, choice); });
  }
  std::optional<Error> remove(DatabaseIndex i) {
    return operate([&](Brain& b, TimePoint t) { b.remove(t, 1, i); });
  }
  std::optional<Error> drain(DatabaseIndex i, bool drained = true) {
    return operate([&](Brain& b, TimePoint t) { b.set_drained(t, 1, i, drained); });
  }
  void mode(DecisionMode mode) {
    operate([&](Brain& b, TimePoint t) { b.set_mode(t, 1, mode); });
  }
  void weight(DatabaseIndex i, double weight) {
    operate([&](Brain& b, TimePoint t) { b.set_weight(t, 1, i, weight); });
  }
  void pick(std::optional<DatabaseIndex> choice) {
    brain.on_strategy(now, questions.back().id, choice);
    collect();
  }

  // --- Time.
  void run_until(TimePoint end) {
    int at_this_moment = 0;
    while (true) {
      const TimePoint due = reports_.empty() ? TimePoint::max() : reports_.begin()->first;
      const TimePoint next = std::min(due, brain.next_wake());
      if (next > end) break;
      at_this_moment = next > now ? 0 : at_this_moment + 1;
      ASSERT_LT(at_this_moment, 100) << "the brain spins";
      now = std::max(now, next);
      if (due <= now) {
        const auto [id, report] = std::move(reports_.begin()->second);
        reports_.erase(reports_.begin());
        brain.on_probe(now, id, report);
      } else {
        brain.wake(now);
      }
      collect();
    }
    now = end;
  }
  void run_for(Duration duration) { run_until(now + duration); }

  // --- What was decided.
  [[nodiscard]] std::optional<DatabaseIndex> active() const { return brain.active(); }
  [[nodiscard]] DatabaseStatus status(DatabaseIndex i) const { return brain.describe(now, i); }
  template <class E>
  [[nodiscard]] std::vector<E> told() const {
    std::vector<E> found;
    for (const Event& event : events) {
      if (const E* one = std::get_if<E>(&event)) found.push_back(*one);
    }
    return found;
  }
  [[nodiscard]] std::vector<TimedProbe> probes_of(DatabaseIndex i) const {
    std::vector<TimedProbe> found;
    for (const TimedProbe& probe : probes) {
      if (probe.what.database == i) found.push_back(probe);
    }
    return found;
  }
  [[nodiscard]] std::vector<ProbeKind> kinds_of(DatabaseIndex i) const {
    std::vector<ProbeKind> kinds;
    for (const TimedProbe& probe : probes_of(i)) kinds.push_back(probe.what.kind);
    return kinds;
  }

  TimePoint now{1h};
  Brain brain;
  std::size_t size;
  std::vector<TimedSwitch> switches;
  std::vector<Event> events;
  std::vector<TimedProbe> probes;
  std::vector<DatabaseIndex> checks_now;
  std::vector<StartDecided> decided;
  std::vector<OperationDone> operations;
  std::vector<DatabaseIndex> forgotten;
  std::vector<AskStrategy> questions;
  int verdicts = 0;

 private:
  void collect() {
    while (brain.has_actions()) {
      for (const Action& action : brain.take_actions()) {
        std::visit([this](const auto& concrete) { on(concrete); }, action);
      }
    }
  }
  void on(const StartProbe& probe) {
    probes.push_back({now, probe});
    const Weather weather = weather_[{probe.database, probe.kind}];
    const Duration after = weather.report.verdict == ProbeVerdict::unanswered ? probe.timeout : weather.after;
    reports_.emplace(now + after, std::pair(probe.id, weather.report));
  }
  void on(const CheckNow& action) { checks_now.push_back(action.database); }
  void on(const Switch& action) { switches.push_back({now, action}); }
  void on(const StartDecided& action) { decided.push_back(action); }
  void on(const VerdictReached&) { ++verdicts; }
  void on(const Reconnect&) {}
  void on(const OperationDone& action) { operations.push_back(action); }
  void on(const Forget& action) { forgotten.push_back(action.database); }
  void on(const AskStrategy& action) { questions.push_back(action); }
  void on(const ForgetAttempts&) {}
  void on(const Tell& action) { events.push_back(action.event); }

  std::map<std::pair<DatabaseIndex, ProbeKind>, Weather> weather_;
  std::multimap<TimePoint, std::pair<ProbeId, ProbeReport>> reports_;
};

}  // namespace meridian::failover
