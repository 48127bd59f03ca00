// Virtual time: order, timers, executors, parking, the stalled client.
#include "simulation/world/scheduler.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "simulation/world/random.hpp"

namespace meridian::simulation {
namespace {

using namespace std::chrono_literals;

TEST(Scheduler, runs_events_by_time_and_those_of_one_time_in_the_order_of_queueing) {
  Scheduler scheduler;
  std::string order;
  scheduler.after(2ms, [&] { order += 'c'; });
  scheduler.after(1ms, [&] { order += 'a'; });
  scheduler.after(1ms, [&] { order += 'b'; });
  scheduler.run_until(scheduler.now() + 1ms);
  EXPECT_EQ(order, "ab");
  EXPECT_EQ(scheduler.now(), Scheduler::start + 1ms);
  EXPECT_TRUE(scheduler.run_until_idle(1s));
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(scheduler.now(), Scheduler::start + 2ms);
}

TEST(Scheduler, an_event_for_the_past_runs_now) {
  Scheduler scheduler;
  scheduler.run_until(scheduler.now() + 1s);
  TimePoint ran{};
  scheduler.at(Scheduler::start, [&] { ran = scheduler.now(); });
  EXPECT_TRUE(scheduler.step());
  EXPECT_EQ(ran, Scheduler::start + 1s);
}

TEST(Scheduler, a_canceled_event_does_not_run_and_its_task_is_gone_at_once) {
  Scheduler scheduler;
  auto owned = std::make_shared<int>(1);
  const EventId event = scheduler.after(1ms, [owned] { *owned = 2; });
  EXPECT_TRUE(scheduler.is_queued(event));
  EXPECT_TRUE(scheduler.cancel(event));
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_FALSE(scheduler.cancel(event));
  EXPECT_TRUE(scheduler.run_until_idle(1s));
  EXPECT_EQ(*owned, 1);
}

TEST(Scheduler, an_old_id_does_not_cancel_the_event_that_took_its_place) {
  Scheduler scheduler;
  const EventId first = scheduler.after(1ms, [] {});
  scheduler.cancel(first);
  bool ran = false;
  scheduler.after(1ms, [&] { ran = true; });
  EXPECT_FALSE(scheduler.cancel(first));
  scheduler.run_until_idle(1s);
  EXPECT_TRUE(ran);
}

TEST(Scheduler, many_canceled_events_disturb_nothing) {
  Scheduler scheduler;
  int ran = 0;
  scheduler.after(1h, [&] { ++ran; });
  for (int i = 0; i < 10'000; ++i) scheduler.cancel(scheduler.after(1s, [&] { ran += 100; }));
  EXPECT_EQ(scheduler.pending_events(), 1U);
  EXPECT_TRUE(scheduler.run_until_idle(2h));
  EXPECT_EQ(ran, 1);
}

TEST(Scheduler, events_that_wake_each_other_for_ever_are_noticed) {
  Scheduler scheduler;
  std::function<void()> again = [&] { scheduler.loop().post(again); };
  again();
  EXPECT_THROW(scheduler.run_until(scheduler.now() + 1s), std::logic_error);
}

TEST(Executors, know_when_they_are_inside_their_own_task) {
  Scheduler scheduler;
  std::vector<bool> inside;
  const auto look = [&] {
    inside.push_back(scheduler.loop().inside());
    inside.push_back(scheduler.listeners().inside());
  };
  look();
  scheduler.loop().post(look);
  scheduler.listeners().post(look);
  scheduler.after(1ms, look);
  scheduler.run_until_idle(1s);
  EXPECT_EQ(inside, (std::vector<bool>{false, false, true, false, false, true, false, false}));
  EXPECT_EQ(scheduler.lane(), Lane::outside);
}

TEST(Executors, a_post_runs_at_the_same_virtual_time_as_a_later_event) {
  Scheduler scheduler;
  std::string order;
  scheduler.loop().post([&] {
    scheduler.listeners().post([&] { order += "listener"; });
    order += "loop ";
  });
  scheduler.run_until(scheduler.now());
  EXPECT_EQ(order, "loop listener");
  EXPECT_EQ(scheduler.now(), Scheduler::start);
}

TEST(Timers, fire_once_and_replace_what_was_armed_before) {
  Scheduler scheduler;
  std::string fired;
  const auto timer = scheduler.loop().make_timer();
  timer->arm(scheduler.now() + 1ms, [&] { fired += 'a'; });
  timer->arm(scheduler.now() + 2ms, [&] {
    fired += scheduler.loop().inside() ? 'b' : '?';
    timer->arm(scheduler.now() + 1ms, [&] { fired += 'c'; });
  });
  EXPECT_EQ(scheduler.pending_timers(), 1U);
  EXPECT_TRUE(scheduler.run_until_idle(1s));
  EXPECT_EQ(fired, "bc");
  EXPECT_EQ(scheduler.now(), Scheduler::start + 3ms);
  EXPECT_EQ(scheduler.pending_timers(), 0U);
}

TEST(Timers, canceled_or_destroyed_they_do_not_fire_and_are_not_counted) {
  Scheduler scheduler;
  bool fired = false;
  auto canceled = scheduler.loop().make_timer();
  auto destroyed = scheduler.loop().make_timer();
  canceled->arm(scheduler.now() + 1ms, [&] { fired = true; });
  destroyed->arm(scheduler.now() + 1ms, [&] { fired = true; });
  EXPECT_EQ(scheduler.live_timers(), 2U);
  canceled->cancel();
  destroyed.reset();
  EXPECT_EQ(scheduler.pending_timers(), 0U);
  EXPECT_EQ(scheduler.live_timers(), 1U);
  EXPECT_TRUE(scheduler.run_until_idle(1s));
  EXPECT_FALSE(fired);
}

TEST(Timers, may_be_destroyed_by_their_own_task) {
  Scheduler scheduler;
  auto timer = scheduler.loop().make_timer();
  timer->arm(scheduler.now() + 1ms, [&] { timer.reset(); });
  scheduler.run_until_idle(1s);
  EXPECT_EQ(scheduler.live_timers(), 0U);
}

TEST(Parking, outside_runs_virtual_time_until_unparked) {
  Scheduler scheduler;
  const auto parker = scheduler.make_parker();
  scheduler.after(3s, [&] { parker->unpark(); });
  scheduler.after(4s, [] { FAIL() << "ran too far"; });
  parker->park();
  EXPECT_EQ(scheduler.now(), Scheduler::start + 3s);
}

TEST(Parking, returns_at_once_if_unparked_before) {
  Scheduler scheduler;
  const auto parker = scheduler.make_parker();
  parker->unpark();
  parker->park();
  EXPECT_EQ(scheduler.now(), Scheduler::start);
}

TEST(Parking, inside_a_listener_the_loop_goes_on_and_other_listener_tasks_wait) {
  Scheduler scheduler;
  std::string order;
  scheduler.listeners().post([&] {
    const auto parker = scheduler.make_parker();
    scheduler.loop().post([&, parker] {
      order += scheduler.loop().inside() && !scheduler.listeners().inside() ? "loop " : "? ";
      scheduler.after(1ms, [parker] { parker->unpark(); });
    });
    scheduler.listeners().post([&] { order += "second listener"; });
    parker->park();
    order += scheduler.listeners().inside() ? "first listener " : "? ";
  });
  scheduler.run_until_idle(1s);
  EXPECT_EQ(order, "loop first listener second listener");
}

TEST(Parking, names_the_deadlock_when_nothing_is_left_to_run) {
  Scheduler scheduler;
  const auto parker = scheduler.make_parker();
  try {
    parker->park();
    FAIL() << "returned";
  } catch (const std::logic_error& error) {
    EXPECT_NE(std::string(error.what()).find("lost wake-up or a deadlock"), std::string::npos) << error.what();
  }
}

TEST(Parking, gives_up_after_a_virtual_hour_of_ticking) {
  Scheduler scheduler;
  const auto timer = scheduler.loop().make_timer();
  std::function<void()> tick = [&] { timer->arm(scheduler.now() + 1min, tick); };
  tick();
  EXPECT_THROW(scheduler.make_parker()->park(), std::logic_error);
}

TEST(Parking, on_the_loop_is_an_error) {
  Scheduler scheduler;
  bool threw = false;
  scheduler.loop().post([&] {
    try {
      scheduler.make_parker()->park();
    } catch (const std::logic_error&) {
      threw = true;
    }
  });
  scheduler.run_until_idle(1s);
  EXPECT_TRUE(threw);
}

TEST(Stall, holds_the_client_up_and_not_the_world_then_runs_it_late_and_in_order) {
  Scheduler scheduler;
  std::vector<std::pair<char, Duration>> ran;
  const auto note = [&](char what) {
    return [&, what] { ran.emplace_back(what, scheduler.now() - Scheduler::start); };
  };
  const auto timer = scheduler.loop().make_timer();
  timer->arm(scheduler.now() + 2s, note('t'));
  scheduler.after(1s, [&] { scheduler.loop().post(note('p')); });
  scheduler.after(3s, note('w'));
  scheduler.after(500ms, [&] { scheduler.stall(30s); });
  scheduler.run_until(scheduler.now() + 60s);
  const std::vector<std::pair<char, Duration>> expected{{'w', 3s}, {'p', 30500ms}, {'t', 30500ms}};
  EXPECT_EQ(ran, expected);
}

TEST(Stop, drops_what_is_queued_and_what_comes) {
  Scheduler scheduler;
  auto owned = std::make_shared<int>();
  std::shared_ptr<io::Timer> timer = scheduler.loop().make_timer();
  timer->arm(scheduler.now() + 1s, [owned] {});
  scheduler.loop().post([owned, timer] {});
  const auto cyclic = std::make_shared<std::unique_ptr<io::Timer>>(scheduler.loop().make_timer());
  (*cyclic)->arm(scheduler.now() + 1s, [owned, cyclic] {});
  timer.reset();
  scheduler.stop();
  scheduler.loop().post([owned] {});
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_EQ(cyclic.use_count(), 1);
  EXPECT_EQ(scheduler.live_timers(), 1U) << "the one in this test's hands";
  EXPECT_EQ(scheduler.pending_timers(), 0U);
  EXPECT_FALSE(scheduler.step());
}

TEST(RandomStream, is_a_function_of_its_seed) {
  RandomStream one(7);
  RandomStream same(7);
  RandomStream other(8);
  const std::uint64_t first = one.next();
  EXPECT_EQ(first, same.next());
  EXPECT_NE(first, other.next());
}

TEST(RandomStream, forks_do_not_depend_on_what_was_drawn) {
  RandomStream untouched(7);
  RandomStream used(7);
  for (int i = 0; i < 5; ++i) EXPECT_NE(used.next(), 0U);
  EXPECT_EQ(untouched.fork("network").next(), used.fork("network").next());
  EXPECT_NE(untouched.fork("network").next(), untouched.fork("client").next());
  EXPECT_NE(untouched.fork(1).next(), untouched.fork(2).next());
}

TEST(RandomStream, draws_cover_their_range_and_stay_in_it) {
  RandomStream random(3);
  std::vector<int> seen(4);
  for (int i = 0; i < 1000; ++i) ++seen.at(static_cast<std::size_t>(random.between(std::int64_t{0}, std::int64_t{3})));
  for (const int times : seen) EXPECT_GT(times, 150);
}

}  // namespace
}  // namespace meridian::simulation
