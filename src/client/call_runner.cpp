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

// What a blocking command's call is given beside its own timeout, to reach the server and to come back.
constexpr Duration blocking_margin = std::chrono::seconds(5);

// The least that is left for a blocking command that is sent again: the server itself says that nothing came.
constexpr Duration shortest_block = std::chrono::milliseconds(1);

// The longest that fits is for ever.
Duration sum(Duration one, Duration other) noexcept {
  return one > std::chrono::hours(24 * 365 * 100) - other ? Duration::max() : one + other;
}

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

// "EXECABORT Transaction discarded because of: READONLY …": EXEC itself was refused.
std::string cause_of_abort(std::string_view text) {
  constexpr std::string_view before = "because of: ";
  const std::size_t at = text.find(before);
  return std::string(at == std::string_view::npos ? std::string_view() : text.substr(at + before.size()));
}

// Why a call that waits for a connection of its own got none, though the database can be used.
protocol::Failure none_of_its_own() {
  return {ErrorCode::timed_out, Delivery::not_sent,
          "no connection of its own in time: ClientOptions::dedicated_connections of them are taken, or none was to be "
          "had"};
}

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
      retry_tokens_(settings.retry_budget, world.clock.now()),
      few_threads_(std::max<std::size_t>(2, std::min<std::size_t>(settings.connections, world.processors))),
      timer_(world.loop.make_timer()) {
  if (settings_.cache) cache_.emplace(*settings_.cache);
  if (settings_.retry.policy.rule) {
    adviser_.emplace(world, settings_.retry.policy.rule,
                     [this](std::uint64_t question, const Advice& advice) { on_advice(question, advice); });
  }
}

CallRunner::~CallRunner() {
  for (void* memory : spare_memory_) ::operator delete(memory);
}

std::optional<Error> CallRunner::refusal(const detail::EngineCall& call, const CallOptions& options,
                                         Company company) const {
  const RequestView& request = call.request;
  if (closed_) return Error(ErrorCode::closed, Delivery::not_sent, request.name() + ": the client is closed");
  if (request.traits.needs_own_connection && call.session == nullptr) {
    if (request.blocks_for == Duration::zero()) {
      return Error(ErrorCode::invalid_argument, Delivery::not_sent,
                   request.name() +
                       " changes the connection that it runs on, which all calls of a client share: see transaction() "
                       "for MULTI and WATCH, subscriber() for SUBSCRIBE, and ClientOptions for the rest");
    }
    if (company == Company::pipelined) {
      return Error(ErrorCode::invalid_argument, Delivery::not_sent,
                   request.name() + " may wait at the server: call it by itself, not in a pipeline");
    }
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
    if (auto error = refusal(call, options, several ? Company::pipelined : Company::alone)) {
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

void CallRunner::start(std::span<const detail::EngineCall> calls, const CallOptions& options) {
  std::vector<std::pair<detail::Outcome*, Error>> refused;
  {
    const io::Turn turn(world_.loop);
    const std::optional<TimePoint> telling = world_.loop.telling_since();
    const TimePoint now = telling ? *telling : world_.clock.now();
    Batch* const batch = calls.size() > 1 ? new Batch{.calls = calls.size()} : nullptr;  // goes with its last call
    for (const detail::EngineCall& call : calls) {
      if (auto error = refusal(call, options, batch != nullptr ? Company::pipelined : Company::alone)) {
        refused.emplace_back(call.outcome, std::move(*error));
        if (batch != nullptr) leave_batch(*batch);
        continue;
      }
      Call& own = *::new (take_memory()) Call(*this, call, nullptr);
      own.batch = batch;
      begin(own, now, options);
    }
  }
  for (auto& [outcome, error] : refused) {
    outcome->on_error(std::move(error));
    outcome->on_done();
  }
}

// That of calls that nobody waits for goes with the last of them.
void CallRunner::leave_batch(Batch& batch) {
  if (batch.calls > 0 && --batch.calls == 0) delete &batch;
}

void CallRunner::begin(Call& call, TimePoint now, const CallOptions& options) {
  call.issued = now;
  call.call_deadline = deadline_of(call.request, now, options.deadline);
  call.number = ++last_number_;
  const bool is_special = call.is_dedicated() || call.request.replies > 1 || call.request.script != nullptr ||
                          options.epoch || options.info != nullptr;
  if (is_special) {
    call.special = std::make_unique<Call::Special>();
    call.special->asked_at = now;
    call.special->epoch = options.epoch;
    call.special->info = options.info;
  }
  call.previous_ = std::exchange(last_, &call);
  (call.previous_ != nullptr ? call.previous_->next_ : first_) = &call;
  if (cache_ && answer_from_cache(call, options)) return;
  // Those that wait go first: calls of one caller keep their order.
  if (call.is_dedicated()) attempt(call, now);
  else if (!waiting_.empty()) wait_for_route(call);
  else if (!follow_pipeline(call)) attempt(call, now);
}

// True if it is over. A write makes the cache forget what it is about to change.
bool CallRunner::answer_from_cache(Call& call, const CallOptions& options) {
  cache_->on_write(call.request, last_number_);
  if (!options.use_cache || call.special || !ReplyCache::is_cacheable(call.request)) return false;
  const std::string* reply = cache_->find(call.request, call.issued);
  call.cacheable = reply == nullptr;
  if (reply == nullptr) return false;
  call.outcome.on_reply(ReplyView(*reply));
  complete(call);
  return true;
}

void CallRunner::on_push(ReplyView push) {
  if (cache_) cache_->on_push(push);
}

void CallRunner::on_tracking_lost() {
  if (cache_) cache_->flush(last_number_);
}

void CallRunner::reconfigure(const RunnerSettings& settings) {
  settings_.retry = settings.retry;
  settings_.command_deadline = settings.command_deadline;
}

CacheStatistics CallRunner::cache_statistics() const { return cache_ ? cache_->statistics() : CacheStatistics(); }

// The tighter one wins. A blocking command has its own timeout and some seconds; for ever is for ever (CMD-4).
TimePoint CallRunner::deadline_of(const RequestView& request, TimePoint now, std::optional<Duration> own) const {
  Duration longest = settings_.command_deadline;
  if (request.blocks_for > Duration::zero()) longest = sum(request.blocks_for, blocking_margin);
  if (own) longest = std::min(longest, *own);
  return longest == Duration::max() ? TimePoint::max() : now + longest;
}

// Of the oldest call that is in line: one before it may wait for its next attempt.
database::Link* CallRunner::first_carrier(std::span<const detail::EngineCall> calls) noexcept {
  for (const detail::EngineCall& one : calls) {
    const auto* call = static_cast<const Call*>(one.outcome->under_way);
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
    while (oldest->outcome->under_way == nullptr) ++oldest;
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
  if (outcome.under_way == nullptr) return;
  Call& call = *static_cast<Call*>(outcome.under_way);
  Delivery delivery = Delivery::not_sent;
  if (call.carrier != nullptr) {
    delivery = std::exchange(call.carrier, nullptr)->abandon(call);
    if (delivery == Delivery::not_sent) came_back(call);
    stop_using_dedicated(call, database::DedicatedLinks::State::unclean);
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
  if (call.session != nullptr && call.session->database != nullptr) {
    // TX-2: what was watched there is not watched anywhere else.
    if (call.session->epoch != route.epoch) return abort_transaction(call, "a switch came");
    if (!call.session->link->is_ready()) return abort_transaction(call, "its connection was lost");
  }
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
  if (call.special && call.special->epoch && route.database != nullptr && *call.special->epoch != route.epoch) {
    call.error = error_of(call,
                          {ErrorCode::database_changed, Delivery::not_sent,
                           "it was for the database of epoch " + std::to_string(*call.special->epoch) +
                               "; now it is epoch " + std::to_string(route.epoch)},
                          {});
    return fail(call);
  }
  if (call.is_dedicated()) return attempt_dedicated(call, route, now);
  if (route.database == nullptr) return wait_for_route(call);
  if (call.batch != nullptr) {
    call.batch->epoch = route.epoch;
    ++call.batch->out;
  }
  set_attempt(call, route, now);
  const bool few = call.waiter != nullptr && call.batch == nullptr && waiting_threads_ < few_threads_;
  hand_over(call, route.database->choose(few ? database::Choice::idle : database::Choice::first));
}

void CallRunner::set_attempt(Call& call, const Route& route, TimePoint now) {
  call.database = route.index;
  call.epoch = route.epoch;
  call.sent_at = now;
  const Duration longest = sum(call.request.blocks_for, route.attempt_timeout);
  const TimePoint timeout = longest == Duration::max() ? TimePoint::max() : now + longest;
  call.attempt_deadline = std::min(call.call_deadline, timeout);
  call.had_its_time = call.attempt_deadline == timeout;
}

// On a connection that nobody shares: that of the call's session, or one of its own for as long as it takes.
void CallRunner::attempt_dedicated(Call& call, const Route& route, TimePoint now) {
  Session* const session = call.session;
  if (session != nullptr && session->database != nullptr) {
    call.special->link = session->link;
  } else {
    if (route.database == nullptr) return wait_for_dedicated(call);
    call.special->link = route.database->take_dedicated(waiting_for_dedicated_.size() + 1);
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
  if (call.attempts++ == 0) retry_tokens_.on_first_attempt();
  call.repeat_paid = false;
  if (call.special) {
    call.special->parts = 0;
    call.special->multi_refused = false;
    call.special->part_error.clear();
  }
  call.carrier = &link;
  call.link = link.id();
  if (call.batch != nullptr) call.batch->last_sent = &call;
  link.enqueue(call);
  // Its thread may be asleep since an earlier attempt, with nobody else to read this one's reply.
  if (call.waiter != nullptr && call.waiter->parked && call.carrier->may_lead()) wake(*call.waiter);
}

bool CallRunner::refuse_if_queue_full(Call& call) {
  const std::size_t waiting = waiting_.size() + waiting_for_dedicated_.size();
  const std::size_t bytes = waiting_bytes_ + call.request.bytes.size();
  if (call.attempts > 0 || (waiting < settings_.max_queued && bytes <= settings_.max_queued_bytes)) return false;
  call.error = error_of(call,
                        {ErrorCode::queue_full, Delivery::not_sent,
                         std::to_string(waiting) + " commands (" + std::to_string(waiting_bytes_) +
                             " bytes) wait for a connection already: max_queued or max_queued_bytes reached"},
                        {});
  fail(call);
  return true;
}

void CallRunner::wait_for_route(Call& call) {
  if (!refuse_if_queue_full(call)) put_in_line(call);
}

void CallRunner::wait_for_dedicated(Call& call) {
  if (refuse_if_queue_full(call)) return;
  call.place = Call::Place::for_dedicated;
  waiting_for_dedicated_.emplace(call.number, &call);
  schedule(call.call_deadline);
}

void CallRunner::put_in_line(Call& call) {
  call.place = Call::Place::for_route;
  waiting_.emplace(call.number, &call);
  waiting_bytes_ += call.request.bytes.size();
  schedule(call.call_deadline);
}

// Repetitions of what was sent multiply the traffic of a database that is in trouble, so there is a budget for them.
void CallRunner::repeat_if_affordable(Call& call) {
  call.repeat_paid = retry_tokens_.take(world_.clock.now());
  if (!call.repeat_paid) return give_up(call, "retry_budget is used up");
  if (adviser_) ask_rule(call);
  else wait_for_backoff(call, own_backoff(call));
}

void CallRunner::give_up(Call& call, std::string_view why) {
  ErrorDetails details = call.error->details();
  details.message.append("; not repeated: ").append(why);
  call.error = Error(std::move(details));
  fail(call);
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
  call.question = *question;
  asked_about_.emplace(*question, &call);
  wait_until(call, now + longest_advice);
}

void CallRunner::on_advice(std::uint64_t question, const Advice& advice) {
  const auto found = asked_about_.find(question);
  if (found == asked_about_.end()) return;
  Call& call = *found->second;
  stop_waiting(call);
  if (advice.passed_over) follow_policy(call);
  else if (advice.wait) wait_for_backoff(call, *advice.wait);
  else give_up(call, "RetryPolicy::rule says so");
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
  wait_until(call, wait < call.call_deadline - now ? now + wait : call.call_deadline);
}

void CallRunner::wait_until(Call& call, TimePoint due) {
  call.backoff_ends = std::min(due, call.call_deadline);
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
    case Call::Place::for_dedicated: waiting_for_dedicated_.erase(call.number); return;
    case Call::Place::for_verdict: held_.erase(call.number); return;
    case Call::Place::for_backoff: {
      const auto [begin, end] = delayed_.equal_range(call.backoff_ends);
      delayed_.erase(std::find_if(begin, end, [&](const auto& entry) { return entry.second == &call; }));
      if (call.question != 0) asked_about_.erase(std::exchange(call.question, 0));
      return;
    }
  }
}

void CallRunner::release_held() {
  for (const auto& [number, call] : std::exchange(held_, {})) put_in_line(*call);
}

void CallRunner::on_switch() {
  on_tracking_lost();
  release_held();
  for (auto at = delayed_.begin(); at != delayed_.end();) {
    Call& call = *(at++)->second;
    if (!call.was_rejected || call.question != 0) continue;
    stop_waiting(call);
    put_in_line(call);
  }
  route_waiting();
}

void CallRunner::route_waiting() {
  if (!router_.is_verdict_pending()) release_held();
  if (routing_ || (waiting_.empty() && waiting_for_dedicated_.empty())) return;
  routing_ = true;
  const TimePoint now = world_.clock.now();
  waiting_bytes_ = 0;
  // Whatever cannot go now comes back into `waiting_`, in its old place.
  for (const auto& [number, call] : std::exchange(waiting_, {})) {
    call->place = Call::Place::elsewhere;
    attempt(*call, now);
  }
  while (!waiting_for_dedicated_.empty()) {
    const auto [number, call] = *waiting_for_dedicated_.begin();
    waiting_for_dedicated_.erase(number);
    call->place = Call::Place::elsewhere;
    attempt(*call, now);
    if (waiting_for_dedicated_.contains(number)) break;  // no more to be had now
  }
  routing_ = false;
}

void CallRunner::on_reply(Call& call, ReplyView reply) {
  if (call.request.replies > 1 && call.special->parts + 1 < call.request.replies) return on_part(call, reply);
  const bool is_tracked = call.cacheable && call.carrier->is_tracking();
  call.carrier = nullptr;
  if (cache_) cache_->on_write(call.request, last_number_);
  if (call.session != nullptr && !reply.is_error()) call.session->begun = true;
  stop_using_dedicated(call, database::DedicatedLinks::State::clean);
  if (!reply.is_error()) {
    router_.on_attempt_answered(call);
    if (call.special && call.special->info != nullptr) {
      *call.special->info = {router_.database_name(call.database), call.epoch, call.attempts};
    }
    if (is_tracked) cache_->keep(call.request, reply, world_.clock.now(), call.number);
    call.outcome.on_reply(reply);
    return complete(call);
  }
  std::string text = core::escape_server_text(reply.as_string().value_or(""));
  protocol::ServerError meaning = protocol::classify(text, call.request.traits);
  if (meaning.code == ErrorCode::exec_abort && call.special) {
    // EXECABORT proves that nothing ran. If that was because the server cannot serve, it is as if it had said so at
    // once.
    const std::string why = call.special->part_error.empty() ? cause_of_abort(text) : call.special->part_error;
    const protocol::ServerError cause = protocol::classify(why, {});
    if (core::is_cannot_serve(cause.code)) {
      meaning = cause;
      text = why;
    }
  }
  if (meaning.code == ErrorCode::no_script && call.request.script != nullptr) return send_whole_script(call);
  protocol::Failure failure{meaning.code, meaning.delivery, call.request.name() + ": " + text};
  if (core::is_cannot_serve(meaning.code)) router_.on_attempt_failed(call, failure);
  else router_.on_attempt_answered(call);
  end_attempt(call, failure, text);
}

// SCRIPT-1: a server that does not know the script has not run it.
void CallRunner::send_whole_script(Call& call) {
  router_.on_attempt_answered(call);
  call.special->bytes = detail::with_whole_script(call.request).bytes;
  call.request.bytes = call.special->bytes;
  call.request.script = nullptr;
  attempt(call, world_.clock.now());
}

void CallRunner::on_part(Call& call, ReplyView reply) {
  if (reply.is_error() && call.special->part_error.empty()) {
    call.special->part_error = core::escape_server_text(reply.as_string().value_or(""));
  }
  if (call.special->parts == 0) call.special->multi_refused = reply.is_error();
  call.outcome.on_part(call.special->parts++, reply);
}

void CallRunner::on_failure(Call& call, const protocol::Failure& failure) {
  call.carrier = nullptr;
  if (cache_) cache_->on_write(call.request, last_number_);
  stop_using_dedicated(call, database::DedicatedLinks::State::unclean);
  router_.on_attempt_failed(call, failure);
  protocol::Failure told = failure;
  // TX-1: without MULTI a part of the unit may have run, though the whole was not sent.
  if (call.special && call.special->multi_refused) told.delivery = Delivery::in_doubt;
  end_attempt(call, told, {});
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
  if (call.session != nullptr && end_in_session(call, failure)) return;
  if (world_.clock.now() >= call.call_deadline) return fail(call);
  switch (decide_retry(settings_.retry, {failure.code, failure.delivery, call.request.traits, call.doubtful},
                       adviser_ ? failover::Count::by_rule : failover::Count::by_policy)) {
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
    case failover::Retry::after_backoff: return repeat_if_affordable(call);
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

Error CallRunner::error_of(const Call& call, const protocol::Failure& failure, std::string server_text) const {
  return Error({.code = failure.code,
                .delivery = failure.delivery,
                .message = failure.message,
                .command = call.request.name(),
                .server_text = std::move(server_text)});
}

void CallRunner::fail(Call& call) {
  if (call.repeat_paid) retry_tokens_.put_back();
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
  call.outcome.under_way = nullptr;
  if (call.waiter == nullptr) {
    if (call.batch != nullptr) leave_batch(*call.batch);
    return world_.loop.announce(call);
  }
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
  if (due == TimePoint::max()) return;
  if (armed_ && *armed_ <= due) return;
  armed_ = due;
  timer_->arm(due, [this] { on_timer(); });
}

void CallRunner::on_timer() {
  armed_.reset();
  const TimePoint now = world_.clock.now();
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    Call& call = *delayed_.begin()->second;
    const bool rule_is_late = call.question != 0;
    stop_waiting(call);
    if (rule_is_late) follow_policy(call);
    else attempt(call, now);
  }
  TimePoint next = delayed_.empty() ? TimePoint::max() : delayed_.begin()->first;
  expire(waiting_, now, next);
  expire(waiting_for_dedicated_, now, next);
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
    const bool is_usable = call->place == Call::Place::for_dedicated && router_.route().database != nullptr;
    stop_waiting(*call);
    if (!call->error) call->error = error_of(*call, is_usable ? none_of_its_own() : router_.why_waiting(), {});
    fail(*call);
  }
}

void CallRunner::close() {
  closed_ = true;
  timer_->cancel();
  waiting_.clear();
  waiting_bytes_ = 0;
  waiting_for_dedicated_.clear();
  held_.clear();
  delayed_.clear();
  asked_about_.clear();
  if (adviser_) adviser_->close();
  while (first_ != nullptr) {
    first_->error = error_of(*first_, {ErrorCode::closed, Delivery::not_sent, "the client was closed"}, {});
    fail(*first_);
  }
}

}  // namespace meridian::client
