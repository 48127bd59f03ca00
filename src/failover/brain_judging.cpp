// What the brain makes of evidence: checks, connections, silence, outcomes of commands, answers of probes.
#include <algorithm>
#include <utility>

#include "core/cannot_serve.hpp"
#include "core/decision.hpp"
#include "core/server_text.hpp"
#include "failover/brain.hpp"
#include "failover/pace.hpp"

namespace meridian::failover {
namespace {

using core::ProbeKind;
using core::ProbeVerdict;

// DET-3: only a client that wrote so recently leaves for write trouble.
constexpr Duration recent_write = std::chrono::seconds(60);
// DET-3: a write that does not fit one small packet may be stuck where small ones pass.
constexpr std::size_t large_write = 1400;

}  // namespace

// A server's own words may hold anything; ours about connections are fit to print already.
std::string Brain::evidence_of(const core::ProbeReport& report) {
  return report.verdict == ProbeVerdict::cannot_serve ? core::escape_server_text(report.text) : report.text;
}

void Brain::set_health(DatabaseIndex i, Health health, const std::string& evidence) {
  Database& d = databases_[i];
  if (!evidence.empty()) d.last_evidence = evidence;
  if (d.health == health) return;
  const Health before = std::exchange(d.health, health);
  tell(HealthChanged{d.spec.name, before, health, evidence});
}

void Brain::on_check_round(TimePoint now, DatabaseIndex i, bool healthy, const std::string& evidence) {
  if (databases_[i].removed) return;
  set_health(i, healthy ? Health::healthy : Health::unhealthy, evidence);
  if (healthy && core::decide<core::Decision::check_closes_breaker>(false, true)) {
    databases_[i].circuit = CircuitState::closed;
  }
  if (healthy) databases_[i].refusal_told.clear();  // a later refusal is news
  if (starting_) return decide_start(now);
  leave_if_possible(now);
}

void Brain::on_check_probe_failed(TimePoint now, DatabaseIndex i, const std::string& evidence) {
  if (carries(i)) suspect(now, i, ProbeKind::ping, evidence);
}

void Brain::on_connection_trouble(TimePoint now, DatabaseIndex i, const ConnectionTrouble& trouble) {
  Database& d = databases_[i];
  if (d.removed) return;
  if (trouble.code == ErrorCode::local_resource) return;  // our own machine; never blamed on the database
  // CMD-2: we closed a connection that was stuck while its silence was being looked into; that says nothing new.
  if (trouble.was_ready && trouble.code == ErrorCode::timed_out) return;
  const bool refused = trouble.code == ErrorCode::authentication_failed || trouble.code == ErrorCode::invalid_argument;
  // faults.md row 21: what is wrong with a certificate is a matter of configuration, and counts all the same.
  if (refused || trouble.code == ErrorCode::tls_failed) {
    if (std::exchange(d.refusal_told, trouble.message) != trouble.message) {
      tell(ConfigurationRefused{d.spec.name, trouble.message});
    }
    d.last_evidence = trouble.message;
  }
  ++d.counters.connections_lost;
  if (!refused && carries(i) && trouble.carries_commands && trouble.code != ErrorCode::max_clients) {
    // DET-4: one failure, however many commands it carried. One that owed nothing says something only if it lasts, and
    // one of a subscriber's that cannot be had says nothing about commands: it is looked into, as all of them are.
    if (trouble.owed_replies || (!trouble.was_ready && !trouble.is_subscriber)) {
      count_failure(now, i, true);
      count_failure(now, i, false);
    }
    if (!trouble.is_subscriber) d.connections.failure(now);
    if (const auto share = d.connections.verdict(now)) {
      open_circuit(now, i, *share + " connections failed, and it lasts");
    }
  }
  suspect(now, i, ProbeKind::ping, trouble.message);
}

void Brain::on_silence(TimePoint now, DatabaseIndex i, const Silence& silence) {
  Database& d = databases_[i];
  // Another connection that is silent, too, and owes nothing to writes, does not make those that are owed less so.
  if (silence.writes || !d.silence.writes) d.silence = silence;
  if (silence.writes && carries(i)) last_write_ = now;  // a write that is owed is a write
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

bool Brain::is_late(DatabaseIndex i, std::uint64_t epoch) const noexcept {
  const bool is_of_before = !carries(i) || epoch < databases_[i].serves_since;
  return core::decide<core::Decision::late_result_counted>(is_of_before, false);
}

void Brain::on_attempt(TimePoint now, DatabaseIndex i, std::uint64_t epoch, const AttemptOutcome& outcome) {
  if (!outcome.failed) {
    on_answered(now, i, epoch, {.is_read = outcome.is_read, .link = outcome.link, .sent_at = outcome.sent_at});
    return;
  }
  Database& d = databases_[i];
  ++(outcome.is_read ? d.counters.failed_reads : d.counters.failed_writes);
  if (is_late(i, epoch)) return;
  if (!outcome.is_read) last_write_ = now;
  if (outcome.code == ErrorCode::timed_out) return on_timed_out_attempt(now, i, outcome);
  if (!core::is_cannot_serve(outcome.code)) return;  // counted with its connection, or the caller's own affair (DET-2)
  const ProbeKind same_class = outcome.is_read ? ProbeKind::ping : ProbeKind::write;
  suspect(now, i, same_class, outcome.text, outcome.code);
  // What may end by itself is left to the inquiry, which lets it last; in a row it would trip within milliseconds.
  count_failure(now, i, outcome.is_read, may_end_by_itself(outcome.code) ? InARow::ignored : InARow::counted);
}

// The hot path: once for each command that is answered, or for many.
void Brain::on_answered(TimePoint now, DatabaseIndex i, std::uint64_t epoch, const AnsweredAttempts& answered) {
  Database& d = databases_[i];
  (answered.is_read ? d.counters.reads : d.counters.writes) += answered.count;
  if (is_late(i, epoch)) return;
  if (!answered.is_read) last_write_ = now;
  Detector& detector = answered.is_read ? d.reads : d.writes;
  if (detector.success(now, now - answered.sent_at, answered.count)) {
    d.counters.slow += answered.count;
    if (const auto why = detector.slow_verdict(now)) open_circuit(now, i, *why);
  }
  Answers& answers = d.answers[answered.is_read ? 0 : 1];
  if (answers.last.link != answered.link) answers.last_of_another = answers.last;
  answers.last = {now, answered.link};
}

void Brain::on_timed_out_attempt(TimePoint now, DatabaseIndex i, const AttemptOutcome& outcome) {
  Answers& answers = databases_[i].answers[outcome.is_read ? 0 : 1];
  const Answers::Answer& other = answers.last.link != outcome.link ? answers.last : answers.last_of_another;
  const bool another_answered = other.link != 0 && other.at > outcome.sent_at;
  if (another_answered && !answers.links_timed_out.insert(outcome.link).second) return;
  if (core::decide<core::Decision::timeout_not_counted>(false, true)) return;
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

void Brain::on_connected(TimePoint now, DatabaseIndex i) { databases_[i].connections.success(now); }

void Brain::on_detector(TimePoint now, DatabaseIndex i, std::uint64_t epoch, const std::string& evidence) {
  if (!is_late(i, epoch)) open_circuit(now, i, evidence);
}

bool Brain::writes_recently(TimePoint now) const noexcept { return last_write_ && now - *last_write_ <= recent_write; }

void Brain::suspect(TimePoint now, DatabaseIndex i, ProbeKind kind, const std::string& evidence,
                    std::optional<ErrorCode> cannot_serve) {
  Database& d = databases_[i];
  if (d.circuit != CircuitState::closed || starting_ || d.removed) return;
  if (core::decide<core::Decision::suspicion_not_probed>(false, true)) return;
  if (!evidence.empty()) d.last_evidence = evidence;
  d.inquiry(kind).begin(now, cannot_serve);
  wake(now);
}

bool Brain::verdict_pending() const noexcept {
  if (question_) return true;
  return (active_ && databases_[*active_].is_looked_into()) || (return_ && databases_[return_->to].is_looked_into());
}

void Brain::note_probe(Database& d, const core::ProbeReport& report) noexcept {
  if (report.verdict != ProbeVerdict::answered) {
    ++d.counters.failed_probes;
  } else if (report.round_trip > Duration::zero()) {
    d.round_trip = d.round_trip == Duration::zero() ? report.round_trip : (3 * d.round_trip + report.round_trip) / 4;
  }
}

void Brain::on_probe(TimePoint now, ProbeId id, const core::ProbeReport& report) {
  for (DatabaseIndex i = 0; i < databases_.size(); ++i) {
    Database& d = databases_[i];
    const bool mine = (d.trial && d.trial->probe == id) ||
                      std::find(d.inquiry_probe.begin(), d.inquiry_probe.end(), id) != d.inquiry_probe.end();
    if (mine) note_probe(d, report);
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
      leave_if_possible(now);  // the one that was cleared may be where to go
      if (core::decide<core::Decision::verdict_kept_back>(false, true)) return;
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
  if (report.verdict != ProbeVerdict::answered || !carries(i) || !d.silence.writes) return;
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
  // Whoever waits for the verdict has it; a switch need not follow.
  const bool was_looked_into = d.is_looked_into();
  for (Inquiry& inquiry : d.inquiries) inquiry.end();
  if (was_looked_into) actions_.emplace_back(VerdictReached{});
  d.trial.reset();
  drop_choices(i, ErrorCode::temporarily_unavailable, d.spec.name + " is not well: " + evidence);
  d.failed_trials = 0;
  d.trial_due = now + between_connects;
  if (active_) d.trial_due = std::max(*d.trial_due, d.grace_until);
  tell(CircuitStateChanged{d.spec.name, before, CircuitState::open, evidence});
  actions_.emplace_back(ForgetAttempts{i});
  if (core::decide<core::Decision::trouble_elsewhere_moves>(i == active_, true))
    leave(now, SwitchReason::circuit_breaker, evidence);
  else if (carries(i) && may_decide(active_, SwitchReason::circuit_breaker, evidence)) {
    break_off_return(now, SwitchReason::circuit_breaker, evidence);
  }
}

}  // namespace meridian::failover
