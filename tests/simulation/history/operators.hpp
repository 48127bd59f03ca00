// The people who operate the running client by hand, one operation after another, and what they have made of it.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/multi_engine.hpp"
#include "simulation/history/plan.hpp"
#include "simulation/world/world.hpp"

namespace meridian::simulation {

class Operators {
 public:
  using Note = std::function<void(std::string)>;

  // All of them outlive this.
  Operators(SimulatedWorld& world, const Plan& plan, Note note);

  // Does what the plan says, each thing when it is due and the one before it is done; at the end of the faults lets
  // the client decide again, and unpins and undrains everything.
  void begin(client::MultiEngine& engine);

  // The server that the client's database of this index is.
  [[nodiscard]] std::size_t server_of(std::size_t database) const { return servers_of_.at(database); }

  // Since when this server has been one that the client may choose; nothing if it may not now.
  [[nodiscard]] std::optional<TimePoint> choosable_since(std::size_t server) const;
  // Since when the client decides by itself; nothing if it does not now.
  [[nodiscard]] std::optional<TimePoint> decides_since() const;

  [[nodiscard]] bool is_in(std::size_t server) const { return databases_[server].is_in; }
  [[nodiscard]] double weight_of(std::size_t server) const { return databases_[server].weight; }
  // Nobody has anything under way any more.
  [[nodiscard]] bool is_idle() const noexcept { return queue_.empty(); }
  [[nodiscard]] std::size_t done(ActionKind kind) const { return done_[static_cast<std::size_t>(kind)]; }

 private:
  class Outcome;
  struct DatabaseState {
    bool is_in = false;
    bool is_drained = false;
    double weight = 1;
    TimePoint changed{};
  };
  void enqueue(const Action& action);
  void begin_next();
  void on_done(const std::optional<Error>& error);
  void take_over(const Action& action);
  [[nodiscard]] op::Operation operation_of(const Action& action) const;
  [[nodiscard]] DatabaseConfig config_of(std::size_t server) const;

  SimulatedWorld& world_;
  const Plan& plan_;
  const Note note_;
  client::MultiEngine* engine_ = nullptr;
  std::vector<DatabaseState> databases_;  // by server
  std::vector<std::size_t> servers_of_;   // by the client's index
  DecisionMode mode_ = DecisionMode::deciding;
  TimePoint mode_changed_{};
  std::deque<Action> queue_;  // the first is under way
  std::array<std::size_t, action_kinds> done_{};
};

}  // namespace meridian::simulation
