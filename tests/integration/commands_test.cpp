// Every typed command against a real server, once over RESP2 and once over RESP3, and our table of traits against what
// the server says of its own commands.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <meridian/client.hpp>

#include "integration/protocols_fixture.hpp"
#include "integration/support/redis_server.hpp"

namespace meridian {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;
using State = TimeToLive::State;

class Commands : public ::testing::TestWithParam<testing::Spoken> {
 protected:
  static void SetUpTestSuite() { server_ = new testing::RedisServer(); }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

  void SetUp() override { client.flushdb(); }

  [[nodiscard]] static Client connect(Protocol protocol) {
    ClientOptions options;
    options.protocol = protocol;
    return Client(Endpoint{"127.0.0.1", server_->port()}, options);
  }

  // What the server has, asked without our own code.
  [[nodiscard]] static std::string raw(const Strings& words) { return server_->command(words); }

  Client client = connect(GetParam().protocol);

 private:
  static inline testing::RedisServer* server_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Protocols, Commands, testing::both_protocols, ::testing::PrintToStringParamName());

TEST_P(Commands, of_strings_set_and_get) {
  EXPECT_EQ(client.get("k"), std::nullopt);
  EXPECT_TRUE(client.set("k", "v"));
  EXPECT_EQ(client.get("k"), "v");
  EXPECT_EQ(raw({"GET", "k"}), "$1\r\nv\r\n");

  const std::string binary("\0\r\n\xff", 4);
  EXPECT_TRUE(client.set("binary", binary));
  EXPECT_EQ(client.get("binary"), binary);
  EXPECT_TRUE(client.set("", ""));
  EXPECT_EQ(client.get(""), "");
}

TEST_P(Commands, of_strings_set_with_conditions_and_expiry) {
  EXPECT_FALSE(client.set("k", "v", {.xx = true}));
  EXPECT_TRUE(client.set("k", "v", {.ex = 100s, .nx = true}));
  EXPECT_FALSE(client.set("k", "w", {.nx = true}));
  EXPECT_EQ(client.get("k"), "v");
  EXPECT_EQ(client.ttl("k").state, State::expires);
  EXPECT_TRUE(client.set("k", "w", {.keepttl = true}));
  EXPECT_EQ(client.ttl("k").state, State::expires);
  EXPECT_TRUE(client.set("k", "w", {.px = 90'000ms, .xx = true}));
  EXPECT_LE(client.pttl("k").left, 90s);
  EXPECT_TRUE(client.set("k", "w"));
  EXPECT_EQ(client.ttl("k").state, State::no_expiry);
}

TEST_P(Commands, of_strings_that_give_back_what_was_there) {
  EXPECT_EQ(client.set_get("k", "1"), std::nullopt);
  EXPECT_EQ(client.set_get("k", "2"), "1");
  EXPECT_EQ(client.set_get("k", "3", {.nx = true}), "2");
  EXPECT_EQ(client.getset("k", "4"), "2");
  EXPECT_EQ(client.getex("k", {.ex = 100s}), "4");
  EXPECT_EQ(client.ttl("k").state, State::expires);
  EXPECT_EQ(client.getex("k", {.persist = true}), "4");
  EXPECT_EQ(client.ttl("k").state, State::no_expiry);
  EXPECT_EQ(client.getex("k", {.px = 100'000ms}), "4");
  EXPECT_EQ(client.getex("none", {}), std::nullopt);
  EXPECT_EQ(client.getdel("k"), "4");
  EXPECT_EQ(client.getdel("k"), std::nullopt);
}

TEST_P(Commands, of_several_strings) {
  client.mset({{"a", "1"}, {"b", "2"}});
  EXPECT_EQ(client.mget({"a", "none", "b"}), (std::vector<std::optional<std::string>>{"1", std::nullopt, "2"}));
  client.mset(std::map<std::string, std::string>{{"c", "3"}});
  EXPECT_EQ(client.mget(Strings{"c"}), (std::vector<std::optional<std::string>>{"3"}));
}

TEST_P(Commands, of_numbers) {
  EXPECT_EQ(client.incr("n"), 1);
  EXPECT_EQ(client.incrby("n", 41), 42);
  EXPECT_EQ(client.decr("n"), 41);
  EXPECT_EQ(client.decrby("n", 50), -9);
  EXPECT_DOUBLE_EQ(client.incrbyfloat("n", 0.25), -8.75);
}

TEST_P(Commands, of_parts_of_strings) {
  EXPECT_EQ(client.append("k", "Hello"), 5);
  EXPECT_EQ(client.append("k", " World"), 11);
  EXPECT_EQ(client.strlen("k"), 11);
  EXPECT_EQ(client.setrange("k", 6, "Redis"), 11);
  EXPECT_EQ(client.getrange("k", 6, -1), "Redis");
  EXPECT_EQ(client.getrange("none", 0, -1), "");
}

TEST_P(Commands, of_keys) {
  client.mset({{"a", "1"}, {"b", "2"}, {"c", "3"}});
  EXPECT_EQ(client.exists({"a", "b", "none"}), 2);
  EXPECT_EQ(client.touch({"a", "none"}), 1);
  EXPECT_EQ(client.type("a"), "string");
  EXPECT_EQ(client.type("none"), "none");
  client.rename("a", "d");
  EXPECT_EQ(client.exists("a"), 0);
  EXPECT_EQ(client.del({"b", "none"}), 1);
  EXPECT_EQ(client.unlink(std::set<std::string>{"c", "d"}), 2);
  EXPECT_EQ(client.dbsize(), 0);
}

TEST_P(Commands, of_expiry) {
  client.set("k", "v");
  EXPECT_EQ(client.ttl("none"), (TimeToLive{State::no_key, {}}));
  EXPECT_EQ(client.pttl("k"), (TimeToLive{State::no_expiry, {}}));
  EXPECT_TRUE(client.expire("k", 100s));
  const TimeToLive seconds = client.ttl("k");
  EXPECT_EQ(seconds.state, State::expires);
  EXPECT_GT(seconds.left, 50s);
  EXPECT_LE(seconds.left, 100s);
  EXPECT_TRUE(client.pexpire("k", 50'000ms));
  const TimeToLive milliseconds = client.pttl("k");
  EXPECT_GT(milliseconds.left, 1s);
  EXPECT_LE(milliseconds.left, 50s);
  EXPECT_TRUE(client.persist("k"));
  EXPECT_FALSE(client.persist("k"));
  EXPECT_FALSE(client.expire("none", 1s));
  EXPECT_TRUE(client.expire("k", 0s));
  EXPECT_EQ(client.exists("k"), 0);
}

TEST_P(Commands, of_hashes) {
  EXPECT_EQ(client.hset("h", {{"f", "v"}, {"n", "1"}}), 2);
  EXPECT_EQ(client.hset("h", {{"f", "w"}}), 0);
  EXPECT_EQ(client.hget("h", "f"), "w");
  EXPECT_EQ(client.hget("h", "none"), std::nullopt);
  EXPECT_EQ(client.hmget("h", {"f", "none"}), (std::vector<std::optional<std::string>>{"w", std::nullopt}));
  EXPECT_EQ(client.hincrby("h", "n", 4), 5);
  EXPECT_EQ(client.hgetall("h"), (std::unordered_map<std::string, std::string>{{"f", "w"}, {"n", "5"}}));
  EXPECT_TRUE(client.hgetall("none").empty());
  EXPECT_TRUE(client.hexists("h", "f"));
  EXPECT_FALSE(client.hexists("h", "none"));
  EXPECT_EQ(client.hlen("h"), 2);
  EXPECT_EQ(client.hdel("h", {"n", "none"}), 1);
  EXPECT_EQ(client.hkeys("h"), Strings{"f"});
  EXPECT_EQ(client.hvals("h"), Strings{"w"});
}

TEST_P(Commands, of_lists) {
  EXPECT_EQ(client.rpush("l", {"a", "b", "c"}), 3);
  EXPECT_EQ(client.lpush("l", "z"), 4);
  EXPECT_EQ(client.llen("l"), 4);
  EXPECT_EQ(client.lrange("l", 0, -1), (Strings{"z", "a", "b", "c"}));
  EXPECT_EQ(client.lindex("l", -1), "c");
  EXPECT_EQ(client.lindex("l", 9), std::nullopt);
  client.lset("l", 0, "y");
  EXPECT_EQ(client.lpop("l"), "y");
  EXPECT_EQ(client.rpop("l"), "c");
  client.rpush("l", {"c", "d", "e"});
  client.ltrim("l", 0, 3);
  EXPECT_EQ(client.lpop_many("l", 2), (Strings{"a", "b"}));
  EXPECT_EQ(client.rpop_many("l", 9), (Strings{"d", "c"}));
  EXPECT_EQ(client.lpop("l"), std::nullopt);
  EXPECT_EQ(client.rpop("l"), std::nullopt);
  EXPECT_EQ(client.lpop_many("l", 2), Strings{});
  EXPECT_EQ(client.rpop_many("l", 2), Strings{});
}

TEST_P(Commands, of_sets) {
  EXPECT_EQ(client.sadd("s", {"a", "b"}), 2);
  EXPECT_EQ(client.sadd("s", "b"), 0);
  EXPECT_EQ(client.smembers("s"), (std::unordered_set<std::string>{"a", "b"}));
  EXPECT_TRUE(client.smembers("none").empty());
  EXPECT_TRUE(client.sismember("s", "a"));
  EXPECT_FALSE(client.sismember("s", "z"));
  EXPECT_EQ(client.srem("s", {"a", "z"}), 1);
  EXPECT_EQ(client.scard("s"), 1);
}

TEST_P(Commands, of_the_server) {
  EXPECT_EQ(client.ping(), "PONG");
  EXPECT_EQ(client.echo("text"), "text");
  const auto distance = std::chrono::system_clock::now() - client.time();
  EXPECT_LT(std::chrono::abs(distance), 1min);
  EXPECT_NE(client.info("server").find("redis_version:"), std::string::npos);
  EXPECT_NE(client.info().find("role:master"), std::string::npos);
  EXPECT_EQ(client.publish("nobody", "message"), 0);
  client.set("k", "v");
  client.flushdb();
  EXPECT_EQ(client.dbsize(), 0);
}

TEST_P(Commands, by_their_words) {
  const Reply id = client.command("XADD", "stream", "*", "level", 3);
  EXPECT_EQ(id.type(), ReplyType::bulk_string);
  EXPECT_EQ(client.command<std::int64_t>("XLEN", "stream"), 1);
  EXPECT_EQ(client.command<double>("ZINCRBY", "board", 0.1, "ada"), 0.1);
  EXPECT_EQ(client.command<double>(Strings{"ZSCORE", "board", "ada"}), 0.1);
  EXPECT_EQ(client.command<bool>(Repeat::overwrite, "SETNX", "k", 1), true);
}

TEST_P(Commands, that_the_server_refuses_say_what_it_said) {
  client.set("k", "v");
  const Result<std::int64_t> length = client.results().llen("k");
  ASSERT_FALSE(length);
  EXPECT_EQ(length.error().code(), ErrorCode::wrong_type);
  EXPECT_EQ(length.error().delivery(), Delivery::answered);
  EXPECT_EQ(length.error().command(), "LLEN");
  EXPECT_EQ(length.error().server_text().rfind("WRONGTYPE", 0), 0u) << length.error().server_text();
  EXPECT_THROW(client.llen("k"), Error);
}

TEST_P(Commands, whose_reply_is_of_another_type_say_so) {
  const Result<std::int64_t> number = client.execute(cmd::custom<std::int64_t>("ECHO", "text"));
  ASSERT_FALSE(number);
  EXPECT_EQ(number.error().code(), ErrorCode::unexpected_reply);
  EXPECT_EQ(number.error().delivery(), Delivery::answered);
}

// What COMMAND INFO says of one command: its flags, such as "readonly" and "write".
std::set<std::string> flags_of(ReplyView info) {
  std::set<std::string> flags;
  std::size_t place = 0;
  for (const ReplyView field : info) {
    if (place++ != 2) continue;
    for (const ReplyView flag : field) flags.emplace(flag.as_string().value_or(""));
  }
  return flags;
}

TEST_P(Commands, have_traits_that_agree_with_the_flags_of_the_server) {
  const Reply all = client.command("COMMAND");
  // Changed by their arguments; by name alone they only read, while the server counts them as writes.
  const std::set<std::string> read_without_arguments = {"BITFIELD", "GEORADIUS", "GEORADIUSBYMEMBER", "GETEX", "SORT"};
  int known = 0;
  for (const ReplyView info : all.view()) {
    std::string name((*info.begin()).as_string().value_or(""));
    for (char& character : name)
      character = character >= 'a' && character <= 'z' ? static_cast<char>(character - 32) : character;
    const std::string_view words[] = {name};
    const Repeat repeat = traits_of(words).repeat;
    if (repeat == Repeat::never) continue;
    ++known;
    const std::set<std::string> flags = flags_of(info);
    if (flags.count("readonly") != 0) {
      EXPECT_EQ(repeat, Repeat::read_only) << name;
    }
    if (flags.count("write") != 0 && read_without_arguments.count(name) == 0) {
      EXPECT_NE(repeat, Repeat::read_only) << name;
    }
  }
  EXPECT_GT(known, 150);
}

TEST_P(Commands, that_read_or_write_data_are_all_in_the_table) {
  const Reply all = client.command("COMMAND");
  for (const ReplyView info : all.view()) {
    const std::string name((*info.begin()).as_string().value_or(""));
    const std::set<std::string> flags = flags_of(info);
    if (flags.count("readonly") == 0 && flags.count("write") == 0) continue;
    const bool is_internal = name == "restore-asking" || name == "pfdebug" || name == "pfselftest";
    if (is_internal || flags.count("admin") != 0) continue;
    const std::string_view words[] = {name};
    EXPECT_NE(traits_of(words).repeat, Repeat::never) << name;
  }
}

}  // namespace
}  // namespace meridian
