// Everything of the real world together: it works, ends in the right order and leaves nothing behind.
#include "net/runtime.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <thread>

#include "net/io_thread.hpp"
#include "unit/net/on_loop.hpp"
#include "unit/net/peer.hpp"

namespace meridian::net {
namespace {

using namespace std::chrono_literals;

std::ptrdiff_t entries(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

TEST(Runtime, Runtime_clock_is_the_one_of_its_timers) {
  Runtime runtime(std::make_shared<IoThread>());
  io::World& world = runtime.world();
  const TimePoint before = world.clock.now();
  Happening<TimePoint> fired;
  std::unique_ptr<io::Timer> timer;
  on(world.loop, [&] {
    timer = world.loop.make_timer();
    timer->arm(before + 5ms, [&] { fired.happened(world.clock.now()); });
  });
  EXPECT_GE(fired.await(), before + 5ms);
  on(world.loop, [&] { timer.reset(); });
}

TEST(Runtime, Runtime_draws_other_numbers_than_its_neighbour) {
  Runtime one(std::make_shared<IoThread>());
  Runtime other(std::make_shared<IoThread>());
  EXPECT_NE(one.world().random.next(), other.world().random.next());
}

TEST(Runtime, Runtime_lets_streams_and_timers_be_destroyed_after_it_was_stopped) {
  PeerListener listener;
  Runtime runtime(std::make_shared<IoThread>());
  io::World& world = runtime.world();
  std::unique_ptr<io::Timer> timer;
  std::unique_ptr<io::ConnectAttempt> attempt;
  std::unique_ptr<io::ConnectAttempt> half_open;
  std::unique_ptr<io::Stream> stream;
  Happening<bool> connected;
  on(world.loop, [&] {
    timer = world.loop.make_timer();
    timer->arm(TimePoint::max(), [] {});
    attempt = world.connector.connect({"127.0.0.1", listener.port()}, {}, [&](io::ConnectOutcome outcome) {
      stream = std::move(outcome.stream);
      stream->wait_readable([] {});
      half_open = world.connector.connect({"127.0.0.1", listener.port()}, {}, [](const io::ConnectOutcome&) {});
      connected.happened(true);
    });
  });
  ASSERT_TRUE(connected.await());
  runtime.stop();
  EXPECT_NE(stream, nullptr);
}

TEST(Runtime, Runtime_destroyed_waits_for_a_listener_that_waits_for_the_loop) {
  auto runtime = std::make_unique<Runtime>(std::make_shared<IoThread>());
  io::World& world = runtime->world();
  std::promise<void> running;
  std::promise<void> go_on;
  bool answered = false;
  world.listeners.post([&] {
    running.set_value();
    go_on.get_future().wait();
    const auto parker = world.parking.make_parker();
    world.loop.post([parker] { parker->unpark(); });
    parker->park();
    answered = true;
  });
  running.get_future().wait();
  std::thread destroyer([&] { runtime.reset(); });
  go_on.set_value();
  destroyer.join();
  EXPECT_TRUE(answered);
}

TEST(Runtime, Runtime_may_be_destroyed_by_a_listener) {
  auto runtime = std::make_shared<Runtime>(std::make_shared<IoThread>());
  io::Executor& listeners = runtime->world().listeners;
  std::promise<void> destroyed;
  listeners.post([&destroyed, runtime = std::move(runtime)]() mutable {
    runtime.reset();
    destroyed.set_value();
  });
  await(destroyed.get_future());
}

// A joined thread stays in /proc for a moment: the fewest that are seen within a fifth of a second.
std::ptrdiff_t threads_that_stay() {
  std::ptrdiff_t fewest = entries("/proc/self/task");
  for (const auto end = std::chrono::steady_clock::now() + 200ms; std::chrono::steady_clock::now() < end;) {
    fewest = std::min(fewest, entries("/proc/self/task"));
    std::this_thread::yield();
  }
  return fewest;
}

TEST(Runtime, Runtime_leaves_no_descriptor_and_no_thread_behind) {
  { const Runtime first(std::make_shared<IoThread>()); }  // what the process opens once
  const std::ptrdiff_t descriptors = entries("/proc/self/fd");
  const std::ptrdiff_t threads = threads_that_stay();
  PeerListener listener;
  for (int round = 0; round < 10; ++round) {
    Runtime runtime(std::make_shared<IoThread>());
    io::World& world = runtime.world();
    on(world.listeners, [] {});
    Happening<bool> connected;
    std::unique_ptr<io::ConnectAttempt> attempt;
    on(world.loop, [&] {
      attempt = world.connector.connect({"127.0.0.1", listener.port()}, {},
                                        [&](const io::ConnectOutcome&) { connected.happened(true); });
    });
    connected.await();
    on(world.loop, [&] { attempt.reset(); });
  }
  listener.close();
  EXPECT_EQ(entries("/proc/self/fd"), descriptors);
  EXPECT_EQ(threads_that_stay(), threads);
}

}  // namespace
}  // namespace meridian::net
