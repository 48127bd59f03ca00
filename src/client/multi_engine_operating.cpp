// What operators do to a running client of several databases.
#include <utility>

#include "client/blocking.hpp"
#include "client/multi_engine.hpp"
#include "client/settings.hpp"
#include "core/validate.hpp"

namespace meridian::client {

// Tells the end of an operation outside the engine.
class MultiEngine::OperationNotice final : public io::Notice {
 public:
  OperationNotice(detail::OperationOutcome& outcome, std::optional<Error> error)
      : outcome_(outcome), error_(std::move(error)) {}

 private:
  ~OperationNotice() override = default;
  void tell() noexcept override { outcome_.on_done(std::move(error_)); }
  void told() noexcept override { delete this; }

  detail::OperationOutcome& outcome_;
  std::optional<Error> error_;
};

void MultiEngine::operate(op::Operation operation, detail::OperationOutcome& outcome) {
  std::optional<Error> refusal;
  in_a_turn(world_, [&] {
    if (closed_) refusal = Error(ErrorCode::closed, Delivery::not_sent, "the client is closed");
    else refusal = core::validate_operation(operation, steering_.names());
    if (refusal) return;
    const failover::OperationId id = ++last_operation_;
    operations_.emplace(id, &outcome);
    std::visit([&](const auto& concrete) { begin(concrete, id); }, operation);
    steering_.poke();
  });
  if (refusal) outcome.on_done(std::move(refusal));
}

Result<void> MultiEngine::operate_and_wait(op::Operation operation) {
  if (world_.loop.on_io_thread() || world_.loop.inside()) {
    return fail(ErrorCode::would_deadlock, Delivery::not_sent,
                "a blocking operation inside a callback would wait for itself");
  }
  struct Waiting final : detail::OperationOutcome {
    void on_done(std::optional<Error> what) noexcept override {
      error = std::move(what);
      // Kept beyond this object, which may be gone as soon as it is unparked.
      const std::shared_ptr<io::Parker> kept = parker;
      kept->unpark();
    }
    std::shared_ptr<io::Parker> parker;
    std::optional<Error> error;
  } waiting;
  waiting.parker = world_.parking.make_parker();
  operate(std::move(operation), waiting);
  waiting.parker->park();
  if (waiting.error) return Unexpected(std::move(*waiting.error));
  return {};
}

void MultiEngine::end_operation(failover::OperationId id, std::optional<Error> error) {
  const auto operation = operations_.extract(id);
  if (!operation.empty()) world_.loop.announce(*new OperationNotice(*operation.mapped(), std::move(error)));
}

void MultiEngine::perform(const failover::OperationDone& action) { end_operation(action.id, action.error); }

void MultiEngine::begin(const op::AddDatabase& what, failover::OperationId id) {
  Result<core::ResolvedDatabase> resolved = core::resolve_added(config_, what.database, steering_.names());
  if (!resolved) return end_operation(id, resolved.error());
  if (check_) {
    if (auto wrong = check_(*resolved, "database")) return end_operation(id, std::move(wrong));
  }
  const Slot& slot = slots_[add_slot(*resolved)];
  brain_.add(now(), id, brain_spec(*resolved));
  slot.database->keep_check_connection();
  slot.checker->start();
}

void MultiEngine::begin(const op::AddHealthCheck& what, failover::OperationId id) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (!brain_.is_in(i) || (!what.database.empty() && slots_[i].name != what.database)) continue;
    slots_[i].checker->add(what.check);
    brain_.set_checked(i);
  }
  end_operation(id, std::nullopt);
}

void MultiEngine::begin(const op::Reconfigure& what, failover::OperationId id) {
  MultiDbConfig config = without_databases(what.config);
  config.runtime = config_.runtime;
  config.cache = config_.cache;
  config.health_checks = config_.health_checks;
  config.failure_detectors = config_.failure_detectors;
  config.initial_health_check_policy = config_.initial_health_check_policy;
  config_ = std::move(config);
  std::vector<CircuitBreakerOptions> breakers;
  for (Slot& slot : slots_) {
    if (!slot.has_own_breaker) slot.breaker = core::circuit_breaker_of(config_);
    breakers.push_back(slot.breaker);
    slot.checker->reconfigure(checker_settings({}));
    slot.database->set_silent_after(config_.suspicion_after);
  }
  runner_.reconfigure(runner_settings(config_, {}));
  steering_.set_strategy(config_.failover_strategy);
  brain_.reconfigure(now(), id, brain_settings(config_), breakers);
}

// It has drained, or was never active. Nobody new comes to it; those who still know it find it closed.
void MultiEngine::perform(const failover::Forget& action) {
  Slot& slot = slots_[action.database];
  std::erase_if(probes_, [&](const auto& entry) { return entry.second.database == action.database; });
  slot.checker->stop();
  subscriptions_.remove_source(action.database);
  slot.database->retire(Duration::zero());  // what it still owes is lost with its connection, not with the client
  slot.database->close();
}

}  // namespace meridian::client
