// What the JSON commands answer, as their documentation has it: RESP2 and RESP3, JSONPath and the older paths.
// https://redis.io/docs/latest/develop/data-types/json/resp3/
#include <meridian/json.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include <meridian/commands.hpp>

#include "unit/commands/decoding.hpp"

namespace meridian {
namespace {

using testing::decoded;
using testing::is_refused;
using Integers = std::vector<std::optional<std::int64_t>>;
using Numbers = std::vector<std::optional<double>>;
using Booleans = std::vector<std::optional<bool>>;
using Texts = std::vector<std::optional<std::string>>;
using Strings = std::vector<std::string>;
using Names = std::vector<std::optional<Strings>>;

TEST(JsonReplies, of_lengths_are_one_integer_for_each_match) {
  const auto decoder = cmd::json_arrlen("k", "$..a").decode;
  EXPECT_EQ(decoded(decoder, "*3\r\n:4\r\n$-1\r\n:0\r\n"), (Integers{4, std::nullopt, 0}));
  EXPECT_EQ(decoded(decoder, "*2\r\n:4\r\n_\r\n"), (Integers{4, std::nullopt}));
  EXPECT_EQ(decoded(decoder, "*0\r\n"), Integers{}) << "no match";
  EXPECT_EQ(decoded(decoder, ":4\r\n"), Integers{4}) << "an older path";
  EXPECT_EQ(decoded(decoder, "$-1\r\n"), Integers{}) << "no such key";
  EXPECT_TRUE(is_refused(decoder, "*1\r\n$1\r\nx\r\n"));
  EXPECT_TRUE(is_refused(decoder, "+OK\r\n"));
}

TEST(JsonReplies, of_arithmetic_are_json_text_in_resp2) {
  const auto decoder = cmd::json_numincrby("k", "$..a", 2).decode;
  EXPECT_EQ(decoded(decoder, "$15\r\n[null,4,7.5,-1]\r\n"), (Numbers{std::nullopt, 4, 7.5, -1}));
  EXPECT_EQ(decoded(decoder, "$17\r\n [ 1e3 , null ] \n\r\n"), (Numbers{1000, std::nullopt}));
  EXPECT_EQ(decoded(decoder, "$2\r\n[]\r\n"), Numbers{});
  EXPECT_EQ(decoded(decoder, "$3\r\n2.5\r\n"), Numbers{2.5}) << "an older path";
  for (const std::string_view wire :
       {"$1\r\n[\r\n", "$2\r\n[1\r\n", "$3\r\n[1,\r\n", "$4\r\n[1]]\r\n", "$4\r\n[1,]\r\n", "$5\r\n[[1]]\r\n",
        "$0\r\n\r\n", "$3\r\n\"1\"\r\n", "$3\r\n1 2\r\n"}) {
    EXPECT_TRUE(is_refused(decoder, wire)) << wire;
  }
}

TEST(JsonReplies, of_arithmetic_are_an_array_in_resp3) {
  const auto decoder = cmd::json_nummultby("k", "$..a", 2).decode;
  EXPECT_EQ(decoded(decoder, "*3\r\n:8\r\n,19.32\r\n_\r\n"), (Numbers{8, 19.32, std::nullopt}));
  EXPECT_TRUE(is_refused(decoder, "*1\r\n*0\r\n"));
}

TEST(JsonReplies, of_toggle) {
  const auto decoder = cmd::json_toggle("k", "$..a").decode;
  EXPECT_EQ(decoded(decoder, "*3\r\n:1\r\n:0\r\n$-1\r\n"), (Booleans{true, false, std::nullopt}));
  EXPECT_EQ(decoded(decoder, "*2\r\n#t\r\n_\r\n"), (Booleans{true, std::nullopt}));
  EXPECT_TRUE(is_refused(decoder, "*1\r\n:2\r\n"));
}

TEST(JsonReplies, of_arrpop) {
  const auto decoder = cmd::json_arrpop("k", "$..a").decode;
  EXPECT_EQ(decoded(decoder, "*3\r\n$2\r\n80\r\n$7\r\n{\"b\":2}\r\n$-1\r\n"), (Texts{"80", "{\"b\":2}", std::nullopt}));
  EXPECT_EQ(decoded(decoder, "$3\r\n\"x\"\r\n"), Texts{"\"x\""}) << "an older path";
  EXPECT_TRUE(is_refused(decoder, "*1\r\n:1\r\n"));
}

TEST(JsonReplies, of_type_are_nested_in_resp3) {
  const auto decoder = cmd::json_type("k", "$..a").decode;
  EXPECT_EQ(decoded(decoder, "*2\r\n$7\r\ninteger\r\n$7\r\nboolean\r\n"), (Strings{"integer", "boolean"}));
  EXPECT_EQ(decoded(decoder, "*1\r\n*2\r\n$7\r\ninteger\r\n$7\r\nboolean\r\n"), (Strings{"integer", "boolean"}));
  EXPECT_EQ(decoded(decoder, "*1\r\n*0\r\n"), Strings{}) << "no match";
  EXPECT_EQ(decoded(decoder, "*1\r\n_\r\n"), Strings{}) << "no such key, RESP3";
  EXPECT_EQ(decoded(decoder, "$-1\r\n"), Strings{}) << "no such key, RESP2";
  EXPECT_EQ(decoded(decoder, "$6\r\nobject\r\n"), Strings{"object"}) << "an older path";
  EXPECT_TRUE(is_refused(decoder, "*1\r\n:1\r\n"));
}

TEST(JsonReplies, of_objkeys) {
  const auto decoder = cmd::json_objkeys("k", "$..a").decode;
  EXPECT_EQ(decoded(decoder, "*2\r\n*-1\r\n*2\r\n$1\r\nb\r\n$1\r\nc\r\n"), (Names{std::nullopt, Strings{"b", "c"}}));
  EXPECT_EQ(decoded(decoder, "*2\r\n$1\r\nb\r\n$1\r\nc\r\n"), (Names{Strings{"b", "c"}})) << "an older path";
  EXPECT_EQ(decoded(decoder, "*0\r\n"), Names{});
  EXPECT_EQ(decoded(decoder, "_\r\n"), Names{});
  EXPECT_TRUE(is_refused(decoder, "*1\r\n:1\r\n"));
}

TEST(JsonReplies, of_documents) {
  EXPECT_EQ(decoded(cmd::json_get("k").decode, "$9\r\n[{\"a\":1}]\r\n"), "[{\"a\":1}]");
  EXPECT_EQ(decoded(cmd::json_get("k").decode, "$-1\r\n"), std::nullopt);
  EXPECT_EQ(decoded(cmd::json_mget("k").decode, "*2\r\n$3\r\n[1]\r\n_\r\n"), (Texts{"[1]", std::nullopt}));
  EXPECT_TRUE(decoded(cmd::json_set("k", "$", "1").decode, "+OK\r\n"));
  EXPECT_FALSE(decoded(cmd::json_set("k", "$", "1", {.nx = true}).decode, "$-1\r\n"));
}

TEST(JsonBuilders, grade_by_their_arguments) {
  EXPECT_EQ(cmd::json_set("k", "$", "1").request.traits.repeat, Repeat::overwrite);
  EXPECT_EQ(cmd::json_set("k", "$", "1", {.xx = true}).request.traits.repeat, Repeat::conditional);
  EXPECT_EQ(cmd::json_del("k", "$.a").request.traits.repeat, Repeat::overwrite);
  EXPECT_EQ(cmd::json_del("k", "$.a[0]").request.traits.repeat, Repeat::accumulate);
}

TEST(JsonBuilders, mark_every_key) {
  using Views = std::vector<std::string_view>;
  EXPECT_EQ(keys_of(cmd::json_mset({{"a", "$", "1"}, {"b", "$", "2"}}).request.view()), (Views{"a", "b"}));
  EXPECT_EQ(keys_of(cmd::json_mget({"a", "b"}, "$.x").request.view()), (Views{"a", "b"}));
  EXPECT_EQ(keys_of(cmd::json_debug_memory("a").request.view()), (Views{"a"}));
}

// A front end that answers with the name of the command.
struct NamingFrontEnd {
  template <class T>
  std::string run(const Command<T>& command) {
    last = command.request.name();
    return last;
  }
  std::string last{};
};

TEST(JsonCommands, run_on_a_front_end_and_on_a_temporary_one) {
  NamingFrontEnd client;
  EXPECT_EQ(json(client).get("k", {"$.a", "$.b"}), "JSON.GET");
  EXPECT_EQ(client.last, "JSON.GET") << "on the client, not on a copy of it";
  EXPECT_EQ(json(NamingFrontEnd()).arrappend("k", "$", {"1", "2"}), "JSON.ARRAPPEND");
}

}  // namespace
}  // namespace meridian
