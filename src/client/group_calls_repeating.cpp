// What becomes of a call whose function threw: it ends, or runs again when the rules allow it (CMD-1).
#include <algorithm>
#include <utility>

#include "client/group_call.hpp"
#include "core/backoff.hpp"
#include "core/cannot_serve.hpp"

namespace meridian::client {
namespace {

// Repetitions of what certainly did not run have no number, so they have a pace, whatever the backoff says.
constexpr Duration shortest_wait = std::chrono::milliseconds(10);

failover::AttemptRecord record_of(const GroupCalls::Call& call) {
  return {call.error->code(), call.error->delivery(), {.repeat = call.repeat}, call.doubtful};
}

}  // namespace

void GroupCalls::decide_repetition(Call& call) {
  const Delivery delivery = call.error->delivery();
  // What does not count against the member would end the same way on another.
  const bool would_be_the_same = delivery == Delivery::in_doubt && !core::counts_against_database(call.error->code());
  const auto count = adviser_ ? failover::Count::by_rule : failover::Count::by_policy;
  if (would_be_the_same || decide_retry(settings_.retry, record_of(call), count) == failover::Retry::give_up) {
    return give_up(call, {});
  }
  // What was never sent is free, and no question.
  if (delivery == Delivery::not_sent) return back_off(call, own_backoff(call));
  call.is_paid = tokens_.take(world_.clock.now());
  if (!call.is_paid) return give_up(call, "retry_budget is used up");
  if (adviser_) ask_rule(call);
  else back_off(call, own_backoff(call));
}

void GroupCalls::ask_rule(Call& call) {
  const TimePoint now = world_.clock.now();
  const auto question = adviser_->ask({.code = call.error->code(),
                                       .delivery = call.error->delivery(),
                                       .repeat = call.repeat,
                                       .attempts = call.attempts,
                                       .elapsed = now - call.issued,
                                       .database = call.target->name});
  if (!question) return follow_policy(call);
  call.question = *question;
  call.resume_at = std::min(now + longest_advice, *call.deadline);
  asked_about_.emplace(*question, &call);
}

void GroupCalls::stop_asking(Call& call) {
  if (call.question != 0) asked_about_.erase(std::exchange(call.question, 0));
}

void GroupCalls::on_advice(std::uint64_t question, const Advice& advice) {
  const auto found = asked_about_.find(question);
  if (found == asked_about_.end()) return;
  Call& call = *found->second;
  stop_asking(call);
  if (advice.passed_over) follow_policy(call);
  else if (advice.wait) back_off(call, *advice.wait);
  else give_up(call, "RetryPolicy::rule says so");
  wake(call);
}

// The rule has not said anything: RetryPolicy's own number and backoff decide.
void GroupCalls::follow_policy(Call& call) {
  if (decide_retry(settings_.retry, record_of(call)) == failover::Retry::give_up) return give_up(call, {});
  back_off(call, own_backoff(call));
}

Duration GroupCalls::own_backoff(const Call& call) {
  return core::backoff_delay(settings_.retry.policy.backoff, call.repeats + 1, world_.random.uniform());
}

void GroupCalls::back_off(Call& call, Duration wait) {
  ++call.repeats;
  if (call.error->delivery() == Delivery::in_doubt) ++call.doubtful;
  else wait = std::max(wait, shortest_wait);
  const TimePoint now = world_.clock.now();
  call.resume_at = wait < *call.deadline - now ? now + wait : *call.deadline;
}

// `why`: for whoever may wonder; empty if that is plain.
void GroupCalls::give_up(Call& call, std::string_view why) {
  ErrorDetails details = call.error->details();
  if (!why.empty()) details.message.append("; not repeated: ").append(why);
  static_cast<void>(end(call, Error(std::move(details)), Words::its_own));
}

}  // namespace meridian::client
