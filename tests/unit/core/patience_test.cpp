// DET-5: who stalls himself does not blame the one he waits for.
#include "core/patience.hpp"

#include <gtest/gtest.h>

namespace meridian::core {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{};
constexpr Duration wait = 400ms;
constexpr Duration slack = 150ms;  // 50 ms + 25 % of the wait

TEST(Patience, DET_5_lasts_exactly_as_long_as_was_said) {
  Patience patience(start, wait);
  EXPECT_EQ(patience.due(), start + wait);
  EXPECT_FALSE(patience.is_over(start + wait - 1ns));
  EXPECT_TRUE(patience.is_over(start + wait));
}

TEST(Patience, DET_5_a_timer_that_is_late_within_reason_counts) {
  Patience patience(start, wait);
  EXPECT_TRUE(patience.is_over(start + wait + slack));
}

TEST(Patience, DET_5_a_timer_that_is_later_starts_the_whole_wait_again) {
  Patience patience(start, wait);
  const TimePoint woke = start + wait + slack + 1ns;
  EXPECT_FALSE(patience.is_over(woke));
  EXPECT_EQ(patience.due(), woke + wait);
  EXPECT_TRUE(patience.is_over(woke + wait));
}

TEST(Patience, DET_5_the_wait_starts_again_twice_at_most) {
  Patience patience(start, wait);
  EXPECT_FALSE(patience.is_over(start + 10s));
  EXPECT_FALSE(patience.is_over(start + 20s));
  EXPECT_TRUE(patience.is_over(start + 30s));
}

TEST(Patience, asking_early_changes_nothing) {
  Patience patience(start, wait);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(patience.is_over(start + 100ms));
  EXPECT_EQ(patience.due(), start + wait);
}

}  // namespace
}  // namespace meridian::core
