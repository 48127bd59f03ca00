// The frame of the brain: its start, its clock, its picture of itself. What it thinks of a database is in
// brain_judging.cpp, how it tries one again in brain_trials.cpp, where it goes in brain_moving.cpp, how it goes home in
// brain_returning.cpp, and what operators tell it in brain_operating.cpp.
#include "failover/brain.hpp"

#include <algorithm>
#include <utility>

#include "core/decision.hpp"

namespace meridian::failover {

using core::ProbeKind;

Brain::Brain(Settings settings, std::vector<DatabaseSpec> databases, std::uint64_t seed)
    : settings_(std::move(settings)), random_state_(seed) {
  databases_.reserve(databases.size());
  for (DatabaseSpec& spec : databases) databases_.emplace_back(std::move(spec));
}

// --- Start -----------------------------------------------------------------------------------------------------------

void Brain::start(TimePoint now) { decide_start(now); }

void Brain::decide_start(TimePoint now) {
  if (!starting_ || refused_) return;
  const std::size_t total = databases_.size();
  std::size_t healthy = 0;
  std::size_t undecided = 0;
  std::optional<DatabaseIndex> heaviest;  // of those that are healthy or may still turn out to be
  for (DatabaseIndex i = 0; i < total; ++i) {
    const Database& d = databases_[i];
    const bool is_healthy = d.health == Health::healthy || !d.spec.has_checks;
    const bool is_undecided = !is_healthy && d.health == Health::unknown;
    healthy += is_healthy ? 1 : 0;
    undecided += is_undecided ? 1 : 0;
    if (!is_healthy && !is_undecided) continue;
    if (!heaviest || d.spec.weight > databases_[*heaviest].spec.weight) heaviest = i;
  }
  const std::size_t needed = [&]() -> std::size_t {
    switch (settings_.initial_policy) {
      case InitialHealthCheckPolicy::one_available: return 1;
      case InitialHealthCheckPolicy::majority_available: return total / 2 + 1;
      case InitialHealthCheckPolicy::all_available: return total;
    }
    return total;
  }();
  if (healthy + undecided < needed) {
    refused_ = true;
    actions_.emplace_back(StartDecided{why_not_started()});
    return;
  }
  if (healthy < needed) return;
  // INIT-1: a heavier one that is not decided yet is waited for, a lighter one is not.
  const bool is_decided = !databases_[*heaviest].spec.has_checks || databases_[*heaviest].health == Health::healthy;
  if (!core::decide<core::Decision::start_without_heaviest>(is_decided, true)) return;
  starting_ = false;
  active_ = last_active_ = heaviest;
  ++epoch_;
  take_up(*heaviest);
  actions_.emplace_back(Switch{traffic(), epoch_, Duration::zero()});
  actions_.emplace_back(StartDecided{});
  schedule_failback(now);
}

std::string Brain::why_not_started() const {
  std::string text = "the initial health check policy was not met:";
  for (const Database& d : databases_) {
    text += "\n  " + d.spec.name + ": ";
    if (d.health == Health::healthy || !d.spec.has_checks) text += "healthy";
    else if (d.health == Health::unknown) text += "not decided";
    else text += d.last_evidence;
  }
  return text;
}

// --- Time ------------------------------------------------------------------------------------------------------------

void Brain::wake(TimePoint now) {
  woken_at_ = now;
  for (DatabaseIndex i = 0; i < databases_.size(); ++i) {
    Database& d = databases_[i];
    for (Inquiry& inquiry : d.inquiries) {
      const auto due = inquiry.probe_due();
      if (!due || *due > now) continue;
      d.inquiry_probe[static_cast<std::size_t>(inquiry.kind())] = start_probe(i, inquiry.kind());
      inquiry.probe_started();
    }
  }
  begin_due_trials(now);
  if (question_ && question_->until <= now) on_strategy(now, question_->id, std::nullopt);
  if (return_ && return_->next <= now) advance_return(now);
  if (next_failback_ && *next_failback_ <= now) look_for_failback(now);
  leave_if_possible(now);
  for (DatabaseIndex i = 0; i < databases_.size(); ++i) {
    std::optional<TimePoint>& forget_at = databases_[i].forget_at;
    if (!forget_at || *forget_at > now) continue;
    forget_at.reset();
    actions_.emplace_back(Forget{i});
  }
}

TimePoint Brain::next_wake() const {
  TimePoint next = std::min(next_failback_.value_or(TimePoint::max()), next_trial_due());
  if (question_) next = std::min(next, question_->until);
  if (return_) next = std::min(next, return_->next);
  const bool wants_to_leave = wish_to_leave().has_value();
  for (const Database& d : databases_) {
    next = std::min(next, d.forget_at.value_or(TimePoint::max()));
    if (d.removed) continue;
    for (const Inquiry& inquiry : d.inquiries) next = std::min(next, inquiry.probe_due().value_or(TimePoint::max()));
    // A grace that had ended by the last look is no reason for another.
    if (wants_to_leave && d.grace_until > woken_at_ && !d.drained && d.circuit == CircuitState::closed &&
        (d.health == Health::healthy || !d.spec.has_checks)) {
      next = std::min(next, d.grace_until);
    }
  }
  return next;
}

Duration Brain::probe_timeout(const Database& d) const noexcept {
  return std::max(settings_.suspicion_probe_timeout, 4 * d.round_trip);
}

ProbeId Brain::start_probe(DatabaseIndex i, ProbeKind kind) {
  ++databases_[i].counters.probes;
  actions_.emplace_back(StartProbe{++last_probe_, i, kind, probe_timeout(databases_[i])});
  return last_probe_;
}

// splitmix64: jitter needs no more, and the brain stays a value that tests can replay.
double Brain::uniform() noexcept {
  random_state_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = random_state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-53;
}

ClientStatus Brain::describe(TimePoint now) const {
  const Traffic at = traffic();
  ClientStatus status{.active = at.main ? databases_[*at.main].spec.name : std::string(),
                      .epoch = epoch_,
                      .next = at.next ? databases_[*at.next].spec.name : std::string(),
                      .scope = at.scope,
                      .percent = at.percent,
                      .mode = mode_,
                      .pinned = pinned_,
                      .held_for = std::max(held_until_ - now, Duration::zero())};
  for (DatabaseIndex i = 0; i < databases_.size(); ++i) {
    if (is_in(i)) status.databases.push_back(describe(now, i));
  }
  return status;
}

DatabaseStatus Brain::describe(TimePoint now, DatabaseIndex i) const {
  const Database& d = databases_[i];
  return {.name = d.spec.name,
          .weight = d.spec.weight,
          .active = i == active_,
          .circuit = d.circuit,
          .health = d.health,
          .grace_left = std::max(d.grace_until - now, Duration::zero()),
          .last_evidence = d.last_evidence,
          .eligible = is_eligible(now, d),
          .why_not = why_not_eligible(now, d),
          .drained = d.drained,
          .flaps = d.flaps,
          .counters = d.counters};
}

}  // namespace meridian::failover
