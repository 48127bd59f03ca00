// How the brain goes home (FB-1 … FB-3): when it looks, and the stages of a return.
#include <algorithm>
#include <utility>

#include "core/decision.hpp"
#include "failover/brain.hpp"
#include "failover/pace.hpp"

namespace meridian::failover {

// FB-1: each client looks at moments of its own.
void Brain::schedule_failback(TimePoint now) {
  next_failback_.reset();
  if (settings_.auto_fallback_interval <= Duration::zero()) return;
  const double factor = 0.9 + 0.2 * uniform();
  next_failback_ = now + std::chrono::duration_cast<Duration>(settings_.auto_fallback_interval * factor);
}

// MAN-1: what was chosen by hand is not undone yet.
bool Brain::may_return(TimePoint now) const noexcept {
  return settings_.auto_fallback_interval > Duration::zero() &&
         core::decide<core::Decision::pin_ignored>(!pinned_ && now >= held_until_, true) && !return_ && !question_;
}

// REQUIRES: something is active.
bool Brain::is_home(const Database& d) const noexcept {
  return core::decide<core::Decision::failback_to_lighter>(d.spec.weight > databases_[*active_].spec.weight, true);
}

void Brain::look_for_failback(TimePoint now) {
  schedule_failback(now);
  const auto best = select(now);
  if (!best || !active_ || !may_return(now)) return;
  Database& d = databases_[*best];
  if (!is_home(d) || d.trial) return;
  if (core::decide<core::Decision::failback_without_trial>(false, true))
    return begin_return(now, *best, "it is heavier");
  begin_trial(now, *best, TrialPurpose::failback);
}

// FB-2: its trial has passed.
void Brain::begin_return(TimePoint now, DatabaseIndex to, const std::string& evidence) {
  if (!may_decide(to, SwitchReason::failback, evidence)) return;
  const std::vector<int> ramp = settings_.failback == Failback::ramp ? settings_.failback_ramp : std::vector<int>();
  if (settings_.failback != Failback::reads_first && ramp.empty()) {
    return switch_to(now, to, SwitchReason::failback, evidence);
  }
  return_ = {.to = to, .ramp = ramp};
  ++epoch_;
  take_up(to);
  if (std::exchange(databases_[to].was_left, false)) databases_[to].returned_at = now;
  begin_stage(now, evidence);
}

// FB-3: each stage is its own epoch and event.
void Brain::begin_stage(TimePoint now, const std::string& evidence) {
  const double factor = 0.9 + 0.2 * uniform();
  return_->next = now + std::chrono::duration_cast<Duration>(settings_.failback_stage * factor);
  const Traffic at = traffic();
  actions_.emplace_back(Switch{at, epoch_, Duration::zero()});
  tell(ActiveDatabaseChanged{databases_[*active_].spec.name, databases_[return_->to].spec.name, SwitchReason::failback,
                             epoch_, evidence, at.scope, at.percent});
}

void Brain::advance_return(TimePoint now) {
  // FB-4: weights may have changed.
  if (!is_home(databases_[return_->to])) return break_off_return(now, SwitchReason::failback, "no longer heavier");
  if (databases_[return_->to].is_looked_into() || mode_ != DecisionMode::deciding || pinned_) {
    return_->next = now + stage_patience;
    return;
  }
  const std::string evidence = "the stage before went well";
  const bool is_last = return_->stage + 1 >= return_->ramp.size();
  if (is_last) return switch_to(now, return_->to, SwitchReason::failback, evidence);
  ++return_->stage;
  ++epoch_;
  begin_stage(now, evidence);
}

// FB-2: everything goes back to where it was. Trouble counts as a flap.
void Brain::break_off_return(TimePoint now, SwitchReason reason, const std::string& evidence) {
  const DatabaseIndex to = std::exchange(return_, std::nullopt)->to;
  Database& d = databases_[to];
  const bool is_trouble = reason == SwitchReason::circuit_breaker || reason == SwitchReason::health_check;
  if (is_trouble) {
    if (!d.returned_at) d.returned_at = now;
    hold_down(now, d);
    if (d.trial_due) d.trial_due = std::max(*d.trial_due, d.grace_until);
  }
  actions_.emplace_back(Switch{traffic(), ++epoch_, is_trouble ? Duration::zero() : settings_.drain});
  tell(ActiveDatabaseChanged{d.spec.name, databases_[*active_].spec.name, reason, epoch_, evidence});
}

}  // namespace meridian::failover
