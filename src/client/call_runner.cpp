#include "client/call_runner.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <utility>

#include "core/backoff.hpp"
#include "core/cannot_serve.hpp"
#include "core/server_text.hpp"
#include "protocol/server_error.hpp"

namespace meridian::client {
namespace {

// So many spare calls are kept.
constexpr std::size_t most_spare = 4096;

}  // namespace

void Call::on_reply(ReplyView reply) noexcept { runner.on_reply(*this, reply); }
void Call::on_failure(const protocol::Failure& failure) noexcept { runner.on_failure(*this, failure); }
void Call::lead() noexcept {
  waiter->promised = carrier->shared_from_this();
  runner.wake(*waiter);
}
void Call::told() noexcept { runner.recycle(*this); }

CallRunner::CallRunner(io::World& world, Router& router, RunnerSettings settings)
    : world_(world),
      router_(router),
      settings_(settings),
      few_threads_(std::max<std::size_t>(2, std::min<std::size_t>(settings.connections, world.processors))),
      timer_(world.loop.make_timer()) {}

CallRunner::~CallRunner() {
  for (void* memory : spare_memory_) ::operator delete(memory);
}

std::optional<Error> CallRunner::refusal(const RequestView& request, const CallOptions& options) const {
  if (closed_) return Error(ErrorCode::closed, Delivery::not_sent, request.name() + ": the client is closed");
  if (request.traits.needs_own_connection) {
    return Error(ErrorCode::invalid_argument, Delivery::not_sent,
                 request.name() +
                     " blocks or changes the connection that it runs on, which all calls of a client share; "
                     "this version has no connections of one's own");
  }
  if (options.deadline && *options.deadline <= Duration::zero()) {
    return Error(ErrorCode::invalid_argument, Delivery::not_sent,
                 "CallOptions::deadline of " + request.name() + " is " + std::to_string(options.deadline->count()) +
                     "ns: must be greater than 0");
  }
  if (options.stop.stop_requested()) {
    return Error(ErrorCode::cancelled, Delivery::not_sent, request.name() + ": cancelled before it began");
  }
  return std::nullopt;
}

void CallRunner::execute(std::span<const detail::EngineCall> calls, const CallOptions& options) {
  if (world_.loop.on_io_thread() || world_.loop.inside()) {
    for (const detail::EngineCall& call : calls) {
      call.outcome->on_error(
          Error(ErrorCode::would_deadlock, Delivery::not_sent,
                call.request.name() + ": a blocking call inside a callback would wait for itself; use submit()"));
    }
    return;
  }
  const std::shared_ptr<io::Parker> parker = world_.parking.make_parker();
  Waiter waiter{*parker};
  Batch batch;
  world_.loop.enter();
  const TimePoint now = world_.clock.now();
  alignas(Call) std::array<std::byte, sizeof(Call)> single;
  const bool several = calls.size() > 1;
  for (const detail::EngineCall& call : calls) {
    if (auto error = refusal(call.request, options)) {
      call.outcome->on_error(std::move(*error));
      continue;
    }
    Call& own = *::new (several ? take_memory() : single.data()) Call(*this, call, &waiter);
    if (several) own.batch = &batch;
    ++waiter.left;
    begin(own, now, options);
  }
  if (waiter.left > 0) wait(waiter, calls);
  end_turn();
}

void CallRunner::start(const detail::EngineCall& call, const CallOptions& options) {
  std::optional<Error> refused;
  {
    const io::Turn turn(world_.loop);
    refused = refusal(call.request, options);
    if (!refused) {
      const std::optional<TimePoint> telling = world_.loop.telling_since();
      begin(*::new (take_memory()) Call(*this, call, nullptr), telling ? *telling : world_.clock.now(), options);
      return;
    }
  }
  call.outcome->on_error(std::move(*refused));
  call.outcome->on_done();
}

void CallRunner::begin(Call& call, TimePoint now, const CallOptions& options) {
  const Duration longest = settings_.command_deadline;
  call.issued = now;
  call.call_deadline = now + std::min(options.deadline.value_or(longest), longest);  // the tighter one wins
  call.number = ++last_number_;
  call.previous_ = std::exchange(last_, &call);
  (call.previous_ != nullptr ? call.previous_->next_ : first_) = &call;
  // Those that wait go first: calls of one caller keep their order.
  if (!waiting_.empty()) wait_for_route(call);
  else if (!follow_pipeline(call)) attempt(call, now);
}

// Of the oldest call that is in line: one before it may wait for its next attempt.
database::Link* CallRunner::first_carrier(std::span<const detail::EngineCall> calls) noexcept {
  for (const detail::EngineCall& one : calls) {
    const auto* call = static_cast<const Call*>(one.outcome->call);
    if (call != nullptr && call->carrier != nullptr) return call->carrier;
  }
  return nullptr;
}

// Reads what the calls wait for as long as nobody else does, and sleeps while somebody else does.
void CallRunner::wait(Waiter& waiter, std::span<const detail::EngineCall> calls) {
  auto oldest = calls.begin();
  ++waiting_threads_;
  std::shared_ptr<database::Link> led;
  // A promise that is not taken up would leave a connection without a reader.
  const auto take_up_promise = [&] {
    if (!waiter.promised) return;
    if (led && led != waiter.promised) led->stop_leading();
    led = std::exchange(waiter.promised, nullptr);
    led->accept_lead();
  };
  while (waiter.left > 0) {
    take_up_promise();
    while (oldest->outcome->call == nullptr) ++oldest;
    database::Link* carrier = first_carrier(calls.subspan(static_cast<std::size_t>(oldest - calls.begin())));
    if (led && led.get() != carrier) std::exchange(led, nullptr)->stop_leading();
    if (carrier != nullptr && carrier->may_lead()) {
      if (!led) led = carrier->shared_from_this();
      using Writing = database::Link::Writing;
      led->lead(gathering() ? Writing::later : waiting_threads_ == 1 ? Writing::alone : Writing::now);
      continue;
    }
    if (led) std::exchange(led, nullptr)->stop_leading();
    waiter.parked = true;
    end_turn();
    waiter.parker.park();
    world_.loop.enter();
  }
  --waiting_threads_;
  if (waiter.counted) --answered_threads_;
  take_up_promise();
  if (led) led->stop_leading();
}

// Threads whose calls have just been answered are about to call again: what they and others ask for may as well go out
// in one write, which costs both ends less than many small ones. The last of them to come by ends the turn in full.
bool CallRunner::gathering() const noexcept { return answered_threads_ > 0 && waiting_threads_ > few_threads_; }

void CallRunner::end_turn() {
  if (gathering()) world_.loop.leave_unfinished();
  else world_.loop.leave();
}

void CallRunner::wake(Waiter& waiter) {
  if (std::exchange(waiter.parked, false)) world_.loop.wake(waiter.parker);
}

void CallRunner::cancel(detail::Outcome& outcome) noexcept {
  const io::Turn turn(world_.loop);
  if (outcome.call == nullptr) return;
  Call& call = *static_cast<Call*>(outcome.call);
  Delivery delivery = Delivery::not_sent;
  if (call.carrier != nullptr) {
    delivery = std::exchange(call.carrier, nullptr)->abandon(call);
    if (delivery == Delivery::not_sent) came_back(call);
  }
  stop_waiting(call);
  if (delivery == Delivery::in_doubt) call.may_have_run = true;
  call.error = error_of(call, {ErrorCode::cancelled, delivery, "the caller gave it up"}, {});
  fail(call);
}

void* CallRunner::take_memory() {
  if (spare_memory_.empty()) return ::operator new(sizeof(Call));
  void* memory = spare_memory_.back();
  spare_memory_.pop_back();
  return memory;
}

void CallRunner::recycle(Call& call) {
  const bool is_single = call.waiter != nullptr && call.batch == nullptr;  // on its thread's stack
  call.~Call();
  if (is_single) return;
  if (spare_memory_.size() < most_spare) spare_memory_.push_back(&call);
  else ::operator delete(&call);
}

void CallRunner::attempt(Call& call, TimePoint now) {
  if (now >= call.call_deadline) {
    if (!call.error) call.error = error_of(call, router_.why_waiting(), {});
    return fail(call);
  }
  // CMD-1: what the server refused is not sent there again while its fate is being decided.
  if (call.was_rejected && router_.is_verdict_pending()) return wait_for_verdict(call);
  Route route = router_.route();
  if (route.refusal) {
    ErrorDetails details = route.refusal->details();
    details.command = call.request.name();
    if (call.error) details.message += "; the last attempt: " + call.error->message();
    call.error = Error(std::move(details));
    return fail(call);
  }
  if (call.batch != nullptr && call.batch->epoch && call.batch->epoch != route.epoch) {
    call.error = error_of(
        call,
        {ErrorCode::connection_lost, Delivery::not_sent, "the pipeline had begun on another database before a switch"},
        {});
    return fail(call);
  }
  if (route.database == nullptr) return wait_for_route(call);
  if (call.batch != nullptr) {
    call.batch->epoch = route.epoch;
    ++call.batch->out;
  }
  call.database = route.index;
  call.epoch = route.epoch;
  call.sent_at = now;
  call.attempt_deadline = std::min(call.call_deadline, now + route.attempt_timeout);
  call.had_its_time = call.attempt_deadline == now + route.attempt_timeout;
  const bool few = call.waiter != nullptr && call.batch == nullptr && waiting_threads_ < few_threads_;
  hand_over(call, route.database->choose(few ? database::Choice::idle : database::Choice::first));
}

// A command of a pipeline that begins goes where the one before it went a moment ago, if that takes more.
bool CallRunner::follow_pipeline(Call& call) {
  if (call.batch == nullptr || call.batch->last_sent == nullptr) return false;
  const Call& last = *call.batch->last_sent;
  if (!last.carrier->takes_more()) return false;
  ++call.batch->out;
  call.database = last.database;
  call.epoch = last.epoch;
  call.sent_at = last.sent_at;
  call.attempt_deadline = last.attempt_deadline;
  call.had_its_time = last.had_its_time;
  hand_over(call, *last.carrier);
  return true;
}

void CallRunner::hand_over(Call& call, database::Link& link) {
  ++call.attempts;
  call.carrier = &link;
  call.link = link.id();
  if (call.batch != nullptr) call.batch->last_sent = &call;
  link.enqueue(call);
  // Its thread may be asleep since an earlier attempt, with nobody else to read this one's reply.
  if (call.waiter != nullptr && call.waiter->parked && call.carrier->may_lead()) wake(*call.waiter);
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
  put_in_line(call);
}

void CallRunner::put_in_line(Call& call) {
  call.place = Call::Place::for_route;
  waiting_.emplace(call.number, &call);
  waiting_bytes_ += call.request.bytes.size();
  schedule(call.call_deadline);
}

void CallRunner::wait_for_backoff(Call& call) {
  ++call.repeats;
  Duration wait = core::backoff_delay(settings_.retry.policy.backoff, call.repeats, world_.random.uniform());
  // These repetitions have no number, so they have a pace, whatever the backoff says.
  if (call.was_rejected) wait = std::max<Duration>(wait, std::chrono::milliseconds(10));
  call.backoff_ends = std::min(world_.clock.now() + wait, call.call_deadline);
  call.place = Call::Place::for_backoff;
  delayed_.emplace(call.backoff_ends, &call);
  schedule(call.backoff_ends);
}

// Apart from those that wait for a route: other calls are not to queue up behind what one was refused.
void CallRunner::wait_for_verdict(Call& call) {
  call.place = Call::Place::for_verdict;
  held_.emplace(call.number, &call);
  schedule(call.call_deadline);
}

void CallRunner::stop_waiting(Call& call) {
  switch (std::exchange(call.place, Call::Place::elsewhere)) {
    case Call::Place::elsewhere: return;
    case Call::Place::for_route:
      waiting_.erase(call.number);
      waiting_bytes_ -= call.request.bytes.size();
      return;
    case Call::Place::for_verdict: held_.erase(call.number); return;
    case Call::Place::for_backoff: {
      const auto [begin, end] = delayed_.equal_range(call.backoff_ends);
      delayed_.erase(std::find_if(begin, end, [&](const auto& entry) { return entry.second == &call; }));
      return;
    }
  }
}

void CallRunner::release_held() {
  for (const auto& [number, call] : std::exchange(held_, {})) put_in_line(*call);
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
    put_in_line(call);
  }
  route_waiting();
}

void CallRunner::route_waiting() {
  if (!router_.is_verdict_pending()) release_held();
  if (routing_ || waiting_.empty()) return;
  routing_ = true;
  const TimePoint now = world_.clock.now();
  waiting_bytes_ = 0;
  // Whatever cannot go now comes back into `waiting_`, in its old place.
  for (const auto& [number, call] : std::exchange(waiting_, {})) {
    call->place = Call::Place::elsewhere;
    attempt(*call, now);
  }
  routing_ = false;
}

void CallRunner::on_reply(Call& call, ReplyView reply) {
  call.carrier = nullptr;
  if (!reply.is_error()) {
    router_.on_attempt_answered(call);
    call.outcome.on_reply(reply);
    return complete(call);
  }
  const std::string text = core::escape_server_text(reply.as_string().value_or(""));
  const protocol::ServerError meaning = protocol::classify(text, call.request.traits);
  protocol::Failure failure{meaning.code, meaning.delivery, call.request.name() + ": " + text};
  if (core::is_cannot_serve(meaning.code)) router_.on_attempt_failed(call, failure);
  else router_.on_attempt_answered(call);
  end_attempt(call, failure, text);
}

void CallRunner::on_failure(Call& call, const protocol::Failure& failure) {
  call.carrier = nullptr;
  router_.on_attempt_failed(call, failure);
  end_attempt(call, failure, {});
}

// PIPE-2: a pipeline of which nothing went out may begin anew elsewhere.
void CallRunner::came_back(Call& call) {
  if (call.batch != nullptr && --call.batch->out == 0) call.batch->epoch.reset();
}

void CallRunner::end_attempt(Call& call, const protocol::Failure& failure, std::string server_text) {
  if (failure.delivery == Delivery::in_doubt) call.may_have_run = true;
  if (failure.delivery == Delivery::not_sent) came_back(call);
  call.was_rejected = failure.delivery == Delivery::rejected;
  call.error = error_of(call, failure, std::move(server_text));
  if (world_.clock.now() >= call.call_deadline) return fail(call);
  switch (decide_retry(settings_.retry, {failure.code, failure.delivery, call.request.traits, call.doubtful})) {
    case failover::Retry::give_up: return fail(call);
    case failover::Retry::when_possible:
      // A connection is being failed right now, with others behind this call: all wait, then all are routed in order.
      put_in_line(call);
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
                .command = call.request.name(),
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
  call.outcome.on_error(std::move(error));
  complete(call);
}

void CallRunner::complete(Call& call) {
  (call.previous_ != nullptr ? call.previous_->next_ : first_) = call.next_;
  (call.next_ != nullptr ? call.next_->previous_ : last_) = call.previous_;
  call.outcome.call = nullptr;
  if (call.waiter == nullptr) return world_.loop.announce(call);
  Waiter& waiter = *call.waiter;
  if (--waiter.left == 0 && waiter.parked) {
    // Counted only if it is about to come by: one that is reading comes when something arrives for it.
    waiter.counted = true;
    ++answered_threads_;
    wake(waiter);
  }
  recycle(call);
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
    call.place = Call::Place::elsewhere;
    attempt(call, now);
  }
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
    stop_waiting(*call);
    if (!call->error) call->error = error_of(*call, router_.why_waiting(), {});
    fail(*call);
  }
}

void CallRunner::close() {
  closed_ = true;
  timer_->cancel();
  waiting_.clear();
  waiting_bytes_ = 0;
  held_.clear();
  delayed_.clear();
  while (first_ != nullptr) {
    first_->error = error_of(*first_, {ErrorCode::closed, Delivery::not_sent, "the client was closed"}, {});
    fail(*first_);
  }
}

}  // namespace meridian::client
