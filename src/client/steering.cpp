#include "client/steering.hpp"

#include <utility>

#include "client/settings.hpp"

namespace meridian::client {

Steering::Steering(io::World& world, Owner& owner, const MultiDbConfig& config,
                   const std::vector<core::ResolvedDatabase>& databases)
    : world_(world),
      owner_(owner),
      events_(world.listeners),
      failures_(world.loop, [this](CommandsFailed event) { events_.tell(std::move(event)); }),
      brain_(brain_settings(config), brain_specs(databases), world.random.next()),
      detectors_(world,
                 [this](std::size_t database, std::uint64_t epoch, const std::string& evidence) {
                   brain_.on_detector(now(), database, epoch, evidence);
                   poke();
                 }),
      strategy_(config.failover_strategy),
      wake_timer_(world.loop.make_timer()) {
  for (const EventListener& listener : config.event_listeners) events_.add(listener);
  for (const std::shared_ptr<FailureDetector>& detector : config.failure_detectors) detectors_.add(detector, {});
}

void Steering::start(std::function<void(std::optional<Error>)> decided) {
  decided_ = std::move(decided);
  brain_.start(now());
  poke();
}

void Steering::close() {
  closed_ = true;
  wake_timer_->cancel();
  detectors_.close();
  if (strategy_thread_) strategy_thread_->close();
}

// --- Doing what the brain says ---------------------------------------------------------------------------------------

void Steering::poke() {
  if (!closed_) world_.loop.at_turn_end(*this);
}

void Steering::settle() {
  if (closed_) return;
  owner_.before_settling();
  while (brain_.has_actions()) {
    for (const failover::Action& action : brain_.take_actions()) {
      std::visit([this](const auto& concrete) { perform(concrete); }, action);
    }
  }
  const TimePoint next = brain_.next_wake();
  if (next == TimePoint::max()) {
    wake_timer_->cancel();
    return;
  }
  wake_timer_->arm(next, [this] {
    brain_.wake(now());
    settle();
  });
}

void Steering::perform(const failover::AskStrategy& action) {
  // It may have been taken away since.
  if (!strategy_) return brain_.on_strategy(now(), action.id, std::nullopt);
  std::vector<DatabaseStatus> candidates;
  for (const std::size_t i : action.candidates) candidates.push_back(brain_.describe(now(), i));
  if (!strategy_thread_) strategy_thread_ = std::make_unique<io::UserThread>(world_);
  strategy_thread_->run([this, action, candidates = std::move(candidates), strategy = strategy_] {
    std::optional<std::size_t> choice;
    try {
      choice = strategy->choose(candidates);
    } catch (...) {  // NOLINT(bugprone-empty-catch): then the heaviest is taken
    }
    const bool is_one = choice && *choice < action.candidates.size();
    return io::Task([this, id = action.id, picked = is_one ? std::optional(action.candidates[*choice]) : std::nullopt] {
      brain_.on_strategy(now(), id, picked);
      settle();
    });
  });
}

void Steering::perform(const failover::ForgetAttempts& action) { detectors_.forget(owner_.name_of(action.database)); }

void Steering::perform(const failover::StartDecided& action) {
  const auto decided = std::exchange(decided_, nullptr);
  if (!decided) return;
  if (action.refused) decided(Error(ErrorCode::initial_health_check_failed, Delivery::not_sent, *action.refused));
  else decided(std::nullopt);
}

void Steering::perform(const failover::Tell& action) { events_.tell(action.event); }

// --- What operators want ---------------------------------------------------------------------------------------------

std::optional<failover::DatabaseIndex> Steering::find(const std::string& name) const {
  for (failover::DatabaseIndex i = 0; i < brain_.size(); ++i) {
    if (brain_.is_in(i) && owner_.name_of(i) == name) return i;
  }
  return std::nullopt;
}

std::vector<std::string> Steering::names() const {
  std::vector<std::string> names;
  for (failover::DatabaseIndex i = 0; i < brain_.size(); ++i) {
    if (brain_.is_in(i)) names.push_back(owner_.name_of(i));
  }
  return names;
}

void Steering::begin(const op::SetActiveDatabase& what, failover::OperationId id) {
  brain_.set_active(now(), id, *find(what.database), {});
}

void Steering::begin(const op::ForceActiveDatabase& what, failover::OperationId id) {
  brain_.set_active(now(), id, *find(what.database), {.reason = SwitchReason::forced, .hold = what.duration});
}

void Steering::begin(const op::Pin&, failover::OperationId id) { brain_.set_pinned(id, true); }
void Steering::begin(const op::Unpin&, failover::OperationId id) { brain_.set_pinned(id, false); }

void Steering::begin(const op::Drain& what, failover::OperationId id) {
  brain_.set_drained(now(), id, *find(what.database), true);
}
void Steering::begin(const op::Undrain& what, failover::OperationId id) {
  brain_.set_drained(now(), id, *find(what.database), false);
}

void Steering::begin(const op::SetDecisionMode& what, failover::OperationId id) {
  brain_.set_mode(now(), id, what.mode);
}

void Steering::begin(const op::RemoveDatabase& what, failover::OperationId id) {
  brain_.remove(now(), id, *find(what.database));
}

void Steering::begin(const op::SetWeight& what, failover::OperationId id) {
  brain_.set_weight(now(), id, *find(what.database), what.weight);
}

void Steering::begin(const op::AddFailureDetector& what, failover::OperationId id) {
  detectors_.add(what.detector, what.codes);
  owner_.perform(failover::OperationDone{id, std::nullopt});
}

}  // namespace meridian::client
