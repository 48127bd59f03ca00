// The input buffer: contents, its heap bound while growing, and what it gives back.
#include "resp/input_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <string_view>

#include "resp/scanner.hpp"

namespace meridian::resp {
namespace {

// Asks for space and checks the bound of the parser contract, counting old and new memory while it grows.
std::span<char> checked_space(InputBuffer& buffer) {
  const std::size_t before = buffer.capacity();
  const std::size_t received = buffer.data().size();
  const std::span<char> space = buffer.space();
  const std::size_t peak = buffer.capacity() == before ? before : before + buffer.capacity();
  EXPECT_LE(peak, InputBuffer::free_heap + 3 * received);
  EXPECT_FALSE(space.empty());
  return space;
}

// Feeds `bytes`, at most `step` at a time.
void feed(InputBuffer& buffer, std::string_view bytes, std::size_t step) {
  while (!bytes.empty()) {
    const std::span<char> space = checked_space(buffer);
    const std::size_t count = std::min({step, bytes.size(), space.size()});
    std::memcpy(space.data(), bytes.data(), count);
    buffer.commit(count);
    bytes.remove_prefix(count);
  }
}

TEST(InputBuffer, holds_no_memory_before_its_first_use_and_then_a_little) {
  InputBuffer buffer;
  EXPECT_EQ(buffer.capacity(), 0U);
  EXPECT_TRUE(buffer.data().empty());
  EXPECT_GE(buffer.space().size(), std::size_t{16} << 10);
}

TEST(InputBuffer, returns_what_was_committed_in_order) {
  InputBuffer buffer;
  feed(buffer, "hello ", 4);
  feed(buffer, "world", 1);
  EXPECT_EQ(buffer.data(), "hello world");
  buffer.consume(6);
  EXPECT_EQ(buffer.data(), "world");
  buffer.consume(5);
  EXPECT_EQ(buffer.data(), "");
}

TEST(InputBuffer, does_not_grow_while_it_has_room) {
  InputBuffer buffer;
  const std::size_t first = buffer.space().size();
  feed(buffer, std::string(first - 1, 'x'), first);
  EXPECT_EQ(buffer.space().size(), 1U);
  EXPECT_EQ(buffer.capacity(), first);
}

TEST(InputBuffer, heap_stays_within_the_bound_while_a_huge_reply_arrives) {
  InputBuffer buffer;
  const std::string huge(std::size_t{40} << 20, 'x');
  feed(buffer, huge, 65536);
  EXPECT_EQ(buffer.data(), huge);
}

TEST(InputBuffer, heap_stays_within_the_bound_when_a_reply_begins_behind_another) {
  for (const std::size_t full : {std::size_t{1} << 14, std::size_t{1} << 20}) {
    for (std::size_t consumed = 0; consumed <= full; consumed += full / 32) {
      InputBuffer buffer;
      feed(buffer, std::string(full, 'a'), full);
      buffer.consume(consumed);
      const std::string rest(2 * full, 'b');
      feed(buffer, rest, 10'000);
      EXPECT_EQ(buffer.data(), std::string(full - consumed, 'a') + rest);
    }
  }
}

TEST(InputBuffer, an_announced_length_reserves_nothing) {
  InputBuffer buffer;
  Scanner scanner;
  feed(buffer, "*1000000\r\n$536870912\r\nx", 1);
  ASSERT_EQ(scanner.scan(buffer.data()), ScanStatus::need_more);
  EXPECT_LE(buffer.capacity(), InputBuffer::free_heap);
}

TEST(InputBuffer, gives_a_large_buffer_back_when_its_reply_is_consumed) {
  InputBuffer buffer;
  feed(buffer, std::string(std::size_t{8} << 20, 'x'), 1 << 20);
  buffer.consume(buffer.data().size());
  EXPECT_LE(buffer.capacity(), InputBuffer::free_heap);
  feed(buffer, "next", 4);
  EXPECT_EQ(buffer.data(), "next");
}

TEST(InputBuffer, gives_a_large_buffer_back_though_the_next_reply_has_begun) {
  InputBuffer buffer;
  feed(buffer, std::string(std::size_t{8} << 20, 'x') + "next", 1 << 20);
  buffer.consume(std::size_t{8} << 20);
  EXPECT_EQ(buffer.data(), "next");
  EXPECT_LE(buffer.capacity(), InputBuffer::free_heap + 3 * 4);
}

TEST(InputBuffer, keeps_its_bytes_over_random_feeding_and_consuming) {
  std::mt19937_64 random(20240607);
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  InputBuffer buffer;
  std::string expected;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(below(round % 500 == 0 ? 200'000 : 3'000), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    feed(buffer, bytes, 1 + below(5'000));
    expected += bytes;
    const std::size_t consumed = std::min(expected.size(), below(6'000) * (round % 50 == 0 ? 100 : 1));
    buffer.consume(consumed);
    expected.erase(0, consumed);
    ASSERT_EQ(buffer.data(), expected) << "round " << round;
    ASSERT_LE(buffer.capacity(), InputBuffer::free_heap + 3 * expected.size());
  }
}

TEST(InputBuffer, a_moved_from_buffer_is_empty_and_usable) {
  InputBuffer buffer;
  feed(buffer, "bytes", 5);
  InputBuffer other = std::move(buffer);
  EXPECT_EQ(other.data(), "bytes");
  buffer = InputBuffer();
  EXPECT_EQ(buffer.data(), "");
  feed(buffer, "again", 5);
  EXPECT_EQ(buffer.data(), "again");
}

}  // namespace
}  // namespace meridian::resp
