// What an error says, and how server text is made harmless.
#include <meridian/error.hpp>

#include <gtest/gtest.h>

#include <meridian/events.hpp>

#include "core/server_text.hpp"

namespace meridian {
namespace {

using namespace std::chrono_literals;

TEST(Error, says_everything_it_knows_in_one_line) {
  ErrorDetails details;
  details.code = ErrorCode::connection_lost;
  details.delivery = Delivery::in_doubt;
  details.message = "connection to 127.0.0.1:6379 lost";
  details.command = "INCR";
  details.database = "east";
  details.epoch = 3;
  details.attempts = 1;
  details.elapsed = 12'400us;

  EXPECT_STREQ(Error(details).what(),
               "connection to 127.0.0.1:6379 lost (INCR on east, epoch 3, attempt 1, 12.4 ms, in_doubt, "
               "connection_lost)");
}

TEST(Error, leaves_out_what_is_not_set) {
  const Error error(ErrorCode::invalid_argument, Delivery::not_sent, "weight is 0");
  EXPECT_STREQ(error.what(), "weight is 0 (not_sent, invalid_argument)");
}

TEST(Error, names_a_database_without_a_command) {
  ErrorDetails details;
  details.message = "refused";
  details.database = "west";
  details.code = ErrorCode::connect_refused;
  EXPECT_STREQ(Error(details).what(), "refused (on west, not_sent, connect_refused)");
}

TEST(Error, keeps_its_details_when_it_is_copied) {
  const Error original(ErrorCode::timed_out, Delivery::in_doubt, "no answer");
  const Error copy = original;
  EXPECT_EQ(copy.code(), ErrorCode::timed_out);
  EXPECT_EQ(copy.delivery(), Delivery::in_doubt);
  EXPECT_EQ(copy.message(), "no answer");
  EXPECT_EQ(copy.attempts(), 0);
}

TEST(Names, are_those_of_the_code) {
  EXPECT_EQ(to_string(Delivery::not_sent), "not_sent");
  EXPECT_EQ(to_string(Delivery::rejected), "rejected");
  EXPECT_EQ(to_string(Delivery::in_doubt), "in_doubt");
  EXPECT_EQ(to_string(Delivery::answered), "answered");
  EXPECT_EQ(to_string(Repeat::read_only), "read_only");
  EXPECT_EQ(to_string(Repeat::never), "never");
  EXPECT_EQ(to_string(CircuitState::half_open), "half_open");
  EXPECT_EQ(to_string(Health::unhealthy), "unhealthy");
  EXPECT_EQ(to_string(SwitchReason::circuit_breaker), "circuit_breaker");
}

TEST(Names, exist_for_every_error_code) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::no_valid_database); ++code) {
    EXPECT_NE(to_string(static_cast<ErrorCode>(code)), "unknown") << code;
  }
}

TEST(ServerText, stays_as_it_is_when_printable) {
  EXPECT_EQ(core::escape_server_text("WRONGTYPE Operation against a key"), "WRONGTYPE Operation against a key");
}

TEST(ServerText, escapes_control_and_non_ascii_bytes) {
  EXPECT_EQ(core::escape_server_text("a\x1b[31m\n\x7f\xc3\xa9"), "a\\x1b[31m\\x0a\\x7f\\xc3\\xa9");
}

TEST(ServerText, escapes_a_zero_byte) { EXPECT_EQ(core::escape_server_text(std::string_view("a\0b", 3)), "a\\x00b"); }

TEST(ServerText, of_exactly_256_bytes_is_not_cut) {
  const std::string text(256, 'x');
  EXPECT_EQ(core::escape_server_text(text), text);
}

TEST(ServerText, is_cut_at_256_bytes) {
  EXPECT_EQ(core::escape_server_text(std::string(257, 'x')), std::string(256, 'x') + "…");
}

TEST(ServerText, is_never_cut_inside_an_escape) {
  EXPECT_EQ(core::escape_server_text(std::string(253, 'x') + "\n"), std::string(253, 'x') + "…");
}

}  // namespace
}  // namespace meridian
