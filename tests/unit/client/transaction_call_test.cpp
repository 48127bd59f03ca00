// TransactionCall: what is sent for MULTI … EXEC, and what its replies mean for the commands.
#include <meridian/detail/transaction_call.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <meridian/commands.hpp>
#include <meridian/detail/command_list.hpp>

namespace meridian::detail {
namespace {

class TransactionCalls : public ::testing::Test {
 protected:
  TransactionCalls()
      : n_(list_.add(cmd::incr("n"))), m_(list_.add(cmd::get("m"))), call_(list_.bytes(), list_.calls()) {}

  void part(std::uint32_t index, std::string_view wire) { outcome().on_part(index, ReplyView(wire)); }
  void taken_into_the_queue() {
    part(0, "+OK\r\n");
    part(1, "+QUEUED\r\n");
    part(2, "+QUEUED\r\n");
  }
  void reply(std::string_view wire) { outcome().on_reply(ReplyView(wire)); }
  void error(ErrorCode code, Delivery delivery) { outcome().on_error(Error(code, delivery, "as told")); }
  Outcome& outcome() { return call_; }

  CommandList list_;
  TypedOutcome<std::int64_t>& n_;
  TypedOutcome<std::optional<std::string>>& m_;
  TransactionCall call_;
};

TEST_F(TransactionCalls, go_out_as_one_request_that_is_never_repeated) {
  const RequestView request = call_.request();
  EXPECT_EQ(request.bytes,
            "*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n*2\r\n$3\r\nGET\r\n$1\r\nm\r\n*1\r\n$4\r\nEXEC\r\n");
  EXPECT_EQ(request.replies, 4U);
  EXPECT_EQ(request.traits.repeat, Repeat::never);
  EXPECT_TRUE(request.traits.may_run_partly);
}

TEST_F(TransactionCalls, give_each_command_its_reply) {
  taken_into_the_queue();
  reply("*2\r\n:7\r\n$1\r\nv\r\n");
  EXPECT_FALSE(call_.error());
  EXPECT_EQ(n_.take().value(), 7);
  EXPECT_EQ(m_.take().value(), "v");
}

TEST_F(TransactionCalls, give_an_error_to_the_command_that_it_belongs_to) {
  taken_into_the_queue();
  reply("*2\r\n-WRONGTYPE of n\r\n$-1\r\n");
  EXPECT_FALSE(call_.error());
  const auto n = n_.take();
  ASSERT_FALSE(n);
  EXPECT_EQ(n.error().code(), ErrorCode::wrong_type);
  EXPECT_EQ(n.error().delivery(), Delivery::answered);
  EXPECT_EQ(n.error().command(), "INCR");
  EXPECT_EQ(m_.take().value(), std::nullopt);
}

TEST_F(TransactionCalls, take_a_null_in_either_protocol_for_a_conflict) {
  for (const char* null : {"*-1\r\n", "_\r\n"}) {
    taken_into_the_queue();
    reply(null);
    ASSERT_TRUE(call_.is_conflict());
    EXPECT_EQ(call_.error()->delivery(), Delivery::rejected);
    EXPECT_EQ(n_.take().error().code(), ErrorCode::transaction_conflict);
  }
}

TEST_F(TransactionCalls, do_not_trust_a_reply_of_another_shape) {
  for (const char* wrong : {"*1\r\n:7\r\n", "*3\r\n:7\r\n:8\r\n:9\r\n", "+OK\r\n", ":1\r\n"}) {
    taken_into_the_queue();
    reply(wrong);
    ASSERT_TRUE(call_.error()) << wrong;
    EXPECT_EQ(call_.error()->code(), ErrorCode::unexpected_reply);
    EXPECT_EQ(m_.take().error().code(), ErrorCode::unexpected_reply);
  }
}

TEST_F(TransactionCalls, say_which_command_the_server_did_not_take) {
  part(0, "+OK\r\n");
  part(1, "+QUEUED\r\n");
  part(2, "-NOPERM of m\r\n");
  error(ErrorCode::exec_abort, Delivery::answered);
  EXPECT_EQ(n_.take().error().code(), ErrorCode::exec_abort);
  const auto m = m_.take();
  EXPECT_EQ(m.error().code(), ErrorCode::no_permission);
  EXPECT_EQ(m.error().server_text(), "NOPERM of m");
}

TEST_F(TransactionCalls, forget_what_was_refused_when_they_are_sent_again) {
  part(0, "+OK\r\n");
  part(1, "-LOADING of n\r\n");
  part(2, "-LOADING of m\r\n");
  taken_into_the_queue();  // elsewhere
  error(ErrorCode::exec_abort, Delivery::answered);
  EXPECT_EQ(n_.take().error().code(), ErrorCode::exec_abort);
}

TEST_F(TransactionCalls, say_that_commands_may_have_run_alone_when_MULTI_was_refused) {
  part(0, "-NOPERM of multi\r\n");
  part(1, ":1\r\n");
  part(2, "$-1\r\n");
  error(ErrorCode::server_error, Delivery::answered);
  ASSERT_TRUE(call_.error());
  EXPECT_EQ(call_.error()->code(), ErrorCode::no_permission);
  EXPECT_EQ(call_.error()->delivery(), Delivery::in_doubt);
  EXPECT_EQ(n_.take().error().delivery(), Delivery::in_doubt);
}

TEST_F(TransactionCalls, give_the_fate_of_the_whole_to_each_command) {
  error(ErrorCode::connection_lost, Delivery::in_doubt);
  EXPECT_EQ(n_.take().error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(m_.take().error().code(), ErrorCode::connection_lost);
}

// --- What goes together ----------------------------------------------------------------------------------------------

TEST(CommandLists, hold_scripts_whole_and_everything_else_as_it_is) {
  const std::string source = "return KEYS[1]";
  Request evalsha("EVALSHA", accumulate, "abc", 1, Key{"k"}, "v");
  evalsha.script = &source;
  CommandList list;
  list.add(Command<Reply>{evalsha, decode<Reply>});
  list.add(cmd::get("k"));
  const auto calls = list.calls();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].request.bytes, Request("EVAL", accumulate, source, 1, "k", "v").bytes);
  EXPECT_EQ(calls[0].request.script, nullptr);
  EXPECT_EQ(keys_of(calls[0].request), std::vector<std::string_view>{"k"});
  EXPECT_EQ(calls[1].request.bytes, cmd::get("k").request.bytes);
  list.clear();
  EXPECT_EQ(list.size(), 0U);
  EXPECT_TRUE(list.bytes().empty());
}

TEST(CommandLists, with_a_whole_script_keep_the_read_only_form) {
  const std::string source = "return 1";
  Request evalsha("EVALSHA_RO", read_only, "abc", 0);
  evalsha.script = &source;
  const Request whole = with_whole_script(evalsha.view());
  EXPECT_EQ(whole.bytes, Request("EVAL_RO", read_only, source, 0).bytes);
  EXPECT_TRUE(whole.traits.is_read());
  EXPECT_EQ(whole.script, nullptr);
}

}  // namespace
}  // namespace meridian::detail
