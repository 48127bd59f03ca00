#include "client/group_engine.hpp"

#include <functional>
#include <thread>
#include <utility>

#include "client/blocking.hpp"
#include "client/settings.hpp"
#include "core/cannot_serve.hpp"
#include "core/validate.hpp"

namespace meridian::client {
namespace {

// Which connection an attempt ran on, as far as the brain is told.
constexpr std::uint64_t any_link = 1;

// FB-3: in a stage of a failback some go to the next one already. Callers stay together, whatever their numbers.
std::optional<std::size_t> member_for(const failover::Traffic& traffic, bool is_read, std::uint64_t caller) {
  if (!traffic.next) return traffic.main;
  if (traffic.scope == SwitchScope::reads) return is_read ? traffic.next : traffic.main;
  if (traffic.scope == SwitchScope::all) return traffic.main;
  if (caller == 0) caller = std::hash<std::thread::id>()(std::this_thread::get_id());
  const std::uint64_t mixed = (caller ^ (caller >> 32)) * 0x9E3779B97F4A7C15ULL;
  return static_cast<int>((mixed >> 32) % 100) < traffic.percent ? traffic.next : traffic.main;
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

GroupCallSettings group_call_settings(const MultiDbConfig& rules) {
  return {.retry = {.policy = rules.command_retry, .repeat_up_to = rules.repeat_up_to},
          .retry_budget = rules.retry_budget,
          .command_deadline = rules.command_deadline,
          .suspicion_after = rules.suspicion_after};
}

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

Result<core::ResolvedDatabase> resolve_added(const MultiDbConfig& rules, const detail::GroupMemberSpec& member,
                                             std::span<const std::string> taken) {
  if (auto wrong = validate(member, "member")) return Unexpected(std::move(*wrong));
  Result<core::ResolvedDatabase> resolved = core::resolve_added(rules, as_database(member), taken);
  if (!resolved) return Unexpected(in_words_of_members(resolved.error()));
  return resolved;
}

Error in_words_of_members(const Error& error) {
  std::string message = error.message();
  const auto replace_all = [&](std::string_view from, std::string_view to) {
    for (std::size_t at = message.find(from); at != std::string::npos; at = message.find(from, at + to.size())) {
      message.replace(at, from.size(), to);
    }
  };
  replace_all("databases[", "members[");
  replace_all("database.", "member.");
  return core::invalid(std::move(message));
}

GroupEngine::GroupEngine(io::World& world, const detail::GroupSpec& spec,
                         const std::vector<core::ResolvedDatabase>& members)
    : world_(world),
      rules_(without_databases(spec.rules)),
      classify_(std::make_shared<const Classify>(spec.classify)),
      calls_(world, *this, group_call_settings(spec.rules), classify_),
      steering_(world, *this, spec.rules, members),
      brain_(steering_.brain()) {
  for (std::size_t i = 0; i < members.size(); ++i) add_slot(spec.members[i], members[i]);
}

GroupEngine::~GroupEngine() = default;

std::size_t GroupEngine::add_slot(const detail::GroupMemberSpec& member, const core::ResolvedDatabase& resolved) {
  const std::size_t index = slots_.size();
  Slot& slot = slots_.emplace_back();
  slot.target = std::make_shared<const GroupTarget>(GroupTarget{member.name, member.object});
  slot.prober = std::make_unique<GroupProber>(world_, member.probe, member.write_probe, classify_);
  slot.has_own_breaker = member.circuit_breaker.has_value();
  slot.breaker = resolved.circuit_breaker;
  if (!member.probe) return index;
  GroupChecker::Listener listener{.probe_failed =
                                      [this, index](const std::string& evidence) {
                                        brain_.on_check_probe_failed(now(), index, evidence);
                                        steering_.poke();
                                      },
                                  .round_decided =
                                      [this, index](bool healthy, const std::string& evidence) {
                                        brain_.on_check_round(now(), index, healthy, evidence);
                                        steering_.poke();
                                      }};
  slot.checker = std::make_unique<GroupChecker>(world_, *slot.prober, checker_settings(), std::move(listener));
  return index;
}

GroupCheckerSettings GroupEngine::checker_settings() const {
  return {.interval = rules_.health_check_interval,
          .probes_delay = rules_.health_check_probes_delay,
          .timeout = rules_.health_check_timeout,
          .probes = rules_.health_check_probes,
          .policy = rules_.health_check_policy};
}

void GroupEngine::open(std::function<void(std::optional<Error>)> decided) {
  world_.loop.post([this, decided = std::move(decided)]() mutable {
    for (const Slot& slot : slots_) {
      if (slot.checker) slot.checker->start();
    }
    steering_.start(std::move(decided));
  });
}

void GroupEngine::close() noexcept {
  if (closed_.exchange(true)) return;
  in_a_turn(world_, [this] { close_on_loop(); });
}

void GroupEngine::close_on_loop() {
  steering_.close();
  traffic_ = {};
  while (!operations_.empty()) {
    end_operation(operations_.begin()->first, Error(ErrorCode::closed, Delivery::not_sent, "the group was closed"));
  }
  for (const Slot& slot : slots_) {
    slot.prober->stop();
    if (slot.checker) slot.checker->stop();
  }
  calls_.close();
  steering_.failures().flush();
}

ClientStatus GroupEngine::describe() {
  ClientStatus status;
  if (!closed_) in_a_turn(world_, [&] { status = brain_.describe(now()); });
  return status;
}

// --- GroupRouter -----------------------------------------------------------------------------------------------------

GroupRoute GroupEngine::route(bool is_read, std::uint64_t caller) {
  GroupRoute route{.epoch = epoch_};
  if (const auto member = member_for(traffic_, is_read, caller)) {
    route.member = *member;
    route.target = slots_[*member].target;
    route.since = slots_[*member].serves_since;
  } else if (!brain_.active() && rules_.when_unavailable == WhenUnavailable::fail) {
    // Not while a decision is made but not carried out yet: that is a matter of microseconds, and is waited for.
    route.refusal = brain_.unavailable_error(now());
  }
  return route;
}

// DET-4: a late result of before the member was taken up changes nothing.
bool GroupEngine::is_late(const GroupAttemptEnd& attempt) const {
  return !traffic_.uses(attempt.member) || attempt.epoch < slots_[attempt.member].serves_since;
}

// A group knows no connections: an attempt stands for the one that it ran on.
void GroupEngine::on_attempt_answered(const GroupAttemptEnd& attempt) {
  brain_.on_attempt(now(), attempt.member, attempt.epoch,
                    {.is_read = attempt.is_read, .link = any_link, .sent_at = attempt.began});
  show_detectors(attempt, std::nullopt);
  if (is_late(attempt)) return;
  brain_.on_connected(now(), attempt.member);
  if (brain_.has_actions()) steering_.poke();
}

void GroupEngine::on_attempt_failed(const GroupAttemptEnd& attempt, ErrorCode code, const std::string& text) {
  brain_.on_attempt(now(), attempt.member, attempt.epoch,
                    {.is_read = attempt.is_read,
                     .failed = true,
                     .code = code,
                     .text = text,
                     .link = any_link,
                     .sent_at = attempt.began});
  show_detectors(attempt, code);
  steering_.poke();
  if (is_late(attempt) || core::is_cannot_serve(code)) return;
  if (code == ErrorCode::timed_out) {
    brain_.on_silence(now(), attempt.member, {.writes = !attempt.is_read});
  } else {
    // Told as the end of a connection that owed a reply: it counts once, and is looked into (DET-5).
    brain_.on_connection_trouble(
        now(), attempt.member,
        {.code = code, .message = text, .carries_commands = true, .owed_replies = true, .was_ready = true});
  }
}

void GroupEngine::show_detectors(const GroupAttemptEnd& attempt, std::optional<ErrorCode> error) {
  if (steering_.detectors().is_empty()) return;
  steering_.detectors().attempt(attempt.member, attempt.epoch,
                                {.database = slots_[attempt.member].target->name,
                                 .is_read = attempt.is_read,
                                 .error = error,
                                 .at = now(),
                                 .elapsed = now() - attempt.began});
}

void GroupEngine::on_silence(std::size_t member, bool writes) {
  brain_.on_silence(now(), member, {.writes = writes});
  steering_.poke();
}

void GroupEngine::on_heard(std::size_t member) {
  brain_.on_heard(now(), member, failover::Heard::commands);
  steering_.poke();
}

// --- Doing what the brain says ---------------------------------------------------------------------------------------

void GroupEngine::perform(const failover::StartProbe& action) {
  slots_[action.database].prober->ask(action.kind, action.timeout,
                                      [this, id = action.id](const core::ProbeReport& report) {
                                        brain_.on_probe(now(), id, report);
                                        steering_.settle();
                                      });
}

void GroupEngine::perform(const failover::CheckNow& action) {
  if (const auto& checker = slots_[action.database].checker) checker->run_now();
}

// Functions that run on a member that is left go on: what they do is theirs, and their ends are late ones.
void GroupEngine::perform(const failover::Switch& action) {
  const failover::Traffic before = std::exchange(traffic_, action.to);
  epoch_ = action.epoch;
  for (const std::optional<std::size_t> taken : {traffic_.main, traffic_.next}) {
    if (taken && !before.uses(*taken)) slots_[*taken].serves_since = epoch_;
  }
  calls_.on_switch([this](std::size_t member) { return traffic_.uses(member); });
}

void GroupEngine::perform(const failover::VerdictReached&) { calls_.wake_all(); }

}  // namespace meridian::client
