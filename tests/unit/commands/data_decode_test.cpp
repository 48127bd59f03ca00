// What strings, bitmaps, keys, hashes and lists answer: on servers newer than the one of the conformance test, at the
// limits of what a server may say, and what is refused.
#include <meridian/commands/bitmaps.hpp>
#include <meridian/commands/hashes.hpp>
#include <meridian/commands/keys.hpp>
#include <meridian/commands/lists.hpp>
#include <meridian/commands/sets.hpp>
#include <meridian/commands/strings.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "unit/commands/decoding.hpp"

namespace meridian {
namespace {

using namespace std::chrono_literals;
using testing::decoded;
using testing::is_refused;
using State = TimeToLive::State;

TEST(HashReplies, of_hexpire_say_for_each_field_what_was_done) {
  const auto decoder = cmd::hexpire("h", 60s, {"a", "b", "c", "d"}).decode;
  EXPECT_EQ(
      decoded(decoder, "*4\r\n:-2\r\n:0\r\n:1\r\n:2\r\n"),
      (std::vector<FieldExpiry>{FieldExpiry::no_field, FieldExpiry::not_met, FieldExpiry::set, FieldExpiry::deleted}));
  EXPECT_EQ(cmd::hpexpire("h", 60ms, "a").decode, decoder);
  EXPECT_EQ(cmd::hexpireat("h", {}, "a").decode, decoder);
  EXPECT_EQ(cmd::hpexpireat("h", {}, "a").decode, decoder);
  for (const std::string_view wire : {"*1\r\n:-1\r\n", "*1\r\n:3\r\n", "*1\r\n_\r\n", ":1\r\n", "$-1\r\n"}) {
    EXPECT_TRUE(is_refused(decoder, wire)) << wire;
  }
}

TEST(HashReplies, of_hpersist_say_for_each_field_what_was_done) {
  const auto decoder = cmd::hpersist("h", {"a", "b", "c"}).decode;
  EXPECT_EQ(decoded(decoder, "*3\r\n:-2\r\n:-1\r\n:1\r\n"),
            (std::vector<FieldPersist>{FieldPersist::no_field, FieldPersist::no_expiry, FieldPersist::persisted}));
  for (const std::string_view wire : {"*1\r\n:0\r\n", "*1\r\n:2\r\n", "*1\r\n+x\r\n", ":1\r\n"}) {
    EXPECT_TRUE(is_refused(decoder, wire)) << wire;
  }
}

TEST(HashReplies, of_times_to_live_have_the_unit_of_the_command) {
  using Ttls = std::vector<TimeToLive>;
  constexpr std::string_view wire = "*3\r\n:7\r\n:-1\r\n:-2\r\n";
  EXPECT_EQ(decoded(cmd::httl("h", "f").decode, wire),
            (Ttls{{State::expires, 7s}, {State::no_expiry}, {State::no_key}}));
  EXPECT_EQ(decoded(cmd::hpttl("h", "f").decode, wire),
            (Ttls{{State::expires, 7ms}, {State::no_expiry}, {State::no_key}}));
  EXPECT_TRUE(is_refused(cmd::httl("h", "f").decode, "*1\r\n:-3\r\n"));
  EXPECT_TRUE(is_refused(cmd::hpttl("h", "f").decode, ":7\r\n"));
}

TEST(HashReplies, of_expire_times_have_the_unit_of_the_command) {
  using Times = std::vector<ExpireTime>;
  constexpr std::string_view wire = "*3\r\n:7\r\n:-1\r\n:-2\r\n";
  const std::chrono::sys_time<std::chrono::milliseconds> epoch{};
  EXPECT_EQ(decoded(cmd::hexpiretime("h", "f").decode, wire),
            (Times{{State::expires, epoch + 7s}, {State::no_expiry}, {State::no_key}}));
  EXPECT_EQ(decoded(cmd::hpexpiretime("h", "f").decode, wire),
            (Times{{State::expires, epoch + 7ms}, {State::no_expiry}, {State::no_key}}));
  EXPECT_TRUE(is_refused(cmd::hexpiretime("h", "f").decode, "*1\r\n:-3\r\n"));
}

TEST(HashReplies, of_redis_8) {
  const std::vector<std::optional<std::string>> one_missing = {"v", std::nullopt};
  EXPECT_EQ(decoded(cmd::hgetdel("h", {"f", "g"}).decode, "*2\r\n$1\r\nv\r\n$-1\r\n"), one_missing);
  EXPECT_EQ(decoded(cmd::hgetex("h", {"f", "g"}, {.ex = 60s}).decode, "*2\r\n$1\r\nv\r\n_\r\n"), one_missing);
  EXPECT_TRUE(decoded(cmd::hsetex("h", {{"f", "v"}}).decode, ":1\r\n"));
  EXPECT_FALSE(decoded(cmd::hsetex("h", {{"f", "v"}}).decode, ":0\r\n"));
}

TEST(KeyReplies, of_expire_times_that_we_cannot_hold_are_the_last_one) {
  const auto decoder = cmd::expiretime("k").decode;
  const auto last = std::chrono::sys_time<std::chrono::milliseconds>::max();
  EXPECT_EQ(decoded(decoder, ":9223372036854775807\r\n"), (ExpireTime{State::expires, last}));
  EXPECT_EQ(decoded(cmd::pexpiretime("k").decode, ":9223372036854775807\r\n"), (ExpireTime{State::expires, last}));
  for (const std::string_view wire : {":-3\r\n", "$1\r\n7\r\n", "_\r\n", "*0\r\n"}) {
    EXPECT_TRUE(is_refused(decoder, wire)) << wire;
  }
}

TEST(KeyReplies, of_idle_times_are_seconds_or_null) {
  const auto decoder = cmd::object_idletime("k").decode;
  EXPECT_EQ(decoded(decoder, ":7\r\n"), 7s);
  EXPECT_EQ(decoded(decoder, "$-1\r\n"), std::nullopt);
  EXPECT_TRUE(is_refused(decoder, "+x\r\n"));
}

TEST(ScanReplies, of_one_page_have_a_cursor_of_64_bits_and_items) {
  const auto decoder = cmd::scan(0).decode;
  EXPECT_EQ(decoded(decoder, "*2\r\n$20\r\n18446744073709551615\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
            (ScanPage<std::string>{std::numeric_limits<std::uint64_t>::max(), {"a", "b"}}));
  EXPECT_EQ(decoded(decoder, "*2\r\n$1\r\n0\r\n*0\r\n"), ScanPage<std::string>{});
  EXPECT_EQ(cmd::sscan("s", 0).decode, decoder);
  EXPECT_EQ(cmd::hscan_novalues("h", 0).decode, decoder);
  for (const std::string_view wire :
       {"*2\r\n$1\r\n0\r\n_\r\n", "*1\r\n$1\r\n0\r\n", "*2\r\n$1\r\nx\r\n*0\r\n", "*2\r\n$0\r\n\r\n*0\r\n",
        "*2\r\n$2\r\n-1\r\n*0\r\n", "*2\r\n$2\r\n1x\r\n*0\r\n", "*2\r\n$20\r\n18446744073709551616\r\n*0\r\n",
        "*2\r\n*0\r\n*0\r\n", "*2\r\n$1\r\n0\r\n*1\r\n:1\r\n", "*0\r\n", "$1\r\n0\r\n"}) {
    EXPECT_TRUE(is_refused(decoder, wire)) << wire;
  }
}

TEST(ScanReplies, of_hashes_have_pairs) {
  using Page = ScanPage<std::pair<std::string, std::string>>;
  const auto decoder = cmd::hscan("h", 0).decode;
  EXPECT_EQ(decoded(decoder, "*2\r\n$1\r\n5\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n"), (Page{5, {{"f", "v"}}}));
  EXPECT_TRUE(is_refused(decoder, "*2\r\n$1\r\n5\r\n*1\r\n$1\r\nf\r\n"));
}

TEST(StringReplies, of_lcs_with_positions_are_a_map_or_a_flat_array) {
  const auto decoder = cmd::lcs_idx("a", "b").decode;
  const LcsMatches expected{{{4, 7, 5, 8}}, 6};
  constexpr std::string_view matches = "$7\r\nmatches\r\n*1\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n";
  EXPECT_EQ(decoded(decoder, "*4\r\n" + std::string(matches) + "$3\r\nlen\r\n:6\r\n"), expected);
  EXPECT_EQ(decoded(decoder, "%2\r\n" + std::string(matches) + "$3\r\nlen\r\n:6\r\n"), expected);
  // With the length of each match, as WITHMATCHLEN asks for.
  EXPECT_EQ(decoded(decoder,
                    "%2\r\n$3\r\nlen\r\n:6\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8"
                    "\r\n:4\r\n"),
            expected);
  EXPECT_EQ(expected.matches.front().length(), 4);
  for (const std::string& wire :
       {"%1\r\n" + std::string(matches), std::string("%1\r\n$3\r\nlen\r\n:6\r\n"), std::string("$-1\r\n"),
        std::string("%2\r\n$3\r\nlen\r\n:6\r\n$7\r\nmatches\r\n*1\r\n*1\r\n*2\r\n:4\r\n:7\r\n"),
        std::string("%2\r\n$3\r\nlen\r\n:6\r\n$7\r\nmatches\r\n*1\r\n*2\r\n*2\r\n:4\r\n:7\r\n*1\r\n:5\r\n"),
        std::string("%2\r\n$3\r\nlen\r\n:6\r\n$7\r\nmatches\r\n*1\r\n*2\r\n*2\r\n:4\r\n+x\r\n*2\r\n:5\r\n:8\r\n"),
        std::string("%2\r\n$3\r\nlen\r\n+x\r\n$7\r\nmatches\r\n*0\r\n")}) {
    EXPECT_TRUE(is_refused(decoder, wire)) << wire;
  }
}

TEST(BitmapReplies, of_bitpos_are_a_position_or_minus_one) {
  const auto decoder = cmd::bitpos("k", true).decode;
  EXPECT_EQ(decoded(decoder, ":12\r\n"), 12);
  EXPECT_EQ(decoded(decoder, ":-1\r\n"), std::nullopt);
  for (const std::string_view wire : {":-2\r\n", "_\r\n", "+x\r\n"}) EXPECT_TRUE(is_refused(decoder, wire)) << wire;
}

TEST(ListReplies, of_lmpop_are_a_key_with_elements_or_null) {
  const auto decoder = cmd::lmpop({"k", "l"}, ListEnd::left).decode;
  EXPECT_EQ(decoded(decoder, "*2\r\n$1\r\nl\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n"), (PoppedElements{"l", {"a", "b"}}));
  EXPECT_EQ(decoded(decoder, "*-1\r\n"), std::nullopt);
  EXPECT_EQ(decoded(decoder, "_\r\n"), std::nullopt);
  EXPECT_EQ(cmd::blmpop(1s, "l", ListEnd::left).decode, decoder);
  for (const std::string_view wire : {"*2\r\n:1\r\n*0\r\n", "*2\r\n$1\r\nl\r\n$1\r\na\r\n", "*1\r\n$1\r\nl\r\n"}) {
    EXPECT_TRUE(is_refused(decoder, wire)) << wire;
  }
}

}  // namespace
}  // namespace meridian
