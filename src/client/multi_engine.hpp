// The engine behind `MultiDbClient`. It decides nothing: it tells the brain what happens to connections, commands,
// probes and checks, and does what the brain says, in that order.
//
// Threads: everything is on the loop except the public methods, which are callable from any thread and either go
// through the runner's inbox or run a task on the loop and wait for it.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <meridian/multi_db_client.hpp>

#include "client/call_runner.hpp"
#include "client/steering.hpp"
#include "client/subscriptions.hpp"
#include "core/resolve.hpp"
#include "database/database.hpp"
#include "health/checker.hpp"
#include "health/probe.hpp"

namespace meridian::client {

class MultiEngine final : public detail::MultiDbEngine,
                          public Router,
                          public Steering::Owner,
                          public database::DatabaseOwner,
                          public health::Checker::Listener {
 public:
  // What else there is to be checked about a database that joins (its certificates); `prefix` is how to call it.
  using Check = std::function<std::optional<Error>(const core::ResolvedDatabase&, const std::string& prefix)>;

  // Builds, starts nothing. REQUIRES: `databases` is what `core::resolve(config)` gave; not on the loop.
  MultiEngine(io::World& world, const MultiDbConfig& config, const std::vector<core::ResolvedDatabase>& databases,
              Check check = nullptr);
  // REQUIRES: close() was called and has run on the loop.
  ~MultiEngine() override;

  // Runs the first round of checks. `decided` is called once on the loop, with the error of INIT-3 if the initial
  // policy cannot be met; the engine is to be closed then.
  void open(std::function<void(std::optional<Error>)> decided);

  void execute(std::span<const detail::EngineCall> calls, const CallOptions* options) override;
  void start(std::span<const detail::EngineCall> calls, const CallOptions& options) override;
  void cancel(detail::Outcome& outcome) noexcept override { runner_.cancel(outcome); }
  [[nodiscard]] std::unique_ptr<detail::Session> make_session() override { return CallRunner::make_session(); }
  void end_session(std::unique_ptr<detail::Session> session, SessionEnd how) noexcept override {
    runner_.end_session(std::move(session), how);
  }
  [[nodiscard]] std::shared_ptr<detail::Subscription> make_subscription(SubscriberOptions options) override {
    return subscriptions_.make(std::move(options));
  }
  void close() noexcept override;
  [[nodiscard]] CacheStatistics cache_statistics() override;
  [[nodiscard]] ClientStatus describe() override;
  void operate(op::Operation operation, detail::OperationOutcome& outcome) override;
  [[nodiscard]] Result<void> operate_and_wait(op::Operation operation) override;
  void add_listener(EventListener listener) override;

  [[nodiscard]] io::World& world() noexcept { return world_; }

  // The published epoch and where it sends commands; for the simulator's checks. Loop only.
  [[nodiscard]] std::uint64_t published_epoch() const noexcept { return epoch_; }
  [[nodiscard]] const failover::Traffic& published_traffic() const noexcept { return traffic_; }
  [[nodiscard]] std::optional<std::size_t> published_database() const noexcept { return traffic_.main; }

 private:
  // One database. Keeps its place for ever; when it was removed, `database` is closed but still there for those who
  // know it: sessions, and calls that name it in their errors. So is its checker, whose thread may be at work.
  struct Slot {
    std::string name;
    Duration attempt_timeout{};
    // Open under the epoch since which it carries traffic; moved on when it is left.
    database::EpochGate gate;
    std::unique_ptr<database::Database> database;
    std::unique_ptr<health::Checker> checker;
    bool has_own_breaker = false;
    CircuitBreakerOptions breaker{};
  };
  class OperationNotice;

  // Router.
  [[nodiscard]] Route route(const Need& need) override;
  [[nodiscard]] bool still_serves(std::size_t database, std::uint64_t epoch) const override {
    return traffic_.uses(database) && epoch >= slots_[database].gate.published();
  }
  [[nodiscard]] protocol::Failure why_waiting() const override;
  [[nodiscard]] const std::string& database_name(std::size_t index) const override { return slots_[index].name; }
  [[nodiscard]] bool is_verdict_pending() const override { return brain_.verdict_pending(); }
  void on_answered(const Attempts& answered) override;
  void on_attempt_failed(const Call& call, const protocol::Failure& failure) override;
  void on_call_failed(const Call& call, const Error& error) override;

  // DatabaseOwner.
  void on_database_ready(database::Database& database) override;
  void on_database_takes_more(database::Database& database) override;
  void on_connected(database::Database& database) override;
  void on_connection_lost(database::Database& database, database::Purpose purpose, const database::LinkEnd& end,
                          database::LinkId id) override;
  void on_silence(database::Database& database, database::Purpose purpose, const protocol::OwedSummary& owed,
                  database::LinkId id) override;
  void on_heard(database::Database& database, database::Purpose purpose) override;
  void on_push(database::Database& database, ReplyView push) override;
  void on_tracking_lost(database::Database& database) override;
  void on_credentials_refused(database::Database& database, const std::string& evidence) override;

  // Checker::Listener.
  void on_probe_failed(const health::Checker& checker, const std::string& evidence) override;
  void on_round_decided(const health::Checker& checker, bool healthy, const std::string& evidence) override;

  // Steering::Owner: doing what the brain says.
  [[nodiscard]] const std::string& name_of(failover::DatabaseIndex i) const override { return slots_[i].name; }
  void before_settling() override { runner_.tell_answers(); }
  void perform(const failover::StartProbe& action) override;
  void perform(const failover::CheckNow& action) override;
  void perform(const failover::Switch& action) override;
  void perform(const failover::OperationDone& action) override;
  void perform(const failover::Forget& action) override;
  void perform(const failover::VerdictReached& action) override;
  void perform(const failover::Reconnect& action) override;

  // What operators want (multi_engine_operating.cpp). On the loop; each tells the brain, or refuses.
  template <class Operation>
  void begin(const Operation& what, failover::OperationId id) {
    steering_.begin(what, id);
  }
  void begin(const op::AddDatabase& what, failover::OperationId id);
  void begin(const op::AddHealthCheck& what, failover::OperationId id);
  void begin(const op::Reconfigure& what, failover::OperationId id);
  void end_operation(failover::OperationId id, std::optional<Error> error);
  [[nodiscard]] bool goes_ahead(const Need& need) const noexcept;
  void show_detectors(const Attempts& ended, std::optional<ErrorCode> error);
  std::size_t add_slot(const core::ResolvedDatabase& database);
  [[nodiscard]] health::CheckerSettings checker_settings(HealthChecks checks) const;
  void close_on_loop();
  [[nodiscard]] TimePoint now() const { return world_.clock.now(); }
  [[nodiscard]] std::size_t index_of(const database::Database& database) const;
  [[nodiscard]] std::size_t index_of(const health::Checker& checker) const;

  io::World& world_;
  MultiDbConfig config_;  // as it is now; without its databases
  const Check check_;
  std::deque<Slot> slots_;  // connections refer to their gates
  CallRunner runner_;
  Subscriptions subscriptions_;
  Steering steering_;          // the program's code that it waits for at its end may still use the rest
  failover::Brain& brain_;     // the steering's
  std::uint64_t epoch_ = 0;    // as published
  failover::Traffic traffic_;  // as published
  struct RunningProbe {
    std::size_t database = 0;
    std::unique_ptr<health::Probe> probe;
  };
  std::unordered_map<failover::ProbeId, RunningProbe> probes_;
  std::unordered_map<failover::OperationId, detail::OperationOutcome*> operations_;  // under way
  failover::OperationId last_operation_ = 0;
  std::atomic<bool> closed_{false};
};

}  // namespace meridian::client
