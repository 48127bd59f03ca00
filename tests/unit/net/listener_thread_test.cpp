// The executor of user code.
#include "net/listener_thread.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "unit/net/on_loop.hpp"

namespace meridian::net {
namespace {

TEST(ListenerThread, ListenerThread_runs_tasks_in_order_on_one_thread_that_is_not_the_caller) {
  ListenerThread listeners;
  std::vector<int> order;
  std::vector<std::thread::id> threads;
  for (int i = 0; i < 1000; ++i) {
    listeners.post([&, i] {
      order.push_back(i);
      threads.push_back(std::this_thread::get_id());
    });
  }
  EXPECT_TRUE(on(listeners, [&] { return listeners.inside(); }));
  EXPECT_FALSE(listeners.inside());
  ASSERT_EQ(order.size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(std::count(threads.begin(), threads.end(), threads.front()), 1000);
  EXPECT_NE(threads.front(), std::this_thread::get_id());
}

TEST(ListenerThread, ListenerThread_that_was_never_used_ends_without_a_thread) {
  const ListenerThread listeners;
  EXPECT_FALSE(listeners.inside());
}

TEST(ListenerThread, ListenerThread_has_no_timers) {
  ListenerThread listeners;
  EXPECT_THROW(static_cast<void>(listeners.make_timer()), std::logic_error);
}

TEST(ListenerThread, ListenerThread_destroyed_waits_for_the_running_task_and_drops_the_rest) {
  auto listeners = std::make_unique<ListenerThread>();
  const auto held = std::make_shared<int>(0);
  std::promise<void> running;
  std::promise<void> release;
  bool finished = false;
  listeners->post([&] {
    running.set_value();
    release.get_future().wait();
    finished = true;
  });
  listeners->post([held] { ++*held; });
  running.get_future().wait();
  std::thread destroyer([&] { listeners.reset(); });
  // The queue is dropped before the wait for the running task.
  while (held.use_count() > 1) std::this_thread::yield();
  release.set_value();
  destroyer.join();
  EXPECT_TRUE(finished);
  EXPECT_EQ(*held, 0);
}

TEST(ListenerThread, ListenerThread_may_be_destroyed_by_its_own_task) {
  auto listeners = std::make_shared<ListenerThread>();
  const auto held = std::make_shared<int>(0);
  std::promise<void> destroyed;
  std::promise<void> release;
  ListenerThread& posting = *listeners;
  posting.post([&destroyed, gate = release.get_future().share(), listeners = std::move(listeners)]() mutable {
    gate.wait();
    listeners.reset();
    destroyed.set_value();
  });
  posting.post([held] { ++*held; });
  release.set_value();
  await(destroyed.get_future());
  EXPECT_EQ(*held, 0);
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace meridian::net
