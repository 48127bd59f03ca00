// What is said on a new connection, and what each answer comes to.
#include "protocol/handshake.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <meridian/version.hpp>

namespace meridian::protocol {
namespace {

using Progress = Handshake::Progress;

std::string command(std::initializer_list<std::string_view> words) {
  std::string wire = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string_view word : words)
    wire += "$" + std::to_string(word.size()) + "\r\n" + std::string(word) + "\r\n";
  return wire;
}

const std::string set_name = command({"CLIENT", "SETINFO", "LIB-NAME", "meridian"});
const std::string set_version = command({"CLIENT", "SETINFO", "LIB-VER", MERIDIAN_VERSION});
const std::string hello_reply = "%1\r\n+proto\r\n:3\r\n";

std::vector<std::string> wire_of(const Handshake& handshake) {
  std::vector<std::string> wire;
  for (const Request& request : handshake.requests()) wire.emplace_back(std::string_view(request.bytes));
  return wire;
}

ClientOptions full_options() {
  ClientOptions options;
  options.user = "ann";
  options.password = "s3cret-word";
  options.client_name = "shop";
  options.database = 7;
  return options;
}

// Gives the replies in order; the last progress.
Progress answer(Handshake& handshake, std::initializer_list<std::string> replies) {
  Progress progress = handshake.progress();
  for (const std::string& reply : replies) progress = handshake.on_reply(ReplyView(reply));
  return progress;
}

TEST(Handshake, says_everything_in_one_try) {
  const ClientOptions options = full_options();
  const Handshake handshake(options);
  EXPECT_EQ(wire_of(handshake), (std::vector{command({"HELLO", "3", "AUTH", "ann", "s3cret-word", "SETNAME", "shop"}),
                                             set_name, set_version, command({"SELECT", "7"})}));
}

TEST(Handshake, says_no_more_than_it_must) {
  const ClientOptions options;
  const Handshake handshake(options);
  EXPECT_EQ(wire_of(handshake), (std::vector{command({"HELLO", "3"}), set_name, set_version}));
}

TEST(Handshake, a_password_without_a_user_is_that_of_the_default_user) {
  ClientOptions options;
  options.password = "s3cret-word";
  const Handshake handshake(options);
  EXPECT_EQ(wire_of(handshake)[0], command({"HELLO", "3", "AUTH", "default", "s3cret-word"}));
}

TEST(Handshake, is_done_when_the_last_reply_is_there) {
  const ClientOptions options = full_options();
  Handshake handshake(options);
  EXPECT_EQ(answer(handshake, {hello_reply}), Progress::waiting);
  EXPECT_EQ(answer(handshake, {"+OK\r\n", "+OK\r\n"}), Progress::waiting);
  EXPECT_EQ(answer(handshake, {"+OK\r\n"}), Progress::done);
  EXPECT_EQ(handshake.protocol_version(), 3);
}

// A server that is full answers the first thing that is said, and closes.
TEST(Handshake, row_27_a_full_server_is_known_by_its_answer_to_an_optional_step) {
  ClientOptions options;
  options.protocol = Protocol::resp2;
  Handshake handshake(options);
  EXPECT_EQ(answer(handshake, {"-ERR max number of clients reached\r\n"}), Progress::refused);
  EXPECT_EQ(handshake.refusal().code, ErrorCode::max_clients);
}

TEST(Handshake, tracks_where_the_server_can_if_replies_are_to_be_cached) {
  ClientOptions options;
  options.cache.emplace();
  Handshake handshake(options);
  EXPECT_EQ(wire_of(handshake).back(), command({"CLIENT", "TRACKING", "ON"}));
  EXPECT_EQ(answer(handshake, {hello_reply, "+OK\r\n", "+OK\r\n", "+OK\r\n"}), Progress::done);
  EXPECT_TRUE(handshake.is_tracking());
  Handshake refused(options);
  EXPECT_EQ(answer(refused, {hello_reply, "+OK\r\n", "+OK\r\n", "-ERR unknown subcommand\r\n"}), Progress::done);
  EXPECT_FALSE(refused.is_tracking());
}

TEST(Handshake, an_optional_step_that_fails_shifts_nothing) {
  const ClientOptions options = full_options();
  Handshake handshake(options);
  const std::string unknown = "-ERR unknown subcommand 'SETINFO'. Try CLIENT HELP.\r\n";
  EXPECT_EQ(answer(handshake, {hello_reply, unknown, unknown}), Progress::waiting);
  EXPECT_EQ(answer(handshake, {"+OK\r\n"}), Progress::done);
}

TEST(Handshake, an_old_server_gets_a_second_try_in_RESP2) {
  for (const std::string hello_refused : {
           "-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `ann`, `s3cret-word`, \r\n",
           "-ERR unknown command 'HELLO'\r\n",
           "-NOPROTO unsupported protocol version\r\n",
       }) {
    const ClientOptions options = full_options();
    Handshake handshake(options);
    const std::string refused = "-NOAUTH Authentication required.\r\n";
    EXPECT_EQ(answer(handshake, {hello_refused, refused, refused}), Progress::waiting);
    EXPECT_EQ(answer(handshake, {"-NOAUTH Authentication required.\r\n"}), Progress::try_again) << hello_refused;
    EXPECT_EQ(wire_of(handshake),
              (std::vector{command({"AUTH", "ann", "s3cret-word"}), command({"CLIENT", "SETNAME", "shop"}), set_name,
                           set_version, command({"SELECT", "7"})}));
    EXPECT_EQ(answer(handshake, {"+OK\r\n", "+OK\r\n", "-ERR unknown subcommand\r\n", "+OK\r\n"}), Progress::waiting);
    EXPECT_EQ(answer(handshake, {"+OK\r\n"}), Progress::done);
    EXPECT_EQ(handshake.protocol_version(), 2);
  }
}

TEST(Handshake, in_RESP2_a_password_without_a_user_takes_the_form_that_servers_before_6_know) {
  ClientOptions options;
  options.password = "s3cret-word";
  options.protocol = Protocol::resp2;
  const Handshake handshake(options);
  EXPECT_EQ(wire_of(handshake)[0], command({"AUTH", "s3cret-word"}));
}

TEST(Handshake, RESP2_on_demand_never_says_HELLO) {
  ClientOptions options = full_options();
  options.protocol = Protocol::resp2;
  Handshake handshake(options);
  EXPECT_EQ(wire_of(handshake)[0], command({"AUTH", "ann", "s3cret-word"}));
  EXPECT_EQ(answer(handshake, {"+OK\r\n", "+OK\r\n", "+OK\r\n", "+OK\r\n", "+OK\r\n"}), Progress::done);
  EXPECT_EQ(handshake.protocol_version(), 2);
}

TEST(Handshake, RESP3_on_demand_refuses_a_server_that_does_not_speak_it) {
  for (const std::string hello_refused :
       {"-ERR unknown command 'HELLO'\r\n", "-NOPROTO unsupported protocol version\r\n"}) {
    ClientOptions options;
    options.protocol = Protocol::resp3;
    Handshake handshake(options);
    EXPECT_EQ(answer(handshake, {hello_refused, "+OK\r\n"}), Progress::refused);
    EXPECT_TRUE(handshake.refusal().message.starts_with("HELLO was refused: ")) << handshake.refusal().message;
  }
}

TEST(Handshake, a_wrong_password_is_refused_without_a_second_try) {
  const ClientOptions options = full_options();
  Handshake handshake(options);
  answer(handshake, {"-WRONGPASS invalid username-password pair or user is disabled.\r\n"});
  EXPECT_EQ(answer(handshake, {"-NOAUTH Authentication required.\r\n", "-NOAUTH Authentication required.\r\n"}),
            Progress::refused);
  EXPECT_EQ(handshake.refusal().code, ErrorCode::authentication_failed);
  EXPECT_EQ(handshake.refusal().delivery, Delivery::not_sent);
  EXPECT_EQ(handshake.refusal().message,
            "HELLO was refused: WRONGPASS invalid username-password pair or user is disabled.");
}

TEST(Handshake, a_wrong_password_in_RESP2_is_refused_too_and_the_first_refusal_is_the_cause) {
  ClientOptions options = full_options();
  options.protocol = Protocol::resp2;
  Handshake handshake(options);
  EXPECT_EQ(answer(handshake, {"-ERR invalid password\r\n", "-NOAUTH x\r\n", "-NOAUTH x\r\n", "-NOAUTH x\r\n"}),
            Progress::refused);
  EXPECT_EQ(handshake.refusal().code, ErrorCode::authentication_failed);
  EXPECT_EQ(handshake.refusal().message, "AUTH was refused: ERR invalid password");
}

TEST(Handshake, a_server_that_wants_a_password_refuses_one_who_has_none) {
  const ClientOptions options;
  Handshake handshake(options);
  EXPECT_EQ(answer(handshake, {"-NOAUTH HELLO must be called with the client already authenticated\r\n",
                               "-NOAUTH Authentication required.\r\n"}),
            Progress::refused);
  EXPECT_EQ(handshake.refusal().code, ErrorCode::authentication_failed);
}

TEST(Handshake, a_refused_SELECT_is_a_refusal) {
  ClientOptions options;
  options.database = 99;
  Handshake handshake(options);
  EXPECT_EQ(answer(handshake, {hello_reply, "+OK\r\n", "+OK\r\n", "-ERR DB index is out of range\r\n"}),
            Progress::refused);
  EXPECT_EQ(handshake.refusal().message, "SELECT was refused: ERR DB index is out of range");
}

TEST(Handshake, NOPERM_for_SELECT_is_a_matter_of_configuration) {
  ClientOptions options;
  options.database = 1;
  Handshake handshake(options);
  EXPECT_EQ(answer(handshake, {hello_reply, "+OK\r\n", "+OK\r\n", "-NOPERM this user has no permissions\r\n"}),
            Progress::refused);
  EXPECT_EQ(handshake.refusal().code, ErrorCode::authentication_failed);
}

TEST(Handshake, what_says_that_the_server_cannot_serve_keeps_its_code) {
  for (const auto& [text, code] : {std::pair{"-LOADING Redis is loading the dataset in memory\r\n", ErrorCode::loading},
                                   std::pair{"-BUSY Redis is busy running a script.\r\n", ErrorCode::busy}}) {
    const ClientOptions options;
    Handshake handshake(options);
    EXPECT_EQ(answer(handshake, {text}), Progress::refused);
    EXPECT_EQ(handshake.refusal().code, code);
  }
}

TEST(Handshake, a_full_server_is_recognised_at_once_because_it_answers_nothing_else) {
  const ClientOptions options;
  Handshake handshake(options);
  EXPECT_EQ(answer(handshake, {"-ERR max number of clients reached\r\n"}), Progress::refused);
  EXPECT_EQ(handshake.refusal().code, ErrorCode::max_clients);
}

TEST(Handshake, the_replies_that_follow_a_refusal_change_nothing) {
  const ClientOptions options = full_options();
  Handshake handshake(options);
  answer(handshake, {"-WRONGPASS no\r\n"});
  const std::string cause = handshake.refusal().message;
  EXPECT_EQ(answer(handshake, {"+OK\r\n", "-ERR other\r\n"}), Progress::refused);
  EXPECT_EQ(handshake.refusal().message, cause);
}

// Servers before 7 quote the arguments of a command that they do not know.
TEST(Handshake, no_message_holds_the_password) {
  for (const std::string quoting : {
           "-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `ann`, `s3cret-word`, \r\n",
           "-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `ann`, `s3cre\r\n",
           "-ERR proxy: bad request HELLO 3 AUTH ann s3cret-word\r\n",
       }) {
    ClientOptions options = full_options();
    options.protocol = Protocol::resp3;
    Handshake handshake(options);
    ASSERT_EQ(answer(handshake, {quoting, "+OK\r\n", "+OK\r\n"}), Progress::refused);
    EXPECT_EQ(handshake.refusal().message.find("s3cre"), std::string::npos) << handshake.refusal().message;
  }
}

TEST(Handshake, a_password_of_stars_is_hidden_too) {
  ClientOptions options;
  options.password = "*";
  Handshake handshake(options);
  ASSERT_EQ(answer(handshake, {"-ERR no * here\r\n", "+OK\r\n"}), Progress::refused);
  EXPECT_EQ(handshake.refusal().message, "HELLO was refused: ERR no *** here");
}

TEST(Handshake, what_the_server_says_is_escaped) {
  const ClientOptions options;
  Handshake handshake(options);
  ASSERT_EQ(answer(handshake, {"-ERR \x1b[31mred\r\n", "+OK\r\n"}), Progress::refused);
  EXPECT_EQ(handshake.refusal().message, "HELLO was refused: ERR \\x1b[31mred");
}

}  // namespace
}  // namespace meridian::protocol
