// Where the brain goes: who may be chosen, and what a switch means for all of them.
#include <algorithm>
#include <utility>

#include "core/decision.hpp"
#include "failover/brain.hpp"
#include "failover/pace.hpp"

namespace meridian::failover {

Traffic Brain::traffic() const noexcept {
  Traffic traffic{.main = active_};
  if (!return_) return traffic;
  traffic.next = return_->to;
  if (return_->ramp.empty()) {
    traffic.scope = SwitchScope::reads;
  } else {
    traffic.scope = SwitchScope::callers;
    traffic.percent = return_->ramp[return_->stage];
  }
  return traffic;
}

bool Brain::is_eligible(TimePoint now, const Database& d) const noexcept {
  const bool is_well = core::decide<core::Decision::unhealthy_chosen>(d.health == Health::healthy, true);
  return !d.removed && core::decide<core::Decision::drained_chosen>(!d.drained, true) &&
         d.circuit == CircuitState::closed && (is_well || !d.spec.has_checks) &&
         core::decide<core::Decision::grace_ignored>(now >= d.grace_until, true);
}

std::string Brain::why_not_eligible(TimePoint now, const Database& d) const {
  if (d.drained) return "it is drained";
  if (d.circuit != CircuitState::closed) return "its circuit breaker is " + std::string(to_string(d.circuit));
  if (d.spec.has_checks && d.health != Health::healthy) return "its health is " + std::string(to_string(d.health));
  if (now < d.grace_until) return "its grace period has not ended";
  return {};
}

// One whose probe has just failed is about to be found out: passed over until it is cleared.
bool Brain::is_failing(const Database& d) noexcept {
  return std::any_of(d.inquiries.begin(), d.inquiries.end(), [](const Inquiry& q) { return q.has_bad_news(); });
}

std::vector<DatabaseIndex> Brain::candidates(TimePoint now) const {
  std::vector<DatabaseIndex> all;
  for (DatabaseIndex i = 0; i < databases_.size(); ++i) {
    if (i != active_ && !is_failing(databases_[i]) && is_eligible(now, databases_[i])) all.push_back(i);
  }
  return all;
}

std::optional<DatabaseIndex> Brain::select(TimePoint now) const {
  std::optional<DatabaseIndex> best;
  for (const DatabaseIndex i : candidates(now)) {
    if (!best) best = i;
    const double better = databases_[i].spec.weight - databases_[*best].spec.weight;
    if (core::decide<core::Decision::lighter_chosen>(better, -better) > 0) best = i;
  }
  return best;
}

// MAN-3: what is not to be decided is told at most, once.
bool Brain::may_decide(std::optional<DatabaseIndex> to, SwitchReason reason, const std::string& evidence) {
  if (core::decide<core::Decision::freeze_ignored>(mode_, DecisionMode::deciding) == DecisionMode::deciding)
    return true;
  if (mode_ == DecisionMode::observing && std::exchange(withheld_, std::pair(to, reason)) != std::pair(to, reason)) {
    const auto name = [this](std::optional<DatabaseIndex> i) { return i ? databases_[*i].spec.name : std::string(); };
    tell(SwitchWithheld{name(active_), name(to), reason, evidence});
  }
  return false;
}

void Brain::leave(TimePoint now, SwitchReason reason, const std::string& evidence) {
  if (!may_decide(select(now), reason, evidence)) return;
  why_left_ = reason;
  left_evidence_ = evidence;
  if (settings_.asks_strategy && !candidates(now).empty()) ask_strategy(now, reason, evidence);
  else go_on(now, reason, evidence);
}

void Brain::go_on(TimePoint now, SwitchReason reason, const std::string& evidence) {
  if (const auto target = select(now)) switch_to(now, *target, reason, evidence);
  else become_unavailable(now, evidence);
}

void Brain::ask_strategy(TimePoint now, SwitchReason reason, const std::string& evidence) {
  if (question_) return;
  question_ = {.id = ++last_question_, .reason = reason, .evidence = evidence, .until = now + strategy_patience};
  actions_.emplace_back(AskStrategy{question_->id, candidates(now)});
}

void Brain::on_strategy(TimePoint now, QuestionId id, std::optional<DatabaseIndex> choice) {
  if (!question_ || question_->id != id) return;
  const Question question = *std::exchange(question_, std::nullopt);
  const std::vector<DatabaseIndex> all = candidates(now);
  const bool is_one = choice && std::find(all.begin(), all.end(), *choice) != all.end();
  // The trouble may be over, and what was only a wish is no necessity.
  const bool must = active_ && databases_[*active_].circuit != CircuitState::closed;
  const bool may = may_decide(is_one ? choice : select(now), question.reason, question.evidence);
  if (!may || (!must && !wish_to_leave())) actions_.emplace_back(VerdictReached{});
  else if (is_one) switch_to(now, *choice, question.reason, question.evidence);
  else if (must || !all.empty()) go_on(now, question.reason, question.evidence);
  else actions_.emplace_back(VerdictReached{});
}

// Reasons to leave that wait for something better. With nowhere to go the database is still used: its data path may
// work, and if it does not, traffic and probes say so (FO-5).
std::optional<std::pair<SwitchReason, std::string>> Brain::wish_to_leave() const {
  if (!active_) return std::nullopt;
  const Database& d = databases_[*active_];
  if (d.drained) return std::pair(SwitchReason::manual, std::string("drained"));
  if (d.health == Health::unhealthy) return std::pair(SwitchReason::health_check, d.last_evidence);
  return std::nullopt;
}

void Brain::leave_if_possible(TimePoint now) {
  if (return_ && databases_[return_->to].health == Health::unhealthy) {
    const std::string& evidence = databases_[return_->to].last_evidence;
    if (may_decide(active_, SwitchReason::health_check, evidence)) {
      break_off_return(now, SwitchReason::health_check, evidence);
    }
  }
  const auto wish = wish_to_leave();
  const bool is_well = active_ && !wish && databases_[*active_].circuit == CircuitState::closed;
  // The trouble that was withheld is over: the next is news.
  if (is_well && withheld_ && withheld_->second != SwitchReason::failback) withheld_.reset();
  if (!wish || question_) return;
  const auto target = select(now);
  // What an operator has drained is left in every mode, and at once.
  const bool by_hand = wish->first == SwitchReason::manual;
  if (!target || (!by_hand && !may_decide(target, wish->first, wish->second))) return;
  if (settings_.asks_strategy && !by_hand) ask_strategy(now, wish->first, wish->second);
  else switch_to(now, *target, wish->first, wish->second);
}

// It carries traffic from now on.
void Brain::take_up(DatabaseIndex i) {
  Database& d = databases_[i];
  d.reads.reset();
  d.writes.reset();
  d.connections.reset();
  d.answers = {};
  d.trial_due.reset();
  d.left_for_writes = d.left_for_large = false;
  d.grace_until = {};  // it may have been ignored (FO-6); what is active is not out
  d.serves_since = epoch_;
  ++d.counters.activations;
  actions_.emplace_back(ForgetAttempts{i});
}

// FO-5: grace begins with a real switch away, and only a failover causes it. FO-7: one that fails again within a grace
// period of its return stays out twice as long each time; each grace period that it served well takes that back.
void Brain::hold_down(TimePoint now, Database& d) {
  ++d.counters.failovers;
  const Duration grace = d.spec.grace_period;
  if (d.returned_at && grace > Duration::zero()) {
    const auto served = (now - *d.returned_at) / grace;
    if (core::decide<core::Decision::hold_down_ignored>(served == 0, false))
      d.flaps = std::min(d.flaps + 1, most_flaps);
    else d.flaps -= static_cast<int>(std::min<Duration::rep>(served, d.flaps));
  }
  d.returned_at.reset();
  d.was_left = true;
  d.grace_until = now + std::max(grace, std::min(grace * (1 << d.flaps), longest_hold_down));
}

void Brain::switch_to(TimePoint now, DatabaseIndex to, SwitchReason reason, const std::string& evidence) {
  const std::optional<DatabaseIndex> left = last_active_;
  const bool served_already = carries(to);
  const bool by_hand =
      reason == SwitchReason::manual || reason == SwitchReason::forced || reason == SwitchReason::removed;
  const bool is_planned = by_hand || reason == SwitchReason::failback;
  active_ = last_active_ = to;
  return_.reset();
  question_.reset();
  withheld_.reset();
  if (!is_planned && left && *left != to) held_until_ = {};
  ++epoch_;
  Database& d = databases_[to];
  if (!served_already) take_up(to);
  if (std::exchange(d.was_left, false)) d.returned_at = now;
  actions_.emplace_back(Switch{traffic(), epoch_, is_planned ? settings_.drain : Duration::zero()});
  if (left && *left != to) {
    Database& old = databases_[*left];
    if (!is_planned) hold_down(now, old);
    tell(ActiveDatabaseChanged{old.spec.name, d.spec.name, reason, epoch_, evidence});
  }
  // Trials leave the hurry of having nothing behind.
  for (DatabaseIndex i = 0; i < databases_.size(); ++i) {
    Database& other = databases_[i];
    if (i == to || other.trial || other.removed) continue;
    other.trial_due.reset();
    if (other.circuit == CircuitState::closed) continue;
    other.failed_trials = 0;
    schedule_trial(now, i);
  }
}

void Brain::become_unavailable(TimePoint now, const std::string& evidence) {
  active_.reset();
  return_.reset();
  question_.reset();
  withheld_.reset();
  unavailable_since_ = now;
  if (last_active_ && core::decide<core::Decision::grace_without_target>(false, true)) {
    hold_down(now, databases_[*last_active_]);
  }
  actions_.emplace_back(Switch{traffic(), ++epoch_, Duration::zero()});
  tell(AllDatabasesUnavailable{epoch_, evidence});
  for (Database& d : databases_) {
    for (Inquiry& inquiry : d.inquiries) inquiry.end();
    if (core::decide<core::Decision::rescue_never_scheduled>(false, true)) continue;
    if (!d.trial && !d.removed) d.trial_due = now + std::chrono::duration_cast<Duration>(between_connects * uniform());
  }
}

Error Brain::unavailable_error(TimePoint now) const {
  const bool temporarily = now - unavailable_since_ < settings_.temporarily;
  std::string message = temporarily ? "no database is usable at the moment:" : "no database has been usable for long:";
  for (const Database& d : databases_) {
    if (!d.removed) message += " " + d.spec.name + " (" + (d.drained ? "drained" : d.last_evidence) + ")";
  }
  return Error(temporarily ? ErrorCode::temporarily_unavailable : ErrorCode::no_valid_database, Delivery::not_sent,
               std::move(message));
}

}  // namespace meridian::failover
