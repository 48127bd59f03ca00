// What becomes of a call whose attempt failed: it ends, or is sent again when the rules allow it (CMD-1).
#include <algorithm>
#include <utility>

#include "client/call_runner.hpp"
#include "core/backoff.hpp"
#include "core/decision.hpp"

namespace meridian::client {

void CallRunner::end_attempt(Call& call, const protocol::Failure& failure, std::string server_text) {
  if (failure.delivery == Delivery::in_doubt) call.may_have_run = true;
  if (failure.delivery == Delivery::not_sent || failure.delivery == Delivery::rejected) came_back(call);
  call.was_rejected = failure.delivery == Delivery::rejected;
  call.error = error_of(call, failure, std::move(server_text));
  if (call.session != nullptr && end_in_session(call, failure)) return;
  if (world_.clock.now() >= call.call_deadline) return fail(call);
  switch (decide_retry(settings_.retry, {failure.code, failure.delivery, call.request.traits, call.doubtful},
                       adviser_ ? failover::Count::by_rule : failover::Count::by_policy)) {
    case failover::Retry::give_up: return fail(call);
    case failover::Retry::when_possible:
      // A connection is being failed right now, with others behind this call: all wait, then all are routed in order.
      put_in_line(call);
      return route_soon();
    case failover::Retry::after_backoff: return repeat_if_affordable(call);
  }
}

// PIPE-2: a pipeline of which nothing went out, or nothing was run, may begin anew elsewhere.
void CallRunner::came_back(Call& call) {
  if (call.batch != nullptr && --call.batch->out == 0) call.batch->epoch.reset();
}

// Repetitions of what was sent multiply the traffic of a database that is in trouble, so there is a budget for them.
void CallRunner::repeat_if_affordable(Call& call) {
  call.repeat_paid = core::decide<core::Decision::budget_ignored>(retry_tokens_.take(world_.clock.now()), true);
  if (!call.repeat_paid) return give_up(call, "retry_budget is used up");
  if (adviser_) ask_rule(call);
  else wait_for_backoff(call, own_backoff(call));
}

// Until the answer comes, or too late, or the call is over.
void CallRunner::ask_rule(Call& call) {
  const TimePoint now = world_.clock.now();
  const auto question = adviser_->ask({.command = call.request.name(),
                                       .code = call.error->code(),
                                       .delivery = call.error->delivery(),
                                       .repeat = call.request.traits.repeat,
                                       .attempts = call.attempts,
                                       .elapsed = now - call.issued,
                                       .database = router_.database_name(call.database)});
  if (!question) return follow_policy(call);
  const TimePoint due = std::min(now + longest_advice, call.call_deadline);
  waiting_.add_for_advice(call, *question, due);
  schedule(due);
}

void CallRunner::on_advice(std::uint64_t question, const Advice& advice) {
  Call* const call = waiting_.asked_about(question);
  if (call == nullptr) return;
  waiting_.remove(*call);
  if (advice.passed_over) follow_policy(*call);
  else if (advice.wait) wait_for_backoff(*call, *advice.wait);
  else give_up(*call, "RetryPolicy::rule says so");
}

// The rule has not said anything: RetryPolicy's own number and backoff decide.
void CallRunner::follow_policy(Call& call) {
  const failover::AttemptRecord attempt{call.error->code(), call.error->delivery(), call.request.traits, call.doubtful};
  if (decide_retry(settings_.retry, attempt) == failover::Retry::give_up) return fail(call);
  wait_for_backoff(call, own_backoff(call));
}

Duration CallRunner::own_backoff(const Call& call) {
  return core::backoff_delay(settings_.retry.policy.backoff, call.repeats + 1, world_.random.uniform());
}

void CallRunner::wait_for_backoff(Call& call, Duration wait) {
  ++call.repeats;
  if (call.error->delivery() == Delivery::in_doubt) ++call.doubtful;
  // These repetitions have no number, so they have a pace, whatever the backoff says.
  if (call.was_rejected) wait = std::max<Duration>(wait, std::chrono::milliseconds(10));
  const TimePoint now = world_.clock.now();
  const TimePoint due = wait < call.call_deadline - now ? now + wait : call.call_deadline;
  waiting_.add_for_backoff(call, due);
  schedule(due);
}

void CallRunner::give_up(Call& call, std::string_view why) {
  ErrorDetails details = call.error->details();
  details.message.append("; not repeated: ").append(why);
  call.error = Error(std::move(details));
  fail(call);
}

}  // namespace meridian::client
