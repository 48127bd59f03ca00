// The failover brain: what happened goes in, what to do comes out. Pure: it is told the time, does no I/O, holds no
// lock, and runs the same in production and in the simulator. Lives on the client's loop.
//
// For each database it keeps three things apart: the circuit breaker (what traffic and probes say), the health (what
// scheduled checks say) and the grace period (how long it stays out after a failover). A database is eligible when all
// three agree (FO-1) and no operator has drained it. Only trouble of those that carry traffic moves anything (FO-2):
// that is the active one, and in a stage of a failback also the one it returns to.
//
// A database keeps its index for ever; that of one that was removed is not used again.
#pragma once

#include <algorithm>
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
#include "failover/settings.hpp"

namespace meridian::failover {

// A connection that ended without our doing, or could not be made.
struct ConnectionTrouble {
  ErrorCode code = ErrorCode::connection_lost;
  std::string message{};
  bool carries_commands = false;  // a connection for user commands or a subscriber; else one for checks
  bool is_subscriber = false;     // cut off again and again, one says nothing (faults.md, row 31)
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

// A choice by hand (MAN-1).
struct Choice {
  SwitchReason reason = SwitchReason::manual;
  std::optional<Duration> hold{};  // no automatic failback for so long; at least the grace period of the target
};

// How one attempt of a command ended.
struct AttemptOutcome {
  bool is_read = false;
  bool failed = false;
  ErrorCode code{};  // of a failed one
  std::string text{};
  std::uint64_t link = 0;
  TimePoint sent_at{};
};

// Commands of one class that were sent at the same time on one connection and answered at the same time.
struct AnsweredAttempts {
  bool is_read = false;
  std::size_t count = 1;
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
  // The same as so many of them, each without a failure.
  void on_answered(TimePoint now, DatabaseIndex i, std::uint64_t epoch, const AnsweredAttempts& answered);
  void on_probe(TimePoint now, ProbeId id, const core::ProbeReport& report);
  // A connection for user commands is there.
  void on_connected(TimePoint now, DatabaseIndex i);
  // A detector of the program's wants the breaker open.
  void on_detector(TimePoint now, DatabaseIndex i, std::uint64_t epoch, const std::string& evidence);
  // The program's strategy has picked; nothing: it has no opinion, or failed.
  void on_strategy(TimePoint now, QuestionId id, std::optional<DatabaseIndex> choice);

  // --- By hand (MAN-1 … MAN-3, FB-4). Each ends with an `OperationDone`. REQUIRES: started; a database that is in.
  void set_active(TimePoint now, OperationId id, DatabaseIndex i, const Choice& choice);
  void set_pinned(OperationId id, bool pinned);
  void set_drained(TimePoint now, OperationId id, DatabaseIndex i, bool drained);
  void set_mode(TimePoint now, OperationId id, DecisionMode mode);
  void add(TimePoint now, OperationId id, DatabaseSpec spec);  // takes the next index
  void remove(TimePoint now, OperationId id, DatabaseIndex i);
  void set_checked(DatabaseIndex i);  // it has a check now, if it had none
  void set_weight(TimePoint now, OperationId id, DatabaseIndex i, double weight);
  // `breakers`: for every index that there is.
  void reconfigure(TimePoint now, OperationId id, Settings settings,
                   const std::vector<CircuitBreakerOptions>& breakers);

  // Time passed. `next_wake` says when this should be called at the latest.
  void wake(TimePoint now);
  [[nodiscard]] TimePoint next_wake() const;

  // What is to be done now, in order. Empties the list.
  [[nodiscard]] std::vector<Action> take_actions() { return std::exchange(actions_, {}); }
  [[nodiscard]] bool has_actions() const noexcept { return !actions_.empty(); }

  // --- How things stand.
  [[nodiscard]] std::optional<DatabaseIndex> active() const noexcept { return active_; }
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }
  [[nodiscard]] Traffic traffic() const noexcept;
  [[nodiscard]] bool is_in(DatabaseIndex i) const noexcept { return !databases_[i].removed; }
  [[nodiscard]] std::size_t size() const noexcept { return databases_.size(); }  // with those that were removed

  // CMD-1: a suspicion about what carries traffic is being looked into, or the next target is being picked; what was
  // rejected waits for the verdict.
  [[nodiscard]] bool verdict_pending() const noexcept;

  // FO-6: what a call is told while nothing is usable. REQUIRES: !active().
  [[nodiscard]] Error unavailable_error(TimePoint now) const;

  [[nodiscard]] ClientStatus describe(TimePoint now) const;
  [[nodiscard]] DatabaseStatus describe(TimePoint now, DatabaseIndex i) const;

 private:
  enum class TrialPurpose { reopen, failback, by_hand };

  // An attempt to use a database again: the probes that must all be answered, one after another (FB-2).
  struct Trial {
    TrialPurpose purpose{};
    std::vector<core::ProbeKind> to_come{};
    ProbeId probe = 0;
  };

  // Somebody chose a database by hand, and its trial is under way.
  struct PendingChoice {
    OperationId id = 0;
    Choice choice{};
  };

  // FB-3: a failback by stages.
  struct Return {
    DatabaseIndex to = 0;
    std::vector<int> ramp{};  // as it was configured when the return began; empty: reads first
    std::size_t stage = 0;
    TimePoint next{};
  };

  // The program's strategy has been asked.
  struct Question {
    QuestionId id = 0;
    SwitchReason reason{};
    std::string evidence{};
    TimePoint until{};
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
    explicit Database(DatabaseSpec description)
        : spec(std::move(description)),
          reads(spec.breaker),
          writes(spec.breaker),
          connections(spec.breaker.sustained_failures, spec.breaker.sustained_failures.rate) {}

    [[nodiscard]] Inquiry& inquiry(core::ProbeKind kind) noexcept { return inquiries[static_cast<std::size_t>(kind)]; }
    [[nodiscard]] bool is_looked_into() const noexcept {
      return std::any_of(inquiries.begin(), inquiries.end(), [](const Inquiry& q) { return q.is_active(); });
    }

    DatabaseSpec spec;
    CircuitState circuit = CircuitState::closed;
    Health health = Health::unknown;
    TimePoint grace_until{};
    std::string last_evidence;
    std::string refusal_told;  // the last ConfigurationRefused; probes put the same words into `last_evidence`

    bool drained = false;
    bool removed = false;
    std::optional<TimePoint> forget_at;  // of one that was removed
    std::uint64_t serves_since = 0;      // the epoch; outcomes of older ones change nothing (DET-4)

    Detector reads;
    Detector writes;
    SustainedDetector connections;
    DatabaseCounters counters;
    std::array<Answers, 2> answers;  // reads, writes

    std::array<Inquiry, 3> inquiries{Inquiry(core::ProbeKind::ping), Inquiry(core::ProbeKind::write),
                                     Inquiry(core::ProbeKind::large)};
    std::array<ProbeId, 3> inquiry_probe{};
    Silence silence;  // what the silence that is being looked into was about

    std::optional<Trial> trial;
    std::vector<PendingChoice> choices;
    std::optional<TimePoint> trial_due;
    TimePoint trial_began{};
    int failed_trials = 0;                 // in a row
    bool was_left = false;                 // in a failover; it has not been active since
    std::optional<TimePoint> returned_at;  // when it was active again after that
    int flaps = 0;                         // FO-7
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
  static void note_probe(Database& database, const core::ProbeReport& report) noexcept;
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

  // Going home.
  void schedule_failback(TimePoint now);
  void look_for_failback(TimePoint now);
  [[nodiscard]] bool may_return(TimePoint now) const noexcept;
  [[nodiscard]] bool is_home(const Database& database) const noexcept;
  void begin_return(TimePoint now, DatabaseIndex to, const std::string& evidence);
  void advance_return(TimePoint now);
  void begin_stage(TimePoint now, const std::string& evidence);
  void break_off_return(TimePoint now, SwitchReason reason, const std::string& evidence);

  // By hand.
  void done(OperationId id) { actions_.emplace_back(OperationDone{id, std::nullopt}); }
  void refuse(OperationId id, ErrorCode code, std::string message);
  void choose(TimePoint now, DatabaseIndex i, const PendingChoice& pending);
  void drop_choices(DatabaseIndex i, ErrorCode code, const std::string& why);
  [[nodiscard]] bool is_last_in_service(DatabaseIndex i) const noexcept;
  void reconsider(TimePoint now);

  // Moving.
  [[nodiscard]] bool is_eligible(TimePoint now, const Database& database) const noexcept;
  [[nodiscard]] std::string why_not_eligible(TimePoint now, const Database& database) const;
  [[nodiscard]] std::optional<DatabaseIndex> select(TimePoint now) const;
  [[nodiscard]] std::vector<DatabaseIndex> candidates(TimePoint now) const;
  [[nodiscard]] static bool is_failing(const Database& database) noexcept;
  [[nodiscard]] bool carries(DatabaseIndex i) const noexcept { return active_ == i || (return_ && return_->to == i); }
  // DET-4: what was sent under this epoch is of before the database was active, this time, and changes nothing.
  [[nodiscard]] bool is_late(DatabaseIndex i, std::uint64_t epoch) const noexcept;
  [[nodiscard]] bool may_decide(std::optional<DatabaseIndex> to, SwitchReason reason, const std::string& evidence);
  void leave(TimePoint now, SwitchReason reason, const std::string& evidence);
  void go_on(TimePoint now, SwitchReason reason, const std::string& evidence);
  void ask_strategy(TimePoint now, SwitchReason reason, const std::string& evidence);
  [[nodiscard]] std::optional<std::pair<SwitchReason, std::string>> wish_to_leave() const;
  void leave_if_possible(TimePoint now);
  void take_up(DatabaseIndex i);
  void hold_down(TimePoint now, Database& database);
  void switch_to(TimePoint now, DatabaseIndex to, SwitchReason reason, const std::string& evidence);
  void become_unavailable(TimePoint now, const std::string& evidence);

  [[nodiscard]] Duration probe_timeout(const Database& database) const noexcept;
  [[nodiscard]] ProbeId start_probe(DatabaseIndex i, core::ProbeKind kind);
  [[nodiscard]] double uniform() noexcept;
  void tell(Event event) { actions_.emplace_back(Tell{std::move(event)}); }

  Settings settings_;
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
  std::optional<Return> return_;
  std::optional<Question> question_;
  QuestionId last_question_ = 0;
  DecisionMode mode_ = DecisionMode::deciding;
  std::optional<std::pair<std::optional<DatabaseIndex>, SwitchReason>> withheld_;  // told already
  bool pinned_ = false;
  TimePoint held_until_{};
  std::optional<TimePoint> last_write_;
  ProbeId last_probe_ = 0;
};

}  // namespace meridian::failover
