// What one turn of the loop leaves to the next.
#include <gtest/gtest.h>

#include <bit>
#include <deque>
#include <future>
#include <string>

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

class WorkOf final : public io::TurnEnd {
 public:
  WorkOf(std::string name, std::string& done) : name_(std::move(name)), done_(done) {}
  bool urgent = false;

 private:
  void end_turn() override { done_ += name_; }
  [[nodiscard]] bool can_wait(Next) const noexcept override { return !urgent; }
  std::string name_;
  std::string& done_;
};

TEST(LoopTurns, An_unfinished_turn_does_what_cannot_wait_and_leaves_the_rest_in_order) {
  for (unsigned urgent = 0; urgent < 16; ++urgent) {
    Loop loop;
    std::string done;
    std::string at_once;
    std::string later;
    std::deque<WorkOf> works;
    for (unsigned i = 0; i < 4; ++i) {
      const std::string name(1, static_cast<char>('a' + i));
      works.emplace_back(name, done).urgent = (urgent >> i & 1U) != 0;
      (works.back().urgent ? at_once : later) += name;
    }
    loop.enter();
    for (WorkOf& work : works) loop.at_turn_end(work);
    loop.leave_unfinished();
    EXPECT_EQ(done, at_once);
    // whoever is next may put off more
    loop.enter();
    if (urgent != 0) loop.at_turn_end(works[static_cast<std::size_t>(std::countr_zero(urgent))]);
    const std::string again = urgent != 0 ? at_once.substr(0, 1) : "";
    loop.leave();
    EXPECT_EQ(done, at_once + later + again);
  }
}

// A call that ends, and whose callback calls again.
class Completion final : public io::Notice {
 public:
  Completion(Loop& loop, WorkOf& work, std::string& done) : loop_(loop), work_(work), done_(done) {}

 private:
  void tell() noexcept override {
    loop_.enter();
    loop_.at_turn_end(work_);
    loop_.leave();
    done_ += '.';
  }
  void told() noexcept override {}
  Loop& loop_;
  WorkOf& work_;
  std::string& done_;
};

TEST(LoopTurns, What_the_told_ask_for_is_done_after_128_of_them_and_what_cannot_wait_after_16) {
  for (const bool urgent : {false, true}) {
    Loop loop;
    std::string done;
    WorkOf work("|", done);
    work.urgent = urgent;
    std::deque<Completion> completions;
    loop.enter();
    for (int i = 0; i < 140; ++i) loop.announce(completions.emplace_back(loop, work, done));
    loop.leave();
    std::promise<void> all_told;
    loop.post([&] { all_told.set_value(); });
    all_told.get_future().get();
    std::string expected;
    for (int i = 1; i <= 140; ++i) {
      expected += '.';
      if (i == 128 || i == 140 || (urgent && i % 16 == 0)) expected += '|';
    }
    EXPECT_EQ(done, expected);
  }
}

class SetAside final : public io::Aside {
 public:
  int times_put_back = 0;
  void put_back() noexcept override { ++times_put_back; }
};

TEST(LoopTurns, What_is_set_aside_stays_there_for_who_comes_back_to_it) {
  Loop loop;
  SetAside mine;
  loop.enter();
  loop.leave_aside(mine);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(loop.enter_aside(mine));
    EXPECT_TRUE(loop.inside());
    loop.leave_aside(mine);
    EXPECT_FALSE(loop.inside());
  }
  EXPECT_EQ(mine.times_put_back, 0);
}

TEST(LoopTurns, What_is_set_aside_is_put_back_before_any_other_turn) {
  Loop loop;
  SetAside mine;
  const auto set_aside = [&] {
    loop.enter();
    loop.leave_aside(mine);
    return mine.times_put_back;
  };

  int before = set_aside();
  loop.enter();
  EXPECT_EQ(mine.times_put_back, before + 1);
  loop.leave();
  EXPECT_FALSE(loop.enter_aside(mine)) << "it had been put back already";
  EXPECT_EQ(mine.times_put_back, before + 1);
  loop.leave();

  before = set_aside();
  std::promise<int> seen;
  loop.post([&] { seen.set_value(mine.times_put_back); });
  EXPECT_EQ(seen.get_future().get(), before + 1) << "a task";

  before = set_aside();
  SetAside another;
  EXPECT_FALSE(loop.enter_aside(another));
  EXPECT_EQ(mine.times_put_back, before + 1);
  loop.leave();

  before = set_aside();
  loop.stop();
  EXPECT_EQ(another.times_put_back, 0);
}

TEST(LoopTurns, A_turn_that_leaves_work_behind_sets_nothing_aside) {
  Loop loop;
  Work work;
  SetAside mine;
  loop.enter();
  loop.at_turn_end(work);
  loop.leave_aside(mine);
  EXPECT_EQ(mine.times_put_back, 1);
  EXPECT_TRUE(work.is_done);
  EXPECT_FALSE(loop.enter_aside(mine));
  EXPECT_EQ(mine.times_put_back, 1);
  loop.leave();
}

}  // namespace
}  // namespace meridian::net
