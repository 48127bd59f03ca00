#include "simulation/history/history.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "client/multi_engine.hpp"
#include "core/resolve.hpp"
#include "simulation/history/callers.hpp"
#include "simulation/history/faults.hpp"
#include "simulation/history/ledger.hpp"
#include "simulation/history/listeners.hpp"
#include "simulation/history/operators.hpp"
#include "simulation/world/world.hpp"

namespace meridian::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// I10: detection (1.05 s), a trial of what is left (0.5 s and its round trips), and room for the jitter of both.
constexpr Duration recovery = milliseconds(2500);

std::string seconds_of(TimePoint at) { return std::to_string((at - Scheduler::start) / milliseconds(1)) + " ms: "; }

bool is_user_command(std::string_view word) {
  static constexpr std::array words = {"GET",   "SET",   "INCR", "MULTI", "EXEC",
                                       "BLPOP", "RPUSH", "EVAL", "WATCH", "EVALSHA"};
  return std::ranges::find(words, word) != words.end();
}

class History {
 public:
  History(std::uint64_t seed, Repeating repeating)
      : seed_(seed), world_(seed), plan_(make_plan(world_.fork_random("plan"), Scheduler::start)) {
    if (repeating == Repeating::as_by_default) return;
    ledger_.allow_duplicates();
    plan_.config.repeat_up_to = plan_.other_config.repeat_up_to = Repeat::accumulate;
  }

  HistoryReport run() {
    try {
      live();
    } catch (const std::exception& thrown) {
      // The scheduler found that time stands still, or that somebody waits for nobody.
      violate(thrown.what());
      // A client in that state cannot be closed; the process that runs histories ends soon.
      static_cast<void>(new std::shared_ptr<client::MultiEngine>(std::move(engine_)));
    }
    return report();
  }

 private:
  void live() {
    build();
    if (!engine_) return;
    call_while_faults_happen();
    settle();
    close();
    judge();
  }

  void build() {
    MultiDbConfig config = plan_.config;
    for (std::size_t i = 0; i < plan_.servers.size(); ++i) {
      FakeServer& server = world_.add_server(plan_.servers[i].name);
      if (i >= config.databases.size()) continue;
      config.databases[i].uri = server.uri();
      config.databases[i].name = plan_.servers[i].name;
    }
    config.event_listeners.push_back([this](const Event& event) { on_event(event); });
    faults_.emplace(world_, plan_);
    operators_.emplace(world_, plan_, [this](std::string text) { note(std::move(text)); });
    world_.network().set_wire_tap([this](const HandedOver& seen) { on_handed_over(seen); });
    auto resolved = core::resolve(config);
    if (!resolved) return violate(std::string("the plan is not a valid configuration: ") + resolved.error().what());
    engine_ = std::make_shared<client::MultiEngine>(world_.io(), config, *resolved);
    std::optional<std::optional<Error>> decided;
    engine_->open([&](std::optional<Error> error) { decided = std::move(error); });
    if (!world_.run_until([&] { return decided.has_value(); }, seconds(5)))
      violate("INIT-5: the start was never decided");
    else if (*decided) violate(std::string("INIT-1: no fault has happened yet: ") + (*decided)->what());
  }

  void call_while_faults_happen() {
    callers_.emplace(world_, *engine_, ledger_,
                     [this](const CallRecord& record, const Error& error) { judge_failure(record, error); });
    callers_->begin(plan_.callers, plan_.calls_end + recovery);
    listeners_.emplace(world_, [this](std::string text) { violate(std::move(text)); });
    listeners_->begin(engine_, plan_.subscribers, plan_.calls_end);
    operators_->begin(*engine_);
    world_.run_for(plan_.calls_end + recovery + seconds(6) - world_.now());
  }

  // Grace, trials, checks and the way home all take their time; then everything must be where it belongs.
  void settle() {
    world_.run_for(time_to_go_home());
    // It may have gone there this very moment, and subscriptions follow.
    for (std::uint64_t epoch = 0; epoch != engine_->published_epoch();) {
      epoch = engine_->published_epoch();
      world_.run_for(seconds(1));
    }
    if (!operators_->is_idle()) violate("MAN-1: an operation was never done");
    const auto active = engine_->published_database();
    if (!active) return violate("I10: nothing is active though everything has been well for long");
    const std::size_t home = operators_->server_of(*active);
    std::vector<Listeners::Role> roles;
    for (std::size_t i = 0; i < plan_.servers.size(); ++i) roles.push_back(role_of(i, home));
    listeners_->check_subscribed(roles);
    judge_home(home);
  }

  // FB-1. FO-7: one that failed soon after its return may still have to stay out.
  void judge_home(std::size_t home) {
    if (config_now().auto_fallback_interval <= Duration::zero()) return;
    for (const DatabaseStatus& database : engine_->describe().databases) {
      const bool is_held_down = database.flaps > 0;  // it may have ended a moment ago
      if (database.weight <= operators_->weight_of(home) || is_held_down) continue;
      violate("FB-1: still on " + plan_.servers[home].name + " though " + database.name + " is heavier and well" +
              database.why_not);
    }
  }

  [[nodiscard]] Listeners::Role role_of(std::size_t server, std::size_t active) const {
    using Role = Listeners::Role;
    if (server == active) return Role::active;
    if (!operators_->is_in(server)) return Role::unused;
    // Where the password was wrong, those who stand by come back a minute later (faults.md row 25).
    const bool was_locked = std::any_of(plan_.faults.begin(), plan_.faults.end(), [&](const Fault& fault) {
      return fault.kind == FaultKind::password && fault.server == server;
    });
    return was_locked ? Role::in_doubt : Role::stands_by;
  }

  [[nodiscard]] const MultiDbConfig& config_now() const {
    return operators_->done(ActionKind::reconfigure) > 0 ? plan_.other_config : plan_.config;
  }
  [[nodiscard]] Duration time_to_go_home() const {
    Duration grace = plan_.spare.grace_period;
    for (const DatabaseConfig& database : plan_.config.databases) grace = std::max(grace, database.grace_period);
    Duration longest{0};
    for (const MultiDbConfig* config : {&plan_.config, &plan_.other_config}) {
      const Duration stages = 4 * config->failback_stage;
      longest = std::max(longest, 3 * config->auto_fallback_interval + 4 * config->health_check_interval + stages);
    }
    return grace + longest + seconds(5);
  }

  void close() {
    listeners_->close();
    engine_->close();
    world_.run_for(seconds(1));
    if (world_.network().open_streams() != 0) violate("I9: a stream is left open");
    if (world_.network().open_attempts() != 0) violate("I9: a connection attempt is left");
    if (world_.scheduler().pending_timers() != 0) violate("I9: a timer is left armed");
    engine_.reset();
    if (world_.scheduler().live_timers() != 0) violate("I9: a timer is left");
  }

  void judge() {
    const Duration deadline = std::max(plan_.config.command_deadline, plan_.other_config.command_deadline);
    ledger_.check(world_.operations(), deadline);
  }

  // I10. A call may fail for what happened to it on the way, but nobody may be told that nothing is usable when some
  // database has been well for long enough; and when all are well again, nothing fails any more.
  void judge_failure(const CallRecord& record, const Error& error) {
    if (error.code() == ErrorCode::closed) return;
    const TimePoint now = world_.now();
    const bool unavailable =
        error.code() == ErrorCode::temporarily_unavailable || error.code() == ErrorCode::no_valid_database;
    if (unavailable) {
      // The event is told after the switch; calls may fail in between.
      const TimePoint unavailable_since = engine_->published_epoch() == last_epoch_ ? unavailable_since_ : now;
      const TimePoint since = std::max({some_usable_since().value_or(now), unavailable_since,
                                        operators_->decides_since().value_or(now), faults_->client_runs_since()});
      if (now - since > recovery) violate("I10: told that nothing is usable: " + std::string(error.what()));
    }
    // A pop may outlast the drain of a switch home, and a pipeline that is half written is parted by it (PIPE-1).
    const bool is_parted = record.kind == CallKind::pipelined && error.delivery() == Delivery::not_sent &&
                           error.code() == ErrorCode::connection_lost;
    const bool may_be_ended =
        record.kind == CallKind::pop || is_parted || error.code() == ErrorCode::transaction_aborted;
    if (!may_be_ended && record.issued > plan_.faults_end + recovery &&
        record.issued > faults_->client_runs_since() + recovery) {
      violate("I10: failed though everything is well: " + record.key + ": " + error.what());
    }
  }

  // Since when some database has been well and the client may choose it, the longest of them; nothing if there is none.
  [[nodiscard]] std::optional<TimePoint> some_usable_since() const {
    std::optional<TimePoint> earliest;
    for (std::size_t i = 0; i < plan_.servers.size(); ++i) {
      const auto well = faults_->well_since(i);
      const auto choosable = operators_->choosable_since(i);
      if (!well || !choosable) continue;
      const TimePoint both = std::max(*well, *choosable);
      if (!earliest || both < *earliest) earliest = both;
    }
    return earliest;
  }

  // I5, seen at the socket; and I6.
  void on_handed_over(const HandedOver& seen) {
    for (const std::string_view command : seen.commands) {
      const auto words = words_of(command);
      if (words.empty() || !is_user_command(words.front())) continue;
      if (words.size() > 1) ledger_.handed_over(words[1]);
      if (may_be_asked(seen.server, words.front())) continue;
      violate("I5: " + std::string(words.front()) + " " + std::string(words.back()) + " was handed to a socket of " +
              plan_.servers[seen.server].name + " after epoch " + std::to_string(engine_->published_epoch()) +
              " was published");
    }
  }

  // By what is published, this server is one that such a command goes to.
  [[nodiscard]] bool may_be_asked(std::size_t server, std::string_view word) const {
    const failover::Traffic& traffic = engine_->published_traffic();
    if (traffic.main && operators_->server_of(*traffic.main) == server) return true;
    const bool is_next = traffic.next && operators_->server_of(*traffic.next) == server;
    return is_next && (traffic.scope != SwitchScope::reads || word == "GET");
  }

  void on_event(const Event& event) {
    std::visit([this](const auto& concrete) { on(concrete); }, event);
  }

  void on(const ActiveDatabaseChanged& event) {
    ++switches_by_reason_[static_cast<std::size_t>(event.reason)];
    note(event.from + " -> " + event.to + " (" + std::string(to_string(event.reason)) + ", epoch " +
         std::to_string(event.epoch) + "): " + event.evidence);
    if (event.epoch <= last_epoch_) violate("EV-2: epochs out of order");
    last_epoch_ = event.epoch;
    judge_flapping(event);
  }

  // I11, as far as grace gives it: a database that was left by a failover is not left again within its grace period,
  // because it cannot be active again, unless there was a time when nothing was usable or somebody chose it by hand.
  void judge_flapping(const ActiveDatabaseChanged& event) {
    const bool by_hand = event.reason == SwitchReason::manual || event.reason == SwitchReason::forced;
    if (by_hand) left_at_.erase(event.to);
    const bool is_failover =
        event.reason == SwitchReason::circuit_breaker || event.reason == SwitchReason::health_check;
    if (!is_failover) return;
    const auto left = left_at_.find(event.from);
    const bool is_known = left != left_at_.end();
    const bool nothing_was_usable = is_known && unavailable_since_ >= left->second;
    if (is_known && !nothing_was_usable && world_.now() - left->second < grace_of(event.from)) {
      violate("I11: " + event.from + " was left twice within its grace period");
    }
    left_at_[event.from] = world_.now();
  }

  [[nodiscard]] Duration grace_of(std::string_view name) const {
    for (std::size_t i = 0; i < plan_.config.databases.size(); ++i) {
      if (plan_.servers[i].name == name) return plan_.config.databases[i].grace_period;
    }
    return plan_.spare.grace_period;
  }

  void on(const AllDatabasesUnavailable& event) {
    ++unavailable_;
    unavailable_since_ = world_.now();
    if (event.epoch <= last_epoch_) violate("EV-2: epochs out of order");
    last_epoch_ = event.epoch;
    note("nothing is usable: " + event.evidence);
  }
  void on(const CircuitStateChanged& event) {
    note("circuit of " + event.database + ": " + std::string(to_string(event.from)) + " -> " +
         std::string(to_string(event.to)) + ": " + event.evidence);
  }
  void on(const HealthChanged& event) {
    note("health of " + event.database + ": " + std::string(to_string(event.to)) + ": " + event.evidence);
  }
  void on(const CommandsFailed& event) { note("commands failed on " + event.database + ": " + event.last_error); }
  void on(const ConfigurationRefused& event) { note("refused by " + event.database + ": " + event.evidence); }
  void on(const SubscriptionMoved& event) { note("subscriptions moved to " + event.to); }
  void on(const SwitchWithheld& event) { note("withheld: " + event.from + " -> " + event.to + ": " + event.evidence); }
  void on(const DatabaseAdded& event) {
    note(event.database + " added");
    left_at_.erase(event.database);
  }
  void on(const DatabaseRemoved& event) { note(event.database + " removed"); }
  void on(const WeightChanged& event) {
    note("weight of " + event.database + ": " + std::to_string(event.from) + " -> " + std::to_string(event.to));
  }

  void note(std::string text) { events_.push_back(seconds_of(world_.now()) + std::move(text)); }
  void violate(std::string text) {
    if (violations_.size() < 20) violations_.push_back(seconds_of(world_.now()) + std::move(text));
  }

  HistoryReport report() {
    HistoryReport report;
    report.seed = seed_;
    report.violations = std::move(violations_);
    report.violations.insert(report.violations.end(), ledger_.violations().begin(), ledger_.violations().end());
    if (!report.violations.empty()) {
      report.plan = plan_.text();
      report.events = std::move(events_);
    }
    report.calls = ledger_.calls().size();
    report.answered = ledger_.answered();
    report.not_sent = ledger_.failed(Delivery::not_sent);
    report.rejected = ledger_.failed(Delivery::rejected);
    report.in_doubt = ledger_.failed(Delivery::in_doubt);
    for (std::size_t i = 0; i < repeat_grades; ++i) {
      report.in_doubt_by_grade[i] = ledger_.in_doubt(static_cast<Repeat>(i));
    }
    report.duplicates = ledger_.duplicates();
    report.messages = listeners_ ? listeners_->delivered() : 0;
    report.switches_by_reason = switches_by_reason_;
    for (const std::size_t count : switches_by_reason_) report.switches += count;
    for (std::size_t i = 0; i < action_kinds; ++i) {
      report.actions[i] = operators_ ? operators_->done(static_cast<ActionKind>(i)) : 0;
    }
    report.unavailable = unavailable_;
    for (const Fault& fault : plan_.faults) ++report.faults[static_cast<std::size_t>(fault.kind)];
    report.virtual_time = world_.elapsed();
    return report;
  }

  const std::uint64_t seed_;
  SimulatedWorld world_;
  Plan plan_;
  std::optional<Faults> faults_;
  std::optional<Operators> operators_;
  std::optional<Callers> callers_;
  std::optional<Listeners> listeners_;
  Ledger ledger_;
  std::vector<std::string> violations_;
  std::vector<std::string> events_;
  std::array<std::size_t, switch_reasons> switches_by_reason_{};
  std::size_t unavailable_ = 0;
  std::uint64_t last_epoch_ = 0;
  TimePoint unavailable_since_{};
  std::map<std::string, TimePoint, std::less<>> left_at_;  // in a failover
  std::shared_ptr<client::MultiEngine> engine_;
};

}  // namespace

HistoryReport run_history(std::uint64_t seed, Repeating repeating) { return History(seed, repeating).run(); }

}  // namespace meridian::simulation
