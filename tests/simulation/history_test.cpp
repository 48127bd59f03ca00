// The histories themselves: a few here, in every build and under every sanitizer; ten thousand and more by
// `./run simulate`.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "simulation/history/history.hpp"

namespace meridian::simulation {
namespace {

TEST(History, a_history_is_a_function_of_its_seed) {
  const HistoryReport one = run_history(7);
  const HistoryReport other = run_history(7);
  EXPECT_EQ(one.calls, other.calls);
  EXPECT_EQ(one.answered, other.answered);
  EXPECT_EQ(one.in_doubt, other.in_doubt);
  EXPECT_EQ(one.switches, other.switches);
  EXPECT_EQ(one.virtual_time, other.virtual_time);
}

// … and they are histories of something: faults and operations of every kind happen, and move the client.
TEST(History, I1_I2_I3_I4_I5_I6_I7_I8_I9_I10_I11_hold_over_the_first_seeds) {
  std::array<std::size_t, fault_kinds> faults{};
  std::array<std::size_t, action_kinds> actions{};
  std::size_t messages = 0;
  std::size_t switches = 0;
  std::size_t unavailable = 0;
  std::size_t in_doubt = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const HistoryReport report = run_history(seed);
    EXPECT_EQ(report.violations, std::vector<std::string>{}) << "seed " << seed;
    for (std::size_t i = 0; i < fault_kinds; ++i) faults[i] += report.faults[i];
    for (std::size_t i = 0; i < action_kinds; ++i) actions[i] += report.actions[i];
    messages += report.messages;
    switches += report.switches;
    unavailable += report.unavailable;
    in_doubt += report.in_doubt;
  }
  for (std::size_t i = 0; i < fault_kinds; ++i) EXPECT_GT(faults[i], 0U) << to_string(static_cast<FaultKind>(i));
  for (std::size_t i = 0; i < action_kinds; ++i) EXPECT_GT(actions[i], 0U) << to_string(static_cast<ActionKind>(i));
  EXPECT_GT(messages, 1000U);
  EXPECT_GT(switches, 150U);
  EXPECT_GT(unavailable, 10U);
  EXPECT_GT(in_doubt, 50U);
}

}  // namespace
}  // namespace meridian::simulation
