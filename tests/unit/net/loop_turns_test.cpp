// What one turn of the loop leaves to the next.
#include <gtest/gtest.h>

#include <future>

#include "net/loop.hpp"

namespace meridian::net {
namespace {

class Work final : public io::TurnEnd {
 public:
  bool is_done = false;

 private:
  void end_turn() override { is_done = true; }
};

// A connection is destroyed by a task of its own; what an unfinished turn had put off for it came later, to freed
// memory.
TEST(LoopTurns, A_task_comes_after_what_earlier_turns_put_off) {
  Loop loop;
  Work work;
  std::promise<bool> was_done;
  loop.enter();
  loop.at_turn_end(work);
  loop.post([&] { was_done.set_value(work.is_done); });
  loop.leave_unfinished();
  EXPECT_TRUE(was_done.get_future().get());
}

}  // namespace
}  // namespace meridian::net
