// Steers by a brain: wakes it in time and does what it says, in that order. Here is what is the same for databases and
// for the members of a group, with what goes along: listeners, detectors, the strategy, most of what operators want.
// The rest is its owner's. On the loop, but for `events`.
//
// What the brain wants is never done inside the callback that told it something, because connections are on the stack
// there, but in a task of its own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <meridian/operations.hpp>

#include "client/detector_desk.hpp"
#include "client/event_dispatcher.hpp"
#include "client/failure_log.hpp"
#include "core/resolve.hpp"
#include "failover/brain.hpp"
#include "io/user_thread.hpp"

namespace meridian::client {

class Steering final : private io::TurnEnd {
 public:
  class Owner {
   public:
    // Also of one that was removed.
    [[nodiscard]] virtual const std::string& name_of(failover::DatabaseIndex i) const = 0;

    // The brain is about to say what to do: what it has not been told yet, it is to be told now.
    virtual void before_settling() {}

    virtual void perform(const failover::StartProbe& action) = 0;
    virtual void perform(const failover::CheckNow& action) = 0;
    virtual void perform(const failover::Switch& action) = 0;
    virtual void perform(const failover::OperationDone& action) = 0;
    virtual void perform(const failover::Forget& action) = 0;
    virtual void perform(const failover::VerdictReached& action) = 0;
    virtual void perform(const failover::Reconnect& action) = 0;

   protected:
    ~Owner() = default;
  };

  // `owner` is told nothing before `start`.
  Steering(io::World& world, Owner& owner, const MultiDbConfig& config,
           const std::vector<core::ResolvedDatabase>& databases);
  Steering(const Steering&) = delete;
  Steering& operator=(const Steering&) = delete;
  // Waits for code of the program's that runs. REQUIRES: closed; not inside a turn.
  ~Steering() override = default;

  // `decided` is called once, with the error of INIT-3 if the initial policy cannot be met.
  void start(std::function<void(std::optional<Error>)> decided);
  // Nothing is decided, and nobody is asked, from now on.
  void close();

  [[nodiscard]] failover::Brain& brain() noexcept { return brain_; }
  [[nodiscard]] EventDispatcher& events() noexcept { return events_; }
  [[nodiscard]] FailureLog& failures() noexcept { return failures_; }
  [[nodiscard]] DetectorDesk& detectors() noexcept { return detectors_; }

  // At the end of the turn, when nobody is in the middle of anything: no other thread has to wake up for it, which may
  // take long where all are busy, and what calls the same turn has begun go to where it leads.
  void poke();
  // Now.
  void settle();

  // Null: the heaviest is taken.
  void set_strategy(std::shared_ptr<FailoverStrategy> strategy) { strategy_ = std::move(strategy); }

  // Of those that are in: a name may have been used before.
  [[nodiscard]] std::vector<std::string> names() const;

  // What operators want, as far as it is the brain's affair alone. Each leads to an `OperationDone`. REQUIRES:
  // validated.
  void begin(const op::SetActiveDatabase& what, failover::OperationId id);
  void begin(const op::ForceActiveDatabase& what, failover::OperationId id);
  void begin(const op::Pin& what, failover::OperationId id);
  void begin(const op::Unpin& what, failover::OperationId id);
  void begin(const op::Drain& what, failover::OperationId id);
  void begin(const op::Undrain& what, failover::OperationId id);
  void begin(const op::SetDecisionMode& what, failover::OperationId id);
  void begin(const op::RemoveDatabase& what, failover::OperationId id);
  void begin(const op::SetWeight& what, failover::OperationId id);
  void begin(const op::AddFailureDetector& what, failover::OperationId id);

 private:
  template <class Action>
  void perform(const Action& action) {
    owner_.perform(action);
  }
  void end_turn() override { settle(); }
  void perform(const failover::AskStrategy& action);
  void perform(const failover::ForgetAttempts& action);
  void perform(const failover::StartDecided& action);
  void perform(const failover::Tell& action);

  [[nodiscard]] std::optional<failover::DatabaseIndex> find(const std::string& name) const;
  [[nodiscard]] TimePoint now() const { return world_.clock.now(); }

  io::World& world_;
  Owner& owner_;
  EventDispatcher events_;
  FailureLog failures_;
  failover::Brain brain_;
  DetectorDesk detectors_;
  std::shared_ptr<FailoverStrategy> strategy_;
  std::unique_ptr<io::UserThread> strategy_thread_;  // made for the first question
  std::unique_ptr<io::Timer> wake_timer_;
  std::function<void(std::optional<Error>)> decided_;
  bool closed_ = false;
};

}  // namespace meridian::client
