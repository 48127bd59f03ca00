// What the table knows of commands that have no builder, and how arguments change it.
#include <meridian/commands/traits.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace meridian {
namespace {

// `line` split at spaces.
CommandTraits traits(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::string_view word = line.substr(0, line.find(' '));
    words.push_back(word);
    line.remove_prefix(std::min(line.size(), word.size() + 1));
  }
  return traits_of(words);
}

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

TEST(Traits, of_a_command_without_its_arguments_can_be_asked) {
  for (const std::string_view name : {"SET", "SORT", "LTRIM", "LREM", "ZADD", "BITOP", "SUNIONSTORE", "GEORADIUS",
                                      "COPY", "CONFIG", "XGROUP", "EXPIRE", "GETEX", "BITFIELD"}) {
    EXPECT_NE(grade(name), "never") << name;
  }
}

}  // namespace
}  // namespace meridian
