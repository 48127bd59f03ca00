// Pipelines that go out as one operation.
#include <algorithm>
#include <utility>

#include "client/call_runner.hpp"

namespace meridian::client {
namespace {

// Larger ones are written bit by bit, so that a slow socket leaves most of their commands free to follow a switch.
constexpr std::size_t most_bytes = 64 << 10;

}  // namespace

std::string_view PipelineCall::bytes() const noexcept { return bytes_of(calls); }

bool PipelineCall::is_read() const noexcept {
  return std::all_of(calls.begin(), calls.end(), [](const auto& one) { return one.request.traits.is_read(); });
}

std::uint32_t PipelineCall::commands_within(std::size_t bytes) const noexcept {
  const char* const end = calls.front().request.bytes.data() + bytes;
  const auto first_outside = std::partition_point(calls.begin(), calls.end(), [end](const detail::EngineCall& one) {
    return one.request.bytes.data() + one.request.bytes.size() <= end;
  });
  return static_cast<std::uint32_t>(first_outside - calls.begin());
}

std::size_t PipelineCall::largest_write(std::uint32_t before) const noexcept {
  std::size_t largest = 0;
  for (const detail::EngineCall& one : calls.subspan(before)) {
    if (!one.request.traits.is_read()) largest = std::max(largest, one.request.bytes.size());
  }
  return largest;
}

inline void CallRunner::on_reply(PipelineCall& unit, const ReplyView& reply) {
  const std::size_t index = unit.answered++;
  const detail::EngineCall& one = unit.calls[index];
  if (reply.is_error()) {
    on_refusal(unit, index, reply);
  } else {
    if (router_.hears_answers()) {
      tally_.add({.database = unit.database,
                  .epoch = unit.epoch,
                  .ended_at = unit.carrier->heard_at(),
                  .facts = {.is_read = one.request.traits.is_read(), .link = unit.link, .sent_at = unit.sent_at}});
    }
    one.outcome->on_reply(reply);
    if (unit.waiter != nullptr) one_is_over(*unit.waiter);
  }
  if (unit.answered == unit.calls.size()) all_is_over(unit);
}

void PipelineCall::on_reply(const ReplyView& reply) noexcept { runner.on_reply(*this, reply); }
void PipelineCall::on_failure(const protocol::Failure& failure) noexcept {
  carrier = nullptr;
  runner.fail_rest(*this, answered, failure);
  runner.all_is_over(*this);
}
void PipelineCall::on_cut(std::uint32_t kept, const protocol::Failure& failure) noexcept {
  runner.fail_rest(*this, kept, failure);
}
void PipelineCall::lead() noexcept {
  waiter->promised = carrier->shared_from_this();
  runner.wake(*waiter);
}

// With the last of the calls everything may go but this.
void PipelineCall::tell() noexcept {
  auto own = calls_of_their_own.begin();
  for (std::size_t index = 0, end = calls.size(); index < end; ++index) {
    if (own != calls_of_their_own.end() && *own == index) ++own;
    else calls[index].outcome->on_done();
  }
}
void PipelineCall::told() noexcept {
  CallRunner::leave_batch(batch);
  delete this;
}

// Nothing about it needs a Call, as far as one can see.
bool CallRunner::may_go_as_one(std::span<const detail::EngineCall> calls, const CallOptions& options) const {
  if (closed_ || cache_ || options.stop.stop_possible() || options.epoch || options.info != nullptr) return false;
  if (options.deadline && *options.deadline <= Duration::zero()) return false;
  const char* const begin = calls.front().request.bytes.data();
  const char* end = begin;
  for (const detail::EngineCall& call : calls) {
    const RequestView& request = call.request;
    if (request.traits.needs_own_connection || request.replies != 1 || request.script != nullptr) return false;
    if (call.session != nullptr || request.bytes.data() != end) return false;
    end += request.bytes.size();
  }
  return static_cast<std::size_t>(end - begin) <= most_bytes;
}

// As `execute` does when nobody waits. False, and nothing has happened, if it cannot go as one.
bool CallRunner::start_as_one(std::span<const detail::EngineCall> calls, TimePoint now, const CallOptions& options,
                              const Need& need) {
  if (!may_go_as_one(calls, options)) return false;
  auto batch = std::make_unique<Batch>(Batch{.calls = 1, .need = need});  // the pipeline's share in it
  auto unit = std::make_unique<PipelineCall>(*this, calls, nullptr, *batch);
  if (!begin_as_one(*unit, now, options)) return false;
  static_cast<void>(unit.release());  // until it is told
  static_cast<void>(batch.release());
  return true;
}

// False, and nothing has happened, if it cannot go now.
bool CallRunner::begin_as_one(PipelineCall& unit, TimePoint now, const CallOptions& options) {
  if (!waiting_.none_for_route()) return false;
  const Route route = router_.route(router_.is_split() ? unit.batch.need : Need());
  if (route.refusal || route.database == nullptr) return false;
  enter_in_books(unit, route, now, options.deadline);
  database::Link& link = route.database->choose(database::Choice::first);
  set_carrier(unit, link);
  link.enqueue(unit);
  return true;
}

void CallRunner::enter_in_books(PipelineCall& unit, const Route& route, TimePoint now,
                                const std::optional<Duration>& own_deadline) {
  unit.issued = now;
  unit.call_deadline = deadline_of(unit.calls.front().request, now, own_deadline);
  unit.begin_attempt(now, route.attempt_timeout, unit.call_deadline);
  unit.first_number = last_number_ + 1;
  last_number_ += unit.calls.size();
  unit.caller = unit.batch.need.caller;
  unit.database = route.index;
  unit.epoch = route.epoch;
  unit.batch.epoch = route.epoch;
  unit.batch.database = route.index;
  unit.batch.out = unit.calls.size();
  if (unit.waiter != nullptr) {
    unit.waiter->unit = &unit;
    unit.waiter->left = unit.calls.size();
  }
}

void CallRunner::set_carrier(PipelineCall& unit, database::Link& link) {
  retry_tokens_.on_first_attempt(unit.calls.size());
  unit.carrier = &link;
  unit.link = link.id();
}

// What is refused goes the way of all calls.
void CallRunner::on_refusal(PipelineCall& unit, std::size_t index, const ReplyView& reply) {
  if (unit.waiter == nullptr) unit.calls_of_their_own.push_back(index);
  on_reply(call_of(unit, index), reply);
}

// None of its commands is its business any more.
void CallRunner::all_is_over(PipelineCall& unit) {
  unit.carrier = nullptr;
  if (unit.waiter == nullptr) world_.loop.announce(unit);
}

// Those from `first` on go the way of all calls, beginning with the end of their first attempt.
void CallRunner::fail_rest(PipelineCall& unit, std::size_t first, const protocol::Failure& failure) {
  const std::size_t end = unit.calls.size();
  for (std::size_t index = first; index < end; ++index) on_failure(call_of(unit, index), failure);
  unit.calls = unit.calls.first(first);
}

// The call that the command would have been from the beginning.
Call& CallRunner::call_of(PipelineCall& unit, std::size_t index) {
  Call& call = *::new (take_memory()) Call(*this, unit.calls[index], unit.waiter);
  call.batch = &unit.batch;
  if (unit.waiter == nullptr) ++unit.batch.calls;
  call.issued = unit.issued;
  call.call_deadline = unit.call_deadline;
  call.number = unit.first_number + index;
  call.caller = unit.caller;
  call.attempts = 1;
  static_cast<Attempt&>(call) = unit;
  add_to_list(call);
  return call;
}

}  // namespace meridian::client
