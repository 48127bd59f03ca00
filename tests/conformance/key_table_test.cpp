// The table behind custom commands against a real server: for every command that it has, which words are keys.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/commands/custom.hpp>

#include "conformance/all_examples.hpp"
#include "conformance/test_servers.hpp"

namespace meridian::conformance {
namespace {

Words keys_in_table(const Words& words) {
  Words keys;
  const Request request = cmd::custom(words).request;  // the keys point into it
  for (const std::string_view key : keys_of(request.view())) keys.emplace_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

// Internal, or channels, which the server routes by but does not call keys.
bool is_exempt(std::string_view name) {
  return name == "PFDEBUG" || name == "RESTORE-ASKING" || name == "SPUBLISH" || name == "SSUBSCRIBE" ||
         name == "SUNSUBSCRIBE";
}

void expect_the_same_keys(const Words& words) {
  std::string line;
  for (const std::string& word : words) line += word + " ";
  const std::optional<Words> keys = test_servers().keys_of(words);
  ASSERT_TRUE(keys.has_value()) << line << "is not what the server takes";
  EXPECT_EQ(keys_in_table(words), *keys) << line;
}

TEST(KeyTable, knows_the_keys_at_fixed_places) {
  int checked = 0;
  for (const auto& [name, command] : test_servers().commands()) {
    if (command.flags.contains("movablekeys") || is_exempt(name)) continue;
    Words words = words_of(name);
    while (static_cast<int>(words.size()) < std::abs(command.arity))
      words.push_back("w" + std::to_string(words.size()));
    // Without sources the server does not even name the destination.
    if (name != "PFMERGE") expect_the_same_keys(words);
    ++checked;
    // As long as it may be, and in pairs.
    if (command.arity > 0) continue;
    for (int i = 0; i < 2; ++i) words.push_back("w" + std::to_string(words.size()));
    expect_the_same_keys(words);
  }
  EXPECT_GT(checked, 250);
}

const std::vector<std::string_view> movable = {
    "BLMPOP 0 2 k l LEFT",
    "BLMPOP 0 2 k l LEFT COUNT 3",
    "BZMPOP 0 1 k MIN",
    "EVAL script 0",
    "EVAL script 0 a b",
    "EVAL script 2 k l a",
    "EVALSHA sha 1 k",
    "EVALSHA_RO sha 1 k a",
    "EVAL_RO script 2 k l",
    "FCALL function 1 k a",
    "FCALL_RO function 2 k l",
    "GEORADIUS k 1 2 3 m",
    "GEORADIUS k 1 2 3 m COUNT 4 STORE d",
    "GEORADIUSBYMEMBER k m 3 m",
    "GEORADIUSBYMEMBER k m 3 m WITHDIST STOREDIST d",
    "LMPOP 2 k l LEFT",
    "MIGRATE host 1 k 0 5",
    "MIGRATE host 1 '' 0 5 COPY AUTH KEYS KEYS k l",
    "MIGRATE host 1 '' 0 5 AUTH2 u p KEYS k",
    "SINTERCARD 2 k l LIMIT 1",
    "SORT k",
    "SORT k BY w* LIMIT 0 5 GET # GET o* STORE d",
    "SORT k BY STORE STORE d STORE e",
    "SORT_RO k BY w* GET o*",
    "XREAD STREAMS s t 0 0",
    "XREAD COUNT 2 BLOCK 5 STREAMS s 0",
    "XREADGROUP GROUP STREAMS c COUNT 1 NOACK STREAMS s t > >",
    "ZDIFF 2 k l WITHSCORES",
    "ZDIFFSTORE d 2 k l",
    "ZINTER 2 k l WEIGHTS 1 2",
    "ZINTERCARD 2 k l",
    "ZINTERSTORE d 2 k l AGGREGATE MAX",
    "ZMPOP 1 k MAX COUNT 2",
    "ZUNION 1 k",
    "ZUNIONSTORE d 2 k d",
};

TEST(KeyTable, knows_the_keys_that_move) {
  std::set<std::string> missing;
  for (const auto& [name, command] : test_servers().commands()) {
    if (command.flags.contains("movablekeys")) missing.insert(name);
  }
  for (const std::string_view line : movable) {
    const Words words = words_of(line);
    missing.erase(words.front());
    expect_the_same_keys(words);
  }
  EXPECT_EQ(missing, std::set<std::string>()) << "without a line here";
}

TEST(KeyTable, knows_every_command_that_reads_or_writes_data) {
  for (const auto& [name, command] : test_servers().commands()) {
    const bool is_internal = name == "RESTORE-ASKING" || name == "PFDEBUG" || name == "PFSELFTEST";
    const bool reads = command.flags.contains("readonly");
    const bool writes = command.flags.contains("write");
    if (is_internal || command.flags.contains("admin") || (!reads && !writes)) continue;
    const Repeat grade = cmd::custom(words_of(name)).request.traits.repeat;
    EXPECT_NE(grade, Repeat::never) << name;
    if (reads) {
      EXPECT_EQ(grade, Repeat::read_only) << name;
    }
  }
}

TEST(KeyTable, knows_what_blocks) {
  for (const auto& [name, command] : test_servers().commands()) {
    if (!command.flags.contains("blocking")) continue;
    const Words words =
        name.starts_with("XREAD") ? words_of(name + " BLOCK 5 STREAMS s 0") : words_of(name + " 1 1 1 1");
    const Request request = cmd::custom(words).request;
    EXPECT_TRUE(request.traits.needs_own_connection) << name;
    EXPECT_NE(request.blocks_for, Duration::zero()) << name;
  }
}

}  // namespace
}  // namespace meridian::conformance
