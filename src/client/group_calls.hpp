// Runs the calls of a `FailoverGroup`: attempt after attempt on the calling thread, as CMD-1 allows, within one
// deadline. The function of a call runs outside the loop; everything before and after it is a turn on it. It also
// notices who falls silent: functions that run for long while none on their member ends (DET-5).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <meridian/detail/group_engine.hpp>

#include "client/group_meaning.hpp"
#include "client/retry_adviser.hpp"
#include "core/patience.hpp"
#include "failover/retry.hpp"
#include "failover/retry_budget.hpp"
#include "io/world.hpp"

namespace meridian::client {

// A member as a call uses it, even when it has been removed meanwhile.
struct GroupTarget {
  std::string name;
  std::shared_ptr<void> object;
};

// Where the next attempt goes.
struct GroupRoute {
  std::shared_ptr<const GroupTarget> target{};  // null: not now
  std::size_t member = 0;
  std::uint64_t epoch = 0;
  std::uint64_t since = 0;         // the epoch under which the member began to serve, and has served ever since
  std::optional<Error> refusal{};  // set: the call ends with it; not set and no target: it waits

  // As Route::has_served_since.
  [[nodiscard]] bool has_served_since(std::uint64_t then) const noexcept { return since <= then && then <= epoch; }
};

// An attempt that is over.
struct GroupAttemptEnd {
  std::size_t member = 0;
  std::uint64_t epoch = 0;
  bool is_read = false;
  TimePoint began{};
};

class GroupRouter {
 public:
  [[nodiscard]] virtual GroupRoute route(bool is_read, std::uint64_t caller) = 0;
  [[nodiscard]] virtual std::uint64_t published_epoch() const = 0;
  [[nodiscard]] virtual bool is_verdict_pending() const = 0;

  virtual void on_attempt_answered(const GroupAttemptEnd& attempt) = 0;
  virtual void on_attempt_failed(const GroupAttemptEnd& attempt, ErrorCode code, const std::string& text) = 0;
  virtual void on_call_failed(const Error& error) = 0;
  // Only about members that carry traffic.
  virtual void on_silence(std::size_t member, bool writes) = 0;
  virtual void on_heard(std::size_t member) = 0;

 protected:
  ~GroupRouter() = default;
};

struct GroupCallSettings {
  failover::RetryRules retry;
  RetryBudget retry_budget;
  Duration command_deadline{};
  Duration suspicion_after{};
};

class GroupCalls {
 public:
  struct Call;  // group_call.hpp

  GroupCalls(io::World& world, GroupRouter& router, GroupCallSettings settings,
             std::shared_ptr<const Classify> classify);
  GroupCalls(const GroupCalls&) = delete;
  GroupCalls& operator=(const GroupCalls&) = delete;

  // On the calling thread, outside the loop.
  [[nodiscard]] detail::GroupEnd run(detail::GroupWork& work, Repeat repeat, const CallOptions& options);

  // The rest on the loop.
  void reconfigure(GroupCallSettings settings);
  // The route has changed: what waits looks again, and what runs on a member that was left is nobody's silence.
  void on_switch(const std::function<bool(std::size_t member)>& is_used);
  // A verdict was reached.
  void wake_all();
  // Calls that wait end with `closed`, and so do those that come.
  void close();

 private:
  enum class Step { attempt, wait, over };
  enum class Words { its_own, ours };  // whose an error is

  // What a member owes since the last switch: functions that run, the oldest first.
  struct Owed {
    std::map<std::uint64_t, const Call*> running;
    TimePoint last_end{};
    std::optional<core::Patience> patience;
    Duration wait{};  // of `patience`
    bool silent = false;
  };

  [[nodiscard]] std::optional<Error> refusal(const CallOptions& options) const;
  [[nodiscard]] detail::GroupEnd drive(detail::GroupWork& work, Call& call);
  [[nodiscard]] Step next(Call& call);
  [[nodiscard]] Step wait(Call& call, TimePoint until);
  [[nodiscard]] Step end(Call& call, Error error, Words words);
  // With the last attempt's error behind `why`.
  [[nodiscard]] Step end_for(Call& call, ErrorCode code, const std::string& why);
  void begin_attempt(Call& call, const GroupRoute& route, TimePoint now);
  void on_answered(Call& call);
  [[nodiscard]] bool is_our_own_clock(const Call& call, ErrorCode code) const;
  void on_thrown(Call& call, const ExceptionMeaning& meaning, const std::string& text);

  // Repetitions (group_calls_repeating.cpp). Each leaves the call with a time to resume at, a question, or its end.
  void decide_repetition(Call& call);
  void ask_rule(Call& call);
  void stop_asking(Call& call);
  void on_advice(std::uint64_t question, const Advice& advice);
  void follow_policy(Call& call);
  [[nodiscard]] Duration own_backoff(const Call& call);
  void back_off(Call& call, Duration wait);
  void give_up(Call& call, std::string_view why);

  void wake(Call& call);
  void schedule(TimePoint due);
  void on_timer();

  void owe(Call& call);
  void settle_owed(const Call& call);
  void watch_silence(TimePoint due);
  void on_silence_timer();

  io::World& world_;
  GroupRouter& router_;
  GroupCallSettings settings_;
  failover::RetryTokens tokens_;
  const std::shared_ptr<const Classify> classify_;

  std::uint64_t last_number_ = 0;
  std::multimap<TimePoint, Call*> waiting_;  // until when
  std::unique_ptr<io::Timer> timer_;
  std::optional<TimePoint> armed_;
  std::unordered_map<std::uint64_t, Call*> asked_about_;  // by question
  std::optional<RetryAdviser> adviser_;
  std::map<std::size_t, Owed> owed_;  // by member
  std::unique_ptr<io::Timer> silence_timer_;
  std::optional<TimePoint> silence_due_;
  bool closed_ = false;
};

}  // namespace meridian::client
