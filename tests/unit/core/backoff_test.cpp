// The waits between repetitions.
#include "core/backoff.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace meridian::core {
namespace {

using namespace std::chrono_literals;

Backoff backoff(Backoff::Kind kind, bool full_jitter = false) {
  return {.kind = kind, .base = 10ms, .cap = 1s, .full_jitter = full_jitter};
}

TEST(Backoff, doubles_from_the_base_to_the_cap) {
  const Backoff exponential = backoff(Backoff::Kind::exponential);
  EXPECT_EQ(backoff_delay(exponential, 1, 0.5), 10ms);
  EXPECT_EQ(backoff_delay(exponential, 2, 0.5), 20ms);
  EXPECT_EQ(backoff_delay(exponential, 7, 0.5), 640ms);
  EXPECT_EQ(backoff_delay(exponential, 8, 0.5), 1s);
}

TEST(Backoff, never_overflows) {
  for (const int attempt : {60, 61, 62, 63, 64, 65, 1000, std::numeric_limits<int>::max()}) {
    EXPECT_EQ(backoff_delay(backoff(Backoff::Kind::exponential), attempt, 0.5), 1s) << attempt;
    EXPECT_EQ(backoff_delay(backoff(Backoff::Kind::linear), attempt + (attempt < 100 ? 100 : 0), 0.5), 1s) << attempt;
  }
}

TEST(Backoff, grows_by_the_base_when_linear) {
  const Backoff linear = backoff(Backoff::Kind::linear);
  EXPECT_EQ(backoff_delay(linear, 1, 0.5), 10ms);
  EXPECT_EQ(backoff_delay(linear, 3, 0.5), 30ms);
  EXPECT_EQ(backoff_delay(linear, 100, 0.5), 1s);
  EXPECT_EQ(backoff_delay(linear, 101, 0.5), 1s);
}

TEST(Backoff, stays_the_same_when_constant) {
  EXPECT_EQ(backoff_delay(backoff(Backoff::Kind::constant), 1, 0.5), 10ms);
  EXPECT_EQ(backoff_delay(backoff(Backoff::Kind::constant), 50, 0.5), 10ms);
}

TEST(Backoff, of_kind_none_does_not_wait) {
  EXPECT_EQ(backoff_delay(backoff(Backoff::Kind::none), 5, 0.5), 0ms);
  EXPECT_EQ(backoff_delay(backoff(Backoff::Kind::none, true), 5, 0.5), 0ms);
}

TEST(Backoff, with_full_jitter_is_a_share_of_the_wait) {
  const Backoff jittered = backoff(Backoff::Kind::exponential, true);
  EXPECT_EQ(backoff_delay(jittered, 4, 0.5), 40ms);
  EXPECT_EQ(backoff_delay(jittered, 4, 0.25), 20ms);
}

TEST(Backoff, with_full_jitter_never_makes_a_tight_loop) {
  EXPECT_EQ(backoff_delay(backoff(Backoff::Kind::exponential, true), 4, 0.0), 1ms);
  const Backoff tiny{.kind = Backoff::Kind::constant, .base = 100us, .cap = 1s, .full_jitter = true};
  EXPECT_EQ(backoff_delay(tiny, 1, 0.0), 100us);
}

TEST(Backoff, counts_attempts_below_one_as_the_first) {
  EXPECT_EQ(backoff_delay(backoff(Backoff::Kind::exponential), 0, 0.5), 10ms);
}

}  // namespace
}  // namespace meridian::core
