// Random lives of a connection against a model that knows nothing but byte offsets: each operation gets exactly one
// outcome, each reply reaches the one who asked, and `not_sent` is only said of what was never accepted to its end.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "unit/protocol/scripted_operation.hpp"

namespace meridian::protocol {
namespace {

using namespace std::chrono_literals;

// One operation as the test sees it. Each sends a text of its own, so that the socket's bytes say what left.
struct Life {
  std::unique_ptr<ScriptedOperation> operation;
  std::string text;
  std::uint32_t replies = 1;  // that it calls forth
  TimePoint deadline;
  bool abandoned = false;
  Delivery said_when_abandoned{};
};

class Connection {
 public:
  void enqueue() {
    Life& life = lives_.emplace_back();
    life.text = "<" + std::to_string(lives_.size()) + std::string(*rc::gen::inRange<std::size_t>(0, 12), '.') + ">";
    life.deadline = *rc::gen::inRange(0, 3) == 0 ? now_ + *rc::gen::inRange(1, 30) * 1ms : TimePoint::max();
    life.replies = *rc::gen::weightedElement<std::uint32_t>({{3, 1}, {1, 2}, {1, 5}});
    life.operation = std::make_unique<ScriptedOperation>(life.text, life.replies, Answers::replies, life.deadline);
    pipeline_.enqueue(*life.operation);
  }

  void accept() {
    const std::string_view offered = pipeline_.output(now_);
    if (offered.empty()) return;
    const std::size_t size = *rc::gen::inRange<std::size_t>(0, offered.size() + 1);
    socket_.append(offered.substr(0, size));
    pipeline_.accepted(size, now_);
  }

  // The server sends the next reply to a command that it has in full, in pieces of any size, sometimes with a push in
  // front.
  void answer() {
    const std::size_t end = socket_.find('>', answered_to_);
    if (end == std::string::npos) return;
    const std::string command = socket_.substr(answered_to_, end + 1 - answered_to_);
    const Life& life = *std::find_if(lives_.begin(), lives_.end(), [&](const Life& l) { return l.text == command; });
    if (++answered_of_it_ == life.replies) {
      answered_to_ = end + 1;
      answered_of_it_ = 0;
    }
    std::string wire = *rc::gen::inRange(0, 4) == 0 ? ">1\r\n+push\r\n" : "";
    wire += "$" + std::to_string(command.size()) + "\r\n" + command + "\r\n";
    RC_ASSERT(feed(pipeline_, wire, now_, *rc::gen::inRange<std::size_t>(1, 40)));
  }

  void abandon() {
    if (lives_.empty()) return;
    Life& life = lives_[*rc::gen::inRange<std::size_t>(0, lives_.size())];
    if (life.abandoned || !life.operation->is_in_line()) return;
    life.abandoned = true;
    life.said_when_abandoned = pipeline_.abandon(*life.operation);
  }

  void expire() {
    now_ += *rc::gen::inRange(0, 20) * 1ms;
    pipeline_.expire(now_);
    for (const Life& life : lives_) {
      if (life.deadline <= now_) RC_ASSERT(!life.operation->is_in_line());
    }
  }

  void retire() { pipeline_.stop_writing({ErrorCode::connection_lost, Delivery::not_sent, "retired"}); }

  void die() { pipeline_.fail_all({ErrorCode::connection_lost, Delivery::not_sent, "gone"}); }

  void check_every_outcome() const {
    for (const Life& life : lives_) {
      const ScriptedOperation& operation = *life.operation;
      const bool left_whole = socket_.find(life.text) != std::string::npos;
      for (const std::string& reply : operation.replies) {
        RC_ASSERT(left_whole);
        RC_ASSERT(ReplyView(reply).as_string() == std::string_view(life.text));
      }
      if (life.abandoned) {
        RC_ASSERT(operation.failures.empty());
        RC_ASSERT(operation.replies.size() < life.replies);
        if (life.said_when_abandoned == Delivery::not_sent) RC_ASSERT(!left_whole);
        continue;
      }
      if (operation.failures.empty()) {
        RC_ASSERT(operation.replies.size() == life.replies);
        continue;
      }
      RC_ASSERT(operation.failures.size() == 1U);
      RC_ASSERT(operation.replies.size() < life.replies);
      const Failure& failure = operation.failures[0];
      if (failure.delivery == Delivery::not_sent) RC_ASSERT(!left_whole);
      // A connection that dies knows exactly; a deadline must reckon with what is on its way out.
      else if (failure.code == ErrorCode::connection_lost) RC_ASSERT(left_whole);
    }
  }

 private:
  std::deque<Life> lives_;
  std::string socket_;  // what the socket accepted
  std::size_t answered_to_ = 0;
  std::uint32_t answered_of_it_ = 0;
  TimePoint now_{};
  Pipeline pipeline_{resp::Limits{}};
};

TEST(PipelineProperty, every_operation_gets_exactly_one_outcome_and_a_true_delivery) {
  const bool holds = rc::check([] {
    Connection connection;
    const int steps = *rc::gen::inRange(1, 400);
    bool retired = false;
    for (int step = 0; step < steps; ++step) {
      switch (*rc::gen::inRange(0, 12)) {
        case 0:
        case 1:
        case 2:
        case 3:
          if (!retired) connection.enqueue();
          break;
        case 4:
        case 5:
        case 6: connection.accept(); break;
        case 7:
        case 8: connection.answer(); break;
        case 9: connection.abandon(); break;
        case 10: connection.expire(); break;
        default:
          if (*rc::gen::inRange(0, 8) != 0) break;
          connection.retire();
          retired = true;
      }
    }
    connection.die();
    connection.check_every_outcome();
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace meridian::protocol
