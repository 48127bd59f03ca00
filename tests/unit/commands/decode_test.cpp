// Replies as C++ types: RESP2 and RESP3 shapes alike, and an error for every other shape.
#include <meridian/decode.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include <meridian/command.hpp>

namespace meridian {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;
using OptionalStrings = std::vector<std::optional<std::string>>;
using Map = std::unordered_map<std::string, std::string>;
using Set = std::unordered_set<std::string>;

template <class T>
T decoded(std::string_view wire, Decoder<T> decoder = decode<T>) {
  Result<T> value = decoder(ReplyView(wire));
  if (!value) {
    ADD_FAILURE() << value.error().what();
    return T{};
  }
  return *value;
}

template <class T>
std::string refusal(std::string_view wire, Decoder<T> decoder = decode<T>) {
  const Result<T> value = decoder(ReplyView(wire));
  if (value) return "(accepted)";
  EXPECT_EQ(value.error().code(), ErrorCode::unexpected_reply);
  EXPECT_EQ(value.error().delivery(), Delivery::answered);
  return value.error().message();
}

TEST(Decode, a_view_looks_into_the_reply) {
  const std::string wire = "$5\r\nhello\r\n";
  EXPECT_EQ(decoded<std::string_view>(wire).data(), wire.data() + 4);
  EXPECT_EQ(decoded<std::optional<std::string_view>>(wire), "hello");
  EXPECT_EQ(decoded<std::string_view>("=8\r\ntxt:some\r\n"), "some");
  EXPECT_EQ(decoded<std::optional<std::string_view>>("$-1\r\n"), std::nullopt);
  EXPECT_EQ(decode<std::string_view>(ReplyView("$-1\r\n")).error().code(), ErrorCode::unexpected_reply);
  EXPECT_EQ(decode<std::optional<std::string_view>>(ReplyView(":1\r\n")).error().code(), ErrorCode::unexpected_reply);
}

TEST(Decode, void_takes_a_status) {
  EXPECT_TRUE(decode<void>(ReplyView("+OK\r\n")));
  EXPECT_TRUE(decode<void>(ReplyView("+Background saving started\r\n")));
  EXPECT_EQ(refusal<void>(":1\r\n"),
            "the server answered with an integer, where the command promises a status such as OK");
  EXPECT_NE(refusal<void>("$-1\r\n"), "(accepted)");
}

TEST(Decode, string) {
  EXPECT_EQ(decoded<std::string>("+PONG\r\n"), "PONG");
  EXPECT_EQ(decoded<std::string>("$4\r\na\r\nb\r\n"), "a\r\nb");
  EXPECT_EQ(decoded<std::string>(std::string_view("$3\r\na\0b\r\n", 9)), std::string("a\0b", 3));
  EXPECT_EQ(decoded<std::string>("$0\r\n\r\n"), "");
  EXPECT_EQ(decoded<std::string>("=7\r\ntxt:abc\r\n"), "abc");
  EXPECT_EQ(refusal<std::string>("$-1\r\n"), "the server answered with null, where the command promises a string");
  EXPECT_EQ(refusal<std::string>("*3\r\n:1\r\n:2\r\n:3\r\n"),
            "the server answered with an array of 3, where the command promises a string");
  EXPECT_NE(refusal<std::string>(":1\r\n"), "(accepted)");
  EXPECT_NE(refusal<std::string>("-ERR x\r\n"), "(accepted)");
}

TEST(Decode, optional_string) {
  EXPECT_EQ(decoded<std::optional<std::string>>("$1\r\nv\r\n"), "v");
  EXPECT_EQ(decoded<std::optional<std::string>>("$-1\r\n"), std::nullopt);
  EXPECT_EQ(decoded<std::optional<std::string>>("_\r\n"), std::nullopt);
  EXPECT_NE(refusal<std::optional<std::string>>("*0\r\n"), "(accepted)");
}

TEST(Decode, integer) {
  EXPECT_EQ(decoded<std::int64_t>(":-9223372036854775808\r\n"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(decoded<std::int64_t>("$2\r\n42\r\n"), 42);
  EXPECT_EQ(decoded<std::optional<std::int64_t>>("_\r\n"), std::nullopt);
  EXPECT_EQ(decoded<std::optional<std::int64_t>>(":7\r\n"), 7);
  EXPECT_EQ(refusal<std::int64_t>("$3\r\nabc\r\n"),
            "the server answered with a bulk string, where the command promises an integer");
  EXPECT_NE(refusal<std::int64_t>(",1.5\r\n"), "(accepted)");
  EXPECT_NE(refusal<std::int64_t>("-1\r\n"), "(accepted)");
}

TEST(Decode, boolean) {
  EXPECT_TRUE(decoded<bool>(":1\r\n"));
  EXPECT_FALSE(decoded<bool>(":0\r\n"));
  EXPECT_TRUE(decoded<bool>("+OK\r\n"));
  EXPECT_FALSE(decoded<bool>("$-1\r\n"));
  EXPECT_FALSE(decoded<bool>("_\r\n"));
  EXPECT_TRUE(decoded<bool>("#t\r\n"));
  EXPECT_FALSE(decoded<bool>("#f\r\n"));
  EXPECT_NE(refusal<bool>(":2\r\n"), "(accepted)");
  EXPECT_NE(refusal<bool>("+QUEUED\r\n"), "(accepted)");
}

TEST(Decode, floating_point) {
  EXPECT_EQ(decoded<double>("$4\r\n3.25\r\n"), 3.25);
  EXPECT_EQ(decoded<double>(",3.25\r\n"), 3.25);
  EXPECT_EQ(decoded<double>(":3\r\n"), 3.0);
  EXPECT_TRUE(std::isinf(decoded<double>(",-inf\r\n")));
  EXPECT_EQ(decoded<std::optional<double>>("$-1\r\n"), std::nullopt);
  EXPECT_EQ(decoded<std::optional<double>>("$3\r\n0.5\r\n"), 0.5);
  EXPECT_NE(refusal<double>("$1\r\nx\r\n"), "(accepted)");
}

TEST(Decode, strings) {
  EXPECT_EQ(decoded<Strings>("*2\r\n$1\r\na\r\n$1\r\nb\r\n"), (Strings{"a", "b"}));
  EXPECT_EQ(decoded<Strings>("~1\r\n$1\r\na\r\n"), (Strings{"a"}));
  EXPECT_EQ(decoded<Strings>("*0\r\n"), Strings{});
  EXPECT_EQ(refusal<Strings>("*2\r\n$1\r\na\r\n$-1\r\n"),
            "the server answered with an array of 2 that holds null, where the command promises an array of strings");
  EXPECT_NE(refusal<Strings>("*-1\r\n"), "(accepted)");
}

TEST(Decode, strings_where_a_missing_key_is_null) {
  EXPECT_EQ(decoded<Strings>("*-1\r\n", detail::decode_strings_or_null), Strings{});
  EXPECT_EQ(decoded<Strings>("_\r\n", detail::decode_strings_or_null), Strings{});
  EXPECT_EQ(decoded<Strings>("*1\r\n$1\r\na\r\n", detail::decode_strings_or_null), Strings{"a"});
  EXPECT_NE(refusal<Strings>(":1\r\n", detail::decode_strings_or_null), "(accepted)");
}

TEST(Decode, strings_and_nulls) {
  EXPECT_EQ(decoded<OptionalStrings>("*3\r\n$1\r\na\r\n$-1\r\n_\r\n"),
            (OptionalStrings{"a", std::nullopt, std::nullopt}));
  EXPECT_NE(refusal<OptionalStrings>("*1\r\n:1\r\n"), "(accepted)");
}

TEST(Decode, maps_of_both_protocols) {
  const Map expected = {{"f", "v"}, {"g", "w"}};
  EXPECT_EQ(decoded<Map>("*4\r\n$1\r\nf\r\n$1\r\nv\r\n$1\r\ng\r\n$1\r\nw\r\n"), expected);
  EXPECT_EQ(decoded<Map>("%2\r\n$1\r\nf\r\n$1\r\nv\r\n$1\r\ng\r\n$1\r\nw\r\n"), expected);
  EXPECT_EQ(decoded<Map>("*0\r\n"), Map{});
  EXPECT_NE(refusal<Map>("*1\r\n$1\r\nf\r\n"), "(accepted)");
  EXPECT_EQ(refusal<Map>("%1\r\n$1\r\nf\r\n:1\r\n"),
            "the server answered with a map of 1 that holds an integer, where the command promises a map of strings");
}

TEST(Decode, sets_of_both_protocols) {
  EXPECT_EQ(decoded<Set>("*2\r\n$1\r\na\r\n$1\r\nb\r\n"), (Set{"a", "b"}));
  EXPECT_EQ(decoded<Set>("~2\r\n$1\r\na\r\n$1\r\nb\r\n"), (Set{"a", "b"}));
  EXPECT_NE(refusal<Set>("$1\r\na\r\n"), "(accepted)");
}

TEST(Decode, times_to_live) {
  const auto seconds = [](std::string_view wire) { return decoded<TimeToLive>(wire, detail::decode_ttl_seconds); };
  EXPECT_EQ(seconds(":-2\r\n"), (TimeToLive{TimeToLive::State::no_key, {}}));
  EXPECT_EQ(seconds(":-1\r\n"), (TimeToLive{TimeToLive::State::no_expiry, {}}));
  EXPECT_EQ(seconds(":0\r\n"), (TimeToLive{TimeToLive::State::expires, 0s}));
  EXPECT_EQ(seconds(":90\r\n"), (TimeToLive{TimeToLive::State::expires, 90s}));
  EXPECT_EQ(seconds(":9223372036854775807\r\n"), (TimeToLive{TimeToLive::State::expires, Duration::max()}));
  EXPECT_EQ(decoded<TimeToLive>(":90\r\n", detail::decode_ttl_milliseconds),
            (TimeToLive{TimeToLive::State::expires, 90ms}));
  EXPECT_NE(refusal<TimeToLive>(":-3\r\n", detail::decode_ttl_seconds), "(accepted)");
  EXPECT_NE(refusal<TimeToLive>("$1\r\n5\r\n", detail::decode_ttl_seconds), "(accepted)");
}

TEST(Decode, server_time) {
  EXPECT_EQ(decoded<ServerTime>("*2\r\n$10\r\n1700000000\r\n$3\r\n123\r\n").time_since_epoch(), 1'700'000'000s + 123us);
  EXPECT_NE(refusal<ServerTime>("*1\r\n$1\r\n1\r\n"), "(accepted)");
  EXPECT_NE(refusal<ServerTime>("*2\r\n$1\r\n1\r\n$7\r\n1000000\r\n"), "(accepted)");
  EXPECT_NE(refusal<ServerTime>("*2\r\n$19\r\n9223372036854775807\r\n$1\r\n1\r\n"), "(accepted)");
}

TEST(Decode, any_reply_by_copying_its_bytes) {
  const Result<Reply> reply = decode<Reply>(ReplyView("*1\r\n:5\r\n:6\r\n"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->wire(), "*1\r\n:5\r\n");
}

TEST(Decode, lists_of_numbers) {
  EXPECT_EQ(decoded<std::vector<std::int64_t>>("*2\r\n:1\r\n$1\r\n2\r\n"), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(decoded<std::vector<std::optional<std::int64_t>>>("*2\r\n:1\r\n$-1\r\n"),
            (std::vector<std::optional<std::int64_t>>{1, std::nullopt}));
  EXPECT_EQ(decoded<std::vector<double>>("*3\r\n,0.5\r\n$3\r\ninf\r\n:7\r\n"),
            (std::vector<double>{0.5, std::numeric_limits<double>::infinity(), 7}));
  EXPECT_EQ(decoded<std::vector<std::optional<double>>>("*2\r\n_\r\n,2\r\n"),
            (std::vector<std::optional<double>>{std::nullopt, 2.0}));
  EXPECT_EQ(decoded<std::vector<bool>>("*3\r\n:1\r\n:0\r\n#t\r\n"), (std::vector<bool>{true, false, true}));
  EXPECT_EQ(refusal<std::vector<std::int64_t>>("*2\r\n:1\r\n_\r\n"),
            "the server answered with an array of 2 that holds null, where the command promises an array of integers");
  EXPECT_NE(refusal<std::vector<double>>("$-1\r\n"), "(accepted)");
}

TEST(Decode, pairs) {
  using Pair = std::pair<std::string, std::string>;
  using Pairs = std::vector<Pair>;
  EXPECT_EQ(decoded<Pair>("*2\r\n$1\r\nk\r\n$1\r\nv\r\n"), Pair("k", "v"));
  EXPECT_EQ(decoded<std::optional<Pair>>("*-1\r\n"), std::nullopt);
  EXPECT_NE(refusal<Pair>("*1\r\n$1\r\nk\r\n"), "(accepted)");
  EXPECT_NE(refusal<Pair>("*2\r\n$1\r\nk\r\n:1\r\n"), "(accepted)");
  const Pairs expected = {{"k", "v"}, {"l", "w"}};
  EXPECT_EQ(decoded<Pairs>("*4\r\n+k\r\n+v\r\n+l\r\n+w\r\n"), expected);
  EXPECT_EQ(decoded<Pairs>("%2\r\n+k\r\n+v\r\n+l\r\n+w\r\n"), expected);
  EXPECT_EQ(decoded<Pairs>("*2\r\n*2\r\n+k\r\n+v\r\n*2\r\n+l\r\n+w\r\n"), expected);
  EXPECT_EQ(decoded<Pairs>("*0\r\n"), Pairs());
  EXPECT_NE(refusal<Pairs>("*3\r\n+k\r\n+v\r\n+l\r\n"), "(accepted)");
  EXPECT_NE(refusal<Pairs>("*2\r\n*2\r\n+k\r\n+v\r\n+l\r\n"), "(accepted)");
  EXPECT_NE(refusal<Pairs>("%1\r\n+k\r\n:1\r\n"), "(accepted)");
}

TEST(Decode, optional_strings) {
  EXPECT_EQ(decoded<std::optional<Strings>>("*1\r\n+a\r\n"), Strings{"a"});
  EXPECT_EQ(decoded<std::optional<Strings>>("*-1\r\n"), std::nullopt);
}

TEST(Decode, counts_by_name) {
  using Counts = std::unordered_map<std::string, std::int64_t>;
  EXPECT_EQ(decoded<Counts>("*2\r\n+a\r\n:1\r\n"), (Counts{{"a", 1}}));
  EXPECT_EQ(decoded<Counts>("%1\r\n+a\r\n:1\r\n"), (Counts{{"a", 1}}));
  EXPECT_NE(refusal<Counts>("*2\r\n+a\r\n+b\r\n"), "(accepted)");
  EXPECT_NE(refusal<Counts>("*1\r\n+a\r\n"), "(accepted)");
}

TEST(Decode, anything_in_a_list) {
  const std::vector<Reply> replies = decoded<std::vector<Reply>>("*2\r\n:1\r\n*1\r\n+a\r\n");
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_EQ(replies[0].as_integer(), 1);
  EXPECT_EQ(replies[1].size(), 1U);
}

}  // namespace
}  // namespace meridian
