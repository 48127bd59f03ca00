// What streams answer on servers older and newer than the one of the conformance test, and what is refused.
#include <meridian/commands/streams.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/commands/decoding.hpp"

namespace meridian {
namespace {

using namespace std::chrono_literals;
using testing::decoded;
using testing::is_refused;
using Entries = std::vector<StreamEntry>;

// Bulk strings and numbers as they come in arrays.
std::string bulk(const std::string& text) { return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n"; }
std::string array(std::size_t size) { return "*" + std::to_string(size) + "\r\n"; }
std::string number(std::int64_t value) { return ":" + std::to_string(value) + "\r\n"; }

const std::string entry = array(2) + bulk("1-1") + array(2) + bulk("f") + bulk("v");

TEST(StreamReplies, of_entries_that_are_not_entries_are_refused) {
  const auto decoder = cmd::xrange("s", "-", "+").decode;
  EXPECT_EQ(decoded(decoder, array(1) + entry), (Entries{{"1-1", {{"f", "v"}}}}));
  for (const std::string& wire :
       {std::string("+OK\r\n"), array(1) + "$-1\r\n", array(1) + array(1) + bulk("1-1"),
        array(1) + array(2) + bulk("1-1") + array(1) + bulk("f"), array(1) + array(2) + bulk("1-1") + number(1),
        array(1) + array(2) + bulk("1-1") + array(2) + bulk("f") + number(1)}) {
    EXPECT_TRUE(is_refused(decoder, wire)) << wire;
  }
}

TEST(StreamReplies, of_xread_are_an_array_in_resp2_and_a_map_in_resp3) {
  const auto decoder = cmd::xread({{"s", "0"}}).decode;
  const std::vector<StreamEntries> expected = {{"s", {{"1-1", {{"f", "v"}}}}}};
  EXPECT_EQ(decoded(decoder, array(1) + array(2) + bulk("s") + array(1) + entry), expected);
  EXPECT_EQ(decoded(decoder, "%1\r\n" + bulk("s") + array(1) + entry), expected);
  EXPECT_EQ(decoded(decoder, "*-1\r\n"), std::vector<StreamEntries>());
  EXPECT_EQ(decoded(decoder, "_\r\n"), std::vector<StreamEntries>());
  EXPECT_TRUE(is_refused(decoder, array(2) + bulk("s") + array(1) + entry));
  EXPECT_TRUE(is_refused(decoder, "%1\r\n" + bulk("s") + number(1)));
}

TEST(StreamReplies, of_claims_leave_out_what_redis_6_sends_as_null) {
  EXPECT_EQ(decoded(cmd::xclaim("s", "g", "c", 0ms, "1-1").decode, array(2) + "$-1\r\n" + entry),
            (Entries{{"1-1", {{"f", "v"}}}}));
  EXPECT_EQ(decoded(cmd::xautoclaim("s", "g", "c", 0ms, "0").decode, array(2) + bulk("0-0") + array(1) + entry),
            (AutoClaimed{"0-0", {{"1-1", {{"f", "v"}}}}, {}}));
  EXPECT_TRUE(is_refused(cmd::xautoclaim("s", "g", "c", 0ms, "0").decode, array(1) + bulk("0-0")));
}

TEST(StreamReplies, of_redis_6_lack_what_came_later) {
  const std::string groups = array(1) + array(8) + bulk("name") + bulk("g") + bulk("consumers") + number(1) +
                             bulk("pending") + number(2) + bulk("last-delivered-id") + bulk("3-1");
  EXPECT_EQ(decoded(cmd::xinfo_groups("s").decode, groups),
            (std::vector<StreamGroup>{{"g", 1, 2, "3-1", std::nullopt, std::nullopt}}));
  EXPECT_TRUE(is_refused(cmd::xinfo_groups("s").decode, array(1) + array(2) + bulk("name") + bulk("g")));
}

TEST(StreamReplies, of_xinfo_consumers_in_redis_7_2_say_for_how_long_nothing_was_got) {
  const auto consumers = [](std::int64_t inactive) {
    return array(1) + "%4\r\n" + bulk("name") + bulk("ada") + bulk("pending") + number(2) + bulk("idle") + number(10) +
           bulk("inactive") + number(inactive);
  };
  const auto decoder = cmd::xinfo_consumers("s", "g").decode;
  EXPECT_EQ(decoded(decoder, consumers(500)), (std::vector<StreamConsumer>{{"ada", 2, 10ms, 500ms}}));
  EXPECT_EQ(decoded(decoder, consumers(-1)), (std::vector<StreamConsumer>{{"ada", 2, 10ms, std::nullopt}}));
}

TEST(StreamReplies, of_xinfo_stream_full_call_the_pending_entries_pending_or_pel) {
  const auto info = [](const std::string& pending) {
    const std::string consumer = array(10) + bulk("name") + bulk("ada") + bulk("seen-time") + number(2000) +
                                 bulk("active-time") + number(1000) + bulk("pel-count") + number(1) + bulk(pending) +
                                 array(1) + array(3) + bulk("1-1") + number(1000) + number(4);
    const std::string group = array(14) + bulk("name") + bulk("g") + bulk("last-delivered-id") + bulk("1-1") +
                              bulk("entries-read") + number(1) + bulk("lag") + "_\r\n" + bulk("pel-count") + number(1) +
                              bulk(pending) + array(1) + array(4) + bulk("1-1") + bulk("ada") + number(1000) +
                              number(4) + bulk("consumers") + array(1) + consumer;
    return array(12) + bulk("length") + number(1) + bulk("radix-tree-keys") + number(1) + bulk("radix-tree-nodes") +
           number(2) + bulk("last-generated-id") + bulk("1-1") + bulk("entries") + array(1) + entry + bulk("groups") +
           array(1) + group;
  };
  const StreamFullInfo::Pending pending{"1-1", "ada", ServerMilliseconds(1s), 4};
  const StreamFullInfo::Consumer consumer{"ada", ServerMilliseconds(2s), ServerMilliseconds(1s), 1, {pending}};
  const StreamFullInfo::Group group{"g", "1-1", 1, std::nullopt, 1, {pending}, {consumer}};
  StreamFullInfo expected{.length = 1, .radix_tree_keys = 1, .radix_tree_nodes = 2, .last_generated_id = "1-1"};
  expected.entries = {{"1-1", {{"f", "v"}}}};
  expected.groups = {group};
  const auto decoder = cmd::xinfo_stream_full("s").decode;
  EXPECT_EQ(decoded(decoder, info("pending")), expected);
  EXPECT_EQ(decoded(decoder, info("pel")), expected);
  EXPECT_TRUE(is_refused(decoder, info("something else")));
  EXPECT_TRUE(is_refused(cmd::xinfo_stream("s").decode, info("pel"))) << "it has no first and last entry";
}

TEST(StreamBuilders, block_on_a_connection_of_their_own_only_if_asked_to) {
  EXPECT_EQ(cmd::xread({{"s", "0"}}).request.blocks_for, Duration::zero());
  EXPECT_EQ(cmd::xread({{"s", "$"}}, {.block = 0s}).request.blocks_for, Duration::max());
  EXPECT_EQ(cmd::xread({{"s", "$"}}, {.block = 0s}).request.traits,
            (CommandTraits{Repeat::read_only, false, /*needs_own_connection=*/true}));
  EXPECT_EQ(cmd::xreadgroup("g", "c", {{"s", ">"}}).request.traits, (CommandTraits{Repeat::accumulate}));
  EXPECT_EQ(cmd::xreadgroup("g", "c", {{"s", ">"}}, {.block = 1500us}).request.blocks_for, 1500us);
}

}  // namespace
}  // namespace meridian
