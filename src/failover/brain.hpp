// The failover brain: what happened goes in, what to do comes out. Pure: it is told the time, does no I/O, holds no
// lock, and runs the same in production and in the simulator. Lives on the client's loop.
//
// For each database it keeps three things apart: the circuit breaker (what traffic and probes say), the health (what
// scheduled checks say) and the grace period (how long it stays out after a failover). A database is eligible when all
// three agree (FO-1). Only trouble of the active one moves anything (FO-2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "failover/actions.hpp"
#include "failover/detector.hpp"
#include "failover/inquiry.hpp"

namespace meridian::failover {

// A connection that ended without our doing, or could not be made.
struct ConnectionTrouble {
  ErrorCode code = ErrorCode::connection_lost;
  std::string message{};
  bool carries_commands = false;  // a connection for user commands; else one for checks
  bool owed_replies = false;      // it ended while replies were owed
  bool was_ready = false;
};

// Replies are owed and nothing comes.
struct Silence {
  bool writes = false;            // some are owed to writes
  std::size_t largest_write = 0;  // bytes
};

// Which connection bytes came on after a silence: one that carries commands, or one for checks.
enum class Heard { commands, checks };

// How one attempt of a command ended.
struct AttemptOutcome {
  bool is_read = false;
  bool failed = false;
  ErrorCode code{};  // of a failed one
  std::string text{};
  std::uint64_t link = 0;
  TimePoint sent_at{};
};

class Brain {
 public:
  // `seed` feeds the jitter. REQUIRES: validated settings and at least one database.
  Brain(Settings settings, std::vector<DatabaseSpec> databases, std::uint64_t seed);

  // --- What happened. Each may leave actions behind.
  void start(TimePoint now);
  void on_check_round(TimePoint now, DatabaseIndex i, bool healthy, const std::string& evidence);
  void on_check_probe_failed(TimePoint now, DatabaseIndex i, const std::string& evidence);
  void on_connection_trouble(TimePoint now, DatabaseIndex i, const ConnectionTrouble& trouble);
  void on_silence(TimePoint now, DatabaseIndex i, const Silence& silence);
  void on_heard(TimePoint now, DatabaseIndex i, Heard heard);
  void on_attempt(TimePoint now, DatabaseIndex i, std::uint64_t epoch, const AttemptOutcome& outcome);
  void on_probe(TimePoint now, ProbeId id, const core::ProbeReport& report);

  // Time passed. `next_wake` says when this should be called at the latest.
  void wake(TimePoint now);
  [[nodiscard]] TimePoint next_wake() const;

  // What is to be done now, in order. Empties the list.
  [[nodiscard]] std::vector<Action> take_actions() { return std::exchange(actions_, {}); }
  [[nodiscard]] bool has_actions() const noexcept { return !actions_.empty(); }

  // --- How things stand.
  [[nodiscard]] std::optional<DatabaseIndex> active() const noexcept { return active_; }
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }

  // CMD-1: a suspicion about the active database is being looked into; what was not sent waits for the verdict.
  [[nodiscard]] bool verdict_pending() const noexcept;

  // FO-6: what a call is told while nothing is usable. REQUIRES: !active().
  [[nodiscard]] Error unavailable_error(TimePoint now) const;

  [[nodiscard]] std::vector<DatabaseStatus> describe(TimePoint now) const;

 private:
  enum class TrialPurpose { reopen, failback };

  // An attempt to use a database again: the probes that must all be answered, one after another (FB-2).
  struct Trial {
    TrialPurpose purpose{};
    std::vector<core::ProbeKind> to_come{};
    ProbeId probe = 0;
  };

  // Which connections answered commands of one class last, and which were blamed for timeouts (DET-4).
  struct Answers {
    struct Answer {
      TimePoint at{};
      std::uint64_t link = 0;
    };
    Answer last;
    Answer last_of_another;                             // than the one that answered last
    std::unordered_set<std::uint64_t> links_timed_out;  // counted once already, while another connection answered
  };

  struct Database {
    Database(DatabaseSpec description, const DetectorSettings& detector)
        : spec(std::move(description)), reads(detector), writes(detector) {}

    [[nodiscard]] Inquiry& inquiry(core::ProbeKind kind) noexcept { return inquiries[static_cast<std::size_t>(kind)]; }

    DatabaseSpec spec;
    CircuitState circuit = CircuitState::closed;
    Health health = Health::unknown;
    TimePoint grace_until{};
    std::string last_evidence;
    std::string refusal_told;  // the last ConfigurationRefused; probes put the same words into `last_evidence`

    Detector reads;
    Detector writes;
    std::array<Answers, 2> answers;  // reads, writes

    std::array<Inquiry, 3> inquiries{Inquiry(core::ProbeKind::ping), Inquiry(core::ProbeKind::write),
                                     Inquiry(core::ProbeKind::large)};
    std::array<ProbeId, 3> inquiry_probe{};
    Silence silence;  // what the silence that is being looked into was about

    std::optional<Trial> trial;
    std::optional<TimePoint> trial_due;
    TimePoint trial_began{};
    Duration trial_wait{};
    bool left_for_writes = false;
    bool left_for_large = false;
    Duration round_trip{0};  // smoothed
  };

  // Start.
  void decide_start(TimePoint now);
  [[nodiscard]] std::string why_not_started() const;

  // Judging.
  [[nodiscard]] static std::string evidence_of(const core::ProbeReport& report);
  void suspect(TimePoint now, DatabaseIndex i, core::ProbeKind kind, const std::string& evidence,
               std::optional<ErrorCode> cannot_serve = std::nullopt);
  void on_inquiry_report(TimePoint now, DatabaseIndex i, Inquiry& inquiry, const core::ProbeReport& report);
  void on_cleared(TimePoint now, DatabaseIndex i, core::ProbeKind kind, const core::ProbeReport& report);
  void count_failure(TimePoint now, DatabaseIndex i, bool is_read, InARow in_a_row = InARow::counted);
  void on_timed_out_attempt(TimePoint now, DatabaseIndex i, const AttemptOutcome& outcome);
  void open_circuit(TimePoint now, DatabaseIndex i, const std::string& evidence);
  void set_health(DatabaseIndex i, Health health, const std::string& evidence);
  [[nodiscard]] bool writes_recently(TimePoint now) const noexcept;

  // Trying again.
  void begin_due_trials(TimePoint now);
  [[nodiscard]] TimePoint next_trial_due() const noexcept;
  void begin_trial(TimePoint now, DatabaseIndex i, TrialPurpose purpose);
  void next_trial_probe(TimePoint now, DatabaseIndex i);
  void on_trial_report(TimePoint now, DatabaseIndex i, const core::ProbeReport& report);
  void on_trial_passed(TimePoint now, DatabaseIndex i, TrialPurpose purpose);
  void schedule_trial(TimePoint now, DatabaseIndex i);
  void schedule_failback(TimePoint now);
  void look_for_failback(TimePoint now);

  // Moving.
  [[nodiscard]] bool is_eligible(TimePoint now, const Database& database) const noexcept;
  [[nodiscard]] std::string why_not_eligible(TimePoint now, const Database& database) const;
  [[nodiscard]] std::optional<DatabaseIndex> select(TimePoint now) const noexcept;
  void leave(TimePoint now, SwitchReason reason, const std::string& evidence);
  void leave_unhealthy_if_possible(TimePoint now);
  void switch_to(TimePoint now, DatabaseIndex to, SwitchReason reason, const std::string& evidence);
  void become_unavailable(TimePoint now, const std::string& evidence);

  [[nodiscard]] Duration probe_timeout(const Database& database) const noexcept;
  [[nodiscard]] ProbeId start_probe(DatabaseIndex i, core::ProbeKind kind);
  [[nodiscard]] double uniform() noexcept;
  void tell(Event event) { actions_.emplace_back(Tell{std::move(event)}); }

  const Settings settings_;
  std::vector<Database> databases_;
  std::uint64_t random_state_;
  std::vector<Action> actions_;

  bool starting_ = true;
  bool refused_ = false;
  TimePoint woken_at_{};
  std::optional<DatabaseIndex> active_;
  std::optional<DatabaseIndex> last_active_;
  std::uint64_t epoch_ = 0;
  SwitchReason why_left_ = SwitchReason::circuit_breaker;  // the last active one, while nothing is usable
  std::string left_evidence_;
  TimePoint unavailable_since_{};
  TimePoint next_rescue_{};  // no trial begins earlier while nothing is usable: bounds the connects per second
  std::optional<TimePoint> next_failback_;
  std::optional<TimePoint> last_write_;
  ProbeId last_probe_ = 0;
};

}  // namespace meridian::failover
