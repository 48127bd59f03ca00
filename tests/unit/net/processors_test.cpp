// What the machine has for this process.
#include "net/processors.hpp"

#include <sched.h>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace meridian::net
