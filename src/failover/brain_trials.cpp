// How the brain tries a database again: the trials that close a breaker, and those before going home or by hand.
#include <algorithm>
#include <utility>

#include "core/backoff.hpp"
#include "core/decision.hpp"
#include "failover/brain.hpp"
#include "failover/pace.hpp"

namespace meridian::failover {

using core::ProbeKind;
using core::ProbeVerdict;

void Brain::schedule_trial(TimePoint now, DatabaseIndex i) {
  Database& d = databases_[i];
  if (!active_ && !starting_) {
    // Measured from trial to trial, however long one takes, less what the turns of the others may add.
    const auto others = static_cast<Duration::rep>(databases_.size()) - 1;
    const Duration longest = std::max(rescue_interval - between_connects * others, between_connects);
    d.trial_due = d.trial_began + std::chrono::duration_cast<Duration>(longest * (0.5 + 0.5 * uniform()));
    return;
  }
  const Backoff& pace = d.spec.breaker.trials;
  const Duration wait = core::backoff_delay(pace, ++d.failed_trials, uniform());
  const Duration longest = std::max(settings_.health_check_interval, core::backoff_delay(pace, 1, 1));
  d.trial_due = std::max(now + std::min(wait, longest), d.grace_until);
}

// While nothing is usable they take turns, those first that have waited longest.
void Brain::begin_due_trials(TimePoint now) {
  while (true) {
    std::optional<DatabaseIndex> first;
    for (DatabaseIndex i = 0; i < databases_.size(); ++i) {
      const Database& d = databases_[i];
      if (d.removed || d.trial || !d.trial_due || *d.trial_due > now) continue;
      if (!first || *d.trial_due < *databases_[*first].trial_due) first = i;
    }
    if (!first || (!active_ && now < next_rescue_)) return;
    begin_trial(now, *first, TrialPurpose::reopen);
  }
}

TimePoint Brain::next_trial_due() const noexcept {
  TimePoint next = TimePoint::max();
  for (const Database& d : databases_) {
    if (!d.trial && !d.removed) next = std::min(next, d.trial_due.value_or(TimePoint::max()));
  }
  return active_ ? next : std::max(next, next_rescue_);
}

void Brain::begin_trial(TimePoint now, DatabaseIndex i, TrialPurpose purpose) {
  Database& d = databases_[i];
  d.trial_due.reset();
  d.trial_began = now;
  // FB-2: the evidence that made the client leave must be good again; always a read, a write if the client writes.
  Trial trial{.purpose = purpose, .to_come = {ProbeKind::ping}};
  const bool writes = d.left_for_writes || writes_recently(now);
  if (core::decide<core::Decision::trial_without_write>(writes, false)) trial.to_come.push_back(ProbeKind::write);
  if (d.left_for_large) trial.to_come.push_back(ProbeKind::large);
  d.trial = std::move(trial);
  if (purpose == TrialPurpose::reopen && d.circuit == CircuitState::open) d.circuit = CircuitState::half_open;
  next_trial_probe(now, i);
}

void Brain::next_trial_probe(TimePoint now, DatabaseIndex i) {
  Trial& trial = *databases_[i].trial;
  const ProbeKind kind = trial.to_come.front();
  trial.to_come.erase(trial.to_come.begin());
  trial.probe = start_probe(i, kind);
  next_rescue_ = std::max(now, next_rescue_) + between_connects;
}

void Brain::on_trial_report(TimePoint now, DatabaseIndex i, const core::ProbeReport& report) {
  Database& d = databases_[i];
  const TrialPurpose purpose = d.trial->purpose;
  if (report.verdict == ProbeVerdict::answered || report.verdict == ProbeVerdict::not_permitted) {
    if (!d.trial->to_come.empty()) return next_trial_probe(now, i);
    d.trial.reset();
    return on_trial_passed(now, i, purpose);
  }
  d.trial.reset();
  d.last_evidence = evidence_of(report);
  drop_choices(i, ErrorCode::temporarily_unavailable, d.spec.name + " is not well: " + d.last_evidence);
  if (d.circuit == CircuitState::half_open) d.circuit = CircuitState::open;
  if (core::decide<core::Decision::half_open_for_ever>(false, true)) return;
  if (d.circuit == CircuitState::open || !active_) schedule_trial(now, i);
  else suspect(now, i, ProbeKind::ping, d.last_evidence);
}

void Brain::on_trial_passed(TimePoint now, DatabaseIndex i, TrialPurpose purpose) {
  Database& d = databases_[i];
  if (purpose == TrialPurpose::failback && active_ && d.choices.empty()) {
    // Things may have moved while the trial ran.
    const bool still = may_return(now) && is_eligible(now, d) && is_home(d);
    if (still) begin_return(now, i, "heavier than " + databases_[*active_].spec.name + " and well");
    return;
  }
  if (d.circuit != CircuitState::closed) {
    d.circuit = CircuitState::closed;
    // `half_open` was never told: a trial that fails is no news.
    tell(CircuitStateChanged{d.spec.name, CircuitState::open, CircuitState::closed, "a trial passed"});
    actions_.emplace_back(ForgetAttempts{i});
    if (carries(i)) actions_.emplace_back(Reconnect{i});
  }
  if (!d.choices.empty()) {
    for (const PendingChoice& pending : std::exchange(d.choices, {})) choose(now, i, pending);
    return;
  }
  if (!active_ && !starting_) {
    // Tried again, for the time when it may be chosen.
    if (d.drained || !may_decide(i, why_left_, left_evidence_)) return schedule_trial(now, i);
    // FO-6: the first that passes is active, whatever its weight, its grace or its last check said.
    if (d.spec.has_checks) set_health(i, Health::healthy, "a trial passed");
    d.failed_trials = 0;
    switch_to(now, i, why_left_, left_evidence_);
    return;
  }
  if (d.spec.has_checks && d.health != Health::healthy) actions_.emplace_back(CheckNow{i});
  leave_if_possible(now);
}

}  // namespace meridian::failover
