#include "failover/brain.hpp"

#include <algorithm>
#include <utility>

#include "core/server_text.hpp"

namespace meridian::failover {
namespace {

using core::ProbeKind;
using core::ProbeVerdict;
using std::chrono::milliseconds;
using std::chrono::seconds;

// FO-6: while nothing is usable each database is tried at least this often.
constexpr Duration rescue_interval = milliseconds(500);
// … but all together open no more than ten connections a second.
constexpr Duration between_connects = milliseconds(100);
// DET-7: how soon a trial follows where no grace runs, and from where its wait grows.
constexpr Duration first_trial_wait = milliseconds(500);
// DET-3: only a client that wrote so recently leaves for write trouble.
constexpr Duration recent_write = seconds(60);
// DET-3: a write that does not fit one small packet may be stuck where small ones pass.
constexpr std::size_t large_write = 1400;

bool is_write_trouble(ErrorCode code) noexcept {
  return code == ErrorCode::read_only || code == ErrorCode::out_of_memory || code == ErrorCode::no_replicas ||
         code == ErrorCode::misconfigured;
}

bool is_cannot_serve(ErrorCode code) noexcept {
  return is_write_trouble(code) || code == ErrorCode::loading || code == ErrorCode::master_down ||
         code == ErrorCode::cluster_down || code == ErrorCode::busy;
}

// A server's own words may hold anything; ours about connections are fit to print already.
std::string evidence_of(const core::ProbeReport& report) {
  return report.verdict == ProbeVerdict::cannot_serve ? core::escape_server_text(report.text) : report.text;
}

}  // namespace

Brain::Brain(Settings settings, std::vector<DatabaseSpec> databases, std::uint64_t seed)
    : settings_(std::move(settings)), random_state_(seed) {
  databases_.reserve(databases.size());
  for (DatabaseSpec& spec : databases) databases_.emplace_back(std::move(spec), settings_.detector);
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
  if (databases_[*heaviest].spec.has_checks && databases_[*heaviest].health != Health::healthy) return;
  starting_ = false;
  active_ = last_active_ = heaviest;
  actions_.emplace_back(Switch{std::nullopt, heaviest, ++epoch_, Duration::zero()});
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

// --- Judging ---------------------------------------------------------------------------------------------------------

void Brain::set_health(DatabaseIndex i, Health health, const std::string& evidence) {
  Database& d = databases_[i];
  if (!evidence.empty()) d.last_evidence = evidence;
  if (d.health == health) return;
  const Health before = std::exchange(d.health, health);
  tell(HealthChanged{d.spec.name, before, health, evidence});
}

void Brain::on_check_round(TimePoint now, DatabaseIndex i, bool healthy, const std::string& evidence) {
  set_health(i, healthy ? Health::healthy : Health::unhealthy, evidence);
  if (starting_) return decide_start(now);
  leave_unhealthy_if_possible(now);
}

void Brain::on_check_probe_failed(TimePoint now, DatabaseIndex i, const std::string& evidence) {
  if (i == active_) suspect(now, i, ProbeKind::ping, evidence);
}

void Brain::on_connection_trouble(TimePoint now, DatabaseIndex i, const ConnectionTrouble& trouble) {
  Database& d = databases_[i];
  if (trouble.code == ErrorCode::local_resource) return;  // our own machine; never blamed on the database
  // CMD-2: we closed a connection that was stuck while its silence was being looked into; that says nothing new.
  if (trouble.was_ready && trouble.code == ErrorCode::timed_out) return;
  if (trouble.code == ErrorCode::authentication_failed || trouble.code == ErrorCode::invalid_argument) {
    if (d.last_evidence != trouble.message) tell(ConfigurationRefused{d.spec.name, trouble.message});
    d.last_evidence = trouble.message;
  } else if (i == active_ && trouble.carries_commands && (trouble.owed_replies || !trouble.was_ready) &&
             trouble.code != ErrorCode::max_clients) {
    // DET-4: one failure, however many commands it carried.
    count_failure(now, i, true);
    count_failure(now, i, false);
  }
  suspect(now, i, ProbeKind::ping, trouble.message);
}

void Brain::on_silence(TimePoint now, DatabaseIndex i, const Silence& silence) {
  Database& d = databases_[i];
  // Another connection that is silent, too, and owes nothing to writes, does not make those that are owed less so.
  if (silence.writes || !d.silence.writes) d.silence = silence;
  if (silence.writes && i == active_) last_write_ = now;  // a write that is owed is a write
  suspect(now, i, ProbeKind::ping, "silence on a connection that owes replies");
}

void Brain::on_heard(TimePoint, DatabaseIndex i, Heard heard) {
  Database& d = databases_[i];
  bool cleared = d.inquiry(ProbeKind::ping).clear_silence();
  // What is owed to writes is owed on a connection that carries commands; only that one can pay it.
  if (heard == Heard::commands) {
    d.silence = {};
    cleared = d.inquiry(ProbeKind::write).clear_silence() || cleared;
    cleared = d.inquiry(ProbeKind::large).clear_silence() || cleared;
  }
  if (cleared) actions_.emplace_back(VerdictReached{});
}

void Brain::on_attempt(TimePoint now, DatabaseIndex i, std::uint64_t epoch, const AttemptOutcome& outcome) {
  // DET-4: a late result of an older epoch changes nothing.
  if (i != active_ || epoch != epoch_) return;
  Database& d = databases_[i];
  if (!outcome.is_read) last_write_ = now;
  if (!outcome.failed) {
    (outcome.is_read ? d.reads : d.writes).success(now);
    Answers& answers = d.answers[outcome.is_read ? 0 : 1];
    if (answers.last.link != outcome.link) answers.last_of_another = answers.last;
    answers.last = {now, outcome.link};
    return;
  }
  if (outcome.code == ErrorCode::timed_out) return on_timed_out_attempt(now, i, outcome);
  if (!is_cannot_serve(outcome.code)) return;  // counted with its connection, or the caller's own affair (DET-2)
  const ProbeKind same_class = outcome.is_read ? ProbeKind::ping : ProbeKind::write;
  suspect(now, i, same_class, outcome.text, outcome.code);
  // What may end by itself is left to the inquiry, which lets it last; in a row it would trip within milliseconds.
  count_failure(now, i, outcome.is_read, may_end_by_itself(outcome.code) ? InARow::ignored : InARow::counted);
}

void Brain::on_timed_out_attempt(TimePoint now, DatabaseIndex i, const AttemptOutcome& outcome) {
  Answers& answers = databases_[i].answers[outcome.is_read ? 0 : 1];
  const Answers::Answer& other = answers.last.link != outcome.link ? answers.last : answers.last_of_another;
  const bool another_answered = other.link != 0 && other.at > outcome.sent_at;
  if (another_answered && !answers.links_timed_out.insert(outcome.link).second) return;
  count_failure(now, i, outcome.is_read);
}

void Brain::count_failure(TimePoint now, DatabaseIndex i, bool is_read, InARow in_a_row) {
  Database& d = databases_[i];
  Detector& detector = is_read ? d.reads : d.writes;
  detector.failure(now, in_a_row);
  const auto why = detector.verdict(now);
  if (!why || d.circuit == CircuitState::open) return;
  // FB-2: what only writes met is asked again with a write.
  d.left_for_writes = !is_read;
  open_circuit(now, i, *why);
}

bool Brain::writes_recently(TimePoint now) const noexcept { return last_write_ && now - *last_write_ <= recent_write; }

void Brain::suspect(TimePoint now, DatabaseIndex i, ProbeKind kind, const std::string& evidence,
                    std::optional<ErrorCode> cannot_serve) {
  Database& d = databases_[i];
  if (d.circuit != CircuitState::closed || starting_) return;
  if (!evidence.empty()) d.last_evidence = evidence;
  d.inquiry(kind).begin(now, cannot_serve);
  wake(now);
}

bool Brain::verdict_pending() const noexcept {
  if (!active_) return false;
  const auto& inquiries = databases_[*active_].inquiries;
  return std::any_of(inquiries.begin(), inquiries.end(), [](const Inquiry& q) { return q.is_active(); });
}

void Brain::on_probe(TimePoint now, ProbeId id, const core::ProbeReport& report) {
  for (DatabaseIndex i = 0; i < databases_.size(); ++i) {
    Database& d = databases_[i];
    if (report.verdict == ProbeVerdict::answered && report.round_trip > Duration::zero()) {
      const bool mine = (d.trial && d.trial->probe == id) ||
                        std::find(d.inquiry_probe.begin(), d.inquiry_probe.end(), id) != d.inquiry_probe.end();
      if (mine)
        d.round_trip =
            d.round_trip == Duration::zero() ? report.round_trip : (3 * d.round_trip + report.round_trip) / 4;
    }
    if (d.trial && d.trial->probe == id) return on_trial_report(now, i, report);
    for (Inquiry& inquiry : d.inquiries) {
      ProbeId& expected = d.inquiry_probe[static_cast<std::size_t>(inquiry.kind())];
      if (expected != id || !inquiry.is_active()) continue;
      expected = 0;
      return on_inquiry_report(now, i, inquiry, report);
    }
  }
}

void Brain::on_inquiry_report(TimePoint now, DatabaseIndex i, Inquiry& inquiry, const core::ProbeReport& report) {
  Database& d = databases_[i];
  switch (inquiry.on_report(now, report, settings_.suspicion_probes)) {
    case Inquiry::Verdict::pending:
      d.last_evidence = evidence_of(report);
      wake(now);
      return;
    case Inquiry::Verdict::cleared:
      on_cleared(now, i, inquiry.kind(), report);
      leave_unhealthy_if_possible(now);  // the one that was cleared may be where to go
      actions_.emplace_back(VerdictReached{});
      return;
    case Inquiry::Verdict::confirmed: {
      const ProbeKind kind = inquiry.kind();
      // DET-3: a client that does not write is not moved by write trouble.
      if (kind != ProbeKind::write || writes_recently(now)) {
        d.left_for_writes = kind == ProbeKind::write;
        d.left_for_large = kind == ProbeKind::large;
        open_circuit(now, i, inquiry.evidence());
      }
      actions_.emplace_back(VerdictReached{});
      return;
    }
  }
}

void Brain::on_cleared(TimePoint now, DatabaseIndex i, ProbeKind kind, const core::ProbeReport& report) {
  // Somebody is there, but a write is still owed: ask the next, harder question (DET-3).
  const Database& d = databases_[i];
  if (report.verdict != ProbeVerdict::answered || i != active_ || !d.silence.writes) return;
  if (kind == ProbeKind::ping) suspect(now, i, ProbeKind::write, "a write is owed while PING is answered");
  if (kind == ProbeKind::write && d.silence.largest_write >= large_write) {
    suspect(now, i, ProbeKind::large, "a large write is owed while small ones are answered");
  }
}

void Brain::open_circuit(TimePoint now, DatabaseIndex i, const std::string& evidence) {
  Database& d = databases_[i];
  if (d.circuit == CircuitState::open) return;
  const CircuitState before = std::exchange(d.circuit, CircuitState::open);
  d.last_evidence = evidence;
  d.silence = {};
  for (Inquiry& inquiry : d.inquiries) inquiry.end();
  d.trial.reset();
  d.trial_wait = first_trial_wait;
  d.trial_due = now + between_connects;
  if (active_) d.trial_due = std::max(*d.trial_due, d.grace_until);
  tell(CircuitStateChanged{d.spec.name, before, CircuitState::open, evidence});
  if (i == active_) leave(now, SwitchReason::circuit_breaker, evidence);
}

// --- Trying again ----------------------------------------------------------------------------------------------------

void Brain::schedule_trial(TimePoint now, DatabaseIndex i) {
  Database& d = databases_[i];
  if (!active_ && !starting_) {
    // Measured from trial to trial, however long one takes, less what the turns of the others may add.
    const auto others = static_cast<Duration::rep>(databases_.size()) - 1;
    const Duration longest = std::max(rescue_interval - between_connects * others, between_connects);
    d.trial_due = d.trial_began + std::chrono::duration_cast<Duration>(longest * (0.5 + 0.5 * uniform()));
    return;
  }
  d.trial_wait = std::max(d.trial_wait, first_trial_wait);
  d.trial_due = std::max(now + d.trial_wait, d.grace_until);
  d.trial_wait = std::min(2 * d.trial_wait, std::max(settings_.health_check_interval, first_trial_wait));
}

// While nothing is usable they take turns, those first that have waited longest.
void Brain::begin_due_trials(TimePoint now) {
  while (true) {
    std::optional<DatabaseIndex> first;
    for (DatabaseIndex i = 0; i < databases_.size(); ++i) {
      const Database& d = databases_[i];
      if (d.trial || !d.trial_due || *d.trial_due > now) continue;
      if (!first || *d.trial_due < *databases_[*first].trial_due) first = i;
    }
    if (!first || (!active_ && now < next_rescue_)) return;
    begin_trial(now, *first, TrialPurpose::reopen);
  }
}

TimePoint Brain::next_trial_due() const noexcept {
  TimePoint next = TimePoint::max();
  for (const Database& d : databases_) {
    if (!d.trial) next = std::min(next, d.trial_due.value_or(TimePoint::max()));
  }
  return active_ ? next : std::max(next, next_rescue_);
}

void Brain::begin_trial(TimePoint now, DatabaseIndex i, TrialPurpose purpose) {
  Database& d = databases_[i];
  d.trial_due.reset();
  d.trial_began = now;
  // FB-2: the evidence that made the client leave must be good again; always a read, a write if the client writes.
  Trial trial{.purpose = purpose, .to_come = {ProbeKind::ping}};
  if (d.left_for_writes || writes_recently(now)) trial.to_come.push_back(ProbeKind::write);
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
  if (d.circuit == CircuitState::half_open) d.circuit = CircuitState::open;
  if (d.circuit == CircuitState::open || !active_) schedule_trial(now, i);
  else suspect(now, i, ProbeKind::ping, d.last_evidence);
}

void Brain::on_trial_passed(TimePoint now, DatabaseIndex i, TrialPurpose purpose) {
  Database& d = databases_[i];
  if (purpose == TrialPurpose::failback && active_) {
    // Things may have moved while the trial ran.
    const bool still = is_eligible(now, d) && d.spec.weight > databases_[*active_].spec.weight;
    if (still)
      switch_to(now, i, SwitchReason::failback, "heavier than " + databases_[*active_].spec.name + " and well");
    return;
  }
  if (d.circuit != CircuitState::closed) {
    d.circuit = CircuitState::closed;
    // `half_open` was never told: a trial that fails is no news.
    tell(CircuitStateChanged{d.spec.name, CircuitState::open, CircuitState::closed, "a trial passed"});
  }
  if (!active_ && !starting_) {
    // FO-6: the first that passes is active, whatever its weight, its grace or its last check said.
    if (d.spec.has_checks) set_health(i, Health::healthy, "a trial passed");
    switch_to(now, i, why_left_, left_evidence_);
    return;
  }
  if (d.spec.has_checks && d.health != Health::healthy) actions_.emplace_back(CheckNow{i});
  leave_unhealthy_if_possible(now);
}

// FB-1: each client looks at moments of its own.
void Brain::schedule_failback(TimePoint now) {
  if (settings_.auto_fallback_interval <= Duration::zero()) return;
  const double factor = 0.9 + 0.2 * uniform();
  next_failback_ = now + std::chrono::duration_cast<Duration>(settings_.auto_fallback_interval * factor);
}

void Brain::look_for_failback(TimePoint now) {
  schedule_failback(now);
  const auto best = select(now);
  if (!best || !active_) return;
  Database& d = databases_[*best];
  if (d.spec.weight > databases_[*active_].spec.weight && !d.trial) begin_trial(now, *best, TrialPurpose::failback);
}

// --- Moving ----------------------------------------------------------------------------------------------------------

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
  if (next_failback_ && *next_failback_ <= now) look_for_failback(now);
  leave_unhealthy_if_possible(now);
}

TimePoint Brain::next_wake() const {
  TimePoint next = std::min(next_failback_.value_or(TimePoint::max()), next_trial_due());
  const bool wants_to_leave = active_ && databases_[*active_].health == Health::unhealthy;
  for (const Database& d : databases_) {
    for (const Inquiry& inquiry : d.inquiries) next = std::min(next, inquiry.probe_due().value_or(TimePoint::max()));
    // A grace that had ended by the last look is no reason for another.
    if (wants_to_leave && d.grace_until > woken_at_ && d.circuit == CircuitState::closed &&
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

std::vector<DatabaseStatus> Brain::describe(TimePoint now) const {
  std::vector<DatabaseStatus> all;
  all.reserve(databases_.size());
  for (DatabaseIndex i = 0; i < databases_.size(); ++i) {
    const Database& d = databases_[i];
    all.push_back({.name = d.spec.name,
                   .weight = d.spec.weight,
                   .active = i == active_,
                   .circuit = d.circuit,
                   .health = d.health,
                   .grace_left = std::max(d.grace_until - now, Duration::zero()),
                   .last_evidence = d.last_evidence,
                   .eligible = is_eligible(now, d),
                   .why_not = why_not_eligible(now, d)});
  }
  return all;
}

}  // namespace meridian::failover
