// What operators tell the brain (MAN-1 … MAN-3, FB-4).
#include <algorithm>
#include <utility>

#include "failover/brain.hpp"
#include "failover/pace.hpp"

namespace meridian::failover {

void Brain::refuse(OperationId id, ErrorCode code, std::string message) {
  actions_.emplace_back(OperationDone{id, Error(code, Delivery::not_sent, std::move(message))});
}

void Brain::set_active(TimePoint now, OperationId id, DatabaseIndex i, const Choice& choice) {
  Database& d = databases_[i];
  if (i == active_ && !return_) return choose(now, i, {id, choice});
  if (d.drained) return refuse(id, ErrorCode::temporarily_unavailable, d.spec.name + " is drained");
  if (d.spec.has_checks && d.health == Health::unhealthy) {
    return refuse(id, ErrorCode::temporarily_unavailable, d.spec.name + " is not well: " + d.last_evidence);
  }
  // The latest choice counts, whichever trial ends first.
  for (DatabaseIndex other = 0; other < databases_.size(); ++other) {
    if (other != i) drop_choices(other, ErrorCode::cancelled, "another database was chosen meanwhile");
  }
  d.choices.push_back({id, choice});
  if (!d.trial) begin_trial(now, i, TrialPurpose::by_hand);
}

// Its trial has passed; or it is the active one already, and there is nothing to move and nothing to tell.
void Brain::choose(TimePoint now, DatabaseIndex i, const PendingChoice& pending) {
  const SwitchReason reason = pending.choice.reason;
  const bool was_active = i == active_;
  if (was_active && return_) break_off_return(now, reason, "chosen by hand");
  else if (!was_active) switch_to(now, i, reason, "chosen by hand");
  const TimePoint hold =
      now + std::max(pending.choice.hold.value_or(Duration::zero()), databases_[i].spec.grace_period);
  // MAN-1: to choose what is chosen takes nothing back; a duration says how long from now.
  held_until_ = was_active && !pending.choice.hold ? std::max(held_until_, hold) : hold;
  done(pending.id);
}

void Brain::drop_choices(DatabaseIndex i, ErrorCode code, const std::string& why) {
  for (const PendingChoice& pending : std::exchange(databases_[i].choices, {})) refuse(pending.id, code, why);
}

bool Brain::is_last_in_service(DatabaseIndex i) const noexcept {
  return std::none_of(databases_.begin(), databases_.end(), [&](const Database& other) {
    return &other != &databases_[i] && !other.removed && !other.drained;
  });
}

void Brain::set_pinned(OperationId id, bool pinned) {
  pinned_ = pinned;
  done(id);
}

void Brain::set_drained(TimePoint now, OperationId id, DatabaseIndex i, bool drained) {
  if (drained && is_last_in_service(i)) {
    return refuse(id, ErrorCode::invalid_argument, databases_[i].spec.name + " is the last that is not drained");
  }
  databases_[i].drained = drained;
  if (drained) drop_choices(i, ErrorCode::temporarily_unavailable, databases_[i].spec.name + " was drained");
  if (drained && return_ && return_->to == i) break_off_return(now, SwitchReason::manual, "drained");
  done(id);
  leave_if_possible(now);
}

void Brain::set_mode(TimePoint now, OperationId id, DecisionMode mode) {
  mode_ = mode;
  withheld_.reset();
  done(id);
  reconsider(now);
}

// What was not decided while that was not allowed.
void Brain::reconsider(TimePoint now) {
  // Its breaker has opened meanwhile; it may just be tried again.
  if (active_ && databases_[*active_].circuit != CircuitState::closed) {
    return leave(now, SwitchReason::circuit_breaker, databases_[*active_].last_evidence);
  }
  if (return_ && databases_[return_->to].circuit != CircuitState::closed) {
    return break_off_return(now, SwitchReason::circuit_breaker, databases_[return_->to].last_evidence);
  }
  leave_if_possible(now);
  if (active_) return;
  for (Database& d : databases_) {
    if (!d.trial && !d.removed) d.trial_due = now;
  }
}

void Brain::add(TimePoint now, OperationId id, DatabaseSpec spec) {
  Database& d = databases_.emplace_back(std::move(spec));
  if (!active_) d.trial_due = now;
  tell(DatabaseAdded{d.spec.name, d.spec.weight});
  done(id);
}

void Brain::remove(TimePoint now, OperationId id, DatabaseIndex i) {
  Database& d = databases_[i];
  if (is_last_in_service(i)) {
    return refuse(id, ErrorCode::invalid_argument, d.spec.name + " is the last that is not drained");
  }
  const bool carried = carries(i);
  if (i == active_) {
    const auto target = select(now);
    if (!target) {
      return refuse(id, ErrorCode::temporarily_unavailable, d.spec.name + " is the active one, and no other is usable");
    }
    switch_to(now, *target, SwitchReason::removed, "removed");
  } else if (carried) {
    break_off_return(now, SwitchReason::removed, "removed");
  }
  d.removed = true;
  d.trial.reset();
  d.trial_due.reset();
  for (Inquiry& inquiry : d.inquiries) inquiry.end();
  drop_choices(i, ErrorCode::invalid_argument, d.spec.name + " was removed");
  if (last_active_ == i) last_active_.reset();
  // Even one that is not used may have been left a moment ago, and still owe something.
  d.forget_at = now + settings_.drain + after_drain;
  tell(DatabaseRemoved{d.spec.name});
  done(id);
}

void Brain::set_checked(DatabaseIndex i) {
  if (std::exchange(databases_[i].spec.has_checks, true)) return;
  actions_.emplace_back(CheckNow{i});
}

void Brain::set_weight(TimePoint now, OperationId id, DatabaseIndex i, double weight) {
  Database& d = databases_[i];
  const double before = std::exchange(d.spec.weight, weight);
  done(id);
  if (before == weight) return;
  tell(WeightChanged{d.spec.name, before, weight});
  // FB-4: one that is raised is taken up at once, if it is well.
  if (weight > before) look_for_failback(now);
}

void Brain::reconfigure(TimePoint now, OperationId id, Settings settings,
                        const std::vector<CircuitBreakerOptions>& breakers) {
  settings_ = std::move(settings);
  for (DatabaseIndex i = 0; i < databases_.size(); ++i) {
    Database& d = databases_[i];
    d.spec.breaker = breakers[i];
    d.reads = Detector(breakers[i]);
    d.writes = Detector(breakers[i]);
    d.connections = SustainedDetector(breakers[i].sustained_failures, breakers[i].sustained_failures.rate);
  }
  schedule_failback(now);
  done(id);
}

}  // namespace meridian::failover
