// What operators do to a running group.
#include <utility>

#include "client/group_engine.hpp"
#include "client/settings.hpp"
#include "core/validate.hpp"

namespace meridian::client {

// `begin` refuses at once, or leads to an `end_operation`.
Result<void> GroupEngine::wait_for(const std::function<std::optional<Error>(OperationId)>& begin) {
  if (world_.loop.on_io_thread() || world_.loop.inside()) {
    return fail(ErrorCode::would_deadlock, Delivery::not_sent,
                "an operation inside a callback on the library's I/O thread would wait for itself");
  }
  const std::shared_ptr<io::Parker> parker = world_.parking.make_parker();
  Waiting waiting{*parker};
  {
    const io::Turn turn(world_.loop);
    if (closed_) return fail(ErrorCode::closed, Delivery::not_sent, "the group is closed");
    const OperationId id = ++last_operation_;
    operations_.emplace(id, &waiting);
    if (auto refusal = begin(id)) {
      operations_.erase(id);
      return Unexpected(std::move(*refusal));
    }
    steering_.poke();
  }
  parker->park();
  if (waiting.error) return Unexpected(std::move(*waiting.error));
  return {};
}

Result<void> GroupEngine::operate(op::Operation operation) {
  return wait_for([&](OperationId id) {
    std::optional<Error> refusal = core::validate_operation(operation, steering_.names());
    if (!refusal) std::visit([&](const auto& concrete) { begin(concrete, id); }, operation);
    return refusal;
  });
}

Result<void> GroupEngine::add(detail::GroupMemberSpec member) {
  return wait_for([&](OperationId id) -> std::optional<Error> {
    const Result<core::ResolvedDatabase> resolved = resolve_added(rules_, member, steering_.names());
    if (!resolved) return resolved.error();
    const Slot& slot = slots_[add_slot(member, *resolved)];
    brain_.add(now(), id, brain_spec(*resolved));
    if (slot.checker) slot.checker->start();
    return std::nullopt;
  });
}

void GroupEngine::end_operation(OperationId id, std::optional<Error> error) {
  const auto operation = operations_.extract(id);
  if (operation.empty()) return;
  Waiting& waiting = *operation.mapped();
  waiting.error = std::move(error);
  world_.loop.wake(waiting.parker);
}

void GroupEngine::perform(const failover::OperationDone& action) { end_operation(action.id, action.error); }

void GroupEngine::begin(const op::AddDatabase&, OperationId id) {
  end_operation(id, core::invalid("AddDatabase is for clients of Redis databases: use FailoverGroup::add"));
}

void GroupEngine::begin(const op::AddHealthCheck&, OperationId id) {
  end_operation(id, core::invalid("AddHealthCheck is for clients of Redis databases: a group is checked by "
                                  "FailoverGroupConfig::probe"));
}

void GroupEngine::begin(const op::Reconfigure& what, OperationId id) {
  MultiDbConfig rules = without_databases(what.config);
  rules.runtime = rules_.runtime;
  rules.health_checks = rules_.health_checks;
  rules.failure_detectors = rules_.failure_detectors;
  rules.initial_health_check_policy = rules_.initial_health_check_policy;
  rules_ = std::move(rules);
  std::vector<CircuitBreakerOptions> breakers;
  for (Slot& slot : slots_) {
    if (!slot.has_own_breaker) slot.breaker = core::circuit_breaker_of(rules_);
    breakers.push_back(slot.breaker);
    if (slot.checker) slot.checker->reconfigure(checker_settings());
  }
  calls_.reconfigure(group_call_settings(rules_));
  steering_.set_strategy(rules_.failover_strategy);
  brain_.reconfigure(now(), id, brain_settings(rules_), breakers);
}

// Calls and probes that still use it hold it on their own.
void GroupEngine::perform(const failover::Forget& action) {
  Slot& slot = slots_[action.database];
  if (slot.checker) slot.checker->stop();
  slot.checker.reset();
  slot.prober->stop();
  slot.target = std::make_shared<const GroupTarget>(GroupTarget{slot.target->name, nullptr});
}

}  // namespace meridian::client
