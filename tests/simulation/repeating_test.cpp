// What repetitions cost, over one database whose server refuses writes.
#include <gtest/gtest.h>

#include <meridian/commands.hpp>
#include <meridian/detail/outcome.hpp>

#include "client/single_engine.hpp"
#include "simulation/world/world.hpp"

namespace meridian::simulation {
namespace {

using namespace std::chrono_literals;

class Repeating : public ::testing::Test {
 protected:
  void start() {
    Endpoint endpoint;
    endpoint.host = server_.address().host;
    engine_ = std::make_unique<client::SingleEngine>(world_.io(), Target{endpoint, options_});
    world_.run_for(100ms);
  }
  void TearDown() override {
    engine_->close();
    world_.run_for(1s);
    engine_.reset();
  }

  void write(std::vector<Result<bool>>& results) {
    detail::submit(*engine_, cmd::set("k", "v"), {},
                   [&](detail::TypedOutcome<bool>& outcome) { results.push_back(outcome.take()); });
  }

  SimulatedWorld world_{42};
  FakeServer& server_{world_.add_server("east")};
  ClientOptions options_;
  std::unique_ptr<client::SingleEngine> engine_;
};

TEST_F(Repeating, retry_budget_keeps_a_storm_from_multiplying_the_traffic) {
  start();
  server_.set_mode(Mode::oom);
  std::vector<Result<bool>> results;
  for (int i = 0; i < 5000; ++i) {
    write(results);
    world_.run_for(1ms);
  }
  ASSERT_TRUE(world_.run_until([&] { return results.size() == 5000; }, 10s));
  int attempts = 0;
  for (const Result<bool>& result : results) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::out_of_memory);
    attempts += result.error().attempts();
  }
  // A fifth of the traffic, ten a second for ten seconds, and what was saved up for ten seconds before.
  EXPECT_LE(attempts, 5000 + 1000 + 100 + 100);
  EXPECT_GE(attempts, 5000 + 1000);
  EXPECT_TRUE(results.back().error().message().ends_with("; not repeated: retry_budget is used up"))
      << results.back().error().message();
}

TEST_F(Repeating, retry_budget_what_was_never_sent_is_free) {
  options_.retry_budget = {.share = 0, .per_second = 0};
  start();
  server_.kill();
  world_.run_for(10ms);
  world_.after(500ms, [&] { server_.restart(); });
  std::vector<Result<bool>> results;
  for (int i = 0; i < 100; ++i) write(results);
  ASSERT_TRUE(world_.run_until([&] { return results.size() == 100; }, 10s));
  for (const Result<bool>& result : results) EXPECT_TRUE(result);
  server_.set_mode(Mode::oom);
  write(results);
  ASSERT_TRUE(world_.run_until([&] { return results.size() == 101; }, 100ms));
  EXPECT_EQ(results.back().error().attempts(), 1);
}

}  // namespace
}  // namespace meridian::simulation
