// What the machine has for this process.
#include "net/processors.hpp"

#include <sched.h>

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace meridian::net {
namespace {

// In a container with one processor of many, a client behaved as if it had them all.
TEST(Processors, Those_that_the_thread_may_not_run_on_do_not_count) {
  cpu_set_t all;
  CPU_ZERO(&all);
  ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
  EXPECT_EQ(processor_count(), static_cast<unsigned>(CPU_COUNT(&all)));
  unsigned bound_to_one = 0;
  std::thread([&] {
    std::size_t first = 0;
    while (!CPU_ISSET(first, &all)) ++first;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    bound_to_one = processor_count();
  }).join();
  EXPECT_EQ(bound_to_one, 1U);
}

// Callers that yielded beside a busy thread were away for 3 ms each time: 8 of them made an eighth of hiredis's calls.
TEST(Processors, One_that_somebody_works_on_for_long_is_left_to_him_for_ten_times_as_long) {
  using namespace std::chrono_literals;
  constexpr TimePoint start{1s};
  TakenProcessors taken(1500us);
  EXPECT_FALSE(taken.note_yield(3, start, start + 200us));  // other callers went first
  EXPECT_FALSE(taken.has(3, start + 200us));
  EXPECT_TRUE(taken.note_yield(3, start, start + 3ms));
  EXPECT_TRUE(taken.has(3, start + 3ms));
  EXPECT_TRUE(taken.has(3, start + 32ms));
  EXPECT_FALSE(taken.has(2, start + 3ms));
  EXPECT_FALSE(taken.has(3, start + 33ms));
}

// With 1.5 ms everywhere a busy server was taken for such a thread where slices are 4 ms: 8 callers made a sixth less
// calls.
TEST(Processors, A_yield_is_too_long_that_is_most_of_a_slice) {
  using namespace std::chrono_literals;
  EXPECT_EQ(longest_yield(1ms), 1500us);
  EXPECT_EQ(longest_yield(4ms), 2400us);
  EXPECT_EQ(longest_yield(10ms), 6ms);
  EXPECT_GE(scheduler_tick(), 100us);
  EXPECT_LE(scheduler_tick(), 10ms);
}

TEST(Processors, Processor_here_is_one_that_the_thread_may_run_on) {
  cpu_set_t all;
  CPU_ZERO(&all);
  ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
  EXPECT_TRUE(CPU_ISSET(processor_here(), &all));
}

}  // namespace
}  // namespace meridian::net
