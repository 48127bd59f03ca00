#include "client/multi_engine.hpp"

#include <algorithm>
#include <utility>

#include "client/blocking.hpp"
#include "core/cannot_serve.hpp"
#include "database/standalone.hpp"
#include "protocol/server_error.hpp"

namespace meridian::client {
namespace {

failover::Settings brain_settings(const MultiDbConfig& config) {
  return {.detector = {.window = config.failures_detection_window,
                       .min_failures = config.min_num_failures,
                       .failure_rate = config.failure_rate_threshold,
                       .consecutive = config.consecutive_failures},
          .suspicion_probe_timeout = config.suspicion_probe_timeout,
          .suspicion_probes = config.suspicion_probes,
          .health_check_interval = config.health_check_interval,
          .initial_policy = config.initial_health_check_policy,
          .temporarily = config.failover_attempts * config.failover_delay,
          .auto_fallback_interval = config.auto_fallback_interval,
          .drain = config.drain};
}

std::vector<failover::DatabaseSpec> brain_specs(const std::vector<core::ResolvedDatabase>& databases) {
  std::vector<failover::DatabaseSpec> specs;
  specs.reserve(databases.size());
  for (const core::ResolvedDatabase& database : databases) {
    specs.push_back({.name = database.name,
                     .weight = database.weight,
                     .grace_period = database.grace_period,
                     .has_checks = !database.health_checks.empty()});
  }
  return specs;
}

// The queue before the switch has no database of its own: the roomiest limit among them holds.
RunnerSettings runner_settings(const MultiDbConfig& config, const std::vector<core::ResolvedDatabase>& databases) {
  RunnerSettings settings{.retry = {.policy = config.command_retry, .repeat_up_to = config.repeat_up_to},
                          .command_deadline = config.command_deadline,
                          .cache = config.cache};
  for (const core::ResolvedDatabase& database : databases) {
    settings.max_queued = std::max(settings.max_queued, database.options.max_queued);
    settings.max_queued_bytes = std::max(settings.max_queued_bytes, database.options.max_queued_bytes);
    settings.connections = std::max(settings.connections, static_cast<std::size_t>(database.options.connections));
  }
  return settings;
}

// Ends that say something about the databases, not about the call (DET-2).
bool counts_against_database(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::connection_lost:
    case ErrorCode::timed_out:
    case ErrorCode::protocol_error:
    case ErrorCode::connect_refused:
    case ErrorCode::connect_failed:
    case ErrorCode::connect_timeout:
    case ErrorCode::name_not_resolved:
    case ErrorCode::tls_failed:
    case ErrorCode::authentication_failed:
    case ErrorCode::max_clients:
    case ErrorCode::temporarily_unavailable:
    case ErrorCode::no_valid_database: return true;
    default: return core::is_cannot_serve(code);
  }
}

}  // namespace

MultiEngine::MultiEngine(io::World& world, const MultiDbConfig& config,
                         const std::vector<core::ResolvedDatabase>& databases)
    : world_(world),
      when_unavailable_(config.when_unavailable),
      events_(world.listeners),
      failures_(world.loop, [this](CommandsFailed event) { events_.tell(std::move(event)); }),
      brain_(brain_settings(config), brain_specs(databases), world.random.next()),
      runner_(world, *this, runner_settings(config, databases)),
      subscriptions_(world, *this, [this](const SubscriptionMoved& moved) { events_.tell(moved); }),
      wake_timer_(world.loop.make_timer()) {
  for (const EventListener& listener : config.event_listeners) events_.add(listener);
  slots_.reserve(databases.size());
  for (const core::ResolvedDatabase& database : databases) {
    const ClientOptions& options = database.options;
    database::LinkSpec spec{
        .address = io::address_of(database.endpoint), .options = options, .silent_after = config.suspicion_after};
    Slot& slot = slots_.emplace_back();
    slot.name = database.name;
    slot.attempt_timeout = options.command_timeout;
    slot.database = std::make_unique<database::Standalone>(world, std::move(spec), &gate_, *this);
    slot.checker =
        std::make_unique<health::Checker>(world, *slot.database,
                                          health::CheckerSettings{.checks = database.health_checks,
                                                                  .interval = config.health_check_interval,
                                                                  .probes_delay = config.health_check_probes_delay,
                                                                  .timeout = config.health_check_timeout,
                                                                  .probes = config.health_check_probes,
                                                                  .policy = config.health_check_policy},
                                          *this);
  }
  std::vector<Subscription::Source> sources;
  for (const Slot& slot : slots_) sources.push_back({slot.name, slot.database.get()});
  subscriptions_.set_sources(std::move(sources));
}

MultiEngine::~MultiEngine() = default;

void MultiEngine::open(std::function<void(std::optional<Error>)> decided) {
  world_.loop.post([this, decided = std::move(decided)]() mutable {
    decided_ = std::move(decided);
    for (const Slot& slot : slots_) {
      slot.database->keep_check_connection();
      slot.checker->start();
    }
    brain_.start(now());
    poke();
  });
}

void MultiEngine::execute(std::span<const detail::EngineCall> calls, const CallOptions& options) {
  runner_.execute(calls, options);
}

void MultiEngine::start(std::span<const detail::EngineCall> calls, const CallOptions& options) {
  runner_.start(calls, options);
}

ClientStatus MultiEngine::describe() {
  ClientStatus status;
  if (!closed_) in_a_turn(world_, [&] { status.databases = brain_.describe(now()); });
  return status;
}

void MultiEngine::operate(op::Operation, detail::OperationOutcome& outcome) { outcome.on_done(std::nullopt); }
Result<void> MultiEngine::operate_and_wait(op::Operation) { return {}; }

void MultiEngine::add_listener(EventListener listener) { events_.add(std::move(listener)); }

CacheStatistics MultiEngine::cache_statistics() {
  CacheStatistics statistics;
  if (!closed_) in_a_turn(world_, [&] { statistics = runner_.cache_statistics(); });
  return statistics;
}

void MultiEngine::close() noexcept {
  if (closed_.exchange(true)) return;
  in_a_turn(world_, [this] { close_on_loop(); });
  wait_until_told(world_);
}

void MultiEngine::close_on_loop() {
  wake_timer_->cancel();
  probes_.clear();
  route_.reset();
  subscriptions_.close();
  for (const Slot& slot : slots_) slot.checker->stop();
  for (const Slot& slot : slots_) slot.database->close();
  runner_.close();
  failures_.flush();
}

// --- Router ----------------------------------------------------------------------------------------------------------

Route MultiEngine::route() {
  Route route;
  if (!route_) {
    // A decision that is made but not carried out yet is a matter of microseconds: wait for it.
    const bool nothing_usable = !brain_.active() && when_unavailable_ == WhenUnavailable::fail;
    if (nothing_usable) route.refusal = brain_.unavailable_error(now());
    return route;
  }
  const Slot& slot = slots_[*route_];
  route.index = *route_;
  route.epoch = gate_.published();
  route.attempt_timeout = slot.attempt_timeout;
  if (slot.database->is_ready()) route.database = slot.database.get();
  return route;
}

protocol::Failure MultiEngine::why_waiting() const {
  if (!route_) {
    const Error error = brain_.unavailable_error(now());
    return {error.code(), Delivery::not_sent, error.message()};
  }
  return {ErrorCode::timed_out, Delivery::not_sent, "no usable connection to " + slots_[*route_].name + " in time"};
}

void MultiEngine::on_attempt_answered(const Call& call) {
  brain_.on_attempt(now(), call.database, call.epoch,
                    {.is_read = call.is_read(), .link = call.link, .sent_at = call.sent_at});
}

void MultiEngine::on_attempt_failed(const Call& call, const protocol::Failure& failure) {
  // A deadline of the caller's own that was too short, or a command that never left, says nothing about the database.
  const bool our_own_clock = failure.delivery == Delivery::not_sent || !call.had_its_time;
  if (failure.code == ErrorCode::timed_out && our_own_clock) return;
  brain_.on_attempt(now(), call.database, call.epoch,
                    {.is_read = call.is_read(),
                     .failed = true,
                     .code = failure.code,
                     .text = failure.message,
                     .link = call.link,
                     .sent_at = call.sent_at});
  poke();
}

void MultiEngine::on_call_failed(const Call&, const Error& error) {
  if (counts_against_database(error.code())) failures_.add(error, now());
}

// --- What happens ----------------------------------------------------------------------------------------------------

std::size_t MultiEngine::index_of(const database::Database& database) const {
  const auto found =
      std::find_if(slots_.begin(), slots_.end(), [&](const Slot& s) { return s.database.get() == &database; });
  return static_cast<std::size_t>(found - slots_.begin());
}

std::size_t MultiEngine::index_of(const health::Checker& checker) const {
  const auto found =
      std::find_if(slots_.begin(), slots_.end(), [&](const Slot& s) { return s.checker.get() == &checker; });
  return static_cast<std::size_t>(found - slots_.begin());
}

void MultiEngine::on_database_ready(database::Database& database) {
  if (!route_ || slots_[*route_].database.get() != &database) return;
  runner_.route_waiting();
  subscriptions_.recover();
}

void MultiEngine::on_push(database::Database& database, ReplyView push) {
  if (route_ && slots_[*route_].database.get() == &database) runner_.on_push(push);
}

void MultiEngine::on_tracking_lost(database::Database& database) {
  if (route_ && slots_[*route_].database.get() == &database) runner_.on_tracking_lost();
}

void MultiEngine::on_connection_lost(database::Database& database, database::Purpose purpose,
                                     const database::LinkEnd& end, database::LinkId) {
  brain_.on_connection_trouble(now(), index_of(database),
                               {.code = end.code,
                                .message = end.message,
                                .carries_commands = purpose == database::Purpose::user,
                                .owed_replies = end.owed,
                                .was_ready = end.was_ready});
  poke();
}

void MultiEngine::on_silence(database::Database& database, database::Purpose, const protocol::OwedSummary& owed,
                             database::LinkId) {
  brain_.on_silence(now(), index_of(database), {.writes = owed.writes, .largest_write = owed.largest_write});
  poke();
}

void MultiEngine::on_heard(database::Database& database, database::Purpose purpose) {
  brain_.on_heard(now(), index_of(database),
                  purpose == database::Purpose::user ? failover::Heard::commands : failover::Heard::checks);
  poke();
}

void MultiEngine::on_credentials_refused(database::Database& database, const std::string& evidence) {
  events_.tell(ConfigurationRefused{slots_[index_of(database)].name, evidence});
}

void MultiEngine::on_probe_failed(const health::Checker& checker, const std::string& evidence) {
  brain_.on_check_probe_failed(now(), index_of(checker), evidence);
  poke();
}

void MultiEngine::on_round_decided(const health::Checker& checker, bool healthy, const std::string& evidence) {
  brain_.on_check_round(now(), index_of(checker), healthy, evidence);
  poke();
}

// --- Doing what the brain says ---------------------------------------------------------------------------------------

void MultiEngine::poke() {
  if (closed_ || std::exchange(settle_posted_, true)) return;
  world_.loop.post([this] {
    settle_posted_ = false;
    settle();
  });
}

void MultiEngine::settle() {
  if (closed_) return;
  while (brain_.has_actions()) {
    for (const failover::Action& action : brain_.take_actions()) {
      std::visit([this](const auto& concrete) { perform(concrete); }, action);
    }
  }
  const TimePoint next = brain_.next_wake();
  if (next == TimePoint::max()) {
    wake_timer_->cancel();
    return;
  }
  wake_timer_->arm(next, [this] {
    brain_.wake(now());
    settle();
  });
}

void MultiEngine::perform(const failover::StartProbe& action) {
  const failover::ProbeId id = action.id;
  probes_[id] = std::make_unique<health::Probe>(world_, *slots_[action.database].database, action.kind, action.timeout,
                                                [this, id](const core::ProbeReport& report) {
                                                  probes_.erase(id);
                                                  brain_.on_probe(now(), id, report);
                                                  settle();
                                                });
}

void MultiEngine::perform(const failover::CheckNow& action) { slots_[action.database].checker->run_now(); }

// FO-4, in this order: the old connections stop writing, then the new epoch is published, then the new database is
// used. Commands that come back unsent from the old one are routed by a task of their own, after all of this.
void MultiEngine::perform(const failover::Switch& action) {
  route_.reset();
  subscriptions_.leave(action.drain > Duration::zero() ? Subscription::Leaving::planned
                                                       : Subscription::Leaving::because_of_trouble);
  if (action.from) slots_[*action.from].database->retire(action.drain);
  gate_.publish(action.epoch);
  route_ = action.to;
  if (action.to) {
    slots_[*action.to].database->activate(action.epoch);
    subscriptions_.activate(*action.to, action.epoch, &gate_);
  }
  runner_.on_switch();
}

void MultiEngine::perform(const failover::StartDecided& action) {
  const auto decided = std::exchange(decided_, nullptr);
  if (!decided) return;
  if (action.refused) decided(Error(ErrorCode::initial_health_check_failed, Delivery::not_sent, *action.refused));
  else decided(std::nullopt);
}

void MultiEngine::perform(const failover::VerdictReached&) {
  if (route_ && brain_.active() == route_) {
    slots_[*route_].database->recover();
    subscriptions_.recover();
  }
  runner_.route_waiting();
}

void MultiEngine::perform(const failover::Tell& action) { events_.tell(action.event); }

}  // namespace meridian::client
