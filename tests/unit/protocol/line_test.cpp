// The line that operations stand in: numbers stay with those that have them, however it grows.
#include "protocol/line.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <vector>

namespace meridian::protocol {
namespace {

TEST(Line, keeps_order_and_numbers_while_its_memory_goes_round_and_grows) {
  Line<std::uint64_t> line;
  std::deque<std::uint64_t> model;
  for (std::uint64_t round = 0; round < 200; ++round) {
    for (std::uint64_t i = 0; i < round; ++i) {
      model.push_back(line.end_number());
      line.push_back(line.end_number());
    }
    for (std::uint64_t i = 0; i < round && i < 90; ++i) {
      ASSERT_EQ(line.front(), model.front());
      line.pop_front();
      model.pop_front();
    }
    ASSERT_EQ(std::vector<std::uint64_t>(model.begin(), model.end()), [&] {
      std::vector<std::uint64_t> all;
      for (const std::uint64_t value : line) all.push_back(value);
      return all;
    }());
  }
  EXPECT_EQ(line[line.first_number() + 7], line.first_number() + 7);
}

TEST(Line, cut_gives_the_numbers_out_again) {
  Line<int> line;
  for (int i = 0; i < 5; ++i) line.push_back(i);
  line.pop_front();
  line.cut(3);
  EXPECT_EQ(line.size(), 2U);
  line.push_back(7);
  EXPECT_EQ(line[3], 7);
  line.cut(line.first_number());
  EXPECT_TRUE(line.empty());
}

TEST(Line, can_be_used_on_after_a_rare_load) {
  Line<int> line;
  for (int i = 0; i < 10'000; ++i) line.push_back(i);
  for (int i = 0; i < 10'000; ++i) line.pop_front();
  line.push_back(1);
  EXPECT_EQ(line.front(), 1);
  EXPECT_EQ(line.first_number(), 10'000U);
}

}  // namespace
}  // namespace meridian::protocol
