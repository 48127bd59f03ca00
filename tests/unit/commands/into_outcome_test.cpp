// Values that go into a string of the caller's: what it holds afterwards, and when it is left alone.
#include <meridian/detail/into_outcome.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>

#include <meridian/commands.hpp>

namespace meridian::detail {
namespace {

class Into : public ::testing::Test {
 protected:
  // The bytes are gone when the outcome has seen them, as those of a connection are.
  template <class T>
  Result<bool> answer(const Command<T>& command, std::string wire) {
    IntoOutcome<T> outcome(command.decode, target);
    static_cast<Outcome&>(outcome).on_reply(ReplyView(wire));
    wire.assign(wire.size(), '#');
    return outcome.take();
  }
  static std::string bulk(const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  }

  std::string target = "before";
};

TEST_F(Into, a_string_of_any_size_takes_the_place_of_the_one_before) {
  for (const std::size_t size : {0U, 1U, 6U, 6U, 15U, 16U, 17U, 64U, 65U, 65U, 5000U, 3U}) {
    const std::string value(size, static_cast<char>('a' + size % 26));
    EXPECT_EQ(answer(cmd::get("k"), bulk(value)), true);
    EXPECT_EQ(target, value);
  }
}

TEST_F(Into, memory_is_used_again) {
  target.reserve(100);
  const char* const memory = target.data();
  for (const std::size_t size : {16U, 16U, 100U, 20U}) {
    EXPECT_EQ(answer(cmd::get("k"), bulk(std::string(size, 'x'))), true);
    EXPECT_EQ(target.data(), memory);
  }
}

TEST_F(Into, every_kind_of_text_is_one) {
  EXPECT_EQ(answer(cmd::ping(), "+PONG\r\n"), true);
  EXPECT_EQ(target, "PONG");
  EXPECT_EQ(answer(cmd::info(), "=8\r\ntxt:some\r\n"), true);
  EXPECT_EQ(target, "some");
  EXPECT_EQ(answer(cmd::echo("x"), bulk("x")), true);
  EXPECT_EQ(target, "x");
}

TEST_F(Into, no_value_leaves_what_was_there) {
  EXPECT_EQ(answer(cmd::get("k"), "_\r\n"), false);
  EXPECT_EQ(answer(cmd::get("k"), "$-1\r\n"), false);
  EXPECT_EQ(target, "before");
}

TEST_F(Into, a_reply_of_another_shape_is_an_error_and_leaves_what_was_there) {
  const Result<bool> wrong = answer(cmd::get("k"), "*1\r\n:1\r\n");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code(), ErrorCode::unexpected_reply);
  EXPECT_FALSE(answer(cmd::echo("k"), "_\r\n"));
  EXPECT_EQ(target, "before");
}

TEST_F(Into, an_error_is_given_as_it_is) {
  IntoOutcome<std::string> outcome(decode<std::string>, target);
  static_cast<Outcome&>(outcome).on_error(Error(ErrorCode::timed_out, Delivery::in_doubt, "late"));
  EXPECT_EQ(outcome.take().error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(target, "before");
}

TEST_F(Into, a_decoder_of_the_program_decides_and_may_throw) {
  const Command<std::string> reversed{cmd::get("k").request, [](ReplyView reply) -> Result<std::string> {
                                        const std::string_view text = *reply.as_string();
                                        if (text.empty()) throw std::runtime_error("empty");
                                        return std::string(text.rbegin(), text.rend());
                                      }};
  EXPECT_EQ(answer(reversed, bulk("abc")), true);
  EXPECT_EQ(target, "cba");
  EXPECT_THROW(static_cast<void>(answer(reversed, bulk(""))), std::runtime_error);
  EXPECT_EQ(target, "cba");
}

}  // namespace
}  // namespace meridian::detail
