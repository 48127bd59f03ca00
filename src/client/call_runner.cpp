#include "client/call_runner.hpp"

#include <algorithm>
#include <utility>

#include "client/new_call.hpp"
#include "core/backoff.hpp"
#include "core/cannot_serve.hpp"
#include "core/server_text.hpp"
#include "protocol/server_error.hpp"

namespace meridian::client {

void Call::on_reply(ReplyView reply) noexcept { runner->on_reply(*this, reply); }
void Call::on_failure(const protocol::Failure& failure) noexcept { runner->on_failure(*this, failure); }

CallRunner::CallRunner(io::World& world, Router& router, RunnerSettings settings)
    : world_(world), router_(router), settings_(settings), timer_(world.loop.make_timer()) {}

CallRunner::~CallRunner() = default;

void CallRunner::submit(std::unique_ptr<Call> call) {
  const auto put_into_inbox = [&] {
    const std::lock_guard lock(inbox_mutex_);
    if (closed_) return false;
    inbox_.push_back(std::move(call));
    // Posted under the lock, so that `close` knows of every task that still comes.
    if (!std::exchange(inbox_posted_, true)) world_.loop.post([this] { drain_inbox(); });
    return true;
  };
  if (put_into_inbox()) return;
  refuse(call->done, ErrorCode::closed, call->request.name + ": the client is closed");
}

void CallRunner::drain_inbox() {
  std::vector<std::unique_ptr<Call>> arrived;
  {
    const std::lock_guard lock(inbox_mutex_);
    arrived.swap(inbox_);
    inbox_posted_ = false;
  }
  for (std::unique_ptr<Call>& owned : arrived) {
    Call& call = take(std::move(owned));
    // Those that wait go first: calls of one caller keep their order.
    if (waiting_.empty()) attempt(call);
    else wait_for_route(call);
  }
  flush();
}

Call& CallRunner::take(std::unique_ptr<Call> call) {
  call->runner = this;
  call->number = ++last_number_;
  return *calls_.emplace(call->number, std::move(call)).first->second;
}

void CallRunner::attempt(Call& call) {
  const TimePoint now = world_.clock.now();
  if (now >= call.call_deadline) {
    if (!call.error) call.error = error_of(call, router_.why_waiting(), {});
    return fail(call);
  }
  // CMD-1: what the server refused is not sent there again while its fate is being decided.
  if (call.was_rejected && router_.is_verdict_pending()) return wait_for_verdict(call);
  Route route = router_.route();
  if (route.refusal) {
    ErrorDetails details = route.refusal->details();
    details.command = call.request.name;
    if (call.error) details.message += "; the last attempt: " + call.error->message();
    call.error = Error(std::move(details));
    return fail(call);
  }
  if (route.database == nullptr) return wait_for_route(call);
  ++call.attempts;
  call.database = route.index;
  call.epoch = route.epoch;
  call.sent_at = now;
  call.attempt_deadline = std::min(call.call_deadline, now + route.attempt_timeout);
  call.had_its_time = call.attempt_deadline == now + route.attempt_timeout;
  call.link = route.database->send(call);
  if (std::find(to_flush_.begin(), to_flush_.end(), route.database) == to_flush_.end()) {
    to_flush_.push_back(route.database);
  }
}

void CallRunner::flush() {
  // A flush may find a dead connection, whose commands then wait again; nothing is added to the list meanwhile.
  for (database::Database* database : std::exchange(to_flush_, {})) database->flush();
}

void CallRunner::wait_for_route(Call& call) {
  if (call.attempts == 0 && (waiting_.size() >= settings_.max_queued ||
                             waiting_bytes_ + call.request.bytes.size() > settings_.max_queued_bytes)) {
    call.error = error_of(call,
                          {ErrorCode::queue_full, Delivery::not_sent,
                           std::to_string(waiting_.size()) + " commands (" + std::to_string(waiting_bytes_) +
                               " bytes) wait for a connection already: max_queued or max_queued_bytes reached"},
                          {});
    return fail(call);
  }
  waiting_.emplace(call.number, &call);
  waiting_bytes_ += call.request.bytes.size();
  schedule(call.call_deadline);
}

void CallRunner::wait_for_backoff(Call& call) {
  ++call.repeats;
  Duration wait = core::backoff_delay(settings_.retry.policy.backoff, call.repeats, world_.random.uniform());
  // These repetitions have no number, so they have a pace, whatever the backoff says.
  if (call.was_rejected) wait = std::max<Duration>(wait, std::chrono::milliseconds(10));
  const TimePoint when = std::min(world_.clock.now() + wait, call.call_deadline);
  delayed_.emplace(when, &call);
  schedule(when);
}

// Apart from those that wait for a route: other calls are not to queue up behind what one was refused.
void CallRunner::wait_for_verdict(Call& call) {
  held_.emplace(call.number, &call);
  schedule(call.call_deadline);
}

void CallRunner::release_held() {
  for (const auto& [number, call] : std::exchange(held_, {})) {
    waiting_.emplace(number, call);
    waiting_bytes_ += call->request.bytes.size();
  }
}

void CallRunner::on_switch() {
  release_held();
  for (auto at = delayed_.begin(); at != delayed_.end();) {
    Call& call = *at->second;
    if (!call.was_rejected) {
      ++at;
      continue;
    }
    at = delayed_.erase(at);
    waiting_.emplace(call.number, &call);
    waiting_bytes_ += call.request.bytes.size();
  }
  route_waiting();
}

void CallRunner::route_waiting() {
  if (!router_.is_verdict_pending()) release_held();
  if (routing_ || waiting_.empty()) return;
  routing_ = true;
  // Whatever cannot go now comes back into `waiting_`, in its old place.
  for (const auto& [number, call] : std::exchange(waiting_, {})) {
    waiting_bytes_ -= call->request.bytes.size();
    attempt(*call);
  }
  routing_ = false;
  flush();
}

void CallRunner::on_reply(Call& call, ReplyView reply) {
  if (!reply.is_error()) {
    router_.on_attempt_answered(call);
    return complete(call, Reply(std::string(reply.wire())));
  }
  const std::string text = core::escape_server_text(reply.as_string().value_or(""));
  const protocol::ServerError meaning = protocol::classify(text, call.request.traits);
  protocol::Failure failure{meaning.code, meaning.delivery, call.request.name + ": " + text};
  if (core::is_cannot_serve(meaning.code)) router_.on_attempt_failed(call, failure);
  else router_.on_attempt_answered(call);
  end_attempt(call, failure, text);
}

void CallRunner::on_failure(Call& call, const protocol::Failure& failure) {
  router_.on_attempt_failed(call, failure);
  end_attempt(call, failure, {});
}

void CallRunner::end_attempt(Call& call, const protocol::Failure& failure, std::string server_text) {
  if (failure.delivery == Delivery::in_doubt) call.may_have_run = true;
  call.was_rejected = failure.delivery == Delivery::rejected;
  call.error = error_of(call, failure, std::move(server_text));
  if (world_.clock.now() >= call.call_deadline) return fail(call);
  switch (decide_retry(settings_.retry, {failure.code, failure.delivery, call.request.traits, call.doubtful})) {
    case failover::Retry::give_up: return fail(call);
    case failover::Retry::when_possible:
      // A connection is being failed right now, with others behind this call: all wait, then all are routed in order.
      waiting_.emplace(call.number, &call);
      waiting_bytes_ += call.request.bytes.size();
      schedule(call.call_deadline);
      if (!std::exchange(route_posted_, true)) {
        world_.loop.post([this] {
          route_posted_ = false;
          route_waiting();
        });
      }
      return;
    case failover::Retry::after_backoff:
      if (failure.delivery == Delivery::in_doubt) ++call.doubtful;
      return wait_for_backoff(call);
  }
}

Error CallRunner::error_of(const Call& call, const protocol::Failure& failure, std::string server_text) const {
  return Error({.code = failure.code,
                .delivery = failure.delivery,
                .message = failure.message,
                .command = call.request.name,
                .server_text = std::move(server_text)});
}

void CallRunner::fail(Call& call) {
  ErrorDetails details = call.error->details();
  // One doubtful attempt outweighs whatever is certain about the others, but not an answer.
  if (call.may_have_run && details.delivery != Delivery::answered) details.delivery = Delivery::in_doubt;
  if (call.attempts > 0) details.database = router_.database_name(call.database);
  details.epoch = call.epoch;
  details.attempts = call.attempts;
  details.elapsed = world_.clock.now() - call.issued;
  Error error(std::move(details));
  router_.on_call_failed(call, error);
  complete(call, Unexpected(std::move(error)));
}

void CallRunner::complete(Call& call, Result<Reply> outcome) {
  const auto found = calls_.find(call.number);
  const std::unique_ptr<Call> owned = std::move(found->second);
  calls_.erase(found);
  const detail::Completion done = std::move(owned->done);
  try {
    done(std::move(outcome));
  } catch (...) {  // NOLINT(bugprone-empty-catch): a callback's failure is the callback's own
  }
}

void CallRunner::schedule(TimePoint due) {
  if (armed_ && *armed_ <= due) return;
  armed_ = due;
  timer_->arm(due, [this] { on_timer(); });
}

void CallRunner::on_timer() {
  armed_.reset();
  const TimePoint now = world_.clock.now();
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    Call& call = *delayed_.begin()->second;
    delayed_.erase(delayed_.begin());
    attempt(call);
  }
  flush();
  TimePoint next = delayed_.empty() ? TimePoint::max() : delayed_.begin()->first;
  expire(waiting_, now, next);
  expire(held_, now, next);
  if (next != TimePoint::max()) schedule(next);
}

// Ends the calls whose deadline has come; `next` becomes no later than the earliest of the others.
void CallRunner::expire(std::map<std::uint64_t, Call*>& calls, TimePoint now, TimePoint& next) {
  std::vector<Call*> expired;
  for (const auto& [number, call] : calls) {
    if (call->call_deadline <= now) expired.push_back(call);
    else next = std::min(next, call->call_deadline);
  }
  for (Call* call : expired) {
    calls.erase(call->number);
    if (&calls == &waiting_) waiting_bytes_ -= call->request.bytes.size();
    if (!call->error) call->error = error_of(*call, router_.why_waiting(), {});
    fail(*call);
  }
}

void CallRunner::close() {
  std::vector<std::unique_ptr<Call>> arrived;
  {
    const std::lock_guard lock(inbox_mutex_);
    closed_ = true;
    arrived.swap(inbox_);
  }
  timer_->cancel();
  for (std::unique_ptr<Call>& owned : arrived) take(std::move(owned));
  waiting_.clear();
  held_.clear();
  delayed_.clear();
  // In order of issue: the table's own order differs from run to run.
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, call] : calls_) numbers.push_back(number);
  std::sort(numbers.begin(), numbers.end());
  for (const std::uint64_t number : numbers) {
    Call& call = *calls_.at(number);
    call.error = error_of(call, {ErrorCode::closed, Delivery::not_sent, "the client was closed"}, {});
    fail(call);
  }
}

}  // namespace meridian::client
