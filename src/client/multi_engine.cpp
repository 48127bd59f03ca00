#include "client/multi_engine.hpp"

#include <algorithm>
#include <utility>

#include "client/blocking.hpp"
#include "client/settings.hpp"
#include "core/cannot_serve.hpp"
#include "core/decision.hpp"
#include "database/standalone.hpp"
#include "protocol/server_error.hpp"

namespace meridian::client {

MultiEngine::MultiEngine(io::World& world, const MultiDbConfig& config,
                         const std::vector<core::ResolvedDatabase>& databases, Check check)
    : world_(world),
      config_(without_databases(config)),
      check_(std::move(check)),
      runner_(world, *this, runner_settings(config, databases)),
      subscriptions_(world, *this, [this](const SubscriptionMoved& moved) { steering_.events().tell(moved); }),
      steering_(world, *this, config, databases),
      brain_(steering_.brain()) {
  for (const core::ResolvedDatabase& database : databases) add_slot(database);
}

std::size_t MultiEngine::add_slot(const core::ResolvedDatabase& database) {
  const ClientOptions& options = database.options;
  database::LinkSpec spec{
      .address = io::address_of(database.endpoint), .options = options, .silent_after = config_.suspicion_after};
  Slot& slot = slots_.emplace_back();
  slot.name = database.name;
  slot.attempt_timeout = options.command_timeout;
  slot.has_own_breaker = database.has_own_breaker;
  slot.breaker = database.circuit_breaker;
  slot.database = std::make_unique<database::Standalone>(world_, std::move(spec), &slot.gate, *this);
  slot.checker =
      std::make_unique<health::Checker>(world_, *slot.database, checker_settings(database.health_checks), *this);
  subscriptions_.add_source({slot.name, slot.database.get()});
  return slots_.size() - 1;
}

health::CheckerSettings MultiEngine::checker_settings(HealthChecks checks) const {
  return {.checks = std::move(checks),
          .interval = config_.health_check_interval,
          .probes_delay = config_.health_check_probes_delay,
          .timeout = config_.health_check_timeout,
          .probes = config_.health_check_probes,
          .policy = config_.health_check_policy};
}

MultiEngine::~MultiEngine() = default;

void MultiEngine::open(std::function<void(std::optional<Error>)> decided) {
  world_.loop.post([this, decided = std::move(decided)]() mutable {
    for (const Slot& slot : slots_) {
      slot.database->keep_check_connection();
      slot.checker->start();
    }
    steering_.start(std::move(decided));
  });
}

void MultiEngine::execute(std::span<const detail::EngineCall> calls, const CallOptions* options) {
  runner_.execute(calls, options);
}

void MultiEngine::start(std::span<const detail::EngineCall> calls, const CallOptions& options) {
  runner_.start(calls, options);
}

ClientStatus MultiEngine::describe() {
  ClientStatus status;
  if (closed_) return status;
  in_a_turn(world_, [&] {
    runner_.tell_answers();
    status = brain_.describe(now());
  });
  return status;
}

void MultiEngine::add_listener(EventListener listener) { steering_.events().add(std::move(listener)); }

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
  steering_.close();
  probes_.clear();
  traffic_ = {};
  while (!operations_.empty()) {
    end_operation(operations_.begin()->first, Error(ErrorCode::closed, Delivery::not_sent, "the client was closed"));
  }
  subscriptions_.close();
  for (const Slot& slot : slots_) slot.checker->stop();
  for (const Slot& slot : slots_) slot.database->close();
  runner_.close();
  steering_.failures().flush();
}

// --- Router ----------------------------------------------------------------------------------------------------------

Route MultiEngine::route(const Need& need) {
  Route route;
  if (!traffic_.main) {
    route.since = epoch_ + 1;  // whatever had begun does not go on
    // A decision that is made but not carried out yet is a matter of microseconds: wait for it.
    const bool nothing_usable = !brain_.active() && config_.when_unavailable == WhenUnavailable::fail;
    if (nothing_usable) route.refusal = brain_.unavailable_error(now());
    return route;
  }
  route.index = is_split() && goes_ahead(need) ? *traffic_.next : *traffic_.main;
  const Slot& slot = slots_[route.index];
  route.epoch = epoch_;
  route.since = slot.gate.published();
  route.attempt_timeout = slot.attempt_timeout;
  if (slot.database->is_ready()) route.database = slot.database.get();
  return route;
}

// FB-3: whether it goes to the heavier database already.
bool MultiEngine::goes_ahead(const Need& need) const noexcept {
  if (traffic_.scope == SwitchScope::reads) return need.reads;
  // Callers' numbers are small and follow each other.
  const std::uint64_t mixed = (need.caller * 0x9E3779B97F4A7C15ULL) >> 32;
  return need.caller != 0 && mixed % 100 < static_cast<std::uint64_t>(traffic_.percent);
}

protocol::Failure MultiEngine::why_waiting() const {
  if (!traffic_.main) {
    const Error error = brain_.unavailable_error(now());
    return {error.code(), Delivery::not_sent, error.message()};
  }
  return {ErrorCode::timed_out, Delivery::not_sent,
          "no usable connection to " + slots_[*traffic_.main].name + " in time"};
}

void MultiEngine::on_answered(const Attempts& answered) {
  brain_.on_answered(answered.ended_at, answered.database, answered.epoch, answered.facts);
  if (!steering_.detectors().is_empty()) {
    for (std::size_t i = 0; i < answered.facts.count; ++i) show_detectors(answered, std::nullopt);
  }
  if (brain_.has_actions()) steering_.poke();
}

void MultiEngine::show_detectors(const Attempts& ended, std::optional<ErrorCode> error) {
  steering_.detectors().attempt(ended.database, ended.epoch,
                                {.database = slots_[ended.database].name,
                                 .is_read = ended.facts.is_read,
                                 .error = error,
                                 .at = ended.ended_at,
                                 .elapsed = ended.ended_at - ended.facts.sent_at});
}

void MultiEngine::on_attempt_failed(const Call& call, const protocol::Failure& failure) {
  // A command that never left, or a deadline of the caller's own that was too short, says nothing about the database.
  if (failure.delivery == Delivery::not_sent) return;
  if (failure.code == ErrorCode::timed_out && !call.had_its_time) return;
  const std::size_t blamed =
      core::decide<core::Decision::charged_to_the_active>(call.database, traffic_.main.value_or(call.database));
  const std::uint64_t epoch = core::decide<core::Decision::charged_to_the_active>(call.epoch, epoch_);
  brain_.on_attempt(now(), blamed, epoch,
                    {.is_read = call.is_read(),
                     .failed = true,
                     .code = failure.code,
                     .text = failure.message,
                     .link = call.link,
                     .sent_at = call.sent_at});
  if (!steering_.detectors().is_empty()) show_detectors(attempt_of(call, now()), failure.code);
  steering_.poke();
}

void MultiEngine::on_call_failed(const Call&, const Error& error) {
  if (core::counts_against_database(error.code())) steering_.failures().add(error, now());
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
  if (!traffic_.uses(index_of(database))) return;
  runner_.route_waiting();
  subscriptions_.recover();
}

void MultiEngine::on_database_takes_more(database::Database& database) {
  if (traffic_.uses(index_of(database))) runner_.route_waiting();
}

void MultiEngine::on_connected(database::Database& database) { brain_.on_connected(now(), index_of(database)); }

void MultiEngine::on_push(database::Database& database, ReplyView push) {
  if (traffic_.main == index_of(database)) runner_.on_push(push);
}

void MultiEngine::on_tracking_lost(database::Database& database) {
  if (traffic_.main == index_of(database)) runner_.on_tracking_lost();
}

void MultiEngine::on_connection_lost(database::Database& database, database::Purpose purpose,
                                     const database::LinkEnd& end, database::LinkId) {
  runner_.tell_answers();
  brain_.on_connection_trouble(now(), index_of(database),
                               {.code = end.code,
                                .message = end.message,
                                .carries_commands = purpose != database::Purpose::check,
                                .is_subscriber = purpose == database::Purpose::subscriber,
                                .owed_replies = end.owed,
                                .was_ready = end.was_ready});
  steering_.poke();
}

void MultiEngine::on_silence(database::Database& database, database::Purpose, const protocol::OwedSummary& owed,
                             database::LinkId) {
  runner_.tell_answers();
  brain_.on_silence(now(), index_of(database), {.writes = owed.writes, .largest_write = owed.largest_write});
  steering_.poke();
}

void MultiEngine::on_heard(database::Database& database, database::Purpose purpose) {
  brain_.on_heard(now(), index_of(database),
                  purpose == database::Purpose::user ? failover::Heard::commands : failover::Heard::checks);
  steering_.poke();
}

void MultiEngine::on_credentials_refused(database::Database& database, const std::string& evidence) {
  steering_.events().tell(ConfigurationRefused{slots_[index_of(database)].name, evidence});
}

void MultiEngine::on_probe_failed(const health::Checker& checker, const std::string& evidence) {
  brain_.on_check_probe_failed(now(), index_of(checker), evidence);
  steering_.poke();
}

void MultiEngine::on_round_decided(const health::Checker& checker, bool healthy, const std::string& evidence) {
  brain_.on_check_round(now(), index_of(checker), healthy, evidence);
  steering_.poke();
}

// --- Doing what the brain says ---------------------------------------------------------------------------------------

void MultiEngine::perform(const failover::StartProbe& action) {
  const failover::ProbeId id = action.id;
  RunningProbe& running = probes_[id];
  running.database = action.database;
  running.probe = std::make_unique<health::Probe>(world_, *slots_[action.database].database, action.kind,
                                                  action.timeout, [this, id](const core::ProbeReport& report) {
                                                    probes_.erase(id);
                                                    brain_.on_probe(now(), id, report);
                                                    steering_.settle();
                                                  });
}

void MultiEngine::perform(const failover::CheckNow& action) {
  if (brain_.is_in(action.database)) slots_[action.database].checker->run_now();
}

// FO-4, in this order: the old connections stop writing, then the new epoch is published, then the new database is
// used. Commands that come back unsent from the old one are routed by a task of their own, after all of this.
void MultiEngine::perform(const failover::Switch& action) {
  const failover::Traffic before = std::exchange(traffic_, {});
  const bool main_moves = before.main != action.to.main;
  const bool subscriptions_move = core::decide<core::Decision::subscription_stays>(main_moves, false);
  if (subscriptions_move) {
    subscriptions_.leave(action.drain > Duration::zero() ? Subscription::Leaving::planned
                                                         : Subscription::Leaving::because_of_trouble);
  }
  for (const std::optional<std::size_t> left : {before.main, before.next}) {
    if (!left || action.to.uses(*left)) continue;
    if (core::decide<core::Decision::never_retired>(true, false)) slots_[*left].database->retire(action.drain);
    slots_[*left].gate.publish(action.epoch);
  }
  epoch_ = action.epoch;
  traffic_ = action.to;
  set_split(traffic_.next.has_value());
  for (const std::optional<std::size_t> taken : {traffic_.main, traffic_.next}) {
    if (!taken || before.uses(*taken)) continue;
    slots_[*taken].gate.publish(epoch_);
    slots_[*taken].database->activate(epoch_);
  }
  if (subscriptions_move && traffic_.main) {
    const Slot& main = slots_[*traffic_.main];
    subscriptions_.activate(*traffic_.main, main.gate.published(), &main.gate);
  }
  runner_.on_switch();
}

void MultiEngine::perform(const failover::VerdictReached&) {
  for (const std::optional<std::size_t> used : {traffic_.main, traffic_.next}) {
    if (used && brain_.traffic().uses(*used)) slots_[*used].database->recover();
  }
  if (traffic_.main && brain_.active() == traffic_.main) subscriptions_.recover();
  runner_.route_waiting();
}

void MultiEngine::perform(const failover::Reconnect& action) {
  if (traffic_.uses(action.database)) slots_[action.database].database->reconnect();
}

}  // namespace meridian::client
