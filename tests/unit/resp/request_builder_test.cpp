// RequestBuilder: the bytes of commands, and what it refuses.
#include <meridian/command.hpp>

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "resp/scanner.hpp"

namespace meridian {
namespace {

using namespace std::string_view_literals;

const CommandTraits read{.repeat = Repeat::read_only};

Request finish(RequestBuilder& builder) { return std::move(builder).build(); }

std::string last_argument(const Request& request) {
  std::string last;
  for (const ReplyView argument : ReplyView(request.bytes)) last = argument.as_string().value_or("");
  return last;
}

TEST(RequestBuilder, writes_an_array_of_bulk_strings) {
  const Request request = finish(RequestBuilder("SET", read).arg("key").arg("value"));
  EXPECT_EQ(request.bytes, "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n");
  EXPECT_EQ(request.name(), "SET");
  EXPECT_EQ(request.traits, read);
}

TEST(RequestBuilder, splits_a_name_of_several_words_and_keeps_it_whole) {
  const Request request = finish(RequestBuilder("CLIENT SETNAME", read).arg("me"));
  EXPECT_EQ(request.bytes, "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$2\r\nme\r\n");
  EXPECT_EQ(request.name(), "CLIENT SETNAME");
  EXPECT_EQ(RequestBuilder(" A  B ", read).build().bytes, "*2\r\n$1\r\nA\r\n$1\r\nB\r\n");
}

TEST(RequestBuilder, refuses_a_command_without_a_name) {
  EXPECT_THROW(RequestBuilder("", read), Error);
  EXPECT_THROW(RequestBuilder("  ", read), Error);
}

TEST(RequestBuilder, is_binary_safe_and_takes_empty_arguments) {
  const Request request = finish(RequestBuilder("X", read).arg("a\r\n\0b"sv).arg(""));
  EXPECT_EQ(request.bytes, "*3\r\n$1\r\nX\r\n$5\r\na\r\n\0b\r\n$0\r\n\r\n"sv);
}

TEST(RequestBuilder, counts_arguments_of_any_number) {
  for (const std::size_t count : {8U, 9U, 10U, 98U, 99U, 100U, 12'345U}) {
    const std::vector<std::string> arguments(count, "v");
    const Request request = finish(RequestBuilder("DEL", read).args(arguments));
    resp::Scanner scanner;
    ASSERT_EQ(scanner.scan(request.bytes), resp::ScanStatus::complete) << count;
    EXPECT_EQ(scanner.length(), request.bytes.size());
    EXPECT_EQ(ReplyView(request.bytes).size(), count + 1);
  }
}

TEST(RequestBuilder, writes_integers_to_their_ends) {
  const auto text = [](auto value) { return last_argument(finish(RequestBuilder("X", read).arg(value))); };
  EXPECT_EQ(text(0), "0");
  EXPECT_EQ(text(-1), "-1");
  EXPECT_EQ(text(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(text(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(text(static_cast<std::uint8_t>(200)), "200");
}

TEST(RequestBuilder, writes_doubles_so_that_they_read_back_equal) {
  const auto text = [](double value) { return last_argument(finish(RequestBuilder("X", read).arg(value))); };
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(-2.0), "-2");
  EXPECT_EQ(text(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(text(-std::numeric_limits<double>::infinity()), "-inf");
  std::mt19937_64 random(7);
  std::vector<double> values = {std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest(),
                                std::numeric_limits<double>::min(), std::numeric_limits<double>::denorm_min(), 1e21};
  std::normal_distribution<double> exponents(0, 80);
  for (int i = 0; i < 10'000; ++i) values.push_back(std::exp2(exponents(random)) * 1.1);
  for (const double value : values) {
    const std::string written = text(value);
    double back = 0;
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), back);
    EXPECT_EQ(end, written.data() + written.size());
    EXPECT_EQ(back, value) << written;
  }
}

TEST(RequestBuilder, refuses_a_timeout_that_would_be_rounded_to_for_ever) {
  EXPECT_THROW(RequestBuilder("BLPOP", read).timeout_seconds(std::chrono::nanoseconds(-1)), Error);
  EXPECT_THROW(RequestBuilder("XREAD", read).timeout_milliseconds(std::chrono::nanoseconds(-1)), Error);
  const Request shortest = finish(RequestBuilder("BLPOP", read).timeout_seconds(std::chrono::nanoseconds(1)));
  EXPECT_EQ(last_argument(shortest), "0.001");
}

TEST(RequestBuilder, refuses_nan_and_names_the_command) {
  try {
    RequestBuilder("ZADD", read).arg("secret-key").arg(std::nan(""));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_EQ(error.delivery(), Delivery::not_sent);
    EXPECT_EQ(error.command(), "ZADD");
    EXPECT_NE(error.message().find("ZADD"), std::string::npos);
    EXPECT_EQ(std::string(error.what()).find("secret-key"), std::string::npos);
  }
}

}  // namespace
}  // namespace meridian
