// Decisions that the simulator must be able to get wrong on purpose. In production `decide<…>(right, wrong)` is
// `right`, and the compiler forgets the rest; in the build with MERIDIAN_PLANTED_BUGS the one planted decision is
// `wrong`, and the invariant checks or a rule's test must notice. tests/simulation/planted lists them and says what
// each breaks.
#pragma once

#include <cstddef>

namespace meridian::core {

enum class Decision {
  none,
  // Calls.
  repeat_when_in_doubt,  // may this command, which may have run, be sent again?
  repeat_transaction,    // is EXEC one that is never sent again?
  doubt_forgotten,       // does one doubtful attempt outweigh what is certain about the others?
  split_pipeline,        // is this pipeline bound to another epoch?
  out_of_order,          // do those that wait go in the order of issue?
  budget_ignored,        // is there something left for a repetition?
  verdict_not_awaited,   // is what was refused held back while the server's fate is being decided?
  write_of_old_epoch,    // may this connection, whose epoch may be over, still hand commands to its socket?
  never_retired,         // does a switch retire the old connections?
  subscription_stays,    // do subscriptions follow a switch?
  // Noticing.
  late_result_counted,      // is this result of before the database was active this time?
  charged_to_the_active,    // which database does a failed attempt count against?
  timeout_not_counted,      // does a timeout count?
  window_reset_by_success,  // does a success leave the window's failures alone?
  suspicion_not_probed,     // is a suspicion looked into?
  verdict_kept_back,        // are calls told that a suspicion was cleared?
  trouble_elsewhere_moves,  // is it the active one whose breaker opened?
  lasting_ignored,          // does trouble that lasts open the breaker?
  check_closes_breaker,     // does a passed check leave the breaker alone?
  // Moving.
  start_without_heaviest,  // does the start wait for a heavier one that is not decided?
  grace_ignored,           // has its grace period ended?
  grace_without_target,    // does grace begin only when there is somewhere to go?
  hold_down_ignored,       // does one that failed soon after its return stay out longer?
  unhealthy_chosen,        // is it healthy?
  drained_chosen,          // is it not drained?
  lighter_chosen,          // which of two is the better target?
  failback_without_trial,  // is one tried before traffic goes home?
  failback_to_lighter,     // is it heavier than the active one?
  trial_without_write,     // does the trial of a client that writes contain a write?
  half_open_for_ever,      // is a trial that failed followed by another?
  rescue_never_scheduled,  // while nothing is usable, is everything tried?
  pin_ignored,             // is automatic failback forbidden by hand?
  freeze_ignored,          // is the client allowed to decide?
  count
};

#ifdef MERIDIAN_PLANTED_BUGS
inline thread_local Decision planted_bug = Decision::none;

template <Decision decision, class Choice>
[[nodiscard]] Choice decide(Choice right, Choice wrong) noexcept {
  return planted_bug == decision ? wrong : right;
}
#else
template <Decision decision, class Choice>
[[nodiscard]] constexpr Choice decide(Choice right, Choice) noexcept {
  return right;
}
#endif

}  // namespace meridian::core
