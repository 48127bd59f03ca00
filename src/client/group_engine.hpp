// The engine behind `FailoverGroup`: what MultiEngine is for databases, for objects of the program. It decides nothing:
// it tells the brain how attempts, probes and checks ended, and does what the brain says, in that order.
//
// Threads: everything is on the loop except the public methods, which any thread calls. The program's code never runs
// on the loop: calls on their own threads (GroupCalls), probes on one of the member's own (GroupProber).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <meridian/detail/group_engine.hpp>

#include "client/event_dispatcher.hpp"
#include "client/failure_log.hpp"
#include "client/group_calls.hpp"
#include "client/group_checker.hpp"
#include "client/group_prober.hpp"
#include "core/resolve.hpp"
#include "failover/brain.hpp"

namespace meridian::client {

// The members as the rules of databases see them (INIT-4): their names are set and unique, their numbers right. Error:
// `invalid_argument` with field and value.
[[nodiscard]] Result<std::vector<core::ResolvedDatabase>> resolve(const detail::GroupSpec& spec);

class GroupEngine final : public detail::GroupEngine, public GroupRouter {
 public:
  // Builds, starts nothing. REQUIRES: `members` is what `resolve(spec)` gave; not on the loop.
  GroupEngine(io::World& world, const detail::GroupSpec& spec, const std::vector<core::ResolvedDatabase>& members);
  // REQUIRES: close() was called and has run on the loop. Waits for probes that are running.
  ~GroupEngine() override;

  // As MultiEngine's.
  void open(std::function<void(std::optional<Error>)> decided);

  [[nodiscard]] detail::GroupEnd run(detail::GroupWork& work, Repeat repeat, const CallOptions& options) override {
    return calls_.run(work, repeat, options);
  }
  [[nodiscard]] ClientStatus describe() override;
  void add_listener(EventListener listener) override { events_.add(std::move(listener)); }
  [[nodiscard]] Result<void> operate(op::Operation operation) override;
  [[nodiscard]] Result<void> add(detail::GroupMemberSpec member) override;
  void close() noexcept override;

  [[nodiscard]] io::World& world() noexcept { return world_; }

 private:
  struct Slot {
    std::shared_ptr<const GroupTarget> target;
    std::unique_ptr<GroupProber> prober;
    std::unique_ptr<GroupChecker> checker;  // null: it has no checks
  };

  // GroupRouter.
  [[nodiscard]] GroupRoute route(bool is_read, std::uint64_t caller) override;
  [[nodiscard]] std::uint64_t published_epoch() const override { return epoch_; }
  [[nodiscard]] bool is_verdict_pending() const override { return brain_.verdict_pending(); }
  void on_attempt_answered(const GroupAttemptEnd& attempt) override;
  void on_attempt_failed(const GroupAttemptEnd& attempt, ErrorCode code, const std::string& text) override;
  void on_call_failed(const Error& error) override { failures_.add(error, now()); }
  void on_silence(std::size_t member, bool writes) override;
  void on_heard(std::size_t member) override;

  // Doing what the brain says.
  void poke();
  void settle();
  void perform(const failover::StartProbe& action);
  void perform(const failover::CheckNow& action);
  void perform(const failover::Switch& action);
  void perform(const failover::StartDecided& action);
  void perform(const failover::VerdictReached& action);
  void perform(const failover::Tell& action);

  [[nodiscard]] Slot make_slot(const detail::GroupMemberSpec& member, const MultiDbConfig& rules);
  void close_on_loop();
  [[nodiscard]] TimePoint now() const { return world_.clock.now(); }

  io::World& world_;
  const WhenUnavailable when_unavailable_;
  const std::shared_ptr<const Classify> classify_;
  EventDispatcher events_;
  FailureLog failures_;
  failover::Brain brain_;
  std::vector<Slot> slots_;
  GroupCalls calls_;
  std::uint64_t epoch_ = 0;           // as published
  std::optional<std::size_t> route_;  // the active member as published
  std::unique_ptr<io::Timer> wake_timer_;
  bool settle_posted_ = false;
  std::function<void(std::optional<Error>)> decided_;
  std::atomic<bool> closed_{false};
};

}  // namespace meridian::client
