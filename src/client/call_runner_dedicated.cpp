// Calls on connections that nobody shares: blocking commands, and sessions (WATCH … EXEC).
#include <algorithm>
#include <utility>

#include "client/call_runner.hpp"

namespace meridian::client {
namespace {

// The least that is left for a blocking command that is sent again: the server itself says that nothing came.
constexpr Duration shortest_block = std::chrono::milliseconds(1);

// CMD-4: a blocking command that is sent again is given what is left of its time, and a moment at least.
RequestBytes with_timeout(const RequestView& request, Duration left) {
  RequestBuilder builder(request.name(), request.traits);
  std::uint32_t index = 0;
  for (const ReplyView word : ReplyView(request.bytes)) {
    const std::uint32_t at = index++;
    if (at < request.name_words) continue;
    if (at != request.timeout_word) builder.arg(word.as_string().value_or(std::string_view()));
    else if (request.timeout_unit == RequestFacts::TimeoutUnit::seconds) builder.timeout_seconds(left);
    else builder.timeout_milliseconds(left);
  }
  return std::move(builder).build().bytes;
}

}  // namespace

// On a connection that nobody shares: that of the call's session, or one of its own for as long as it takes.
void CallRunner::attempt_dedicated(Call& call, const Route& route, TimePoint now) {
  Session* const session = call.session;
  if (session != nullptr && session->database != nullptr) {
    call.special->link = session->link;
  } else {
    if (route.database == nullptr) return wait_for_dedicated(call);
    call.special->link = route.database->take_dedicated(waiting_.count_for_dedicated() + 1);
    if (call.special->link == nullptr) return wait_for_dedicated(call);
    call.special->home = route.database;
    if (session != nullptr) {
      session->database = route.database;
      session->link = call.special->link;
      session->index = route.index;
      session->epoch = route.epoch;
    }
  }
  const bool has_end = call.request.blocks_for > Duration::zero() && call.request.blocks_for != Duration::max();
  if (has_end && call.request.timeout_word != 0 && now > call.special->asked_at) {
    call.request.blocks_for =
        std::max<Duration>(call.request.blocks_for - (now - call.special->asked_at), shortest_block);
    call.special->bytes = with_timeout(call.request, call.request.blocks_for);
    call.request.bytes = call.special->bytes;
    call.special->asked_at = now;
  }
  call.let_take(call.request.blocks_for);
  set_attempt(call, route, now);
  hand_over(call, *call.special->link);
}

// The attempt is over: others may have the connection, unless a session keeps it.
void CallRunner::stop_using_dedicated(Call& call, database::DedicatedLinks::State state) {
  if (!call.special || call.special->link == nullptr) return;
  const std::shared_ptr<database::Link> link = std::move(call.special->link);
  if (call.session == nullptr) {
    call.special->home->give_back(link, state);
  } else if (state == database::DedicatedLinks::State::unclean && !link->is_closed()) {
    link->close(ErrorCode::closed, "a reply of its transaction was not awaited");
  }
}

// True if that was the end of the call: what belongs to one connection is not repeated on another.
bool CallRunner::end_in_session(Call& call, const protocol::Failure& failure) {
  Session& session = *call.session;
  if (!session.begun && failure.delivery != Delivery::answered) {
    // Nothing is watched yet: CMD-1 decides, and it may begin anywhere.
    session.database->give_back(session.link, database::DedicatedLinks::State::clean);
    session.database = nullptr;
    session.link.reset();
    return false;
  }
  const bool is_exec = call.request.replies > 1;
  const bool is_answer = failure.delivery == Delivery::answered || failure.delivery == Delivery::rejected;
  if (is_answer || failure.code == ErrorCode::closed || (is_exec && failure.delivery == Delivery::in_doubt)) fail(call);
  else abort_transaction(call, failure.message);
  return true;
}

void CallRunner::abort_transaction(Call& call, const std::string& why) {
  if (call.is_read()) call.may_have_run = false;  // it changed nothing, whether it ran or not
  const Delivery delivery = call.may_have_run ? Delivery::in_doubt : Delivery::not_sent;
  call.error = error_of(
      call, {ErrorCode::transaction_aborted, delivery, "nothing of the transaction was committed: " + why}, {});
  fail(call);
}

std::unique_ptr<detail::Session> CallRunner::make_session() { return std::make_unique<Session>(); }

void CallRunner::end_session(std::unique_ptr<detail::Session> session, detail::Engine::SessionEnd how) noexcept {
  const io::Turn turn(world_.loop);
  Session& own = static_cast<Session&>(*session);
  // Let go of inside the turn: it may be the last one to know a connection that was lost.
  const std::shared_ptr<database::Link> link = std::move(own.link);
  if (closed_ || own.database == nullptr) return;
  using State = database::DedicatedLinks::State;
  own.database->give_back(link, how == detail::Engine::SessionEnd::clean ? State::clean : State::unclean);
}

}  // namespace meridian::client
