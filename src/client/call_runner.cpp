#include "client/call_runner.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <new>
#include <utility>

#include "core/cannot_serve.hpp"
#include "core/decision.hpp"
#include "core/server_text.hpp"
#include "protocol/server_error.hpp"

namespace meridian::client {
namespace {

// So many spare calls are kept.
constexpr std::size_t most_spare = 4096;

// When so many wait, their deadlines are looked at no more often than this.
constexpr std::size_t many_waiting = 1024;
constexpr Duration between_looks = std::chrono::milliseconds(5);

// What a blocking command's call is given beside its own timeout, to reach the server and to come back.
constexpr Duration blocking_margin = std::chrono::seconds(5);

// The longest that fits is for ever.
Duration sum(Duration one, Duration other) noexcept {
  return one > std::chrono::hours(24 * 365 * 100) - other ? Duration::max() : one + other;
}

// "EXECABORT Transaction discarded because of: READONLY …": EXEC itself was refused.
std::string cause_of_abort(std::string_view text) {
  constexpr std::string_view before = "because of: ";
  const std::size_t at = text.find(before);
  return std::string(at == std::string_view::npos ? std::string_view() : text.substr(at + before.size()));
}

// The threads of a process are numbered; whoever takes a share of the callers mixes the numbers.
std::uint64_t caller_of(const CallOptions& options) noexcept {
  if (options.caller != 0) return options.caller;
  static std::atomic<std::uint64_t> threads{0};
  thread_local const std::uint64_t thread = ++threads;
  return thread;
}

// Why a call that waits for a connection of its own got none, though the database can be used.
protocol::Failure none_of_its_own() {
  return {ErrorCode::timed_out, Delivery::not_sent,
          "no connection of its own in time: ClientOptions::dedicated_connections of them are taken, or none was to be "
          "had"};
}

}  // namespace

void Call::on_reply(const ReplyView& reply) noexcept { runner.on_reply(*this, reply); }
void Call::on_failure(const protocol::Failure& failure) noexcept { runner.on_failure(*this, failure); }
void Call::lead() noexcept {
  waiter->promised = carrier->shared_from_this();
  runner.wake(*waiter);
}
void Call::told() noexcept { runner.recycle(*this); }

CallRunner::CallRunner(io::World& world, Router& router, RunnerSettings settings)
    : world_(world),
      router_(router),
      tally_(world.loop, router),
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

bool CallRunner::is_refused(const detail::EngineCall& call, const CallOptions& options, Company company) const {
  const RequestView& request = call.request;
  const bool is_misplaced = request.traits.needs_own_connection && call.session == nullptr &&
                            (request.blocks_for == Duration::zero() || company == Company::pipelined);
  return closed_ || is_misplaced || (options.deadline && *options.deadline <= Duration::zero()) ||
         options.stop.stop_requested();
}

Error CallRunner::refusal(const detail::EngineCall& call, const CallOptions& options) const {
  const RequestView& request = call.request;
  if (closed_) return Error(ErrorCode::closed, Delivery::not_sent, request.name() + ": the client is closed");
  if (request.traits.needs_own_connection && call.session == nullptr) {
    if (request.blocks_for == Duration::zero()) {
      return Error(ErrorCode::invalid_argument, Delivery::not_sent,
                   request.name() +
                       " changes the connection that it runs on, which all calls of a client share: see transaction() "
                       "for MULTI and WATCH, subscriber() for SUBSCRIBE, and ClientOptions for the rest");
    }
    return Error(ErrorCode::invalid_argument, Delivery::not_sent,
                 request.name() + " may wait at the server: call it by itself, not in a pipeline");
  }
  if (options.deadline && *options.deadline <= Duration::zero()) {
    return Error(ErrorCode::invalid_argument, Delivery::not_sent,
                 "CallOptions::deadline of " + request.name() + " is " + std::to_string(options.deadline->count()) +
                     "ns: must be greater than 0");
  }
  return Error(ErrorCode::cancelled, Delivery::not_sent, request.name() + ": cancelled before it began");
}

void CallRunner::execute(std::span<const detail::EngineCall> calls, const CallOptions* options) {
  if (!world_.loop.may_wait()) return refuse_to_wait(calls);
  if (calls.size() == 1) execute_one(calls, options);
  else if (options != nullptr) execute_several(calls, *options);
  else execute_several(calls, {});
}

void CallRunner::refuse_to_wait(std::span<const detail::EngineCall> calls) {
  for (const detail::EngineCall& call : calls) {
    call.outcome->on_error(
        Error(ErrorCode::would_deadlock, Delivery::not_sent,
              call.request.name() + ": a blocking call inside a callback would wait for itself; use submit()"));
  }
}

// One call. REQUIRES: inside a turn, which it ends.
void CallRunner::execute_among_others(std::span<const detail::EngineCall> calls, const CallOptions& options) {
  Waiter waiter;
  if (is_refused(calls.front(), options, Company::alone)) {
    calls.front().outcome->on_error(refusal(calls.front(), options));
  } else {
    alignas(Call) std::array<std::byte, sizeof(Call)> memory;
    waiter.left = 1;
    begin(*::new (memory.data()) Call(*this, calls.front(), &waiter), world_.clock.now(), options);
    if (waiter.left > 0) wait(waiter, calls);
  }
  end_turn_alone();
}

void CallRunner::execute_several(std::span<const detail::EngineCall> calls, const CallOptions& options) {
  const bool alone = world_.loop.enter_aside(alone_);
  const bool as_one = may_go_as_one(calls, options);
  if (alone) {
    if (as_one && !options.deadline && alone_.link->may_write_alone()) return execute_alone(calls, bytes_of(calls));
    enter_in_books();
  }
  Waiter waiter;
  Batch batch;
  if (router_.is_split()) batch.need = need_of(calls, options);
  const TimePoint now = world_.clock.now();
  std::optional<PipelineCall> unit;
  if (as_one) {
    unit.emplace(*this, calls, &waiter, batch);
    if (!begin_as_one(*unit, now, options)) unit.reset();
  }
  for (const detail::EngineCall& call : unit ? std::span<const detail::EngineCall>() : calls) {
    if (is_refused(call, options, Company::pipelined)) {
      call.outcome->on_error(refusal(call, options));
      continue;
    }
    Call& own = *::new (take_memory()) Call(*this, call, &waiter);
    own.batch = &batch;
    ++waiter.left;
    begin(own, now, options);
  }
  if (waiter.left > 0) wait(waiter, calls);
  end_turn_alone();
}

void CallRunner::start(std::span<const detail::EngineCall> calls, const CallOptions& options) {
  if (calls.size() == 1) start_one(calls.front(), options);
  else if (!calls.empty()) start_several(calls, options);
}

void CallRunner::start_one(const detail::EngineCall& call, const CallOptions& options) {
  std::optional<Error> refused;
  {
    const io::Turn turn(world_.loop);
    const TimePoint now = world_.loop.time_of_asking(world_.clock);
    if (is_refused(call, options, Company::alone)) refused = refusal(call, options);
    else begin(*::new (take_memory()) Call(*this, call, nullptr), now, options);
  }
  if (refused) end_refused(*call.outcome, std::move(*refused));
}

void CallRunner::start_several(std::span<const detail::EngineCall> calls, const CallOptions& options) {
  std::vector<std::pair<detail::Outcome*, Error>> refused;
  {
    const io::Turn turn(world_.loop);
    const TimePoint now = world_.loop.time_of_asking(world_.clock);
    const Need need = router_.is_split() ? need_of(calls, options) : Need();
    if (start_as_one(calls, now, options, need)) return;
    // Goes with its last call.
    Batch* const batch = new Batch{.calls = calls.size(), .need = need};
    for (const detail::EngineCall& call : calls) {
      if (is_refused(call, options, Company::pipelined)) {
        refused.emplace_back(call.outcome, refusal(call, options));
        leave_batch(*batch);
        continue;
      }
      Call& own = *::new (take_memory()) Call(*this, call, nullptr);
      own.batch = batch;
      begin(own, now, options);
    }
  }
  for (auto& [outcome, error] : refused) end_refused(*outcome, std::move(error));
}

// Outside the loop: it tells user code.
void CallRunner::end_refused(detail::Outcome& outcome, Error error) {
  outcome.on_error(std::move(error));
  outcome.on_done();
}

// That of calls that nobody waits for goes with the last of them.
void CallRunner::leave_batch(Batch& batch) {
  if (batch.calls > 0 && --batch.calls == 0) delete &batch;
}

void CallRunner::begin(Call& call, TimePoint now, const CallOptions& options) {
  enter_in_books(call, now, options.deadline);
  const bool is_special = call.is_dedicated() || call.request.replies > 1 || call.request.script != nullptr ||
                          options.epoch || options.info != nullptr;
  if (is_special) {
    call.special = std::make_unique<Call::Special>();
    call.special->asked_at = now;
    call.special->epoch = options.epoch;
    call.special->info = options.info;
  }
  if (router_.is_split()) call.caller = caller_of(options);
  if (cache_ && answer_from_cache(call, options)) return;
  // Those that wait go first: calls of one caller keep their order.
  if (call.is_dedicated()) attempt(call, now);
  else if (!waiting_.none_for_route()) wait_behind_others(call);
  else if (!follow_pipeline(call)) attempt(call, now);
}

void CallRunner::enter_in_books(Call& call, TimePoint now, const std::optional<Duration>& own_deadline) {
  call.issued = now;
  call.call_deadline = deadline_of(call.request, now, own_deadline);
  call.number = ++last_number_;
  add_to_list(call);
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
  // Who judges stays: it has a thread of its own.
  std::shared_ptr<RetryRule> rule = std::move(settings_.retry.policy.rule);
  settings_.retry = settings.retry;
  settings_.retry.policy.rule = std::move(rule);
  settings_.retry_budget = settings.retry_budget;
  retry_tokens_ = failover::RetryTokens(settings.retry_budget, world_.clock.now());
  settings_.command_deadline = settings.command_deadline;
}

CacheStatistics CallRunner::cache_statistics() const { return cache_ ? cache_->statistics() : CacheStatistics(); }

// The tighter one wins. A blocking command has its own timeout and some seconds; for ever is for ever (CMD-4).
TimePoint CallRunner::deadline_of(const RequestView& request, TimePoint now, const std::optional<Duration>& own) const {
  Duration longest = settings_.command_deadline;
  if (request.blocks_for > Duration::zero()) longest = sum(request.blocks_for, blocking_margin);
  if (own) longest = std::min(longest, *own);
  return longest == Duration::max() ? TimePoint::max() : now + longest;
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
  waiting_.remove(call);
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

Need CallRunner::need_of(std::span<const detail::EngineCall> calls, const CallOptions& options) const {
  const bool reads = !options.epoch &&
                     std::all_of(calls.begin(), calls.end(), [this](const auto& call) { return is_free_read(call); });
  return {.reads = reads, .caller = caller_of(options)};
}

Need CallRunner::need_of(const Call& call) const {
  if (call.batch != nullptr) return call.batch->need;
  const bool is_pinned = call.special && call.special->epoch;
  return {.reads = !is_pinned && is_free_read({call.request, &call.outcome, call.session}), .caller = call.caller};
}

// FB-3: scans and scripts belong to one database, and what is cached to the one that tells of changes.
bool CallRunner::is_free_read(const detail::EngineCall& call) const {
  const RequestView& request = call.request;
  if (!request.traits.is_read() || request.traits.needs_own_connection || call.session != nullptr) return false;
  if (request.replies > 1 || request.script != nullptr || (cache_ && ReplyCache::is_cacheable(request))) return false;
  std::string name = request.name();
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  return !name.ends_with("SCAN") && !name.starts_with("EVAL") && !name.starts_with("FCALL");
}

void CallRunner::attempt(Call& call, TimePoint now) {
  if (now >= call.call_deadline) return fail_late(call);
  // CMD-1: what the server refused is not sent there again while its fate is being decided.
  if (call.was_rejected && core::decide<core::Decision::verdict_not_awaited>(router_.is_verdict_pending(), false))
    return wait_for_verdict(call);
  const Route route = router_.route(router_.is_split() ? need_of(call) : Need());
  const bool is_bound = call.session != nullptr || call.batch != nullptr || call.special != nullptr;
  if ((is_bound || route.refusal) && end_if_barred(call, route)) return;
  if (call.is_dedicated()) return attempt_dedicated(call, route, now);
  if (route.database == nullptr) return wait_for_route(call);
  if (call.batch != nullptr) {
    call.batch->epoch = route.epoch;
    call.batch->database = route.index;
    ++call.batch->out;
  }
  set_attempt(call, route, now);
  const bool few = call.waiter != nullptr && call.batch == nullptr && waiting_threads_ < few_threads_;
  hand_over(call, route.database->choose(few ? database::Choice::idle : database::Choice::first));
}

void CallRunner::fail_late(Call& call) {
  if (!call.error) call.error = error_of(call, router_.why_waiting(), {});
  fail(call);
}

// What keeps a call from going where the others go now. True if it is over.
bool CallRunner::end_if_barred(Call& call, const Route& route) {
  if (call.session != nullptr && call.session->database != nullptr) {
    // TX-2: what was watched there is not watched anywhere else.
    const bool stayed = router_.still_serves(call.session->index, call.session->epoch);
    if (!stayed || !call.session->link->is_ready()) {
      abort_transaction(call, stayed ? "its connection was lost" : "a switch came");
      return true;
    }
  }
  if (route.refusal) {
    ErrorDetails details = route.refusal->details();
    details.command = call.request.name();
    if (call.error) details.message += "; the last attempt: " + call.error->message();
    call.error = Error(std::move(details));
  } else if (call.batch != nullptr && call.batch->epoch &&
             core::decide<core::Decision::split_pipeline>(
                 call.batch->database != route.index || *call.batch->epoch < route.since, false)) {
    call.error = error_of(
        call,
        {ErrorCode::connection_lost, Delivery::not_sent, "the pipeline had begun on another database before a switch"},
        {});
  } else if (call.special && call.special->epoch && route.database != nullptr &&
             !route.has_served_since(*call.special->epoch)) {
    call.error = error_of(call,
                          {ErrorCode::database_changed, Delivery::not_sent,
                           "it was for the database of epoch " + std::to_string(*call.special->epoch) +
                               "; now it is epoch " + std::to_string(route.epoch)},
                          {});
  } else {
    return false;
  }
  fail(call);
  return true;
}

void CallRunner::set_attempt(Call& call, const Route& route, TimePoint now) noexcept {
  call.database = route.index;
  call.epoch = route.epoch;
  call.begin_attempt(now, sum(call.request.blocks_for, route.attempt_timeout), call.call_deadline);
}

// A command of a pipeline that begins goes where the one before it went a moment ago, if that takes more.
bool CallRunner::follow_pipeline(Call& call) {
  if (call.batch == nullptr || call.batch->last_sent == nullptr) return false;
  const Call& last = *call.batch->last_sent;
  if (!last.carrier->takes_more()) return false;
  ++call.batch->out;
  static_cast<Attempt&>(call) = last;
  hand_over(call, *last.carrier);
  return true;
}

void CallRunner::hand_over(Call& call, database::Link& link) {
  call.repeat_paid = false;
  if (call.special) {
    call.special->parts = 0;
    call.special->multi_refused = false;
    call.special->part_error.clear();
  }
  set_carrier(call, link);
  if (call.batch != nullptr) call.batch->last_sent = &call;
  link.enqueue(call, call.sent_at);
  // Its thread may be asleep since an earlier attempt, with nobody else to read this one's reply.
  if (call.waiter != nullptr && call.waiter->parked && call.carrier->may_lead()) wake(*call.waiter);
}

void CallRunner::set_carrier(Call& call, database::Link& link) {
  if (call.attempts++ == 0) retry_tokens_.on_first_attempt();
  call.carrier = &link;
  call.link = link.id();
}

bool CallRunner::refuse_if_queue_full(Call& call) {
  const std::size_t bytes = waiting_.bytes() + call.request.bytes.size();
  const bool has_room = waiting_.count() < settings_.max_queued && bytes <= settings_.max_queued_bytes;
  if (call.attempts > 0 || has_room) return false;
  call.error = error_of(call,
                        {ErrorCode::queue_full, Delivery::not_sent,
                         std::to_string(waiting_.count()) + " commands (" + std::to_string(waiting_.bytes()) +
                             " bytes) wait for a connection already: max_queued or max_queued_bytes reached"},
                        {});
  fail(call);
  return true;
}

void CallRunner::wait_for_route(Call& call) {
  if (!refuse_if_queue_full(call)) put_in_line(call);
}

void CallRunner::wait_behind_others(Call& call) {
  wait_for_route(call);
  if (router_.is_split()) route_soon();  // they may be waiting for the other database
}

void CallRunner::route_soon() {
  if (std::exchange(route_posted_, true)) return;
  world_.loop.post([this] {
    route_posted_ = false;
    route_waiting();
  });
}

void CallRunner::put_in_line(Call& call) {
  waiting_.add_for_route(call);
  schedule(call.call_deadline);
}

void CallRunner::wait_for_dedicated(Call& call) {
  if (refuse_if_queue_full(call)) return;
  waiting_.add_for_dedicated(call);
  schedule(call.call_deadline);
}

void CallRunner::wait_for_verdict(Call& call) {
  waiting_.add_for_verdict(call);
  schedule(call.call_deadline);
}

void CallRunner::release_held() {
  for (Call* call : waiting_.take_for_verdict()) put_in_line(*call);
}

void CallRunner::on_switch() {
  on_tracking_lost();
  release_held();
  for (Call* call : waiting_.rejected()) {
    waiting_.remove(*call);
    put_in_line(*call);
  }
  route_waiting();
}

void CallRunner::route_waiting() {
  if (!router_.is_verdict_pending()) release_held();
  if (routing_ || waiting_.none_for_connection()) return;
  routing_ = true;
  const TimePoint now = world_.clock.now();
  // Whatever cannot go now comes back into its old place.
  std::vector<Call*> in_line = waiting_.take_for_route();
  if (core::decide<core::Decision::out_of_order>(false, true)) std::reverse(in_line.begin(), in_line.end());
  for (Call* call : in_line) attempt(*call, now);
  while (Call* call = waiting_.first_for_dedicated()) {
    waiting_.remove(*call);
    attempt(*call, now);
    if (call == waiting_.first_for_dedicated()) break;  // no more to be had now
  }
  routing_ = false;
}

void CallRunner::on_reply(Call& call, const ReplyView& reply) {
  if (call.request.replies > 1 && call.special->parts + 1 < call.request.replies) return on_part(call, reply);
  // Of two databases only one tells of changes here.
  const bool is_tracked = call.cacheable && !router_.is_split() && call.carrier->is_tracking();
  const TimePoint heard_at = call.carrier->heard_at();
  call.carrier = nullptr;
  if (cache_) cache_->on_write(call.request, last_number_);
  if (call.session != nullptr && !reply.is_error()) call.session->begun = true;
  stop_using_dedicated(call, database::DedicatedLinks::State::clean);
  if (reply.is_error()) return on_error_reply(call, reply, heard_at);
  tally_.add(call, heard_at);
  if (call.special && call.special->info != nullptr) {
    *call.special->info = {router_.database_name(call.database), call.epoch, call.attempts};
  }
  if (is_tracked) cache_->keep(call.request, reply, world_.clock.now(), call.number);
  call.outcome.on_reply(reply);
  complete(call);
}

void CallRunner::on_error_reply(Call& call, const ReplyView& reply, TimePoint heard_at) {
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
  if (core::is_cannot_serve(meaning.code)) tell_failed(call, failure);
  else tally_.add(call, heard_at);
  end_attempt(call, failure, text);
}

// SCRIPT-1: a server that does not know the script has not run it.
void CallRunner::send_whole_script(Call& call) {
  const TimePoint now = world_.clock.now();
  tally_.add(call, now);
  call.special->bytes = detail::with_whole_script(call.request).bytes;
  call.request.bytes = call.special->bytes;
  call.request.script = nullptr;
  attempt(call, now);
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
  tell_failed(call, failure);
  protocol::Failure told = failure;
  // TX-1: without MULTI a part of the unit may have run, though the whole was not sent.
  if (call.special && call.special->multi_refused) told.delivery = Delivery::in_doubt;
  end_attempt(call, told, {});
}

void CallRunner::tell_failed(const Call& call, const protocol::Failure& failure) {
  tally_.tell();
  router_.on_attempt_failed(call, failure);
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
  const bool outweighs = core::decide<core::Decision::doubt_forgotten>(call.may_have_run, false);
  if (outweighs && details.delivery != Delivery::answered) details.delivery = Delivery::in_doubt;
  if (call.attempts > 0) details.database = router_.database_name(call.database);
  details.epoch = call.epoch;
  details.attempts = call.attempts;
  details.elapsed = world_.clock.now() - call.issued;
  Error error(std::move(details));
  router_.on_call_failed(call, error);
  call.outcome.on_error(std::move(error));
  complete(call);
}

void CallRunner::add_to_list(Call& call) {
  call.previous_ = std::exchange(last_, &call);
  (call.previous_ != nullptr ? call.previous_->next_ : first_) = &call;
}

void CallRunner::complete(Call& call) {
  (call.previous_ != nullptr ? call.previous_->next_ : first_) = call.next_;
  (call.next_ != nullptr ? call.next_->previous_ : last_) = call.previous_;
  call.outcome.under_way = nullptr;
  if (call.waiter == nullptr) {
    if (call.batch != nullptr) leave_batch(*call.batch);
    return world_.loop.announce(call);
  }
  one_is_over(*call.waiter);
  recycle(call);
}

void CallRunner::one_is_over(Waiter& waiter) {
  if (--waiter.left > 0 || !waiter.parked) return;
  // Counted only if it is about to come by: one that is reading comes when something arrives for it.
  waiter.counted = true;
  ++answered_threads_;
  wake(waiter);
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
  while (Call* call = waiting_.first_due(now)) {
    const bool rule_is_late = call->question != 0;
    waiting_.remove(*call);
    if (rule_is_late) follow_policy(*call);
    else attempt(*call, now);
  }
  const WaitingCalls::Deadlines deadlines = waiting_.deadlines(now);
  for (Call* call : deadlines.over) expire(*call);
  // Each look passes over all that wait: of many, some end a moment late rather than the loop doing nothing else.
  schedule(waiting_.count() < many_waiting ? deadlines.next : std::max(deadlines.next, now + between_looks));
}

void CallRunner::expire(Call& call) {
  const bool is_usable = call.place == Call::Place::for_dedicated &&
                         router_.route(router_.is_split() ? need_of(call) : Need()).database != nullptr;
  waiting_.remove(call);
  if (!call.error) call.error = error_of(call, is_usable ? none_of_its_own() : router_.why_waiting(), {});
  fail(call);
}

void CallRunner::close() {
  closed_ = true;
  timer_->cancel();
  waiting_.clear();
  if (adviser_) adviser_->close();
  while (first_ != nullptr) {
    first_->error = error_of(*first_, {ErrorCode::closed, Delivery::not_sent, "the client was closed"}, {});
    fail(*first_);
  }
}

}  // namespace meridian::client
