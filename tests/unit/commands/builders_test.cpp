// Every typed builder: the words that redis documents for it, and the same traits as the table has for those words.
#include <meridian/commands.hpp>

#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace meridian {
namespace {

using namespace std::chrono_literals;

// The words of an encoded command. Splits at line ends, so it is for words without any.
std::vector<std::string> words_of(const Request& request) {
  std::vector<std::string> words;
  const std::string bytes(std::string_view(request.bytes));
  std::size_t at = bytes.find("\r\n") + 2;
  while (at < bytes.size()) {
    const std::size_t text = bytes.find("\r\n", at) + 2;
    const std::size_t end = bytes.find("\r\n", text);
    words.push_back(bytes.substr(text, end - text));
    at = end + 2;
  }
  return words;
}

struct Case {
  Request request;
  std::vector<std::string> words;
  Repeat repeat;
};

void PrintTo(const Case& one, std::ostream* stream) {
  for (const std::string& word : one.words) *stream << word << ' ';
}

template <class T>
Case expect(const Command<T>& command, std::vector<std::string> words, Repeat repeat) {
  EXPECT_NE(command.decode, nullptr);
  return {command.request, std::move(words), repeat};
}

const std::vector<std::string> two_keys = {"a", "b"};
const std::map<std::string, std::string> two_pairs = {{"f", "v"}, {"g", "w"}};
constexpr Repeat read_only = Repeat::read_only;
constexpr Repeat overwrite = Repeat::overwrite;
constexpr Repeat conditional = Repeat::conditional;
constexpr Repeat accumulate = Repeat::accumulate;

std::vector<Case> string_cases() {
  return {
      expect(cmd::get("k"), {"GET", "k"}, read_only),
      expect(cmd::set("k", "v"), {"SET", "k", "v"}, overwrite),
      expect(cmd::set("k", "v", {.ex = 2min}), {"SET", "k", "v", "EX", "120"}, overwrite),
      expect(cmd::set("k", "v", {.px = 250ms}), {"SET", "k", "v", "PX", "250"}, overwrite),
      expect(cmd::set("k", "v", {.keepttl = true}), {"SET", "k", "v", "KEEPTTL"}, overwrite),
      expect(cmd::set("k", "v", {.px = 1s, .nx = true}), {"SET", "k", "v", "PX", "1000", "NX"}, conditional),
      expect(cmd::set("k", "v", {.xx = true}), {"SET", "k", "v", "XX"}, conditional),
      expect(cmd::set_get("k", "v"), {"SET", "k", "v", "GET"}, accumulate),
      expect(cmd::set_get("k", "v", {.nx = true}), {"SET", "k", "v", "NX", "GET"}, accumulate),
      expect(cmd::mget({"a", "b"}), {"MGET", "a", "b"}, read_only),
      expect(cmd::mset({{"f", "v"}, {"g", "w"}}), {"MSET", "f", "v", "g", "w"}, overwrite),
      expect(cmd::mset(two_pairs), {"MSET", "f", "v", "g", "w"}, overwrite),
      expect(cmd::incr("k"), {"INCR", "k"}, accumulate),
      expect(cmd::incrby("k", -5), {"INCRBY", "k", "-5"}, accumulate),
      expect(cmd::decr("k"), {"DECR", "k"}, accumulate),
      expect(cmd::decrby("k", 5), {"DECRBY", "k", "5"}, accumulate),
      expect(cmd::incrbyfloat("k", 0.5), {"INCRBYFLOAT", "k", "0.5"}, accumulate),
      expect(cmd::append("k", "v"), {"APPEND", "k", "v"}, accumulate),
      expect(cmd::strlen("k"), {"STRLEN", "k"}, read_only),
      expect(cmd::getset("k", "v"), {"GETSET", "k", "v"}, accumulate),
      expect(cmd::getdel("k"), {"GETDEL", "k"}, accumulate),
      expect(cmd::getex("k", {.ex = 30min}), {"GETEX", "k", "EX", "1800"}, overwrite),
      expect(cmd::getex("k", {.px = 5ms}), {"GETEX", "k", "PX", "5"}, overwrite),
      expect(cmd::getex("k", {.persist = true}), {"GETEX", "k", "PERSIST"}, overwrite),
      expect(cmd::getex("k", {}), {"GETEX", "k"}, read_only),
      expect(cmd::setrange("k", 3, "v"), {"SETRANGE", "k", "3", "v"}, overwrite),
      expect(cmd::getrange("k", 0, -1), {"GETRANGE", "k", "0", "-1"}, read_only),
  };
}

std::vector<Case> key_cases() {
  return {
      expect(cmd::del("k"), {"DEL", "k"}, overwrite),
      expect(cmd::del({"a", "b"}), {"DEL", "a", "b"}, overwrite),
      expect(cmd::del(two_keys), {"DEL", "a", "b"}, overwrite),
      expect(cmd::del(std::set<std::string_view>{"b", "a"}), {"DEL", "a", "b"}, overwrite),
      expect(cmd::del(std::string("k")), {"DEL", "k"}, overwrite),
      expect(cmd::unlink({"a", "b"}), {"UNLINK", "a", "b"}, overwrite),
      expect(cmd::exists({"a"}), {"EXISTS", "a"}, read_only),
      expect(cmd::expire("k", 2min), {"EXPIRE", "k", "120"}, overwrite),
      expect(cmd::pexpire("k", 2s), {"PEXPIRE", "k", "2000"}, overwrite),
      expect(cmd::persist("k"), {"PERSIST", "k"}, overwrite),
      expect(cmd::ttl("k"), {"TTL", "k"}, read_only),
      expect(cmd::pttl("k"), {"PTTL", "k"}, read_only),
      expect(cmd::type("k"), {"TYPE", "k"}, read_only),
      expect(cmd::rename("k", "l"), {"RENAME", "k", "l"}, accumulate),
      expect(cmd::touch(two_keys), {"TOUCH", "a", "b"}, read_only),
  };
}

std::vector<Case> hash_cases() {
  return {
      expect(cmd::hset("k", {{"f", "v"}}), {"HSET", "k", "f", "v"}, overwrite),
      expect(cmd::hset("k", two_pairs), {"HSET", "k", "f", "v", "g", "w"}, overwrite),
      expect(cmd::hget("k", "f"), {"HGET", "k", "f"}, read_only),
      expect(cmd::hmget("k", {"f", "g"}), {"HMGET", "k", "f", "g"}, read_only),
      expect(cmd::hgetall("k"), {"HGETALL", "k"}, read_only),
      expect(cmd::hdel("k", "f"), {"HDEL", "k", "f"}, overwrite),
      expect(cmd::hexists("k", "f"), {"HEXISTS", "k", "f"}, read_only),
      expect(cmd::hincrby("k", "f", 2), {"HINCRBY", "k", "f", "2"}, accumulate),
      expect(cmd::hkeys("k"), {"HKEYS", "k"}, read_only),
      expect(cmd::hvals("k"), {"HVALS", "k"}, read_only),
      expect(cmd::hlen("k"), {"HLEN", "k"}, read_only),
  };
}

std::vector<Case> list_cases() {
  return {
      expect(cmd::lpush("k", "v"), {"LPUSH", "k", "v"}, accumulate),
      expect(cmd::rpush("k", {"v", "w"}), {"RPUSH", "k", "v", "w"}, accumulate),
      expect(cmd::lpop("k"), {"LPOP", "k"}, accumulate),
      expect(cmd::lpop_many("k", 2), {"LPOP", "k", "2"}, accumulate),
      expect(cmd::rpop("k"), {"RPOP", "k"}, accumulate),
      expect(cmd::rpop_many("k", 2), {"RPOP", "k", "2"}, accumulate),
      expect(cmd::llen("k"), {"LLEN", "k"}, read_only),
      expect(cmd::lrange("k", 0, -1), {"LRANGE", "k", "0", "-1"}, read_only),
      expect(cmd::lindex("k", -1), {"LINDEX", "k", "-1"}, read_only),
      expect(cmd::lset("k", 1, "v"), {"LSET", "k", "1", "v"}, overwrite),
      expect(cmd::ltrim("k", 0, 99), {"LTRIM", "k", "0", "99"}, overwrite),
      expect(cmd::ltrim("k", -100, -1), {"LTRIM", "k", "-100", "-1"}, overwrite),
      expect(cmd::ltrim("k", 0, -1), {"LTRIM", "k", "0", "-1"}, overwrite),
      expect(cmd::ltrim("k", 1, -1), {"LTRIM", "k", "1", "-1"}, accumulate),
      expect(cmd::ltrim("k", 0, -2), {"LTRIM", "k", "0", "-2"}, accumulate),
      expect(cmd::ltrim("k", 2, 5), {"LTRIM", "k", "2", "5"}, accumulate),
      expect(cmd::ltrim("k", -5, 3), {"LTRIM", "k", "-5", "3"}, accumulate),
  };
}

std::vector<Case> set_and_server_cases() {
  return {
      expect(cmd::sadd("k", {"m", "n"}), {"SADD", "k", "m", "n"}, overwrite),
      expect(cmd::srem("k", "m"), {"SREM", "k", "m"}, overwrite),
      expect(cmd::smembers("k"), {"SMEMBERS", "k"}, read_only),
      expect(cmd::sismember("k", "m"), {"SISMEMBER", "k", "m"}, read_only),
      expect(cmd::scard("k"), {"SCARD", "k"}, read_only),
      expect(cmd::ping(), {"PING"}, read_only),
      expect(cmd::echo("text"), {"ECHO", "text"}, read_only),
      expect(cmd::dbsize(), {"DBSIZE"}, read_only),
      expect(cmd::time(), {"TIME"}, read_only),
      expect(cmd::info(), {"INFO"}, read_only),
      expect(cmd::info("replication"), {"INFO", "replication"}, read_only),
      expect(cmd::flushdb(), {"FLUSHDB"}, Repeat::administrative),
      expect(cmd::publish("channel", "message"), {"PUBLISH", "channel", "message"}, accumulate),
  };
}

class Builder : public testing::TestWithParam<Case> {};

TEST_P(Builder, sends_the_documented_words) { EXPECT_EQ(words_of(GetParam().request), GetParam().words); }

TEST_P(Builder, is_named_after_its_command) { EXPECT_EQ(GetParam().request.name(), GetParam().words.front()); }

TEST_P(Builder, has_the_grade_of_its_arguments) { EXPECT_EQ(GetParam().request.traits.repeat, GetParam().repeat); }

TEST_P(Builder, has_the_traits_of_the_table) {
  const std::vector<std::string_view> words(GetParam().words.begin(), GetParam().words.end());
  EXPECT_EQ(GetParam().request.traits, traits_of(words));
}

TEST_P(Builder, sends_the_same_bytes_as_a_custom_command) {
  EXPECT_EQ(GetParam().request.bytes, cmd::custom(GetParam().words).request.bytes);
}

INSTANTIATE_TEST_SUITE_P(Strings, Builder, testing::ValuesIn(string_cases()));
INSTANTIATE_TEST_SUITE_P(Keys, Builder, testing::ValuesIn(key_cases()));
INSTANTIATE_TEST_SUITE_P(Hashes, Builder, testing::ValuesIn(hash_cases()));
INSTANTIATE_TEST_SUITE_P(Lists, Builder, testing::ValuesIn(list_cases()));
INSTANTIATE_TEST_SUITE_P(SetsAndServer, Builder, testing::ValuesIn(set_and_server_cases()));

TEST(Bytes, of_a_command_are_a_resp_array_of_bulk_strings) {
  EXPECT_EQ(cmd::set("key", "two\r\nlines").request.bytes, "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$10\r\ntwo\r\nlines\r\n");
  EXPECT_EQ(cmd::get(std::string_view("a\0b", 3)).request.bytes, std::string("*2\r\n$3\r\nGET\r\n$3\r\na\0b\r\n", 22));
}

TEST(CustomCommand, takes_texts_and_numbers) {
  const Command<Reply> command = cmd::custom("XADD", std::string("log"), std::string_view("*"), "level", 3, "load", 0.1,
                                             "size", std::uint64_t{18446744073709551615ULL});
  EXPECT_EQ(words_of(command.request), (std::vector<std::string>{"XADD", "log", "*", "level", "3", "load", "0.1",
                                                                 "size", "18446744073709551615"}));
  EXPECT_EQ(command.request.traits.repeat, Repeat::accumulate);
}

TEST(CustomCommand, takes_a_range_that_is_known_at_run_time) {
  const std::vector<std::string> words = {"ZADD", "board", "1", "ada"};
  const Command<std::int64_t> command = cmd::custom<std::int64_t>(words);
  EXPECT_EQ(words_of(command.request), words);
  EXPECT_EQ(command.request.name(), "ZADD");
  EXPECT_EQ(command.request.traits.repeat, Repeat::overwrite);
}

TEST(CustomCommand, that_the_library_does_not_know_is_never_repeated) {
  EXPECT_EQ(cmd::custom("MYMODULE.SET", "k", "v").request.traits, (CommandTraits{Repeat::never, false}));
}

TEST(CustomCommand, takes_a_grade_from_the_caller) {
  EXPECT_EQ(cmd::custom(Repeat::overwrite, "MYMODULE.SET", "k").request.traits.repeat, Repeat::overwrite);
  const std::vector<std::string> words = {"MYMODULE.GET", "k"};
  EXPECT_EQ(cmd::custom(Repeat::read_only, words).request.traits.repeat, Repeat::read_only);
}

TEST(CustomCommand, keeps_what_the_library_knows_besides_the_grade) {
  EXPECT_EQ(cmd::custom(Repeat::overwrite, "EVAL", "return 1", 0).request.traits,
            (CommandTraits{Repeat::overwrite, true}));
}

std::vector<std::string> keys(const Request& request) {
  const std::vector<std::string_view> views = keys_of(request.view());
  return {views.begin(), views.end()};
}

TEST(CustomCommand, knows_its_keys) {
  EXPECT_EQ(keys(cmd::custom("MSET", "k", "v", "l", "w").request), (std::vector<std::string>{"k", "l"}));
  EXPECT_EQ(keys(cmd::custom("eval", "return 1", 2, "k", "l", "a").request), (std::vector<std::string>{"k", "l"}));
  EXPECT_EQ(keys(cmd::custom("XREAD", "BLOCK", 5, "STREAMS", "s", "t", 0, 0).request),
            (std::vector<std::string>{"s", "t"}));
  EXPECT_EQ(keys(cmd::custom("ZUNIONSTORE", "d", 2, "k", "l").request), (std::vector<std::string>{"d", "k", "l"}));
  EXPECT_EQ(keys(cmd::custom("MYMODULE.SET", "k").request), std::vector<std::string>());
}

TEST(CustomCommand, knows_for_how_long_it_may_block) {
  const Request pop = cmd::custom("BLPOP", "k", "l", 0.25).request;
  EXPECT_TRUE(pop.traits.needs_own_connection);
  EXPECT_EQ(pop.blocks_for, 250ms);
  EXPECT_EQ(keys(pop), (std::vector<std::string>{"k", "l"}));
  EXPECT_EQ(cmd::custom("BLPOP", "k", 0).request.blocks_for, Duration::max());
  EXPECT_EQ(cmd::custom("LPOP", "k").request.blocks_for, Duration::zero());
}

// A front end that gives back the command instead of running it.
class Recorder : public Commands<Recorder> {
 public:
  template <class T>
  Request run(const Command<T>& command) {
    return command.request;
  }
};

TEST(Mixin, runs_what_the_builder_of_the_same_name_makes) {
  Recorder client;
  EXPECT_EQ(client.get("k").bytes, cmd::get("k").request.bytes);
  EXPECT_EQ(client.set("k", "v", {.nx = true}).bytes, cmd::set("k", "v", {.nx = true}).request.bytes);
  EXPECT_EQ(client.del({"a", "b"}).bytes, cmd::del({"a", "b"}).request.bytes);
  EXPECT_EQ(client.hset("k", {{"f", "v"}}).bytes, cmd::hset("k", {{"f", "v"}}).request.bytes);
  EXPECT_EQ(client.lpop_many("k", 2).bytes, cmd::lpop_many("k", 2).request.bytes);
  EXPECT_EQ(client.smembers("k").bytes, cmd::smembers("k").request.bytes);
  EXPECT_EQ(client.info().bytes, cmd::info().request.bytes);
  EXPECT_EQ(client.command("XLEN", "k").bytes, cmd::custom("XLEN", "k").request.bytes);
  EXPECT_EQ(client.command<std::int64_t>(Repeat::read_only, "MYMODULE.LEN", "k").traits.repeat, Repeat::read_only);
}

}  // namespace
}  // namespace meridian
