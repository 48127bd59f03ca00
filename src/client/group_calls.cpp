#include "client/group_calls.hpp"

#include <algorithm>
#include <stop_token>
#include <utility>

#include "client/group_call.hpp"
#include "core/cannot_serve.hpp"

namespace meridian::client {
namespace {

// A function that limits itself to what is left of the deadline ends about then.
constexpr Duration about_the_deadline = std::chrono::milliseconds(10);

}  // namespace

GroupCalls::GroupCalls(io::World& world, GroupRouter& router, GroupCallSettings settings,
                       std::shared_ptr<const Classify> classify)
    : world_(world),
      router_(router),
      settings_(std::move(settings)),
      tokens_(settings_.retry_budget, world.clock.now()),
      classify_(std::move(classify)),
      timer_(world.loop.make_timer()),
      silence_timer_(world.loop.make_timer()) {
  if (settings_.retry.policy.rule) {
    adviser_.emplace(world, settings_.retry.policy.rule,
                     [this](std::uint64_t question, const Advice& advice) { on_advice(question, advice); });
  }
}

// Who judges repetitions stays: it has a thread of its own.
void GroupCalls::reconfigure(GroupCallSettings settings) {
  settings.retry.policy.rule = std::move(settings_.retry.policy.rule);
  settings_ = std::move(settings);
  tokens_ = failover::RetryTokens(settings_.retry_budget, world_.clock.now());
}

std::optional<Error> GroupCalls::refusal(const CallOptions& options) const {
  if (options.deadline && *options.deadline <= Duration::zero()) {
    return Error(
        ErrorCode::invalid_argument, Delivery::not_sent,
        "CallOptions::deadline is " + std::to_string(options.deadline->count()) + "ns: must be greater than 0");
  }
  if (!world_.loop.may_wait()) {
    return Error(ErrorCode::would_deadlock, Delivery::not_sent,
                 "run() inside a callback on the library's I/O thread would wait for itself");
  }
  return std::nullopt;
}

detail::GroupEnd GroupCalls::run(detail::GroupWork& work, Repeat repeat, const CallOptions& options) {
  if (auto error = refusal(options)) return {std::move(error), false};
  Call call{.repeat = repeat, .options = options, .issued = world_.clock.now()};
  if (!options.stop.stop_possible()) return drive(work, call);
  const std::stop_callback stopper(options.stop, [&] {
    const io::Turn turn(world_.loop);
    call.cancelled = true;
    wake(call);
  });
  return drive(work, call);
}

detail::GroupEnd GroupCalls::drive(detail::GroupWork& work, Call& call) {
  for (;;) {
    const Step step = [&] {
      const io::Turn turn(world_.loop);
      return next(call);
    }();
    if (step == Step::over) return std::move(call.end);
    if (step == Step::wait) {
      call.parker->park();
      continue;
    }
    const std::exception_ptr thrown =
        work.attempt(call.target->object.get(), {.member = call.target->name,
                                                 .epoch = call.attempt.epoch,
                                                 .number = call.attempts,
                                                 .time_left = *call.deadline - call.attempt.began});
    if (!thrown) {
      const io::Turn turn(world_.loop);
      on_answered(call);
      return {};
    }
    const ExceptionMeaning meaning = meaning_of(*classify_, thrown);
    const std::string text = text_of(thrown);
    const io::Turn turn(world_.loop);
    on_thrown(call, meaning, text);
  }
}

GroupCalls::Step GroupCalls::next(Call& call) {
  const TimePoint now = world_.clock.now();
  if (!call.deadline) {
    call.deadline = call.issued + std::min(settings_.command_deadline, call.options.deadline.value_or(Duration::max()));
  }
  if (call.end.error) return Step::over;
  if (closed_) return end_for(call, ErrorCode::closed, "the group was closed");
  if (call.cancelled) return end_for(call, ErrorCode::cancelled, "the caller gave it up");
  if (now >= *call.deadline) {
    if (call.error) return end(call, *call.error, Words::its_own);
    return end_for(call, ErrorCode::timed_out, "no usable member in time");
  }
  if (call.question != 0) {
    if (now < call.resume_at) return wait(call, call.resume_at);
    stop_asking(call);
    follow_policy(call);
    if (call.end.error) return Step::over;
  }
  // CMD-1: what failed on a member is not tried there again while its fate is being decided.
  if (call.attempts > 0 && router_.is_verdict_pending()) return wait(call, *call.deadline);
  // A switch ends the backoff of what failed on the member that was left.
  const bool was_there = call.attempt.epoch == router_.published_epoch();
  if (now < call.resume_at && was_there) return wait(call, std::min(call.resume_at, *call.deadline));
  GroupRoute route = router_.route(call.is_read(), call.options.caller);
  if (route.refusal) return end_for(call, route.refusal->code(), route.refusal->message());
  if (!route.target) return wait(call, *call.deadline);
  if (call.options.epoch && !route.has_served_since(*call.options.epoch)) {
    return end_for(call, ErrorCode::database_changed,
                   "it was for the member of epoch " + std::to_string(*call.options.epoch) + "; now it is epoch " +
                       std::to_string(route.epoch));
  }
  begin_attempt(call, route, now);
  return Step::attempt;
}

void GroupCalls::begin_attempt(Call& call, const GroupRoute& route, TimePoint now) {
  call.target = route.target;
  call.attempt = {.member = route.member, .epoch = route.epoch, .is_read = call.is_read(), .began = now};
  call.number = ++last_number_;
  if (call.attempts++ == 0) tokens_.on_first_attempt();
  call.is_paid = false;
  owe(call);
}

void GroupCalls::on_answered(Call& call) {
  settle_owed(call);
  router_.on_attempt_answered(call.attempt);
  if (call.options.info != nullptr) *call.options.info = {call.target->name, call.attempt.epoch, call.attempts};
}

// A deadline of the caller's own that was too short says nothing about the member.
bool GroupCalls::is_our_own_clock(const Call& call, ErrorCode code) const {
  return code == ErrorCode::timed_out && call.options.deadline && *call.options.deadline < settings_.command_deadline &&
         world_.clock.now() >= *call.deadline - about_the_deadline;
}

void GroupCalls::on_thrown(Call& call, const ExceptionMeaning& meaning, const std::string& text) {
  settle_owed(call);
  const bool counts = core::counts_against_database(meaning.code) && !is_our_own_clock(call, meaning.code);
  if (counts) router_.on_attempt_failed(call.attempt, meaning.code, text);
  else if (meaning.delivery == Delivery::answered) router_.on_attempt_answered(call.attempt);
  if (meaning.delivery == Delivery::in_doubt) call.may_have_run = true;
  call.error = Error({.code = meaning.code, .delivery = meaning.delivery, .message = text});
  decide_repetition(call);
}

// The whole truth: one doubtful attempt outweighs whatever is certain about the others, but not an answer.
GroupCalls::Step GroupCalls::end(Call& call, Error error, Words words) {
  stop_asking(call);
  if (std::exchange(call.is_paid, false)) tokens_.put_back();
  ErrorDetails details = error.details();
  const bool outweighed = call.may_have_run && details.delivery != Delivery::answered;
  call.end.in_its_own_words = words == Words::its_own && (!outweighed || details.delivery == Delivery::in_doubt);
  if (outweighed) details.delivery = Delivery::in_doubt;
  if (call.target) details.database = call.target->name;
  details.epoch = call.attempt.epoch;
  details.attempts = call.attempts;
  details.elapsed = world_.clock.now() - call.issued;
  call.end.error = Error(std::move(details));
  if (core::counts_against_database(call.end.error->code())) router_.on_call_failed(*call.end.error);
  return Step::over;
}

GroupCalls::Step GroupCalls::end_for(Call& call, ErrorCode code, const std::string& why) {
  std::string message = why;
  if (call.error) message += "; the last attempt: " + call.error->message();
  return end(call, Error({.code = code, .delivery = Delivery::not_sent, .message = std::move(message)}), Words::ours);
}

// --- Waiting ---------------------------------------------------------------------------------------------------------

GroupCalls::Step GroupCalls::wait(Call& call, TimePoint until) {
  call.parker = world_.parking.make_parker();
  call.place = waiting_.emplace(until, &call);
  call.is_parked = true;
  schedule(until);
  return Step::wait;
}

void GroupCalls::wake(Call& call) {
  if (!std::exchange(call.is_parked, false)) return;
  waiting_.erase(call.place);
  world_.loop.wake(*call.parker);
}

void GroupCalls::wake_all() {
  while (!waiting_.empty()) wake(*waiting_.begin()->second);
}

void GroupCalls::schedule(TimePoint due) {
  if (armed_ && *armed_ <= due) return;
  armed_ = due;
  timer_->arm(due, [this] { on_timer(); });
}

void GroupCalls::on_timer() {
  armed_.reset();
  const TimePoint now = world_.clock.now();
  while (!waiting_.empty() && waiting_.begin()->first <= now) wake(*waiting_.begin()->second);
  if (!waiting_.empty()) schedule(waiting_.begin()->first);
}

void GroupCalls::on_switch(const std::function<bool(std::size_t member)>& is_used) {
  std::erase_if(owed_, [&](const auto& entry) { return !is_used(entry.first); });
  wake_all();
}

void GroupCalls::close() {
  closed_ = true;
  if (adviser_) adviser_->close();
  owed_.clear();
  wake_all();
  timer_->cancel();
  silence_timer_->cancel();
}

// --- Silence ---------------------------------------------------------------------------------------------------------

void GroupCalls::owe(Call& call) {
  owed_[call.attempt.member].running.emplace(call.number, &call);
  watch_silence(call.attempt.began + settings_.suspicion_after);
}

// Whatever the function's end was, it is a sign of life: how it ended is told apart.
void GroupCalls::settle_owed(const Call& call) {
  const auto found = owed_.find(call.attempt.member);
  if (found == owed_.end() || found->second.running.erase(call.number) == 0) return;
  Owed& owed = found->second;
  owed.last_end = world_.clock.now();
  owed.patience.reset();
  if (std::exchange(owed.silent, false)) router_.on_heard(call.attempt.member);
}

// One timer serves all, and is not touched by every call: it comes by as long as anything runs.
void GroupCalls::watch_silence(TimePoint due) {
  if (closed_ || (silence_due_ && *silence_due_ <= due)) return;
  silence_due_ = due;
  silence_timer_->arm(due, [this] { on_silence_timer(); });
}

void GroupCalls::on_silence_timer() {
  silence_due_.reset();
  const TimePoint now = world_.clock.now();
  std::vector<std::pair<std::size_t, bool>> silent;  // and whether writes are owed
  for (auto& [member, owed] : owed_) {
    if (owed.running.empty()) continue;
    if (!owed.patience) {
      owed.wait = settings_.suspicion_after;
      owed.patience.emplace(std::max(owed.running.begin()->second->attempt.began, owed.last_end), owed.wait);
    }
    if (owed.patience->is_over(now)) {
      owed.silent = true;
      const bool writes = std::any_of(owed.running.begin(), owed.running.end(),
                                      [](const auto& entry) { return !entry.second->is_read(); });
      silent.emplace_back(member, writes);
      // A function that just takes its time is no reason to ask four times a second.
      owed.wait *= 2;
      owed.patience.emplace(now, owed.wait);
    }
    watch_silence(owed.patience->due());
  }
  for (const auto& [member, writes] : silent) router_.on_silence(member, writes);
}

}  // namespace meridian::client
