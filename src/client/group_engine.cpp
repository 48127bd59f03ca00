#include "client/group_engine.hpp"

#include <utility>

#include "client/blocking.hpp"
#include "core/cannot_serve.hpp"
#include "core/validate.hpp"

namespace meridian::client {
namespace {

failover::Settings brain_settings(const MultiDbConfig& rules) {
  return {.detector = {.window = rules.failures_detection_window,
                       .min_failures = rules.min_num_failures,
                       .failure_rate = rules.failure_rate_threshold,
                       .consecutive = rules.consecutive_failures},
          .suspicion_probe_timeout = rules.suspicion_probe_timeout,
          .suspicion_probes = rules.suspicion_probes,
          .health_check_interval = rules.health_check_interval,
          .initial_policy = rules.initial_health_check_policy,
          .temporarily = rules.failover_attempts * rules.failover_delay,
          .auto_fallback_interval = rules.auto_fallback_interval,
          .drain = rules.drain};
}

std::vector<failover::DatabaseSpec> brain_specs(const std::vector<core::ResolvedDatabase>& members) {
  std::vector<failover::DatabaseSpec> specs;
  specs.reserve(members.size());
  for (const core::ResolvedDatabase& member : members) {
    specs.push_back({.name = member.name,
                     .weight = member.weight,
                     .grace_period = member.grace_period,
                     .has_checks = !member.health_checks.empty()});
  }
  return specs;
}

GroupCallSettings call_settings(const MultiDbConfig& rules) {
  return {.retry = {.policy = rules.command_retry, .repeat_up_to = rules.repeat_up_to},
          .command_deadline = rules.command_deadline,
          .suspicion_after = rules.suspicion_after};
}

GroupCheckerSettings checker_settings(const MultiDbConfig& rules) {
  return {.interval = rules.health_check_interval,
          .probes_delay = rules.health_check_probes_delay,
          .timeout = rules.health_check_timeout,
          .probes = rules.health_check_probes,
          .policy = rules.health_check_policy};
}

// The words of the rules are about databases; a group's are members.
Error in_words_of_members(const Error& error) {
  constexpr std::string_view database = "databases[";
  std::string message = error.message();
  for (std::size_t at = message.find(database); at != std::string::npos; at = message.find(database, at)) {
    message.replace(at, database.size(), "members[");
  }
  return core::invalid(std::move(message));
}

// A member with the fields that the rules know. They want an address, too; nobody connects to it.
DatabaseConfig as_database(const detail::GroupMemberSpec& member) {
  DatabaseConfig database{.endpoint = Endpoint{},
                          .name = member.name,
                          .weight = member.weight,
                          .grace_period = member.grace_period,
                          .circuit_breaker = member.circuit_breaker};
  if (!member.probe) database.health_checks.emplace();
  return database;
}

std::optional<Error> validate(const detail::GroupMemberSpec& member, const std::string& prefix) {
  if (member.name.empty()) return core::invalid(prefix + ".name is empty: must be a unique name");
  if (member.object == nullptr) return core::invalid(prefix + ".object is null: must be an object");
  return std::nullopt;
}

}  // namespace

Result<std::vector<core::ResolvedDatabase>> resolve(const detail::GroupSpec& spec) {
  if (spec.members.empty()) return Unexpected(core::invalid("members is empty: must be at least one member"));
  MultiDbConfig rules = spec.rules;
  for (std::size_t i = 0; i < spec.members.size(); ++i) {
    if (auto wrong = validate(spec.members[i], "members[" + std::to_string(i) + "]")) {
      return Unexpected(std::move(*wrong));
    }
    rules.databases.push_back(as_database(spec.members[i]));
  }
  Result<std::vector<core::ResolvedDatabase>> resolved = core::resolve(rules);
  if (!resolved) return Unexpected(in_words_of_members(resolved.error()));
  return resolved;
}

GroupEngine::GroupEngine(io::World& world, const detail::GroupSpec& spec,
                         const std::vector<core::ResolvedDatabase>& members)
    : world_(world),
      when_unavailable_(spec.rules.when_unavailable),
      classify_(std::make_shared<const Classify>(spec.classify)),
      events_(world.listeners),
      failures_(world.loop, [this](CommandsFailed event) { events_.tell(std::move(event)); }),
      brain_(brain_settings(spec.rules), brain_specs(members), world.random.next()),
      calls_(world, *this, call_settings(spec.rules), classify_),
      wake_timer_(world.loop.make_timer()) {
  for (const EventListener& listener : spec.rules.event_listeners) events_.add(listener);
  slots_.reserve(spec.members.size());
  for (const detail::GroupMemberSpec& member : spec.members) slots_.push_back(make_slot(member, spec.rules));
}

GroupEngine::~GroupEngine() = default;

GroupEngine::Slot GroupEngine::make_slot(const detail::GroupMemberSpec& member, const MultiDbConfig& rules) {
  const std::size_t index = slots_.size();
  Slot slot;
  slot.target = std::make_shared<const GroupTarget>(GroupTarget{member.name, member.object});
  slot.prober = std::make_unique<GroupProber>(world_, member.probe, member.write_probe, classify_);
  if (!member.probe) return slot;
  GroupChecker::Listener listener{.probe_failed =
                                      [this, index](const std::string& evidence) {
                                        brain_.on_check_probe_failed(now(), index, evidence);
                                        poke();
                                      },
                                  .round_decided =
                                      [this, index](bool healthy, const std::string& evidence) {
                                        brain_.on_check_round(now(), index, healthy, evidence);
                                        poke();
                                      }};
  slot.checker = std::make_unique<GroupChecker>(world_, *slot.prober, checker_settings(rules), std::move(listener));
  return slot;
}

void GroupEngine::open(std::function<void(std::optional<Error>)> decided) {
  world_.loop.post([this, decided = std::move(decided)]() mutable {
    decided_ = std::move(decided);
    for (const Slot& slot : slots_) {
      if (slot.checker) slot.checker->start();
    }
    brain_.start(now());
    poke();
  });
}

void GroupEngine::close() noexcept {
  if (closed_.exchange(true)) return;
  in_a_turn(world_, [this] { close_on_loop(); });
}

void GroupEngine::close_on_loop() {
  wake_timer_->cancel();
  route_.reset();
  for (const Slot& slot : slots_) {
    slot.prober->stop();
    if (slot.checker) slot.checker->stop();
  }
  calls_.close();
  failures_.flush();
}

ClientStatus GroupEngine::describe() {
  ClientStatus status;
  if (!closed_) in_a_turn(world_, [&] { status.databases = brain_.describe(now()); });
  return status;
}

// --- GroupRouter -----------------------------------------------------------------------------------------------------

GroupRoute GroupEngine::route(bool, std::uint64_t) {
  if (route_) return {.target = slots_[*route_].target, .member = *route_, .epoch = epoch_};
  // A decision that is made but not carried out yet is a matter of microseconds: wait for it.
  const bool nothing_usable = !brain_.active() && when_unavailable_ == WhenUnavailable::fail;
  GroupRoute route;
  if (nothing_usable) route.refusal = brain_.unavailable_error(now());
  return route;
}

void GroupEngine::on_attempt_answered(const GroupAttemptEnd& attempt) {
  brain_.on_attempt(now(), attempt.member, attempt.epoch,
                    {.is_read = attempt.is_read, .link = 1, .sent_at = attempt.began});
}

// A group knows no connections. What says that one broke is told as one that owed a reply: it counts once, and is
// looked into (DET-5).
void GroupEngine::on_attempt_failed(const GroupAttemptEnd& attempt, ErrorCode code, const std::string& text) {
  const bool is_the_members_word = code == ErrorCode::timed_out || core::is_cannot_serve(code);
  if (is_the_members_word) {
    brain_.on_attempt(
        now(), attempt.member, attempt.epoch,
        {.is_read = attempt.is_read, .failed = true, .code = code, .text = text, .link = 1, .sent_at = attempt.began});
  }
  // DET-4: a late result of an older epoch changes nothing.
  if (attempt.epoch == brain_.epoch()) {
    if (code == ErrorCode::timed_out) {
      brain_.on_silence(now(), attempt.member, {.writes = !attempt.is_read});
    } else if (!is_the_members_word) {
      brain_.on_connection_trouble(
          now(), attempt.member,
          {.code = code, .message = text, .carries_commands = true, .owed_replies = true, .was_ready = true});
    }
  }
  poke();
}

void GroupEngine::on_silence(std::size_t member, bool writes) {
  brain_.on_silence(now(), member, {.writes = writes});
  poke();
}

void GroupEngine::on_heard(std::size_t member) {
  brain_.on_heard(now(), member, failover::Heard::commands);
  poke();
}

// --- Doing what the brain says ---------------------------------------------------------------------------------------

void GroupEngine::poke() {
  if (closed_ || std::exchange(settle_posted_, true)) return;
  world_.loop.post([this] {
    settle_posted_ = false;
    settle();
  });
}

void GroupEngine::settle() {
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

void GroupEngine::perform(const failover::StartProbe& action) {
  slots_[action.database].prober->ask(action.kind, action.timeout,
                                      [this, id = action.id](const core::ProbeReport& report) {
                                        brain_.on_probe(now(), id, report);
                                        settle();
                                      });
}

void GroupEngine::perform(const failover::CheckNow& action) {
  if (const auto& checker = slots_[action.database].checker) checker->run_now();
}

// Functions that run on the member that is left go on: what they did is theirs, and their ends are of an old epoch.
void GroupEngine::perform(const failover::Switch& action) {
  epoch_ = action.epoch;
  route_ = action.to;
  calls_.on_switch();
}

void GroupEngine::perform(const failover::StartDecided& action) {
  const auto decided = std::exchange(decided_, nullptr);
  if (!decided) return;
  if (action.refused) decided(Error(ErrorCode::initial_health_check_failed, Delivery::not_sent, *action.refused));
  else decided(std::nullopt);
}

void GroupEngine::perform(const failover::VerdictReached&) { calls_.wake_all(); }

void GroupEngine::perform(const failover::Tell& action) { events_.tell(action.event); }

Result<void> GroupEngine::operate(op::Operation) { return {}; }
Result<void> GroupEngine::add(detail::GroupMemberSpec) { return {}; }

}  // namespace meridian::client
