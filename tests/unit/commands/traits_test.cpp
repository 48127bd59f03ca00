// What the table knows of commands that have no builder, and how arguments change it.
#include <meridian/commands/traits.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace meridian {
namespace {

using namespace std::chrono_literals;

// `line` split at spaces.
std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::string_view word = line.substr(0, line.find(' '));
    words.push_back(word);
    line.remove_prefix(std::min(line.size(), word.size() + 1));
  }
  return words;
}

CommandTraits traits(std::string_view line) { return traits_of(split(line)); }
KeyPositions keys(std::string_view line) { return describe_command(split(line)).keys; }
Duration longest_wait(std::string_view line) { return describe_command(split(line)).blocks_for; }

std::string_view grade(std::string_view line) { return to_string(traits(line).repeat); }

TEST(Traits, of_names_in_any_case) {
  EXPECT_EQ(grade("get k"), "read_only");
  EXPECT_EQ(grade("GeT k"), "read_only");
  EXPECT_EQ(grade("set k v nx"), "conditional");
}

TEST(Traits, of_unknown_names_are_never) {
  for (const std::string_view line : {"", "NOSUCH k", "GETX k", "GE", "A.NAME.THAT.IS.LONGER.THAN.ALL.OTHERS"}) {
    EXPECT_EQ(grade(line), "never") << line;
  }
  EXPECT_EQ(traits_of({}), CommandTraits());
}

TEST(Traits, of_what_blocks_or_changes_its_connection_ask_for_a_connection_of_its_own) {
  for (const std::string_view line : {"MULTI", "exec", "WATCH k", "SUBSCRIBE c", "SELECT 1", "BLPOP k 0",
                                      "XREAD COUNT 1 BLOCK 0 STREAMS s $", "CLIENT REPLY OFF", "WAIT 1 0"}) {
    EXPECT_TRUE(traits(line).needs_own_connection) << line;
  }
  for (const std::string_view line : {"GET k", "LPOP k", "XREAD STREAMS s 0", "CLIENT ID", "NOSUCH k"}) {
    EXPECT_FALSE(traits(line).needs_own_connection) << line;
  }
}

TEST(Traits, of_xread_look_for_block_among_the_options_only) {
  EXPECT_FALSE(traits("XREAD STREAMS BLOCK 0").needs_own_connection) << "a stream of that name";
  EXPECT_FALSE(traits("XREADGROUP GROUP BLOCK c STREAMS s >").needs_own_connection) << "a group of that name";
  EXPECT_TRUE(traits("XREADGROUP GROUP g c NOACK BLOCK 5 STREAMS s >").needs_own_connection);
}

TEST(Traits, of_what_belongs_to_a_connection_are_never) {
  for (const std::string_view line : {"MULTI", "WATCH k", "SUBSCRIBE c", "SELECT 1", "AUTH p", "HELLO 3", "RESET",
                                      "QUIT", "MONITOR", "WAIT 1 0", "CLIENT REPLY OFF", "CLIENT SETNAME x"}) {
    EXPECT_EQ(grade(line), "never") << line;
  }
}

TEST(Traits, of_set_depend_on_its_options) {
  EXPECT_EQ(grade("SET k v EX 5"), "overwrite");
  EXPECT_EQ(grade("SET k v PX 5 XX"), "conditional");
  EXPECT_EQ(grade("SET k v NX GET"), "accumulate");
  EXPECT_EQ(grade("SET NX GET"), "overwrite") << "a key and a value, no options";
}

TEST(Traits, of_sort_depend_on_store) {
  EXPECT_EQ(grade("SORT k LIMIT 0 5"), "read_only");
  EXPECT_EQ(grade("SORT k STORE d"), "overwrite");
  EXPECT_EQ(grade("SORT k LIMIT 1 5 STORE k"), "accumulate");
  EXPECT_EQ(grade("SORT k BY STORE STORE k"), "accumulate");
  EXPECT_EQ(grade("GEORADIUS k 1 2 3 m"), "read_only");
  EXPECT_EQ(grade("GEORADIUS k 1 2 3 m STOREDIST d"), "overwrite");
}

TEST(Traits, of_expire_depend_on_its_condition) {
  EXPECT_EQ(grade("EXPIRE k 5"), "overwrite");
  EXPECT_EQ(grade("PEXPIREAT k 5 GT"), "conditional");
  EXPECT_EQ(grade("HEXPIRE k 5 FIELDS 1 f"), "overwrite");
  EXPECT_EQ(grade("HEXPIRE k 5 NX FIELDS 1 f"), "conditional");
}

TEST(Traits, of_bitfield_depend_on_its_operations) {
  EXPECT_EQ(grade("BITFIELD k GET u8 0"), "read_only");
  EXPECT_EQ(grade("BITFIELD k SET u8 0 1 GET u8 0"), "overwrite");
  EXPECT_EQ(grade("BITFIELD k OVERFLOW SAT INCRBY u8 0 1"), "accumulate");
  EXPECT_EQ(grade("BITFIELD_RO k GET u8 0"), "read_only");
}

TEST(Traits, of_zadd_depend_on_the_options_before_the_scores) {
  EXPECT_EQ(grade("ZADD k 1 m"), "overwrite");
  EXPECT_EQ(grade("ZADD k CH 1 m"), "overwrite");
  EXPECT_EQ(grade("ZADD k NX CH 1 m"), "conditional");
  EXPECT_EQ(grade("ZADD k XX INCR 1 m"), "accumulate");
  EXPECT_EQ(grade("ZADD k 1 INCR"), "overwrite") << "INCR is a member here";
}

TEST(Traits, of_what_removes_by_place_accumulate) {
  EXPECT_EQ(grade("LREM k 0 v"), "overwrite");
  EXPECT_EQ(grade("LREM k 1 v"), "accumulate");
  EXPECT_EQ(grade("LTRIM k 0 99"), "overwrite");
  EXPECT_EQ(grade("LTRIM k 1 -1"), "accumulate");
  EXPECT_EQ(grade("LTRIM k x"), "accumulate");
  EXPECT_EQ(grade("ZREMRANGEBYRANK k 0 1"), "accumulate");
  EXPECT_EQ(grade("ZREMRANGEBYSCORE k 0 1"), "overwrite");
}

TEST(Traits, of_stores_accumulate_over_their_own_source) {
  EXPECT_EQ(grade("SUNIONSTORE d a b"), "overwrite");
  EXPECT_EQ(grade("ZUNIONSTORE d 2 d a"), "accumulate");
  EXPECT_EQ(grade("BITOP XOR d a b"), "overwrite");
  EXPECT_EQ(grade("BITOP XOR d d b"), "accumulate");
}

TEST(Traits, of_copies_depend_on_replace) {
  EXPECT_EQ(grade("COPY a b"), "conditional");
  EXPECT_EQ(grade("COPY a b REPLACE"), "overwrite");
  EXPECT_EQ(grade("RESTORE k 0 dump"), "conditional");
  EXPECT_EQ(grade("RESTORE k 0 dump REPLACE"), "overwrite");
  EXPECT_EQ(grade("RENAME a b"), "accumulate");
  EXPECT_EQ(grade("RENAMENX a b"), "conditional");
}

TEST(Traits, of_what_hands_something_out_accumulate) {
  for (const std::string_view line : {"LPOP k", "BLPOP k 0", "SPOP k", "ZPOPMIN k", "LMOVE a b LEFT LEFT", "GETSET k v",
                                      "GETDEL k", "XADD s * f v", "XREADGROUP GROUP g c STREAMS s >", "SPUBLISH c m"}) {
    EXPECT_EQ(grade(line), "accumulate") << line;
  }
}

TEST(Traits, of_scripts_and_exec_say_that_a_part_may_have_run) {
  EXPECT_EQ(traits("EVAL s 0"), (CommandTraits{Repeat::accumulate, true}));
  EXPECT_EQ(traits("EVALSHA h 0"), (CommandTraits{Repeat::accumulate, true}));
  EXPECT_EQ(traits("FCALL f 0"), (CommandTraits{Repeat::accumulate, true}));
  EXPECT_EQ(traits("EXEC"), (CommandTraits{Repeat::never, true, true}));
  EXPECT_EQ(traits("EVAL_RO s 0"), (CommandTraits{Repeat::read_only, false}));
  EXPECT_EQ(traits("FCALL_RO f 0"), (CommandTraits{Repeat::read_only, false}));
}

TEST(Traits, of_container_commands_depend_on_the_subcommand) {
  EXPECT_EQ(grade("CONFIG GET x"), "read_only");
  EXPECT_EQ(grade("config set x y"), "administrative");
  EXPECT_EQ(grade("CLIENT LIST"), "read_only");
  EXPECT_EQ(grade("CLIENT KILL ID 1"), "administrative");
  EXPECT_EQ(grade("SCRIPT LOAD s"), "overwrite");
  EXPECT_EQ(grade("FUNCTION LIST"), "read_only");
  EXPECT_EQ(grade("FUNCTION LOAD code"), "administrative");
  EXPECT_EQ(grade("ACL LOG"), "read_only");
  EXPECT_EQ(grade("ACL LOG RESET"), "administrative");
  EXPECT_EQ(grade("CLUSTER NODES"), "read_only");
  EXPECT_EQ(grade("SLOWLOG RESET"), "administrative");
  EXPECT_EQ(grade("MEMORY USAGE k"), "read_only");
  EXPECT_EQ(grade("XGROUP CREATE s g 0"), "conditional");
}

TEST(Traits, of_newer_commands) {
  EXPECT_EQ(grade("HGETEX k FIELDS 1 f"), "read_only");
  EXPECT_EQ(grade("HGETEX k EX 5 FIELDS 1 f"), "overwrite");
  EXPECT_EQ(grade("HSETEX k FNX EX 5 FIELDS 1 f v"), "conditional");
  EXPECT_EQ(grade("HSETEX k EX 5 FIELDS 1 FNX v"), "overwrite");
  EXPECT_EQ(grade("HGETDEL k FIELDS 1 f"), "accumulate");
  EXPECT_EQ(grade("SET k v IFEQ w"), "conditional");
  EXPECT_EQ(grade("MSETEX 1 k v NX"), "conditional");
  EXPECT_EQ(grade("MSETEX 1 k NX EX 5"), "overwrite");
  EXPECT_EQ(grade("MSETEX 9223372036854775807 k NX"), "conditional") << "nonsense is read with care";
  EXPECT_EQ(grade("DELEX k"), "overwrite");
  EXPECT_EQ(grade("DELEX k IFEQ v"), "conditional");
}

TEST(Traits, of_json_depend_on_path_and_options) {
  EXPECT_EQ(grade("JSON.SET k $ 1"), "overwrite");
  EXPECT_EQ(grade("JSON.SET k $ 1 NX"), "conditional");
  EXPECT_EQ(grade("JSON.DEL k $.name"), "overwrite");
  EXPECT_EQ(grade("JSON.DEL k $.list[0]"), "accumulate");
  EXPECT_EQ(grade("JSON.NUMINCRBY k $ 1"), "accumulate");
}

TEST(Keys, stand_where_the_shape_of_the_command_says) {
  EXPECT_EQ(keys("GET k"), (KeyPositions{.first = 1, .count = 1}));
  EXPECT_EQ(keys("RENAME k l"), (KeyPositions{.first = 1, .count = 2}));
  EXPECT_EQ(keys("DEL a b c"), (KeyPositions{.first = 1, .count = 3}));
  EXPECT_EQ(keys("BLPOP a b 0"), (KeyPositions{.first = 1, .count = 2}));
  EXPECT_EQ(keys("MSET a 1 b 2"), (KeyPositions{.first = 1, .count = 2, .step = 2}));
  EXPECT_EQ(keys("JSON.MSET a $ 1 b $ 2"), (KeyPositions{.first = 1, .count = 2, .step = 3}));
  EXPECT_EQ(keys("JSON.MGET a b $"), (KeyPositions{.first = 1, .count = 2}));
  EXPECT_EQ(keys("MSETEX 2 a 1 b 2 NX"), (KeyPositions{.first = 2, .count = 2, .step = 2}));
  EXPECT_EQ(keys("BITOP AND d a b"), (KeyPositions{.first = 3, .count = 2, .destination = 2}));
  EXPECT_EQ(keys("XGROUP CREATE s g 0"), (KeyPositions{.first = 2, .count = 1}));
  EXPECT_EQ(keys("SPUBLISH channel message"), (KeyPositions{.first = 1, .count = 1}));
  EXPECT_EQ(keys("PUBLISH channel message"), KeyPositions());
  EXPECT_EQ(keys("PING"), KeyPositions());
  EXPECT_EQ(keys("NOSUCH k"), KeyPositions());
}

TEST(Keys, that_move_are_found) {
  EXPECT_EQ(keys("EVAL s 2 a b c"), (KeyPositions{.first = 3, .count = 2}));
  EXPECT_EQ(keys("ZUNIONSTORE d 2 a b"), (KeyPositions{.first = 3, .count = 2, .destination = 1}));
  EXPECT_EQ(keys("XREAD COUNT 1 STREAMS s t 0 0"), (KeyPositions{.first = 4, .count = 2}));
  EXPECT_EQ(keys("XREADGROUP GROUP STREAMS STREAMS STREAMS s >"), (KeyPositions{.first = 5, .count = 1}));
  EXPECT_EQ(keys("SORT k BY STORE GET STORE STORE d"), (KeyPositions{.first = 1, .count = 1, .destination = 7}));
  EXPECT_EQ(keys("SORT k STORE"), (KeyPositions{.first = 1, .count = 1}));
  EXPECT_EQ(keys("GEORADIUS k 1 2 3 m STORE d"), (KeyPositions{.first = 1, .count = 1, .destination = 7}));
}

TEST(Keys, of_words_that_make_no_sense_are_never_outside_of_them) {
  for (const std::string_view line :
       {"EVAL s", "EVAL s 3 a b", "EVAL s -1 a", "EVAL s 99999999999999999999 a", "EVAL s x a", "BLMPOP 0",
        "XREAD STREAMS", "XREAD STREAMS s", "XREAD BLOCK", "XREADGROUP GROUP", "BLPOP 0", "MSETEX 2 a 1", "GET",
        "MIGRATE", "BITOP AND", "MIGRATE h 1  0 5 KEYS", "JSON.MGET $", "OBJECT HELP", "MEMORY USAGE"}) {
    EXPECT_EQ(keys(line), KeyPositions()) << line;
  }
}

TEST(Waiting, is_as_long_as_the_words_say) {
  EXPECT_EQ(longest_wait("BLPOP k 2.5"), 2500ms);
  EXPECT_EQ(longest_wait("BLMOVE a b LEFT LEFT 1"), 1s);
  EXPECT_EQ(longest_wait("BLMPOP 3 1 k LEFT"), 3s);
  EXPECT_EQ(longest_wait("XREAD BLOCK 250 STREAMS s 0"), 250ms);
  EXPECT_EQ(longest_wait("WAIT 1 40"), 40ms);
  EXPECT_EQ(longest_wait("XREAD STREAMS s 0"), Duration::zero());
  EXPECT_EQ(longest_wait("GET k"), Duration::zero());
}

TEST(Waiting, of_zero_or_of_more_than_a_duration_holds_is_for_ever) {
  for (const std::string_view line : {"BLPOP k 0", "BLPOP k 1e300", "BLPOP k inf", "XREAD BLOCK 0 STREAMS s 0",
                                      "XREAD BLOCK 9223372036854775807 STREAMS s 0", "WAIT 1 0"}) {
    EXPECT_EQ(longest_wait(line), Duration::max()) << line;
  }
}

TEST(Waiting, for_what_the_server_refuses_at_once_is_none) {
  for (const std::string_view line :
       {"BLPOP k -1", "BLPOP k nan", "BLPOP k x", "BLPOP", "XREAD BLOCK -5 STREAMS s 0", "XREAD BLOCK", "WAIT"}) {
    EXPECT_EQ(longest_wait(line), Duration::zero()) << line;
  }
}

TEST(Traits, of_a_command_without_its_arguments_can_be_asked) {
  for (const std::string_view name : {"SET", "SORT", "LTRIM", "LREM", "ZADD", "BITOP", "SUNIONSTORE", "GEORADIUS",
                                      "COPY", "CONFIG", "XGROUP", "EXPIRE", "GETEX", "BITFIELD"}) {
    EXPECT_NE(grade(name), "never") << name;
  }
}

}  // namespace
}  // namespace meridian
