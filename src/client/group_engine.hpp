// The engine behind `FailoverGroup`: what MultiEngine is for databases, for objects of the program. It decides nothing:
// it tells the brain how attempts, probes and checks ended, and does what the brain says, in that order.
//
// Threads: everything is on the loop except the public methods, which any thread calls. The program's code never runs
// on the loop: calls on their own threads (GroupCalls), probes on one of the member's own (GroupProber).
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <meridian/detail/group_engine.hpp>

#include "client/group_calls.hpp"
#include "client/group_checker.hpp"
#include "client/group_prober.hpp"
#include "client/steering.hpp"
#include "core/resolve.hpp"

namespace meridian::client {

// The members as the rules of databases see them (INIT-4): their names are set and unique, their numbers right. Error:
// `invalid_argument` with field and value.
[[nodiscard]] Result<std::vector<core::ResolvedDatabase>> resolve(const detail::GroupSpec& spec);

// The same of one that joins; `taken`: the names of those that are there. Errors call it "member".
[[nodiscard]] Result<core::ResolvedDatabase> resolve_added(const MultiDbConfig& rules,
                                                           const detail::GroupMemberSpec& member,
                                                           std::span<const std::string> taken);

// What the calls are told of the rules.
[[nodiscard]] GroupCallSettings group_call_settings(const MultiDbConfig& rules);

// The words of the rules are about databases; a group's are about members.
[[nodiscard]] Error in_words_of_members(const Error& error);

class GroupEngine final : public detail::GroupEngine, public GroupRouter, public Steering::Owner {
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
  void add_listener(EventListener listener) override { steering_.events().add(std::move(listener)); }
  [[nodiscard]] Result<void> operate(op::Operation operation) override;
  [[nodiscard]] Result<void> add(detail::GroupMemberSpec member) override;
  void close() noexcept override;

  [[nodiscard]] io::World& world() noexcept { return world_; }

 private:
  // One member. Keeps its place for ever.
  struct Slot {
    std::shared_ptr<const GroupTarget> target;
    std::unique_ptr<GroupProber> prober;
    std::unique_ptr<GroupChecker> checker;  // null: it has no checks
    bool has_own_breaker = false;
    CircuitBreakerOptions breaker{};
    std::uint64_t serves_since = 0;  // the epoch since which it carries traffic
  };

  // A thread that waits for the end of its operation.
  struct Waiting {
    io::Parker& parker;
    std::optional<Error> error{};
  };

  // GroupRouter.
  [[nodiscard]] GroupRoute route(bool is_read, std::uint64_t caller) override;
  [[nodiscard]] std::uint64_t published_epoch() const override { return epoch_; }
  [[nodiscard]] bool is_verdict_pending() const override { return brain_.verdict_pending(); }
  void on_attempt_answered(const GroupAttemptEnd& attempt) override;
  void on_attempt_failed(const GroupAttemptEnd& attempt, ErrorCode code, const std::string& text) override;
  void on_call_failed(const Error& error) override { steering_.failures().add(error, now()); }
  void on_silence(std::size_t member, bool writes) override;
  void on_heard(std::size_t member) override;

  [[nodiscard]] bool is_late(const GroupAttemptEnd& attempt) const;

  void show_detectors(const GroupAttemptEnd& attempt, std::optional<ErrorCode> error);

  // Steering::Owner: doing what the brain says.
  [[nodiscard]] const std::string& name_of(failover::DatabaseIndex i) const override { return slots_[i].target->name; }
  void perform(const failover::StartProbe& action) override;
  void perform(const failover::CheckNow& action) override;
  void perform(const failover::Switch& action) override;
  void perform(const failover::OperationDone& action) override;
  void perform(const failover::Forget& action) override;
  void perform(const failover::VerdictReached& action) override;
  void perform(const failover::Reconnect&) override {}  // no connections here

  // What operators want (group_engine_operating.cpp). On the loop; each tells the brain, or refuses.
  using OperationId = failover::OperationId;
  [[nodiscard]] Result<void> wait_for(const std::function<std::optional<Error>(OperationId)>& begin);
  template <class Operation>
  void begin(const Operation& what, OperationId id) {
    steering_.begin(what, id);
  }
  void begin(const op::AddDatabase& what, OperationId id);
  void begin(const op::AddHealthCheck& what, OperationId id);
  void begin(const op::Reconfigure& what, OperationId id);
  void end_operation(OperationId id, std::optional<Error> error);

  std::size_t add_slot(const detail::GroupMemberSpec& member, const core::ResolvedDatabase& resolved);
  [[nodiscard]] GroupCheckerSettings checker_settings() const;
  void close_on_loop();
  [[nodiscard]] TimePoint now() const { return world_.clock.now(); }

  io::World& world_;
  MultiDbConfig rules_;  // as they are now
  const std::shared_ptr<const Classify> classify_;
  std::deque<Slot> slots_;  // their probers' answers come back to them
  GroupCalls calls_;
  Steering steering_;          // the program's code that it waits for at its end may still use the rest
  failover::Brain& brain_;     // the steering's
  std::uint64_t epoch_ = 0;    // as published
  failover::Traffic traffic_;  // as published
  std::map<OperationId, Waiting*> operations_;
  OperationId last_operation_ = 0;
  std::atomic<bool> closed_{false};
};

}  // namespace meridian::client
