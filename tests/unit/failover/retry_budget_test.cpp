// RetryTokens: what repetitions may cost.
#include "failover/retry_budget.hpp"

#include <gtest/gtest.h>

namespace meridian::failover {
namespace {

using namespace std::chrono_literals;

class RetryTokensTest : public ::testing::Test {
 protected:
  // How many repetitions it affords now.
  int take_all(RetryTokens& tokens) const {
    int taken = 0;
    while (tokens.take(now_)) ++taken;
    return taken;
  }
  static void attempt(RetryTokens& tokens, int times) {
    for (int i = 0; i < times; ++i) tokens.on_first_attempt();
  }

  TimePoint now_ = TimePoint() + 1h;
};

TEST_F(RetryTokensTest, retry_budget_ten_seconds_of_the_rate_are_saved_up_at_most) {
  RetryTokens tokens({.share = 0, .per_second = 10}, now_);
  EXPECT_EQ(take_all(tokens), 100);
  now_ += 500ms;
  EXPECT_EQ(take_all(tokens), 5);
  now_ += 1h;
  EXPECT_EQ(take_all(tokens), 100);
}

TEST_F(RetryTokensTest, retry_budget_a_share_of_the_traffic_comes_on_top) {
  RetryTokens tokens({.share = 0.25, .per_second = 0}, now_);
  EXPECT_EQ(take_all(tokens), 0);
  attempt(tokens, 400);
  now_ += 1s;
  EXPECT_EQ(take_all(tokens), 100);
  EXPECT_EQ(take_all(tokens), 0);
}

TEST_F(RetryTokensTest, retry_budget_of_the_traffic_only_the_last_ten_seconds_count) {
  RetryTokens tokens({.share = 0.5, .per_second = 0}, now_);
  attempt(tokens, 36'000);  // ten a second
  now_ += 1h;
  EXPECT_EQ(take_all(tokens), 50);
  // Nor is what was saved before kept for longer.
  attempt(tokens, 100);
  now_ += 1s;
  EXPECT_TRUE(tokens.take(now_));
  now_ += 10s;
  EXPECT_FALSE(tokens.take(now_));
}

TEST_F(RetryTokensTest, retry_budget_looking_often_makes_no_difference) {
  RetryTokens often({.share = 0.5, .per_second = 1}, now_);
  take_all(often);
  int taken = 0;
  for (int i = 0; i < 100; ++i) {
    attempt(often, 1);
    now_ += 10ms;
    taken += take_all(often);
  }
  EXPECT_NEAR(taken, 51, 1);
}

TEST_F(RetryTokensTest, retry_budget_what_was_not_made_after_all_is_given_back) {
  RetryTokens tokens({.share = 0, .per_second = 0.1}, now_);
  ASSERT_TRUE(tokens.take(now_));
  ASSERT_FALSE(tokens.take(now_));
  tokens.put_back();
  EXPECT_TRUE(tokens.take(now_));
}

TEST_F(RetryTokensTest, retry_budget_of_nothing_affords_nothing) {
  RetryTokens tokens({.share = 0, .per_second = 0}, now_);
  attempt(tokens, 1000);
  now_ += 1h;
  EXPECT_FALSE(tokens.take(now_));
}

}  // namespace
}  // namespace meridian::failover
