// The way of a thread that is alone with its client: it writes and reads by itself, and nothing is entered in anybody's
// books before somebody else looks at them. Of a round trip's time that is not the kernel's or the server's, most goes
// into code and data that have to be fetched again (design.md, section 7): so it comes by as little as possible.
#include <memory>
#include <new>
#include <utility>

#include "client/call_runner.hpp"

namespace meridian::client {
namespace {

// What needs neither a connection of its own nor a look at more than its reply.
bool is_plain(const detail::EngineCall& call) noexcept {
  const RequestView& request = call.request;
  return request.replies == 1 && request.script == nullptr && !request.traits.needs_own_connection &&
         request.blocks_for == Duration::zero() && call.session == nullptr;
}
bool is_plain(const CallOptions& options) noexcept {
  return !options.deadline && !options.epoch && options.info == nullptr && !options.stop.stop_possible();
}

}  // namespace

void Alone::put_back() noexcept { runner.enter_in_books(); }
void LoneTrip::put_back() noexcept { runner.enter_in_books(*this); }

// No call is under way, and none needs more than the connection that all go to.
bool CallRunner::may_be_alone() const noexcept {
  return first_ == nullptr && calls_again_ && waiting_threads_ == 0 && answered_threads_ == 0 && !cache_ && !closed_ &&
         !router_.is_split();
}

// Ends a turn after which this thread may be alone. What was put off lets others in, who may even close the client.
void CallRunner::end_turn_alone() {
  if (may_be_alone()) world_.loop.run_turn_ends();
  if (!may_be_alone()) return end_turn();
  Route route = router_.route(Need());
  // The end of the call's time must be that of the attempt: see Link::read_alone.
  if (route.database == nullptr || settings_.command_deadline < route.attempt_timeout) return end_turn();
  database::Link& link = route.database->choose(database::Choice::first);
  if (!link.may_be_alone()) return end_turn();
  alone_.link = link.shared_from_this();
  alone_.route = std::move(route);
  world_.loop.leave_aside(alone_);
}

// Without whatever only pipelines need: what a lone caller's round trip takes longer than the server is mostly code
// that has to be fetched again, because the kernel's and the server's have been in its place (design.md, section 7).
void CallRunner::execute_one(std::span<const detail::EngineCall> calls, const CallOptions* options) {
  if (world_.loop.enter_aside(alone_)) {
    if (is_plain(calls.front()) && (options == nullptr || is_plain(*options)) && alone_.link->may_write_alone()) {
      return execute_alone(calls, calls.front().request.bytes);
    }
    enter_in_books();
  }
  if (options != nullptr) execute_among_others(calls, *options);
  else execute_among_others(calls, {});
}

// `bytes` are those of `calls`. REQUIRES: inside a turn of one who is alone and may write; it is over afterwards.
void CallRunner::execute_alone(std::span<const detail::EngineCall> calls, std::string_view bytes) {
  database::Link& link = *alone_.link;
  LoneTrip trip(*this, calls, world_.clock.now());
  trip.written = link.write_alone(bytes);
  if (trip.written.bytes < bytes.size()) {
    enter_in_books(trip);
    return go_on_with_others(trip);
  }
  while (trip.answered < calls.size()) {
    const std::span<char> space = link.input_space();
    world_.loop.leave_aside(trip);
    const io::IoResult got = link.read_alone(space);
    if (!world_.loop.enter_aside(trip)) {
      trip.entry->link->come_back(got, 0);
      return go_on_with_others(trip);
    }
    const std::size_t taken = take_replies(trip, link, {space.data(), got.bytes});
    if (got.bytes == 0 || taken < got.bytes) return come_back(trip, got, taken);
  }
  note_answers(trip);
  world_.loop.leave_aside(alone_);
}

// How much of `got` they are.
inline std::size_t CallRunner::take_replies(LoneTrip& trip, database::Link& link, std::string_view got) {
  const detail::EngineCall* call = trip.calls.data() + trip.answered;
  const detail::EngineCall* const end = trip.calls.data() + trip.calls.size();
  std::string_view rest = got;
  for (; call != end; ++call) {
    const std::size_t length =
        link.take_plain_reply(rest, [call](const ReplyView& reply) { call->outcome->on_reply(reply); });
    if (length == 0) break;
    rest.remove_prefix(length);
  }
  trip.answered = static_cast<std::size_t>(call - trip.calls.data());
  return got.size() - rest.size();
}

// All of them are answered.
inline void CallRunner::note_answers(const LoneTrip& trip) {
  alone_.calls += trip.calls.size();
  alone_.bytes += trip.written.bytes;
  alone_.last_at = trip.sent_at;
  if (!router_.hears_answers()) return;
  alone_.last_at = world_.clock.now();
  tell_answers(trip, alone_.last_at);
}

void CallRunner::tell_answers(const LoneTrip& trip, TimePoint now) {
  Attempts alike{.database = alone_.route.index,
                 .epoch = alone_.route.epoch,
                 .ended_at = now,
                 .facts = {.count = 0, .link = alone_.link->id(), .sent_at = trip.sent_at}};
  for (const detail::EngineCall& call : trip.calls.first(trip.answered)) {
    const bool is_read = call.request.traits.is_read();
    if (is_read != alike.facts.is_read && alike.facts.count > 0) {
      router_.on_answered(alike);
      alike.facts.count = 0;
    }
    alike.facts.is_read = is_read;
    ++alike.facts.count;
  }
  router_.on_answered(alike);
}

// With something that is not a plain reply, or the end of the connection: that is for the books.
void CallRunner::come_back(LoneTrip& trip, const io::IoResult& got, std::size_t taken) {
  const std::shared_ptr<database::Link> link = alone_.link;
  const bool is_over = trip.answered == trip.calls.size();
  if (is_over) {
    note_answers(trip);
    enter_in_books();
  } else {
    enter_in_books(trip);
  }
  link->come_back(got, taken);
  if (!is_over) return go_on_with_others(trip);
  link->stop_leading();
  end_turn();
}

// From here on it is a call, or a pipeline, like all others.
void CallRunner::go_on_with_others(LoneTrip& trip) {
  --waiting_threads_;
  wait(trip.entry->waiter, trip.calls, std::move(trip.entry->link));
  end_turn_alone();
}

// What is over.
void CallRunner::enter_in_books() {
  const std::size_t calls = std::exchange(alone_.calls, 0);
  last_number_ += calls;
  retry_tokens_.on_first_attempt(calls);
  alone_.link->caught_up(std::exchange(alone_.bytes, 0), alone_.last_at);
  alone_.link.reset();
}

// What is under way, too.
void CallRunner::enter_in_books(LoneTrip& trip) {
  const std::shared_ptr<database::Link> carrier = alone_.link;
  if (trip.answered > 0 && router_.hears_answers()) tell_answers(trip, world_.clock.now());
  enter_in_books();
  database::Link& link = *carrier;
  const bool is_written = trip.written.bytes == bytes_of(trip.calls).size();
  const auto thread = is_written ? database::Link::Thread::reads : database::Link::Thread::writes;
  LoneTrip::Entry& entry = trip.entry.emplace();
  entry.link = carrier;
  ++waiting_threads_;
  if (trip.calls.size() == 1) {
    entry.waiter.left = 1;
    Call& call = *::new (entry.call.data()) Call(*this, trip.calls.front(), &entry.waiter);
    enter_in_books(call, trip.sent_at, std::nullopt);
    set_attempt(call, alone_.route, trip.sent_at);
    set_carrier(call, link);
    link.take_up(call, 0, trip.sent_at, trip.written, thread);
  } else {
    PipelineCall& unit = entry.unit.emplace(*this, trip.calls, &entry.waiter, entry.batch.emplace());
    enter_in_books(unit, alone_.route, trip.sent_at, std::nullopt);
    unit.answered = trip.answered;
    entry.waiter.left -= trip.answered;
    set_carrier(unit, link);
    link.take_up(unit, trip.answered, trip.sent_at, trip.written, thread);
  }
}

}  // namespace meridian::client
