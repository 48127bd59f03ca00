#include "simulation/history/operators.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace meridian::simulation {

// Told once, and goes with that.
class Operators::Outcome final : public detail::OperationOutcome {
 public:
  explicit Outcome(Operators& owner) noexcept : owner_(owner) {}
  void on_done(std::optional<Error> error) noexcept override {
    const std::unique_ptr<Outcome> self(this);
    owner_.on_done(error);
  }

 private:
  Operators& owner_;
};

Operators::Operators(SimulatedWorld& world, const Plan& plan, Note note)
    : world_(world), plan_(plan), note_(std::move(note)), databases_(plan.servers.size()) {
  for (std::size_t i = 0; i < plan.servers.size(); ++i) {
    const bool is_spare = i >= plan.config.databases.size();
    databases_[i] = {.is_in = !is_spare,
                     .weight = is_spare ? plan.spare.weight : plan.config.databases[i].weight,
                     .changed = world.now()};
    if (!is_spare) servers_of_.push_back(i);
  }
}

void Operators::begin(client::MultiEngine& engine) {
  engine_ = &engine;
  if (plan_.actions.empty()) return;
  for (const Action& action : plan_.actions) {
    world_.after(action.at - world_.now(), [this, &action] { enqueue(action); });
  }
  world_.after(plan_.faults_end - world_.now(), [this] {
    enqueue({.kind = ActionKind::decide});
    enqueue({.kind = ActionKind::unpin});
    for (std::size_t i = 0; i < databases_.size(); ++i) enqueue({.kind = ActionKind::undrain, .server = i});
  });
}

std::optional<TimePoint> Operators::choosable_since(std::size_t server) const {
  const DatabaseState& database = databases_[server];
  const bool is_changing = !queue_.empty() && queue_.front().server == server;
  if (!database.is_in || database.is_drained || is_changing) return std::nullopt;
  return database.changed;
}

std::optional<TimePoint> Operators::decides_since() const {
  const bool is_changing = !queue_.empty() && queue_.front().kind == ActionKind::decide;
  if (mode_ != DecisionMode::deciding || is_changing) return std::nullopt;
  return mode_changed_;
}

void Operators::enqueue(const Action& action) {
  queue_.push_back(action);
  if (queue_.size() == 1) begin_next();
}

void Operators::begin_next() {
  const Action& action = queue_.front();
  if (action.kind == ActionKind::add) servers_of_.push_back(action.server);
  // Operators are part of the client's process.
  world_.scheduler().at(
      world_.now(),
      [this] {
        if (engine_ != nullptr) engine_->operate(operation_of(queue_.front()), *new Outcome(*this));
      },
      Lane::listeners);
}

void Operators::on_done(const std::optional<Error>& error) {
  const Action action = queue_.front();
  queue_.pop_front();
  note_("operator: " + std::string(to_string(action.kind)) + " " + plan_.servers[action.server].name +
        (error ? ": " + error->message() : ""));
  if (!error) take_over(action);
  else if (action.kind == ActionKind::add) servers_of_.pop_back();
  databases_[action.server].changed = world_.now();
  if (!queue_.empty()) begin_next();
}

void Operators::take_over(const Action& action) {
  ++done_[static_cast<std::size_t>(action.kind)];
  DatabaseState& database = databases_[action.server];
  const auto set_mode = [this](DecisionMode mode) {
    mode_ = mode;
    mode_changed_ = world_.now();
  };
  switch (action.kind) {
    case ActionKind::freeze: return set_mode(DecisionMode::frozen);
    case ActionKind::observe: return set_mode(DecisionMode::observing);
    case ActionKind::decide: return set_mode(DecisionMode::deciding);
    case ActionKind::drain: database.is_drained = true; return;
    case ActionKind::undrain: database.is_drained = false; return;
    case ActionKind::add: database = {.is_in = true, .weight = config_of(action.server).weight}; return;
    case ActionKind::remove: database.is_in = false; return;
    case ActionKind::set_weight: database.weight = action.weight; return;
    default: return;
  }
}

DatabaseConfig Operators::config_of(std::size_t server) const {
  const bool is_spare = server >= plan_.config.databases.size();
  DatabaseConfig config = is_spare ? plan_.spare : plan_.config.databases[server];
  config.uri = world_.server(server).uri();
  config.name = plan_.servers[server].name;
  return config;
}

op::Operation Operators::operation_of(const Action& action) const {
  const std::string& name = plan_.servers[action.server].name;
  switch (action.kind) {
    case ActionKind::set_active: return op::SetActiveDatabase{name};
    case ActionKind::force: return op::ForceActiveDatabase{name, action.hold};
    case ActionKind::pin: return op::Pin{};
    case ActionKind::unpin: return op::Unpin{};
    case ActionKind::drain: return op::Drain{name};
    case ActionKind::undrain: return op::Undrain{name};
    case ActionKind::freeze: return op::SetDecisionMode{DecisionMode::frozen};
    case ActionKind::observe: return op::SetDecisionMode{DecisionMode::observing};
    case ActionKind::decide: return op::SetDecisionMode{DecisionMode::deciding};
    case ActionKind::add: return op::AddDatabase{config_of(action.server)};
    case ActionKind::remove: return op::RemoveDatabase{name};
    case ActionKind::set_weight: return op::SetWeight{name, action.weight};
    case ActionKind::reconfigure: {
      MultiDbConfig config = plan_.other_config;
      config.databases.clear();
      for (std::size_t i = 0; i < databases_.size(); ++i) {
        if (databases_[i].is_in) config.databases.push_back(config_of(i));
      }
      return op::Reconfigure{std::move(config)};
    }
  }
  return op::Unpin{};
}

}  // namespace meridian::simulation
