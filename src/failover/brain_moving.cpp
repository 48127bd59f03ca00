// Where the brain goes: who may be chosen, and what a switch means for all of them.
#include <algorithm>
#include <utility>

#include "failover/brain.hpp"
#include "failover/pace.hpp"

namespace meridian::failover {

bool Brain::is_eligible(TimePoint now, const Database& d) const noexcept {
  return d.circuit == CircuitState::closed && (d.health == Health::healthy || !d.spec.has_checks) &&
         now >= d.grace_until;
}

std::string Brain::why_not_eligible(TimePoint now, const Database& d) const {
  if (d.circuit != CircuitState::closed) return "its circuit breaker is " + std::string(to_string(d.circuit));
  if (d.spec.has_checks && d.health != Health::healthy) return "its health is " + std::string(to_string(d.health));
  if (now < d.grace_until) return "its grace period has not ended";
  return {};
}

std::optional<DatabaseIndex> Brain::select(TimePoint now) const noexcept {
  std::optional<DatabaseIndex> best;
  for (DatabaseIndex i = 0; i < databases_.size(); ++i) {
    // One whose probe has just failed is about to be found out: passed over until it is cleared.
    const auto& inquiries = databases_[i].inquiries;
    const bool failing =
        std::any_of(inquiries.begin(), inquiries.end(), [](const Inquiry& q) { return q.has_bad_news(); });
    if (i == active_ || failing || !is_eligible(now, databases_[i])) continue;
    if (!best || databases_[i].spec.weight > databases_[*best].spec.weight) best = i;
  }
  return best;
}

void Brain::leave(TimePoint now, SwitchReason reason, const std::string& evidence) {
  why_left_ = reason;
  left_evidence_ = evidence;
  if (const auto target = select(now)) switch_to(now, *target, reason, evidence);
  else become_unavailable(now, evidence);
}

// A failed health check moves the client only to something better. With nowhere to go the database is still used: its
// data path may work, and if it does not, traffic and probes say so (FO-5).
void Brain::leave_unhealthy_if_possible(TimePoint now) {
  if (!active_ || databases_[*active_].health != Health::unhealthy) return;
  if (const auto target = select(now)) {
    switch_to(now, *target, SwitchReason::health_check, databases_[*active_].last_evidence);
  }
}

void Brain::switch_to(TimePoint now, DatabaseIndex to, SwitchReason reason, const std::string& evidence) {
  const std::optional<DatabaseIndex> from = active_;
  const std::optional<DatabaseIndex> left = last_active_;
  active_ = last_active_ = to;
  Database& d = databases_[to];
  d.reads.reset();
  d.writes.reset();
  d.answers = {};
  d.trial_due.reset();
  d.left_for_writes = d.left_for_large = false;
  d.grace_until = {};  // it may have been ignored (FO-6); what is active is not out
  actions_.emplace_back(
      Switch{from, to, ++epoch_, reason == SwitchReason::failback ? settings_.drain : Duration::zero()});
  if (left && *left != to) {
    Database& old = databases_[*left];
    // FO-5: grace begins with a real switch away, and only a failover causes it.
    if (reason != SwitchReason::failback) old.grace_until = now + old.spec.grace_period;
    tell(ActiveDatabaseChanged{old.spec.name, d.spec.name, reason, epoch_, evidence});
  }
  // Trials leave the hurry of having nothing behind.
  for (DatabaseIndex i = 0; i < databases_.size(); ++i) {
    Database& other = databases_[i];
    if (i == to || other.trial) continue;
    other.trial_due.reset();
    if (other.circuit == CircuitState::closed) continue;
    other.trial_wait = first_trial_wait;
    schedule_trial(now, i);
  }
}

void Brain::become_unavailable(TimePoint now, const std::string& evidence) {
  const std::optional<DatabaseIndex> from = std::exchange(active_, std::nullopt);
  unavailable_since_ = now;
  actions_.emplace_back(Switch{from, std::nullopt, ++epoch_, Duration::zero()});
  tell(AllDatabasesUnavailable{epoch_, evidence});
  for (Database& d : databases_) {
    for (Inquiry& inquiry : d.inquiries) inquiry.end();
    if (!d.trial) d.trial_due = now + std::chrono::duration_cast<Duration>(between_connects * uniform());
  }
}

Error Brain::unavailable_error(TimePoint now) const {
  const bool temporarily = now - unavailable_since_ < settings_.temporarily;
  std::string message = temporarily ? "no database is usable at the moment:" : "no database has been usable for long:";
  for (const Database& d : databases_) message += " " + d.spec.name + " (" + d.last_evidence + ")";
  return Error(temporarily ? ErrorCode::temporarily_unavailable : ErrorCode::no_valid_database, Delivery::not_sent,
               std::move(message));
}

}  // namespace meridian::failover
