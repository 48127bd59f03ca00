#include "simulation/history/history.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <meridian/commands.hpp>
#include <meridian/transaction.hpp>

#include "client/multi_engine.hpp"
#include "core/resolve.hpp"
#include "simulation/history/faults.hpp"
#include "simulation/history/ledger.hpp"
#include "simulation/world/world.hpp"
#include "support/coroutine.hpp"

namespace meridian::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// I10: detection (1.05 s), a trial of what is left (0.5 s and its round trips), and room for the jitter of both.
constexpr Duration recovery = milliseconds(2500);

std::string seconds_of(TimePoint at) { return std::to_string((at - Scheduler::start) / milliseconds(1)) + " ms: "; }

bool is_user_command(std::string_view word) {
  static constexpr std::array words = {"GET", "SET", "INCR", "MULTI", "EXEC", "BLPOP", "RPUSH"};
  return std::ranges::find(words, word) != words.end();
}

// The second of the two counters that a transaction counts up.
std::string other_counter(const std::string& key) { return key + ":too"; }

class History {
 public:
  explicit History(std::uint64_t seed)
      : seed_(seed), world_(seed), plan_(make_plan(world_.fork_random("plan"), Scheduler::start)) {}

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
      config.databases[i].uri = server.uri();
      config.databases[i].name = plan_.servers[i].name;
    }
    config.event_listeners.push_back([this](const Event& event) { on_event(event); });
    faults_.emplace(world_, plan_);
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
    for (std::size_t i = 0; i < plan_.callers.size(); ++i) {
      call_later(i, std::make_shared<RandomStream>(world_.fork_random("caller").fork(i)));
    }
    world_.run_for(plan_.calls_end + recovery + seconds(6) - world_.now());
  }

  void call_later(std::size_t caller, std::shared_ptr<RandomStream> random) {
    const Duration think = plan_.callers[caller].think;
    const Duration pause = random->between(think / 4, 2 * think);
    world_.after(pause, [this, caller, random = std::move(random)] {
      if (world_.now() >= plan_.calls_end + recovery) return;
      const bool burst = random->chance(plan_.callers[caller].burst);
      const auto count = burst ? random->between(5, 60) : 1;
      for (std::int64_t i = 0; i < count; ++i) call(*random, plan_.callers[caller].increments);
      call_later(caller, random);
    });
  }

  void call(RandomStream& random, double increments) {
    CallKind kind = CallKind::increment;
    if (!random.chance(increments)) kind = static_cast<CallKind>(random.between(0, 4));
    CallRecord& record = ledger_.open(kind, world_.now());
    if (kind == CallKind::pop) {
      record.blocks = random.between(Duration(milliseconds(50)), Duration(seconds(2)));
      world_.after(random.between(Duration(0), record.blocks), [this, &record] {
        CallRecord& push = ledger_.open_push_for(record, world_.now());
        world_.scheduler().at(
            world_.now(), [this, &push] { submit(push); }, Lane::listeners);
      });
    }
    // Callers are part of the client's process: they stand still when it does.
    world_.scheduler().at(
        world_.now(), [this, &record] { submit(record); }, Lane::listeners);
  }

  void submit(CallRecord& record) {
    if (record.kind == CallKind::transaction) {
      run_transaction(record);
      return;
    }
    if (record.kind == CallKind::pop) {
      detail::submit(*engine_, cmd::blpop(record.key, record.blocks), {}, [this, &record](auto& over) {
        const auto popped = over.take();
        finish(record, popped, popped && *popped ? (*popped)->second : "");
      });
      return;
    }
    detail::submit(*engine_, Command<Reply>{request_of(record), decode<Reply>}, {}, [this, &record](auto& over) {
      const Result<Reply> outcome = over.take();
      finish(record, outcome, outcome ? std::string(outcome->as_string().value_or("")) : "");
    });
  }

  testing::Detached run_transaction(CallRecord& record) {
    AsyncTransaction transaction(*engine_);
    auto one = transaction.incr(record.key);
    auto other = transaction.incr(other_counter(record.key));
    co_await transaction.execute();
    const auto first = one.result();
    const auto second = other.result();
    if (first.has_value() != second.has_value()) violate("TX-1: one half of " + record.key + " failed");
    finish(record, first, first ? std::to_string(*first) : "");
  }

  template <class T>
  void finish(CallRecord& record, const Result<T>& outcome, const std::string& text) {
    ledger_.close(record, world_.now(), outcome ? std::nullopt : std::optional(outcome.error()), text);
    if (!outcome) judge_failure(record, outcome.error());
  }

  static Request request_of(const CallRecord& record) {
    switch (record.kind) {
      case CallKind::echo: return cmd::echo(record.key).request;
      case CallKind::get: return cmd::get(record.key).request;
      case CallKind::set: return cmd::set(record.key, record.expected).request;
      case CallKind::increment: return cmd::incr(record.key).request;
      case CallKind::push: return cmd::rpush(record.key, record.expected).request;
      case CallKind::transaction:
      case CallKind::pop: break;
    }
    return {};
  }

  // Grace, trials, checks and the way home all take their time; then everything must be where it belongs.
  void settle() {
    Duration grace{0};
    for (const DatabaseConfig& database : plan_.config.databases) grace = std::max(grace, database.grace_period);
    const Duration home = grace + 3 * plan_.config.auto_fallback_interval + 4 * plan_.config.health_check_interval;
    world_.run_for(home + seconds(5));
    const auto& databases = plan_.config.databases;
    const auto active = engine_->published_database();
    if (!active) return violate("I10: nothing is active though everything has been well for long");
    for (std::size_t i = 0; i < databases.size(); ++i) {
      if (databases[i].weight > databases[*active].weight) {
        violate("FB-1: still on " + plan_.servers[*active].name + " though " + plan_.servers[i].name +
                " is heavier and well");
      }
    }
  }

  void close() {
    engine_->close();
    world_.run_for(seconds(1));
    if (world_.network().open_streams() != 0) violate("I9: a stream is left open");
    if (world_.network().open_attempts() != 0) violate("I9: a connection attempt is left");
    if (world_.scheduler().pending_timers() != 0) violate("I9: a timer is left armed");
    engine_.reset();
    if (world_.scheduler().live_timers() != 0) violate("I9: a timer is left");
  }

  void judge() {
    Executions executions;
    for (const Operation& operation : world_.operations()) {
      ++executions[std::string(operation.command) + " " + operation.key];
    }
    ledger_.check(executions, plan_.config.command_deadline);
    judge_transactions();
  }

  // I7: both halves on one server, one right behind the other, or none.
  void judge_transactions() {
    const OperationLog& log = world_.operations();
    for (std::size_t i = 0; i < log.size(); ++i) {
      if (!log[i].key.starts_with("transaction:")) continue;
      const bool whole =
          i + 1 < log.size() && log[i + 1].server == log[i].server && log[i + 1].key == other_counter(log[i].key);
      if (!whole) violate("I7: a part of " + log[i].key + " ran by itself");
      ++i;
    }
  }

  // I10. A call may fail for what happened to it on the way, but nobody may be told that nothing is usable when some
  // database has been well for long enough; and when all are well again, nothing fails any more.
  void judge_failure(const CallRecord& record, const Error& error) {
    if (error.code() == ErrorCode::closed) return;
    const TimePoint now = world_.now();
    const bool unavailable =
        error.code() == ErrorCode::temporarily_unavailable || error.code() == ErrorCode::no_valid_database;
    if (unavailable) {
      const auto well_since = faults_->some_well_since();
      // The event is told after the switch; calls may fail in between.
      const TimePoint unavailable_since = engine_->published_epoch() == last_epoch_ ? unavailable_since_ : now;
      const TimePoint since = std::max({well_since.value_or(now), unavailable_since, faults_->client_runs_since()});
      if (now - since > recovery) violate("I10: told that nothing is usable: " + std::string(error.what()));
    }
    // A pop may outlast the drain of a switch home.
    if (record.kind != CallKind::pop && record.issued > plan_.faults_end + recovery &&
        record.issued > faults_->client_runs_since() + recovery) {
      violate("I10: failed though everything is well: " + record.key + ": " + error.what());
    }
  }

  // I5, seen at the socket: the published database is the only one that is handed user commands.
  void on_handed_over(const HandedOver& seen) {
    for (const std::string_view command : seen.commands) {
      const auto words = words_of(command);
      if (words.empty() || !is_user_command(words.front())) continue;
      if (engine_->published_database() == seen.server) continue;
      violate("I5: " + std::string(words.front()) + " " + std::string(words.back()) + " was handed to a socket of " +
              plan_.servers[seen.server].name + " after epoch " + std::to_string(engine_->published_epoch()) +
              " was published");
    }
  }

  void on_event(const Event& event) {
    std::visit([this](const auto& concrete) { on(concrete); }, event);
  }

  void on(const ActiveDatabaseChanged& event) {
    ++switches_;
    note(event.from + " -> " + event.to + " (" + std::string(to_string(event.reason)) + ", epoch " +
         std::to_string(event.epoch) + "): " + event.evidence);
    if (event.epoch <= last_epoch_) violate("EV-2: epochs out of order");
    last_epoch_ = event.epoch;
    judge_flapping(event);
  }

  // I11, as far as grace gives it: a database that was left by a failover is not left again within its grace period,
  // because it cannot be active again, unless there was a time when nothing was usable.
  void judge_flapping(const ActiveDatabaseChanged& event) {
    if (event.reason == SwitchReason::failback) return;
    const auto& servers = plan_.servers;
    const auto from = static_cast<std::size_t>(
        std::find_if(servers.begin(), servers.end(), [&](const ServerPlan& s) { return s.name == event.from; }) -
        servers.begin());
    left_at_.resize(servers.size());
    auto& left = left_at_[from];
    const bool nothing_was_usable = left && unavailable_since_ >= *left;
    if (left && !nothing_was_usable && world_.now() - *left < plan_.config.databases[from].grace_period) {
      violate("I11: " + event.from + " was left twice within its grace period");
    }
    left = world_.now();
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
  void on(const SwitchWithheld& event) { note("would switch from " + event.from + " to " + event.to); }
  void on(const DatabaseAdded& event) { note(event.database + " was added"); }
  void on(const DatabaseRemoved& event) { note(event.database + " was removed"); }
  void on(const WeightChanged& event) { note("weight of " + event.database + " was changed"); }
  void on(const CommandsFailed& event) { note("commands failed on " + event.database + ": " + event.last_error); }
  void on(const ConfigurationRefused& event) { note("refused by " + event.database + ": " + event.evidence); }
  void on(const SubscriptionMoved& event) { note("subscriptions moved to " + event.to); }
  void on(const SwitchWithheld& event) { note("withheld: " + event.from + " -> " + event.to + ": " + event.evidence); }
  void on(const DatabaseAdded& event) { note(event.database + " added"); }
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
    report.switches = switches_;
    report.unavailable = unavailable_;
    for (const Fault& fault : plan_.faults) ++report.faults[static_cast<std::size_t>(fault.kind)];
    report.virtual_time = world_.elapsed();
    return report;
  }

  const std::uint64_t seed_;
  SimulatedWorld world_;
  const Plan plan_;
  std::optional<Faults> faults_;
  Ledger ledger_;
  std::vector<std::string> violations_;
  std::vector<std::string> events_;
  std::size_t switches_ = 0;
  std::size_t unavailable_ = 0;
  std::uint64_t last_epoch_ = 0;
  TimePoint unavailable_since_{};
  std::vector<std::optional<TimePoint>> left_at_;
  std::shared_ptr<client::MultiEngine> engine_;
};

}  // namespace

HistoryReport run_history(std::uint64_t seed) { return History(seed).run(); }

}  // namespace meridian::simulation
