// A whole MultiDbClient in a simulated world, for tests that say what a rule promises to the millisecond. The client's
// blocking calls run virtual time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <meridian/multi_db_client.hpp>

#include "client/multi_engine.hpp"
#include "core/resolve.hpp"
#include "simulation/world/world.hpp"

namespace meridian::simulation {

using namespace std::chrono_literals;

class Rules : public ::testing::Test {
 protected:
  // Servers with descending weights 1, 1/2, 1/3 …; `latency` is one way, without jitter.
  void add_servers(std::initializer_list<std::string_view> names, Duration latency = 1ms) {
    for (const std::string_view name : names) {
      FakeServer& server = world_.add_server(name);
      LinkSettings link;
      link.latency = latency;
      server.link().configure(link);
      config_.databases.push_back({.uri = server.uri(),
                                   .name = std::string(name),
                                   .weight = 1.0 / static_cast<double>(config_.databases.size() + 1)});
    }
  }

  // Starts the client and waits, in virtual time, for the initial policy. The outcome, for tests of INIT.
  std::optional<Error> start() {
    config_.event_listeners.push_back([this](const Event& event) {
      event_times_.push_back(world_.now());
      events_.push_back(event);
    });
    auto resolved = core::resolve(config_);
    if (!resolved) return resolved.error();
    engine_ = std::make_shared<client::MultiEngine>(world_.io(), config_, *resolved);
    std::optional<std::optional<Error>> decided;
    engine_->open([&](std::optional<Error> error) { decided = std::move(error); });
    if (!world_.run_until([&] { return decided.has_value(); }, 1min)) ADD_FAILURE() << "the start was never decided";
    if (decided && !*decided) client_.emplace(engine_);
    return decided ? *decided : std::nullopt;
  }

  void TearDown() override {
    if (engine_) engine_->close();
    client_.reset();
    world_.run_for(1s);
    engine_.reset();
    EXPECT_EQ(world_.network().open_streams(), 0U);
    EXPECT_EQ(world_.scheduler().live_timers(), 0U);
  }

  MultiDbClient& client() { return *client_; }

  // One call, without the client's types.
  Result<Reply> execute(Request request, const CallOptions& options = {}) {
    return detail::execute(*engine_, Command<Reply>{std::move(request), decode<Reply>}, options);
  }
  template <class Callback>
  void submit(Request request, const CallOptions& options, Callback callback) {
    detail::submit(*engine_, Command<Reply>{std::move(request), decode<Reply>}, options,
                   [callback](detail::TypedOutcome<Reply>& outcome) mutable { callback(outcome.take()); });
  }
  FakeServer& server(std::string_view name) {
    for (std::size_t i = 0; i < world_.servers(); ++i) {
      if (world_.server(i).address().host == std::string(name) + ".sim") return world_.server(i);
    }
    throw std::logic_error("no server " + std::string(name));
  }

  [[nodiscard]] std::string active() {
    for (const DatabaseStatus& database : client().databases()) {
      if (database.active) return database.name;
    }
    return "";
  }

  // Runs until `name` is active; how long that took, or nothing.
  std::optional<Duration> time_until_active(std::string_view name, Duration limit) {
    const TimePoint began = world_.now();
    if (!world_.run_until([&] { return active_now() == name; }, limit)) return std::nullopt;
    return world_.now() - began;
  }

  // As `active`, without a task on the loop: usable between any two events.
  [[nodiscard]] std::string_view active_now() const {
    const auto index = engine_->published_database();
    return index ? std::string_view(config_.databases[*index].name) : std::string_view();
  }

  template <class T>
  [[nodiscard]] std::vector<T> events_of() const {
    std::vector<T> found;
    for (const Event& event : events_) {
      if (const T* one = std::get_if<T>(&event)) found.push_back(*one);
    }
    return found;
  }

  [[nodiscard]] std::size_t executions(std::string_view command, std::string_view key) const {
    std::size_t count = 0;
    for (const Operation& operation : world_.operations())
      count += operation.command == command && operation.key == key;
    return count;
  }

  SimulatedWorld world_{42};
  MultiDbConfig config_;
  std::vector<Event> events_;
  std::vector<TimePoint> event_times_;
  std::shared_ptr<client::MultiEngine> engine_;
  std::optional<MultiDbClient> client_;
};

}  // namespace meridian::simulation
