// The loop: tasks, timers, and their end.
#include "net/loop.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "net/steady_clock.hpp"
#include "unit/net/on_loop.hpp"

namespace meridian::net {
namespace {

using namespace std::chrono_literals;

TEST(Loop, Loop_keeps_the_order_of_each_thread_that_posts) {
  constexpr int threads = 4;
  constexpr int posts = 2000;
  std::vector<std::vector<int>> seen(threads);  // touched on the loop only
  Loop loop;
  std::vector<std::thread> posters;
  for (int thread = 0; thread < threads; ++thread) {
    posters.emplace_back([&, thread] {
      for (int i = 0; i < posts; ++i) {
        loop.post([&seen, thread, i] { seen[static_cast<std::size_t>(thread)].push_back(i); });
      }
    });
  }
  for (std::thread& poster : posters) poster.join();
  on(loop, [] {});

  for (const std::vector<int>& order : seen) {
    ASSERT_EQ(order.size(), static_cast<std::size_t>(posts));
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  }
}

TEST(Loop, Loop_is_inside_only_in_its_own_tasks) {
  Loop loop;
  Loop other;
  EXPECT_FALSE(loop.inside());
  EXPECT_TRUE(on(loop, [&] { return loop.inside(); }));
  EXPECT_FALSE(on(other, [&] { return loop.inside(); }));
}

// A reviewer's find: whoever was told after others had taken their time got their time, and calls were born late.
TEST(Loop, Loop_tells_the_time_after_what_took_long) {
  struct Told final : io::Notice {
    explicit Told(std::function<void()> work) : work_(std::move(work)) {}
    void tell() noexcept override { work_(); }
    void told() noexcept override {}
    std::function<void()> work_;
  };
  Loop loop;
  const SteadyClock clock;
  std::promise<Duration> age;
  Told slow([&] {
    for (const TimePoint end = clock.now() + 40ms; clock.now() < end;) {
    }
  });
  Told next([&] {
    const TimePoint now = clock.now();
    const io::Turn turn(loop);
    age.set_value(now - loop.time_of_asking(clock));
  });
  on(loop, [&] {
    loop.announce(slow);
    loop.announce(next);
  });
  EXPECT_LE(age.get_future().get(), 20ms);
  on(loop, [] {});
}

TEST(Loop, Loop_runs_a_task_posted_by_a_task_later_and_not_inside_the_post) {
  Loop loop;
  Happening<bool> inner;
  on(loop, [&] {
    auto outer_is_running = std::make_shared<bool>(true);
    loop.post([&inner, outer_is_running] { inner.happened(*outer_is_running); });
    *outer_is_running = false;
  });
  EXPECT_FALSE(inner.await());
}

TEST(Loop, Loop_thread_has_a_name_and_leaves_the_signals_of_the_program_alone) {
  Loop loop;
  sigset_t before;
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, nullptr, &before), 0);
  EXPECT_EQ(sigismember(&before, SIGINT), 0);
  on(loop, [] {
    char name[16] = {};
    ASSERT_EQ(pthread_getname_np(pthread_self(), name, sizeof name), 0);
    EXPECT_STREQ(name, "meridian-io");
    sigset_t mask;
    ASSERT_EQ(pthread_sigmask(SIG_SETMASK, nullptr, &mask), 0);
    for (const int signal : {SIGINT, SIGTERM, SIGCHLD, SIGUSR1, SIGPIPE}) EXPECT_EQ(sigismember(&mask, signal), 1);
    EXPECT_EQ(sigismember(&mask, SIGSEGV), 0);
  });
}

TEST(Loop, Loop_that_was_stopped_drops_its_tasks_and_what_they_hold) {
  Loop loop;
  const auto held = std::make_shared<int>(0);
  std::promise<void> running;
  std::promise<void> release;
  loop.post([&] {
    running.set_value();
    release.get_future().wait();
  });
  running.get_future().wait();
  loop.post([held] { ++*held; });
  std::thread stopper([&] { loop.stop(); });
  // Once a post is dropped, the loop counts as stopped.
  for (std::weak_ptr<int> probe;;) {
    auto token = std::make_shared<int>(0);
    probe = token;
    loop.post([token = std::move(token)] {});
    if (probe.expired()) break;
    std::this_thread::yield();
  }
  release.set_value();
  stopper.join();
  loop.post([held] { ++*held; });

  EXPECT_EQ(*held, 0);
  EXPECT_EQ(held.use_count(), 1);
  loop.stop();
}

TEST(LoopDeathTest, Loop_ends_the_program_when_an_exception_leaves_a_task) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Loop loop;
        loop.post([] { throw std::runtime_error("a bug in a task"); });
        std::promise<void>().get_future().wait();
      },
      "a bug in a task");
}

// Timers live on the loop, or after it was stopped.
class LoopTimer : public ::testing::Test {
 protected:
  void SetUp() override {
    for (auto& timer : timers_) timer = loop_.make_timer();
  }
  void TearDown() override { loop_.stop(); }

  SteadyClock clock_;
  Loop loop_;
  std::unique_ptr<io::Timer> timers_[3];
};

TEST_F(LoopTimer, Timer_fires_in_the_order_of_due_times_and_never_early) {
  Happening<std::string> all;
  const TimePoint start = clock_.now();
  on(loop_, [&] {
    auto order = std::make_shared<std::string>();
    const auto note = [this, order, start, &all](char name, Duration due) {
      return [this, order, start, &all, name, due] {
        EXPECT_GE(clock_.now(), start + due);
        *order += name;
        if (order->size() == 3) all.happened(*order);
      };
    };
    timers_[0]->arm(start + 30ms, note('c', 30ms));
    timers_[1]->arm(start + 10ms, note('a', 10ms));
    timers_[2]->arm(start + 20ms, note('b', 20ms));
  });
  EXPECT_EQ(all.await(), "abc");
}

TEST_F(LoopTimer, Timer_due_in_the_past_fires_at_once_but_not_inside_arm) {
  Happening<bool> fired;
  on(loop_, [&] {
    auto arming = std::make_shared<bool>(true);
    timers_[0]->arm(TimePoint{}, [&fired, arming] { fired.happened(*arming); });
    *arming = false;
  });
  EXPECT_FALSE(fired.await());
}

TEST_F(LoopTimer, Timer_armed_for_ever_does_not_disturb_the_others) {
  Happening<bool> fired;
  on(loop_, [&] {
    timers_[0]->arm(TimePoint::max(), [] { ADD_FAILURE() << "the end of time has come"; });
    timers_[1]->arm(clock_.now() + 1ms, [&] { fired.happened(true); });
  });
  EXPECT_TRUE(fired.await());
}

TEST_F(LoopTimer, Timer_armed_again_runs_only_the_last_task_at_its_time) {
  Happening<TimePoint> fired;
  const TimePoint start = clock_.now();
  on(loop_, [&] {
    timers_[0]->arm(start, [] { ADD_FAILURE() << "replaced"; });
    timers_[0]->arm(start + 10ms, [&] { fired.happened(clock_.now()); });
  });
  EXPECT_GE(fired.await(), start + 10ms);
}

// Timers 0 and 1 are due together, so the second one's handler is queued when the first one's task runs.
class LoopTimerDueTogether : public LoopTimer {
 protected:
  // `act` stops the other timer of the two from the task of the one that runs first.
  void expect_only_one_runs(std::function<void(std::unique_ptr<io::Timer>& other)> act) {
    Happening<bool> done;
    int runs = 0;
    on(loop_, [&] {
      for (const int i : {0, 1}) {
        timers_[i]->arm(TimePoint{}, [this, &runs, act, i] {
          ++runs;
          act(timers_[1 - i]);
        });
      }
      timers_[2]->arm(clock_.now() + 20ms, [&] { done.happened(true); });
    });
    EXPECT_TRUE(done.await());
    EXPECT_EQ(runs, 1);
  }
};

TEST_F(LoopTimerDueTogether, Timer_cancelled_after_its_time_has_come_does_not_run) {
  expect_only_one_runs([](auto& other) { other->cancel(); });
}

TEST_F(LoopTimerDueTogether, Timer_destroyed_after_its_time_has_come_does_not_run) {
  expect_only_one_runs([](auto& other) { other.reset(); });
}

TEST_F(LoopTimerDueTogether, Timer_armed_for_later_after_its_time_has_come_does_not_run_now) {
  expect_only_one_runs([this](auto& other) { other->arm(clock_.now() + 1h, [] { ADD_FAILURE() << "too early"; }); });
}

TEST_F(LoopTimer, Timer_may_be_armed_again_and_then_destroyed_by_its_own_task) {
  Happening<bool> done;
  on(loop_, [&] {
    timers_[0]->arm(clock_.now(), [this, &done] {
      timers_[0]->arm(clock_.now(), [this, &done] {
        timers_[0].reset();
        done.happened(true);
      });
    });
  });
  EXPECT_TRUE(done.await());
}

TEST_F(LoopTimer, Timer_lets_go_of_its_task_when_it_is_cancelled) {
  const auto held = std::make_shared<int>(0);
  on(loop_, [&] {
    timers_[0]->arm(TimePoint::max(), [held] {});
    timers_[0]->cancel();
  });
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace meridian::net
