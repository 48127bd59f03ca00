// DET-1: the two thresholds of the sliding window, and failures in a row.
#include "failover/detector.hpp"

#include <gtest/gtest.h>

namespace meridian::failover {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{100s};

Detector detector(std::size_t min_failures, double rate, std::size_t consecutive = 0) {
  return Detector({.min_num_failures = min_failures,
                   .failure_rate_threshold = rate,
                   .consecutive_failures = consecutive,
                   .sustained_failures = {.rate = 0}});
}

void count(Detector& d, TimePoint now, int failures, int successes) {
  for (int i = 0; i < successes; ++i) d.success(now);
  for (int i = 0; i < failures; ++i) d.failure(now, InARow::counted);
}

TEST(Detector, DET_1_both_thresholds_are_inclusive) {
  Detector d = detector(10, 0.1);
  count(d, start, 9, 90);
  EXPECT_FALSE(d.verdict(start)) << "9 of 99: too few";
  count(d, start, 1, 0);
  EXPECT_EQ(d.verdict(start), "10 of 100 failed within the detection window");
  count(d, start, 0, 1);
  EXPECT_FALSE(d.verdict(start)) << "10 of 101: below the rate";
}

TEST(Detector, DET_1_the_rate_is_inclusive_for_every_percentage) {
  for (int percent = 1; percent <= 100; ++percent) {
    Detector reached = detector(1, percent / 100.0);
    count(reached, start, percent, 100 - percent);
    EXPECT_TRUE(reached.verdict(start)) << percent;
    Detector missed = detector(1, percent / 100.0);
    count(missed, start, percent - 1, 101 - percent);
    EXPECT_FALSE(missed.verdict(start)) << percent;
  }
}

TEST(Detector, DET_1_a_threshold_of_zero_switches_that_half_off) {
  Detector only_rate = detector(0, 0.5);
  count(only_rate, start, 1, 1);
  EXPECT_TRUE(only_rate.verdict(start));
  Detector only_count = detector(3, 0);
  count(only_count, start, 2, 0);
  EXPECT_FALSE(only_count.verdict(start));
  count(only_count, start, 1, 100'000);
  EXPECT_TRUE(only_count.verdict(start));
  Detector neither = detector(0, 0);
  count(neither, start, 100'000, 0);
  EXPECT_FALSE(neither.verdict(start));
}

TEST(Detector, DET_1_a_time_a_little_older_than_the_last_is_still_counted) {
  Detector d = detector(2, 0.1);
  count(d, start, 2, 0);
  EXPECT_TRUE(d.verdict(start - 150ms));
}

TEST(Detector, DET_1_without_failures_there_is_no_verdict) {
  Detector d = detector(0, 0.1);
  EXPECT_FALSE(d.verdict(start));
  count(d, start, 0, 10);
  EXPECT_FALSE(d.verdict(start));
}

TEST(Detector, DET_1_the_window_slides_with_time) {
  Detector d = detector(4, 0);
  count(d, start, 2, 0);
  count(d, start + 1s, 1, 0);
  count(d, start + 1900ms, 1, 0);
  EXPECT_TRUE(d.verdict(start + 1900ms));
  EXPECT_FALSE(d.verdict(start + 2s)) << "the first two are out";
  count(d, start + 2s, 2, 0);
  EXPECT_TRUE(d.verdict(start + 2s));
  EXPECT_FALSE(d.verdict(start + 1h));
}

TEST(Detector, DET_1_trap_10_successes_do_not_move_the_window) {
  Detector d = detector(4, 0);
  count(d, start, 4, 1'000'000);
  EXPECT_TRUE(d.verdict(start + 1s));
}

TEST(Detector, DET_1_old_successes_leave_the_window_too) {
  Detector d = detector(1, 0.5);
  count(d, start, 0, 100);
  count(d, start + 2s, 1, 1);
  EXPECT_TRUE(d.verdict(start + 2s));
}

TEST(Detector, DET_1_so_many_in_a_row) {
  Detector d = detector(1000, 0.1, 5);
  count(d, start, 4, 0);
  EXPECT_FALSE(d.verdict(start));
  d.success(start);
  count(d, start, 4, 0);
  EXPECT_FALSE(d.verdict(start)) << "a success between them ends the row";
  count(d, start, 1, 0);
  EXPECT_EQ(d.verdict(start), "5 failures in a row");
}

TEST(Detector, DET_1_failures_in_a_row_may_be_switched_off) {
  Detector d = detector(1000, 0.1, 0);
  count(d, start, 999, 0);
  EXPECT_FALSE(d.verdict(start));
}

TEST(Detector, what_is_ignored_for_the_row_counts_in_the_window_and_does_not_end_the_row) {
  Detector d = detector(6, 0, 3);
  for (int i = 0; i < 3; ++i) d.failure(start, InARow::ignored);
  EXPECT_FALSE(d.verdict(start));
  count(d, start, 2, 0);
  d.failure(start, InARow::ignored);
  EXPECT_TRUE(d.verdict(start)) << "six in the window";
}

TEST(Detector, forgets_everything_on_reset) {
  Detector d = detector(2, 0, 2);
  count(d, start, 2, 0);
  d.reset();
  EXPECT_FALSE(d.verdict(start));
}

}  // namespace
}  // namespace meridian::failover
