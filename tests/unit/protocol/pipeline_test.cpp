// The line of one connection: whose reply is whose, and what is known of the rest when it ends.
#include "protocol/pipeline.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/protocol/scripted_operation.hpp"

namespace meridian::protocol {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{};
const Failure lost{ErrorCode::connection_lost, Delivery::not_sent, "gone"};

class PipelineTest : public testing::Test {
 protected:
  void enqueue(std::initializer_list<Operation*> operations) {
    for (Operation* operation : operations) pipeline.enqueue(*operation);
  }
  static Delivery only_failure(const ScriptedOperation& operation) {
    EXPECT_EQ(operation.outcomes(), 1U);
    if (operation.failures.size() != 1) {
      ADD_FAILURE() << "no failure";
      return Delivery::answered;
    }
    return operation.failures[0].delivery;
  }
  static std::string only_reply(const ScriptedOperation& operation) {
    EXPECT_EQ(operation.outcomes(), 1U);
    return operation.replies.empty() ? "(none)" : operation.replies[0];
  }

  // Declared before the pipeline: it keeps pointers to them.
  ScriptedOperation a{"aaaa"};
  ScriptedOperation b{"bbbb"};
  ScriptedOperation c{"cccc"};
  Pipeline pipeline{resp::Limits{}};
};

// --- Order -----------------------------------------------------------------------------------------------------------

TEST_F(PipelineTest, commands_leave_in_the_order_in_which_they_came_and_each_gets_its_own_reply) {
  enqueue({&a, &b, &c});
  EXPECT_EQ(write_all(pipeline), "aaaabbbbcccc");
  ASSERT_TRUE(feed(pipeline, "+1\r\n:2\r\n$1\r\n3\r\n"));
  EXPECT_EQ(only_reply(a), "+1\r\n");
  EXPECT_EQ(only_reply(b), ":2\r\n");
  EXPECT_EQ(only_reply(c), "$1\r\n3\r\n");
  EXPECT_EQ(pipeline.owed(), 0U);
  EXPECT_FALSE(pipeline.has_output());
}

TEST_F(PipelineTest, the_rest_of_a_partly_accepted_write_is_offered_before_anything_else) {
  enqueue({&a});
  write_some(pipeline, 1);
  enqueue({&b});
  EXPECT_TRUE(pipeline.has_output());
  EXPECT_EQ(write_all(pipeline), "aaabbbb");
}

TEST_F(PipelineTest, replies_cut_at_every_byte_are_the_same_replies) {
  enqueue({&a, &b, &c});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, "$5\r\nhello\r\n*2\r\n:1\r\n+x\r\n-ERR no\r\n", start, 1));
  EXPECT_EQ(only_reply(a), "$5\r\nhello\r\n");
  EXPECT_EQ(only_reply(b), "*2\r\n:1\r\n+x\r\n");
  EXPECT_EQ(only_reply(c), "-ERR no\r\n");
}

TEST_F(PipelineTest, an_error_reply_is_a_reply) {
  enqueue({&a});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, "-LOADING Redis is loading\r\n"));
  EXPECT_EQ(only_reply(a), "-LOADING Redis is loading\r\n");
}

TEST_F(PipelineTest, a_command_larger_than_one_write_is_sent_whole) {
  ScriptedOperation large(std::string(300'000, 'x'));
  enqueue({&a, &large, &b});
  EXPECT_EQ(write_all(pipeline), "aaaa" + std::string(300'000, 'x') + "bbbb");
}

TEST_F(PipelineTest, a_slow_socket_leaves_most_commands_unsent) {
  ScriptedOperation large(std::string(80'000, 'x'));
  enqueue({&large, &b});
  write_some(pipeline, 1);
  EXPECT_EQ(pipeline.owed(), 1U);
  EXPECT_EQ(pipeline.queued(), 1U);
  pipeline.fail_all(lost);
}

// --- Delivery --------------------------------------------------------------------------------------------------------

TEST_F(PipelineTest, a_queued_command_is_not_sent_when_the_connection_dies) {
  enqueue({&a});
  pipeline.fail_all(lost);
  EXPECT_EQ(only_failure(a), Delivery::not_sent);
  EXPECT_EQ(a.failures[0].code, ErrorCode::connection_lost);
  EXPECT_EQ(a.failures[0].message, "gone");
}

TEST_F(PipelineTest, a_command_that_was_offered_but_of_which_no_byte_was_accepted_is_not_sent) {
  enqueue({&a});
  EXPECT_EQ(pipeline.output(start), "aaaa");
  pipeline.fail_all(lost);
  EXPECT_EQ(only_failure(a), Delivery::not_sent);
}

TEST_F(PipelineTest, a_command_whose_last_byte_was_not_accepted_is_not_sent) {
  enqueue({&a, &b});
  write_some(pipeline, 7);
  pipeline.fail_all(lost);
  EXPECT_EQ(only_failure(a), Delivery::in_doubt);
  EXPECT_EQ(only_failure(b), Delivery::not_sent);
}

TEST_F(PipelineTest, a_command_whose_last_byte_was_accepted_is_in_doubt) {
  enqueue({&a, &b});
  write_some(pipeline, 8);
  pipeline.fail_all(lost);
  EXPECT_EQ(only_failure(a), Delivery::in_doubt);
  EXPECT_EQ(only_failure(b), Delivery::in_doubt);
}

TEST_F(PipelineTest, an_answered_command_hears_nothing_of_the_end) {
  enqueue({&a, &b});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, "+1\r\n+par"));
  pipeline.fail_all(lost);
  EXPECT_EQ(only_reply(a), "+1\r\n");
  EXPECT_EQ(only_failure(b), Delivery::in_doubt) << "a reply that is cut off is no reply";
}

TEST_F(PipelineTest, failures_come_in_the_order_of_issue) {
  ScriptedOperation d("dddd");
  std::vector<char> order;
  a.then = [&] { order.push_back('a'); };
  b.then = [&] { order.push_back('b'); };
  c.then = [&] { order.push_back('c'); };
  d.then = [&] { order.push_back('d'); };
  enqueue({&a, &b, &c});
  write_some(pipeline, 5);
  enqueue({&d});
  pipeline.fail_all(lost);
  EXPECT_EQ(order, (std::vector{'a', 'b', 'c', 'd'}));
}

TEST_F(PipelineTest, FO_4_a_retired_connection_gives_back_the_unsent_in_order_and_waits_for_the_sent) {
  ScriptedOperation d("dddd");
  std::vector<char> order;
  b.then = [&] { order.push_back('b'); };
  c.then = [&] { order.push_back('c'); };
  d.then = [&] { order.push_back('d'); };
  enqueue({&a, &b, &c});
  write_some(pipeline, 6);
  enqueue({&d});

  pipeline.stop_writing({ErrorCode::connection_lost, Delivery::in_doubt, "retired"});

  EXPECT_EQ(order, (std::vector{'b', 'c', 'd'}));
  EXPECT_EQ(only_failure(b), Delivery::not_sent) << "it left in part only";
  EXPECT_EQ(only_failure(c), Delivery::not_sent);
  EXPECT_EQ(only_failure(d), Delivery::not_sent);
  EXPECT_EQ(a.outcomes(), 0U);
  EXPECT_EQ(pipeline.owed(), 1U);
  ASSERT_TRUE(feed(pipeline, "+late\r\n"));
  EXPECT_EQ(only_reply(a), "+late\r\n");
}

TEST_F(PipelineTest, FO_4_a_partly_written_command_is_never_finished) {
  enqueue({&a});
  write_some(pipeline, 2);
  pipeline.stop_writing(lost);
  EXPECT_FALSE(pipeline.has_output());
  EXPECT_EQ(pipeline.output(start), "");
}

TEST_F(PipelineTest, a_retired_connection_that_dies_leaves_the_sent_in_doubt) {
  enqueue({&a, &b});
  write_some(pipeline, 4);
  pipeline.stop_writing(lost);
  pipeline.fail_all(lost);
  EXPECT_EQ(only_failure(a), Delivery::in_doubt);
  EXPECT_EQ(only_failure(b), Delivery::not_sent);
}

// --- Leaving the line ------------------------------------------------------------------------------------------------

TEST_F(PipelineTest, CMD_2_the_late_reply_of_an_abandoned_command_is_dropped_and_disturbs_nobody) {
  enqueue({&a, &b, &c});
  write_all(pipeline);
  EXPECT_EQ(pipeline.abandon(b), Delivery::in_doubt);
  ASSERT_TRUE(feed(pipeline, "+1\r\n+2\r\n+3\r\n"));
  EXPECT_EQ(only_reply(a), "+1\r\n");
  EXPECT_EQ(b.outcomes(), 0U);
  EXPECT_EQ(only_reply(c), "+3\r\n");
}

TEST_F(PipelineTest, CMD_2_a_queued_command_that_is_abandoned_never_leaves) {
  enqueue({&a, &b, &c});
  EXPECT_EQ(pipeline.abandon(b), Delivery::not_sent);
  EXPECT_EQ(write_all(pipeline), "aaaacccc");
  ASSERT_TRUE(feed(pipeline, "+1\r\n+3\r\n"));
  EXPECT_EQ(only_reply(c), "+3\r\n");
  EXPECT_EQ(b.outcomes(), 0U);
}

TEST_F(PipelineTest, a_command_abandoned_while_its_bytes_are_on_offer_is_in_doubt_because_they_will_leave) {
  enqueue({&a, &b});
  write_some(pipeline, 1);
  EXPECT_EQ(pipeline.abandon(b), Delivery::in_doubt);
  EXPECT_EQ(write_all(pipeline), "aaabbbb");
  ASSERT_TRUE(feed(pipeline, "+1\r\n+2\r\n"));
  EXPECT_EQ(only_reply(a), "+1\r\n");
  EXPECT_EQ(b.outcomes(), 0U);
}

TEST_F(PipelineTest, an_abandoned_command_hears_nothing_of_the_end) {
  enqueue({&a, &b});
  write_some(pipeline, 5);
  (void)pipeline.abandon(a);
  (void)pipeline.abandon(b);
  enqueue({&c});
  (void)pipeline.abandon(c);
  pipeline.fail_all(lost);
  EXPECT_EQ(a.outcomes() + b.outcomes() + c.outcomes(), 0U);
}

TEST_F(PipelineTest, abandoning_after_the_reply_is_harmless) {
  enqueue({&a, &b});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, "+1\r\n"));
  EXPECT_EQ(pipeline.abandon(a), Delivery::not_sent);
  ASSERT_TRUE(feed(pipeline, "+2\r\n"));
  EXPECT_EQ(only_reply(b), "+2\r\n");
}

// --- Deadlines -------------------------------------------------------------------------------------------------------

TEST_F(PipelineTest, CMD_2_an_expired_command_leaves_and_its_late_reply_disturbs_nobody) {
  ScriptedOperation soon("soon", start + 10ms);
  enqueue({&soon, &b});
  write_all(pipeline);
  EXPECT_EQ(pipeline.next_deadline(), start + 10ms);
  pipeline.expire(start + 9ms);
  EXPECT_EQ(soon.outcomes(), 0U);
  pipeline.expire(start + 10ms);
  EXPECT_EQ(only_failure(soon), Delivery::in_doubt);
  EXPECT_EQ(soon.failures[0].code, ErrorCode::timed_out);
  ASSERT_TRUE(feed(pipeline, "+1\r\n+2\r\n"));
  EXPECT_EQ(only_reply(b), "+2\r\n");
  EXPECT_EQ(soon.outcomes(), 1U);
}

TEST_F(PipelineTest, a_queued_command_that_expires_was_not_sent_and_never_leaves) {
  ScriptedOperation soon("soon", start + 10ms);
  enqueue({&soon, &b});
  pipeline.expire(start + 10ms);
  EXPECT_EQ(only_failure(soon), Delivery::not_sent);
  EXPECT_EQ(write_all(pipeline), "bbbb");
}

TEST_F(PipelineTest, I6_a_queued_command_that_goes_on_waiting_keeps_its_place) {
  ScriptedOperation patient("1111", start + 10ms);
  patient.next_deadline = start + 30ms;
  enqueue({&patient, &b});
  pipeline.expire(start + 10ms);
  EXPECT_EQ(patient.outcomes(), 0U);
  EXPECT_EQ(pipeline.next_deadline(), start + 30ms);
  EXPECT_EQ(write_all(pipeline), "1111bbbb");
  pipeline.expire(start + 30ms);
  EXPECT_EQ(only_failure(patient), Delivery::in_doubt);
}

TEST_F(PipelineTest, only_what_is_due_expires_and_the_next_deadline_moves_on) {
  ScriptedOperation late("late", start + 30ms);
  ScriptedOperation soon("soon", start + 10ms);
  ScriptedOperation queued("qqqq", start + 20ms);
  enqueue({&late, &soon});
  write_all(pipeline);
  enqueue({&queued});
  pipeline.expire(start + 10ms);
  EXPECT_EQ(soon.outcomes(), 1U);
  EXPECT_EQ(pipeline.next_deadline(), start + 20ms);
  pipeline.expire(start + 25ms);
  EXPECT_EQ(queued.outcomes(), 1U);
  EXPECT_EQ(late.outcomes(), 0U);
  EXPECT_EQ(pipeline.next_deadline(), start + 30ms);
  pipeline.fail_all(lost);
}

TEST_F(PipelineTest, a_callback_of_a_deadline_may_fail_everything) {
  ScriptedOperation first("1111", start + 10ms);
  ScriptedOperation second("2222", start + 10ms);
  first.then = [&] { pipeline.fail_all(lost); };
  enqueue({&first, &second, &c});
  write_all(pipeline);
  pipeline.expire(start + 10ms);
  EXPECT_EQ(only_failure(first), Delivery::in_doubt);
  EXPECT_EQ(only_failure(second), Delivery::in_doubt);
  EXPECT_EQ(second.failures[0].code, ErrorCode::timed_out) << "its own end came first";
  EXPECT_EQ(only_failure(c), Delivery::in_doubt);
}

// --- Callbacks -------------------------------------------------------------------------------------------------------

TEST_F(PipelineTest, a_command_enqueued_inside_a_reply_takes_its_place_at_the_end) {
  enqueue({&a, &b});
  write_all(pipeline);
  a.then = [&] { pipeline.enqueue(c); };
  ASSERT_TRUE(feed(pipeline, "+1\r\n+2\r\n"));
  EXPECT_EQ(only_reply(b), "+2\r\n");
  EXPECT_EQ(write_all(pipeline), "cccc");
  ASSERT_TRUE(feed(pipeline, "+3\r\n"));
  EXPECT_EQ(only_reply(c), "+3\r\n");
}

TEST_F(PipelineTest, after_fail_all_inside_a_reply_nothing_more_is_read) {
  enqueue({&a, &b});
  write_all(pipeline);
  a.then = [&] { pipeline.fail_all(lost); };
  EXPECT_TRUE(feed(pipeline, "+1\r\n+2\r\n"));
  EXPECT_EQ(only_reply(a), "+1\r\n");
  EXPECT_EQ(only_failure(b), Delivery::in_doubt);
}

TEST_F(PipelineTest, abandoning_another_inside_a_reply_drops_its_reply) {
  enqueue({&a, &b, &c});
  write_all(pipeline);
  a.then = [&] { (void)pipeline.abandon(b); };
  ASSERT_TRUE(feed(pipeline, "+1\r\n+2\r\n+3\r\n"));
  EXPECT_EQ(b.outcomes(), 0U);
  EXPECT_EQ(only_reply(c), "+3\r\n");
}

// The one who abandons may free the operation at once: nothing may touch it afterwards.
TEST_F(PipelineTest, abandoning_another_inside_the_end_of_everything_keeps_it_from_being_called) {
  enqueue({&a, &b, &c});
  write_some(pipeline, 8);
  Delivery of_b{};
  Delivery of_c{};
  a.then = [&] {
    of_b = pipeline.abandon(b);
    of_c = pipeline.abandon(c);
  };
  pipeline.fail_all(lost);
  EXPECT_EQ(only_failure(a), Delivery::in_doubt);
  EXPECT_EQ(of_b, Delivery::in_doubt);
  EXPECT_EQ(of_c, Delivery::not_sent);
  EXPECT_EQ(b.outcomes() + c.outcomes(), 0U);
}

TEST_F(PipelineTest, fail_all_inside_a_failure_gives_each_its_one_outcome) {
  enqueue({&a, &b, &c});
  write_some(pipeline, 8);
  a.then = [&] { pipeline.fail_all(lost); };
  pipeline.fail_all(lost);
  EXPECT_EQ(only_failure(b), Delivery::in_doubt);
  EXPECT_EQ(only_failure(c), Delivery::not_sent);
}

// --- What the peer may not do ----------------------------------------------------------------------------------------

TEST_F(PipelineTest, a_reply_that_nobody_asked_for_breaks_the_connection) {
  EXPECT_FALSE(feed(pipeline, "+OK\r\n"));
  EXPECT_EQ(pipeline.protocol_error(), "a reply that no command asked for");
}

TEST_F(PipelineTest, an_extra_reply_breaks_the_connection_and_is_given_to_nobody) {
  enqueue({&a});
  write_all(pipeline);
  EXPECT_FALSE(feed(pipeline, "+1\r\n+2\r\n"));
  EXPECT_EQ(only_reply(a), "+1\r\n");
}

TEST_F(PipelineTest, a_reply_before_the_last_byte_was_accepted_breaks_the_connection) {
  enqueue({&a, &b});
  write_some(pipeline, 7);
  EXPECT_FALSE(feed(pipeline, "+1\r\n+2\r\n"));
  EXPECT_EQ(only_reply(a), "+1\r\n");
  EXPECT_EQ(b.outcomes(), 0U);
  pipeline.fail_all(lost);
  EXPECT_EQ(only_failure(b), Delivery::not_sent);
}

TEST_F(PipelineTest, what_a_full_server_says_before_the_first_command_is_kept) {
  EXPECT_FALSE(feed(pipeline, "-ERR max number of clients reached\r\n"));
  EXPECT_EQ(pipeline.protocol_error(), "ERR max number of clients reached");
}

TEST_F(PipelineTest, malformed_input_breaks_the_connection) {
  for (const std::string_view garbage :
       {"HTTP/1.1 400 Bad Request\r\n\r\n", "$-5\r\n", "$99999999999999\r\n", "*1\n"}) {
    Pipeline fresh{resp::Limits{}};
    ScriptedOperation operation("aaaa");
    fresh.enqueue(operation);
    write_all(fresh);
    EXPECT_FALSE(feed(fresh, garbage)) << garbage;
    EXPECT_FALSE(fresh.protocol_error().empty());
    EXPECT_EQ(operation.outcomes(), 0U);
    fresh.fail_all(lost);
    EXPECT_EQ(only_failure(operation), Delivery::in_doubt);
  }
}

TEST_F(PipelineTest, pushes_go_elsewhere_wherever_they_come) {
  std::vector<std::string> pushes;
  pipeline.on_push([&](ReplyView push) { pushes.emplace_back(push.wire()); });
  ASSERT_TRUE(feed(pipeline, ">1\r\n+x\r\n")) << "nobody needs to have asked for a push";
  enqueue({&a, &b});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, ">1\r\n+y\r\n+1\r\n>1\r\n+z\r\n+2\r\n>1\r\n+w\r\n", start, 1));
  EXPECT_EQ(pushes, (std::vector<std::string>{">1\r\n+x\r\n", ">1\r\n+y\r\n", ">1\r\n+z\r\n", ">1\r\n+w\r\n"}));
  EXPECT_EQ(only_reply(a), "+1\r\n");
  EXPECT_EQ(only_reply(b), "+2\r\n");
}

TEST_F(PipelineTest, pushes_that_nobody_handles_are_dropped) {
  enqueue({&a});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, ">2\r\n+invalidate\r\n_\r\n+1\r\n"));
  EXPECT_EQ(only_reply(a), "+1\r\n");
}

// --- Several replies -------------------------------------------------------------------------------------------------

TEST_F(PipelineTest, an_operation_of_several_replies_is_told_each_and_leaves_the_line_with_the_last) {
  ScriptedOperation transaction("MULTI INCR EXEC", 3, Answers::replies);
  enqueue({&a, &transaction, &b});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, "+1\r\n+OK\r\n+QUEUED\r\n"));
  EXPECT_EQ(transaction.replies, (std::vector<std::string>{"+OK\r\n", "+QUEUED\r\n"}));
  EXPECT_TRUE(transaction.is_in_line());
  EXPECT_EQ(pipeline.owed(), 2U);
  ASSERT_TRUE(feed(pipeline, "*1\r\n:7\r\n+2\r\n"));
  EXPECT_EQ(transaction.replies.back(), "*1\r\n:7\r\n");
  EXPECT_FALSE(transaction.is_in_line());
  EXPECT_EQ(only_reply(b), "+2\r\n");
  EXPECT_TRUE(transaction.failures.empty());
}

TEST_F(PipelineTest, an_error_among_several_replies_is_one_of_them) {
  ScriptedOperation transaction("MULTI INCR EXEC", 3, Answers::replies);
  enqueue({&transaction, &b});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, "+OK\r\n-ERR unknown command\r\n-EXECABORT\r\n+2\r\n"));
  EXPECT_EQ(transaction.replies.size(), 3U);
  EXPECT_EQ(only_reply(b), "+2\r\n");
}

TEST_F(PipelineTest, the_first_of_several_replies_may_come_before_the_last_byte_has_left) {
  ScriptedOperation transaction("MULTI INCR EXEC", 3, Answers::replies);
  enqueue({&transaction});
  write_some(pipeline, 5);
  ASSERT_TRUE(feed(pipeline, "+OK\r\n"));
  pipeline.fail_all(lost);
  ASSERT_EQ(transaction.failures.size(), 1U);
  EXPECT_EQ(transaction.failures[0].delivery, Delivery::not_sent) << "the last byte is EXEC's";
}

TEST_F(PipelineTest, the_last_of_several_replies_never_comes_before_the_last_byte_has_left) {
  ScriptedOperation transaction("MULTI INCR EXEC", 2, Answers::replies);
  enqueue({&transaction});
  write_some(pipeline, 14);
  EXPECT_FALSE(feed(pipeline, "+OK\r\n*0\r\n"));
  pipeline.fail_all(lost);
}

TEST_F(PipelineTest, several_replies_of_which_some_are_missing_leave_the_whole_in_doubt) {
  ScriptedOperation transaction("MULTI INCR EXEC", 3, Answers::replies);
  enqueue({&transaction});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, "+OK\r\n+QUEUED\r\n"));
  pipeline.fail_all(lost);
  ASSERT_EQ(transaction.failures.size(), 1U);
  EXPECT_EQ(transaction.failures[0].delivery, Delivery::in_doubt);
}

TEST_F(PipelineTest, CMD_2_the_remaining_replies_of_an_abandoned_operation_disturb_nobody) {
  ScriptedOperation transaction("MULTI INCR EXEC", 3, Answers::replies);
  enqueue({&transaction, &b});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, "+OK\r\n"));
  EXPECT_EQ(pipeline.abandon(transaction), Delivery::in_doubt);
  ASSERT_TRUE(feed(pipeline, "+QUEUED\r\n*0\r\n+2\r\n"));
  EXPECT_EQ(transaction.replies.size(), 1U);
  EXPECT_EQ(only_reply(b), "+2\r\n");
}

TEST_F(PipelineTest, an_operation_that_is_abandoned_inside_one_of_its_replies_hears_no_more) {
  ScriptedOperation transaction("MULTI INCR EXEC", 3, Answers::replies);
  transaction.then = [&] { static_cast<void>(pipeline.abandon(transaction)); };
  enqueue({&transaction, &b});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, "+OK\r\n+QUEUED\r\n*0\r\n+2\r\n"));
  EXPECT_EQ(transaction.outcomes(), 1U);
  EXPECT_EQ(only_reply(b), "+2\r\n");
}

TEST_F(PipelineTest, an_operation_of_several_replies_that_expires_leaves_its_place) {
  ScriptedOperation transaction("MULTI INCR EXEC", 3, Answers::replies, start + 10ms);
  enqueue({&transaction, &b});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, "+OK\r\n"));
  pipeline.expire(start + 10ms);
  ASSERT_EQ(transaction.failures.size(), 1U);
  ASSERT_TRUE(feed(pipeline, "+QUEUED\r\n*0\r\n+2\r\n"));
  EXPECT_EQ(only_reply(b), "+2\r\n");
}

// --- Subscriptions ---------------------------------------------------------------------------------------------------

const std::string resp3_x = ">3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n";
const std::string resp3_y = ">3\r\n$9\r\nsubscribe\r\n$1\r\ny\r\n:2\r\n";
const std::string resp3_message = ">3\r\n$7\r\nmessage\r\n$1\r\nx\r\n$2\r\nhi\r\n";
// The same in RESP2.
std::string as_array(std::string push) {
  push[0] = '*';
  return push;
}

// --- Several commands in one
// -------------------------------------------------------------------------------------------

// Commands of four bytes each, the second of which writes.
class Commands final : public Operation {
 public:
  explicit Commands(std::string bytes)
      : Operation(Waiting::on_loop, static_cast<std::uint32_t>(bytes.size() / 4), Answers::one_each),
        bytes_(std::move(bytes)) {}
  [[nodiscard]] std::string_view bytes() const noexcept override { return bytes_; }
  [[nodiscard]] bool is_read() const noexcept override { return false; }
  [[nodiscard]] TimePoint deadline() const noexcept override { return TimePoint::max(); }
  [[nodiscard]] std::uint32_t commands_within(std::size_t bytes) const noexcept override {
    return static_cast<std::uint32_t>(bytes / 4);
  }
  [[nodiscard]] std::size_t largest_write(std::uint32_t answered) const noexcept override {
    return answered < 2 ? 4 : 0;
  }
  void on_reply(const ReplyView& reply) noexcept override { told.emplace_back(reply.wire()); }
  void on_cut(std::uint32_t kept, const Failure& failure) noexcept override {
    told.push_back("cut behind " + std::to_string(kept) + ": " + std::string(to_string(failure.delivery)));
  }
  void on_failure(const Failure& failure) noexcept override { told.emplace_back(to_string(failure.delivery)); }

  std::vector<std::string> told;

 private:
  std::string bytes_;
};
using Told = std::vector<std::string>;

TEST_F(PipelineTest, of_several_commands_each_is_answered_for_itself) {
  Commands commands("aaaabbbbcccc");
  enqueue({&commands, &b});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, "+1\r\n-LOADING\r\n+3\r\n+b\r\n"));
  EXPECT_EQ(commands.told, (Told{"+1\r\n", "-LOADING\r\n", "+3\r\n"}));
  EXPECT_FALSE(commands.is_in_line());
  EXPECT_EQ(only_reply(b), "+b\r\n");
}

TEST_F(PipelineTest, of_several_commands_those_are_in_doubt_whose_last_byte_was_accepted) {
  for (std::size_t accepted = 0; accepted <= 12; ++accepted) {
    Commands commands("aaaabbbbcccc");
    Pipeline line{resp::Limits{}};
    line.enqueue(commands);
    if (accepted == 0) static_cast<void>(line.output(start));
    write_some(line, accepted);
    line.fail_all(lost);
    const std::size_t sent = accepted / 4;
    if (sent == 0) EXPECT_EQ(commands.told, Told{"not_sent"}) << accepted;
    else if (sent == 3) EXPECT_EQ(commands.told, Told{"in_doubt"}) << accepted;
    else EXPECT_EQ(commands.told, (Told{"cut behind " + std::to_string(sent) + ": not_sent", "in_doubt"})) << accepted;
    EXPECT_FALSE(commands.is_in_line());
  }
}

TEST_F(PipelineTest, of_several_commands_only_the_unsent_are_left_when_the_sent_are_answered) {
  Commands commands("aaaabbbbcccc");
  enqueue({&commands});
  write_some(pipeline, 6);
  ASSERT_TRUE(feed(pipeline, "+1\r\n"));
  pipeline.fail_all(lost);
  EXPECT_EQ(commands.told, (Told{"+1\r\n", "not_sent"}));
}

TEST_F(PipelineTest, FO_4_of_several_commands_on_a_retired_connection_the_sent_are_waited_for) {
  Commands commands("aaaabbbbcccc");
  enqueue({&commands, &b});
  write_some(pipeline, 10);
  pipeline.stop_writing(lost);
  EXPECT_EQ(commands.told, Told{"cut behind 2: not_sent"});
  EXPECT_EQ(only_failure(b), Delivery::not_sent);
  EXPECT_EQ(pipeline.owed(), 1U);
  EXPECT_TRUE(pipeline.output(start).empty());
  ASSERT_TRUE(feed(pipeline, "+1\r\n+2\r\n"));
  EXPECT_EQ(commands.told, (Told{"cut behind 2: not_sent", "+1\r\n", "+2\r\n"}));
  EXPECT_FALSE(commands.is_in_line());
  EXPECT_EQ(pipeline.owed(), 0U);
}

TEST_F(PipelineTest, of_several_commands_none_is_answered_before_its_last_byte_has_left) {
  Commands commands("aaaabbbbcccc");
  enqueue({&commands});
  write_some(pipeline, 7);
  EXPECT_FALSE(feed(pipeline, "+1\r\n+2\r\n"));
  EXPECT_EQ(commands.told, Told{"+1\r\n"});
  pipeline.fail_all(lost);
}

TEST_F(PipelineTest, DET_3_of_several_commands_only_the_writes_that_are_still_owed_count) {
  Commands commands("aaaabbbbcccc");
  enqueue({&commands});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, "+1\r\n"));
  EXPECT_TRUE(pipeline.owed_summary().writes);
  EXPECT_EQ(pipeline.owed_summary().largest_write, 4U);
  ASSERT_TRUE(feed(pipeline, "+2\r\n"));
  EXPECT_FALSE(pipeline.owed_summary().writes);
  pipeline.fail_all(lost);
}

// --- A thread that is alone ------------------------------------------------------------------------------------------

// How much of `bytes` is taken as plain replies, and which those are.
std::pair<std::size_t, Told> take_plain(Pipeline& pipeline, std::string_view bytes) {
  Told taken;
  std::string_view rest = bytes;
  const auto take = [&taken](const ReplyView& reply) { taken.emplace_back(reply.wire()); };
  while (const std::size_t length = pipeline.take_plain_reply(rest, take)) rest.remove_prefix(length);
  return {bytes.size() - rest.size(), taken};
}

TEST_F(PipelineTest, plain_replies_are_taken_up_to_the_first_that_is_not) {
  using Taken = std::pair<std::size_t, Told>;
  EXPECT_EQ(take_plain(pipeline, "$1\r\na\r\n+OK\r\n:5\r\n_\r\n*1\r\n:1\r\n"),
            Taken(27, {"$1\r\na\r\n", "+OK\r\n", ":5\r\n", "_\r\n", "*1\r\n:1\r\n"}));
  EXPECT_EQ(take_plain(pipeline, ":5\r\n-ERR\r\n:6\r\n"), Taken(4, {":5\r\n"})) << "an error";
  EXPECT_EQ(take_plain(pipeline, ":5\r\n>1\r\n+x\r\n:6\r\n"), Taken(4, {":5\r\n"})) << "a push";
  EXPECT_EQ(take_plain(pipeline, "$3\r\nab"), Taken(0, {})) << "half a reply";
  EXPECT_EQ(take_plain(pipeline, "?\r\n"), Taken(0, {})) << "nonsense";
}

TEST_F(PipelineTest, what_was_not_taken_is_received_as_ever) {
  enqueue({&a});
  static_cast<void>(write_all(pipeline));
  ASSERT_TRUE(feed(pipeline, "+1\r\n"));
  const std::string_view bytes = ":5\r\n$3\r\nab";
  const std::span<char> space = pipeline.input_space();
  std::copy(bytes.begin(), bytes.end(), space.begin());
  EXPECT_EQ(take_plain(pipeline, {space.data(), bytes.size()}).first, 4U);
  pipeline.take_up(b, 0, start);
  pipeline.accepted(4, start);
  ASSERT_TRUE(pipeline.received(bytes.size(), start, 4));
  EXPECT_EQ(b.outcomes(), 0U);
  ASSERT_TRUE(feed(pipeline, "c\r\n"));
  EXPECT_EQ(only_reply(b), "$3\r\nabc\r\n");
}

TEST_F(PipelineTest, of_several_commands_that_are_taken_up_the_first_may_be_answered_already) {
  Commands commands("aaaabbbbcccc");
  pipeline.take_up(commands, 2, start);
  pipeline.accepted(12, start);
  EXPECT_EQ(pipeline.owed(), 1U);
  ASSERT_TRUE(feed(pipeline, ":3\r\n"));
  EXPECT_EQ(commands.told, Told{":3\r\n"});
  EXPECT_FALSE(commands.is_in_line());
}

TEST_F(PipelineTest, what_was_written_and_answered_before_moves_the_count_of_bytes) {
  pipeline.caught_up(1000, start + 1s);
  EXPECT_EQ(pipeline.heard_at(), start + 1s);
  enqueue({&a, &b});
  write_some(pipeline, 6);
  pipeline.fail_all(lost);
  EXPECT_EQ(only_failure(a), Delivery::in_doubt);
  EXPECT_EQ(only_failure(b), Delivery::not_sent);
}

TEST_F(PipelineTest, CMD_2_what_is_owed_first_is_given_up_when_it_expires) {
  ScriptedOperation late("late", start + 1s);
  pipeline.take_up(late, 0, start);
  pipeline.accepted(4, start);
  EXPECT_FALSE(pipeline.is_front_given_up());
  pipeline.expire(start + 1s);
  EXPECT_TRUE(pipeline.is_front_given_up());
  EXPECT_EQ(only_failure(late), Delivery::in_doubt);
}

class SubscribingPipeline : public PipelineTest {
 protected:
  SubscribingPipeline() {
    pipeline.on_push([this](ReplyView push) { pushes.emplace_back(push.wire()); });
  }
  ScriptedOperation subscribe{"SUBSCRIBE x y", 2, Answers::confirmations};
  std::vector<std::string> pushes;
};

TEST_F(SubscribingPipeline, confirmations_are_the_replies_to_a_subscription_and_messages_are_none) {
  enqueue({&subscribe, &a});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, resp3_x + resp3_message + resp3_y + "+PONG\r\n" + resp3_message));
  EXPECT_EQ(subscribe.replies, (std::vector<std::string>{resp3_x, resp3_y}));
  EXPECT_EQ(only_reply(a), "+PONG\r\n");
  EXPECT_EQ(pushes, (std::vector<std::string>{resp3_message, resp3_message}));
}

TEST_F(SubscribingPipeline, in_RESP2_they_are_arrays_and_so_is_the_answer_to_PING) {
  enqueue({&subscribe, &a});
  write_all(pipeline);
  const std::string pong = "*2\r\n$4\r\npong\r\n$0\r\n\r\n";
  const std::string message = as_array(resp3_message);
  ASSERT_TRUE(feed(pipeline, as_array(resp3_x) + message + as_array(resp3_y) + message + pong));
  EXPECT_EQ(subscribe.outcomes(), 2U);
  EXPECT_FALSE(subscribe.is_in_line());
  EXPECT_EQ(only_reply(a), pong);
  EXPECT_EQ(pushes, (std::vector<std::string>{message, message}));
}

TEST_F(SubscribingPipeline, one_error_ends_a_subscription_of_many) {
  enqueue({&subscribe, &a});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, "-NOPERM no\r\n+PONG\r\n"));
  EXPECT_EQ(only_reply(subscribe), "-NOPERM no\r\n");
  EXPECT_FALSE(subscribe.is_in_line());
  EXPECT_EQ(only_reply(a), "+PONG\r\n");
}

TEST_F(SubscribingPipeline, a_confirmation_that_nobody_waits_for_is_a_push) {
  const std::string dropped = ">3\r\n$12\r\nsunsubscribe\r\n$1\r\nx\r\n:0\r\n";  // the shard moved away
  enqueue({&subscribe});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, resp3_x + resp3_y + dropped));
  EXPECT_EQ(pushes, std::vector<std::string>{dropped});
}

TEST_F(SubscribingPipeline, what_confirms_nothing_is_no_reply_to_a_subscription) {
  enqueue({&subscribe});
  write_all(pipeline);
  EXPECT_FALSE(feed(pipeline, "+PONG\r\n"));
  EXPECT_FALSE(pipeline.protocol_error().empty());
  pipeline.fail_all(lost);
}

TEST_F(SubscribingPipeline, an_array_is_a_reply_where_nobody_subscribes) {
  enqueue({&a});
  write_all(pipeline);
  ASSERT_TRUE(feed(pipeline, as_array(resp3_message)));
  EXPECT_EQ(only_reply(a), as_array(resp3_message));
}

TEST_F(SubscribingPipeline, DET_5_a_subscription_that_is_not_confirmed_is_owed) {
  enqueue({&subscribe});
  write_all(pipeline, start + 5ms);
  EXPECT_EQ(pipeline.owed_since(), start + 5ms);
  ASSERT_TRUE(feed(pipeline, resp3_x, start + 6ms));
  EXPECT_EQ(pipeline.owed_since(), start + 6ms);
  ASSERT_TRUE(feed(pipeline, resp3_y, start + 7ms));
  EXPECT_EQ(pipeline.owed_since(), std::nullopt);
}

// --- Silence ---------------------------------------------------------------------------------------------------------

TEST_F(PipelineTest, DET_5_silence_counts_from_the_write_or_from_the_last_byte_heard) {
  EXPECT_EQ(pipeline.owed_since(), std::nullopt);
  enqueue({&a, &b});
  write_all(pipeline, start + 5ms);
  EXPECT_EQ(pipeline.owed_since(), start + 5ms);
  ASSERT_TRUE(feed(pipeline, "+", start + 20ms));
  EXPECT_EQ(pipeline.owed_since(), start + 20ms);
  ASSERT_TRUE(feed(pipeline, "1\r\n+2\r\n", start + 30ms));
  EXPECT_EQ(pipeline.owed_since(), std::nullopt);
}

TEST_F(PipelineTest, DET_3_the_summary_of_what_is_owed_names_writes_and_the_largest_of_them) {
  ScriptedOperation small_write(std::string(10, 'w'), TimePoint::max(), false);
  ScriptedOperation large_write(std::string(5000, 'w'), TimePoint::max(), false);
  ScriptedOperation large_read(std::string(9000, 'r'));
  enqueue({&large_read});
  write_all(pipeline);
  EXPECT_FALSE(pipeline.owed_summary().writes);
  enqueue({&small_write, &large_write});
  write_all(pipeline);
  EXPECT_EQ(pipeline.owed_summary().replies, 3U);
  EXPECT_TRUE(pipeline.owed_summary().writes);
  EXPECT_EQ(pipeline.owed_summary().largest_write, 5000U);
  pipeline.fail_all(lost);
}

}  // namespace
}  // namespace meridian::protocol
