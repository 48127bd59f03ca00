// What repetitions may cost and what a program's own rule makes of them, over one database whose server refuses writes.
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

class RepeatingByRule : public Repeating {
 protected:
  using Answer = std::optional<Duration>;
  void follow(std::function<Answer(const FailedAttempt&)> rule) {
    options_.command_retry.rule = retry_rule([this, rule = std::move(rule)](const FailedAttempt& attempt) {
      asked_.push_back(attempt);
      return rule(attempt);
    });
  }
  // One write that the server refuses, to its end.
  Error refused_write() {
    server_.set_mode(Mode::oom);
    std::vector<Result<bool>> results;
    const TimePoint began = world_.now();
    write(results);
    EXPECT_TRUE(world_.run_until([&] { return !results.empty(); }, 10s));
    took_ = world_.now() - began;
    return results.at(0).error();
  }

  void dawdle(Duration duration) {
    const std::shared_ptr<io::Parker> parker = world_.io().parking.make_parker();
    world_.after(duration, [parker] { parker->unpark(); });
    parker->park();
  }

  std::vector<FailedAttempt> asked_;
  Duration took_{};
};

TEST_F(RepeatingByRule, retry_rule_decides_how_often_and_when) {
  follow([](const FailedAttempt& attempt) { return attempt.attempts < 3 ? Answer(200ms) : std::nullopt; });
  start();
  const Error error = refused_write();
  EXPECT_EQ(error.attempts(), 3);
  EXPECT_GE(took_, 400ms);
  EXPECT_LE(took_, 410ms);
  EXPECT_TRUE(error.message().ends_with("; not repeated: RetryPolicy::rule says so")) << error.message();
  ASSERT_EQ(asked_.size(), 3U);
  EXPECT_EQ(asked_[2].command, "SET");
  EXPECT_EQ(asked_[2].code, ErrorCode::out_of_memory);
  EXPECT_EQ(asked_[2].delivery, Delivery::rejected);
  EXPECT_EQ(asked_[2].repeat, Repeat::overwrite);
  EXPECT_EQ(asked_[2].attempts, 3);
  EXPECT_GE(asked_[2].elapsed, 400ms);
}

TEST_F(RepeatingByRule, retry_rule_has_a_pace_after_a_rejection_whatever_it_says) {
  follow([](const FailedAttempt& attempt) { return attempt.attempts < 11 ? Answer(-1h) : std::nullopt; });
  start();
  EXPECT_EQ(refused_write().attempts(), 11);
  EXPECT_GE(took_, 100ms);
}

TEST_F(RepeatingByRule, retry_rule_that_throws_leaves_it_to_the_policy) {
  options_.command_retry.retries = 2;
  follow([](const FailedAttempt&) -> Answer { throw std::runtime_error("no rule"); });
  start();
  server_.misbehave(Misbehaviour::cut_then_close, 10, "GET");
  const auto read = detail::execute(*engine_, cmd::get("k"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().attempts(), 3);
  EXPECT_EQ(asked_.size(), 3U);
}

TEST_F(RepeatingByRule, retry_rule_that_is_late_is_passed_over_and_its_answer_is_nobodys) {
  options_.command_retry.backoff.kind = Backoff::Kind::none;
  options_.command_deadline = 1s;
  follow([this](const FailedAttempt&) -> Answer {
    dawdle(150ms);
    return std::nullopt;
  });
  start();
  // Repeated every 100 ms: each answer is to the question before the one that is open.
  const Error error = refused_write();
  EXPECT_EQ(error.elapsed(), 1s);
  EXPECT_GE(error.attempts(), 8);
}

TEST_F(RepeatingByRule, retry_rule_is_not_asked_about_what_may_not_be_repeated) {
  follow([](const FailedAttempt&) { return Answer(0s); });
  start();
  server_.misbehave(Misbehaviour::cut_then_close, 1, "INCR");
  EXPECT_FALSE(detail::execute(*engine_, cmd::incr("n")));
  EXPECT_TRUE(asked_.empty());
}

TEST_F(RepeatingByRule, retry_rule_a_call_may_end_before_the_answer) {
  follow([this](const FailedAttempt&) {
    dawdle(50ms);
    return Answer(0s);
  });
  start();
  server_.set_mode(Mode::oom);
  const auto short_one = detail::execute(*engine_, cmd::set("k", "v"), {.deadline = 20ms});
  ASSERT_FALSE(short_one);
  EXPECT_EQ(short_one.error().code(), ErrorCode::out_of_memory);
  std::vector<Result<bool>> results;
  write(results);
  world_.run_for(20ms);
  engine_->close();
  world_.run_for(1s);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].error().code(), ErrorCode::closed);
}

}  // namespace
}  // namespace meridian::simulation
