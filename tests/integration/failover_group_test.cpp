// BYO-1 with real threads: code of the program that blocks, throws and comes from everywhere at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <meridian/failover_group.hpp>

#include "integration/multi_db_fixture.hpp"

namespace meridian::testing {
namespace {

using namespace std::chrono_literals;

std::ptrdiff_t threads_now() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
}

// A thread that was joined may be counted for a moment more.
std::ptrdiff_t threads_that_stay() {
  for (std::ptrdiff_t count = threads_now();; count = threads_now()) {
    std::this_thread::sleep_for(20ms);
    if (threads_now() == count) return count;
  }
}

// What blocks until it is opened.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --waiting_;
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait_for_somebody() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

struct Store {
  std::atomic<bool> well{true};
  std::atomic<bool> probe_blocks{false};
  std::atomic<int> runs{0};
  Gate gate;

  int use() {
    if (!well) throw std::runtime_error("the store is broken");
    return ++runs;
  }
};

class FailoverGroupTest : public ::testing::Test {
 protected:
  FailoverGroupTest() {
    config.members = {{.name = "east", .object = east, .weight = 1.0}, {.name = "west", .object = west, .weight = 0.5}};
    config.initial_health_check_policy = InitialHealthCheckPolicy::all_available;  // so that there is where to go
    config.probe = [](Store& store) {
      if (store.probe_blocks) store.gate.pass();
      return store.well.load();
    };
  }

  std::shared_ptr<Store> east = std::make_shared<Store>();
  std::shared_ptr<Store> west = std::make_shared<Store>();
  FailoverGroupConfig<Store> config;
};

std::string active(const FailoverGroup<Store>& group) { return group.describe().active; }

TEST_F(FailoverGroupTest, BYO_1_run_returns_what_the_function_returns_and_throws_what_it_throws) {
  FailoverGroup<Store> group(config);
  EXPECT_EQ(group.run(Repeat::read_only, [](Store& store) { return store.use(); }), 1);
  EXPECT_EQ(group.run(Repeat::never, &Store::use), 2);
  group.run(Repeat::never, [](auto& store) { store.use(); });
  const auto pointer = group.run(Repeat::read_only, [](Store&) { return std::make_unique<int>(7); });
  EXPECT_EQ(*pointer, 7);
  EXPECT_TRUE(group.try_run(Repeat::never, [](Store&) {}));
  EXPECT_THROW(group.run(Repeat::never, [](Store&) { throw std::out_of_range("mine"); }), std::out_of_range);
  const auto result = group.try_run(Repeat::never, [](Store&) -> int { throw std::runtime_error("mine"); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), "mine");
  EXPECT_EQ(result.error().delivery(), Delivery::in_doubt);
}

TEST_F(FailoverGroupTest, BYO_1_threads_go_on_on_the_other_member) {
  FailoverGroup<Store> group(config);
  std::atomic<int> answered{0};
  std::atomic<int> failed{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 500; ++n) {
          if (n == 100) east->well = false;
          ++(group.try_run(Repeat::read_only, [](Store& store) { return store.use(); }) ? answered : failed);
        }
      });
    }
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) static_cast<void>(group.describe());
    });
  }
  EXPECT_EQ(active(group), "west");
  EXPECT_EQ(answered + failed, 4000);
  EXPECT_EQ(failed, 0);
}

TEST_F(FailoverGroupTest, INIT_3_a_refused_start_leaves_nothing_running) {
  std::optional<std::ptrdiff_t> before;
  for (int round = 0; round < 2; ++round) {
    east->well = west->well = false;
    const auto made = FailoverGroup<Store>::create(config);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), ErrorCode::initial_health_check_failed);
    if (!before) before = threads_that_stay();  // the sanitizers' own threads are there by now
  }
  EXPECT_EQ(threads_that_stay(), *before);
}

TEST_F(FailoverGroupTest, HC_1_a_probe_that_blocks_holds_up_nothing) {
  config.health_check_interval = 100ms;
  config.health_check_probes_delay = 0ms;
  config.health_check_timeout = 300ms;
  std::mutex mutex;
  std::condition_variable changed;
  bool left = false;
  config.event_listeners.push_back(make_listener([&](const ActiveDatabaseChanged&) {
    const std::lock_guard lock(mutex);
    left = true;
    changed.notify_all();
  }));
  FailoverGroup<Store> group(config);
  east->probe_blocks = true;
  {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, 20s, [&] { return left; }));
  }
  EXPECT_EQ(active(group), "west");
  EXPECT_TRUE(group.try_run(Repeat::read_only, [](Store& store) { return store.use(); }));
  east->gate.open();
}

TEST_F(FailoverGroupTest, the_destructor_waits_for_a_probe_that_runs) {
  config.health_check_interval = 10ms;
  std::atomic<bool> opened{false};
  std::jthread opener;
  {
    FailoverGroup<Store> group(config);
    west->probe_blocks = true;
    west->gate.wait_for_somebody();
    opener = std::jthread([&] {
      opened = true;
      west->gate.open();
    });
  }
  EXPECT_TRUE(opened);
}

TEST_F(FailoverGroupTest, close_ends_calls_that_wait_and_not_functions_that_run) {
  config.when_unavailable = WhenUnavailable::wait;
  config.command_deadline = 60s;
  FailoverGroup<Store> group(config);
  Gate inside;
  std::jthread runs([&] {
    EXPECT_EQ(group.run(Repeat::never,
                        [&](Store&) {
                          inside.pass();
                          return 7;
                        }),
              7);
  });
  inside.wait_for_somebody();
  east->well = west->well = false;
  std::jthread waits([&] {
    const auto result = group.try_run(Repeat::read_only, [](Store& store) { return store.use(); });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::closed);
  });
  while (!active(group).empty()) std::this_thread::yield();
  group.close();
  waits.join();
  inside.open();
  runs.join();
  const auto late = group.try_run(Repeat::read_only, [](Store& store) { return store.use(); });
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::closed);
}

TEST_F(FailoverGroupTest, EV_2_a_listener_may_call_the_group) {
  Gate done;
  FailoverGroup<Store> group(config);
  group.on_event([&](const ActiveDatabaseChanged& e) {
    if (e.to != "west") return;
    EXPECT_EQ(group.run(Repeat::read_only, [](Store& store) { return store.use(); }), 1);
    group.set_active_database("east");
    done.open();
  });
  group.set_active_database("west");
  done.pass();
  EXPECT_EQ(active(group), "east");
}

TEST_F(FailoverGroupTest, MAN_2_members_come_and_go_under_load) {
  FailoverGroup<Store> group(config);
  std::atomic<bool> stop{false};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!stop) EXPECT_TRUE(group.try_run(Repeat::read_only, [](Store& store) { return store.use(); }));
    });
  }
  for (int round = 0; round < 5; ++round) {
    group.add({.name = "south", .object = std::make_shared<Store>(), .weight = 0.1});
    group.set_active_database("south");
    group.remove("south");
    group.set_active_database("east");
  }
  stop = true;
}

// For programs that own their clients: behaviour.md, section 2.
TEST(FailoverGroupOfClients, BYO_1_clients_of_the_programs_own_are_members) {
  RedisServer east;
  const RedisServer west;
  const auto client_of = [](const RedisServer& server) { return std::make_shared<Client>(server.uri()); };
  FailoverGroup<Client> group({.members = {{.name = "east", .object = client_of(east), .weight = 1.0},
                                           {.name = "west", .object = client_of(west), .weight = 0.5}},
                               .probe = [](Client& client) { return client.with(1s).ping() == "PONG"; },
                               .classify = meaning_of_error});
  const auto count = [](Client& client, const GroupAttempt& attempt) {
    return client.with(std::min<Duration>(1s, attempt.time_left)).incr("hits");
  };
  EXPECT_EQ(group.run(Repeat::accumulate, count), 1);
  east.kill();
  EXPECT_TRUE(until([&] { return group.try_run(Repeat::accumulate, count).has_value(); }));
  EXPECT_EQ(group.describe().active, "west");
}

}  // namespace
}  // namespace meridian::testing
