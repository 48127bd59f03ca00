// What operators do to a running client, and the program's own code inside it, on real servers and with real threads.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "integration/multi_db_fixture.hpp"
#include "support/coroutine.hpp"

namespace meridian::testing {
namespace {

class Operating : public TwoDatabases {
 protected:
  // Code of the program's that blocks until the test lets it go.
  class Gate {
   public:
    ~Gate() { open(); }
    void open() {
      if (!opened_.exchange(true)) promise_.set_value();
    }
    void pass() const { future_.wait(); }

   private:
    std::promise<void> promise_;
    std::shared_future<void> future_ = promise_.get_future().share();
    std::atomic<bool> opened_{false};
  };
};

TEST_F(Operating, MAN_1_a_choice_by_hand_moves_the_next_command) {
  MultiDbClient client(config_that_stays_away());
  ASSERT_TRUE(until([&] { return status_of(client, "west").health == Health::healthy; }));
  client.set_active_database("west");
  EXPECT_EQ(active_of(client), "west");
  client.set("key", "value");
  EXPECT_TRUE(exists_on(west, "key"));
  EXPECT_TRUE(contains(to_text(client.describe()), "west"));
  west.kill();
  EXPECT_TRUE(until([&] { return active_of(client) == "east"; }));
  const Result<void> refused = client.operate(op::SetActiveDatabase{"west"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::temporarily_unavailable);
  EXPECT_THROW(client.set_active_database("north"), Error);
}

TEST_F(Operating, MAN_1_coroutines_and_listeners_may_choose_too) {
  AsyncMultiDbClient client(config_that_stays_away());
  std::promise<Result<void>> from_listener;
  std::atomic<bool> asked{false};
  client.on_event([&](const ActiveDatabaseChanged& e) {
    if (asked.exchange(true)) return;
    std::thread([&] {
      start([&]() -> Task {
        const op::Operation back = op::SetActiveDatabase{"east"};
        from_listener.set_value(co_await client.operate(back));
      }).get();
    }).join();
    EXPECT_EQ(e.to, "west");
  });
  start([&]() -> Task { co_await client.set_active_database("west"); }).get();
  EXPECT_TRUE(from_listener.get_future().get());
  EXPECT_EQ(client.describe().active, "east");
}

TEST_F(Operating, MAN_2_databases_come_and_go_from_any_thread_during_traffic_and_failovers) {
  MultiDbConfig both = config();
  both.drain = 50ms;
  both.databases[0].grace_period = both.databases[1].grace_period = 100ms;
  both.auto_fallback_interval = 100ms;
  RedisServer north;
  MultiDbClient client(both);
  Subscriber subscriber = client.subscriber({.overlap = true});
  subscriber.subscribe("news");
  std::atomic<bool> over{false};
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!over) {
        if (client.execute(cmd::set("key", "value"))) ++answered;
      }
    });
  }
  threads.emplace_back([&] {
    const DatabaseConfig joins{.uri = north.uri(), .name = "north", .weight = 3};
    for (int round = 0; round < 15; ++round) {
      static_cast<void>(client.operate(op::AddDatabase{joins}));
      static_cast<void>(client.operate(op::SetActiveDatabase{"north"}));
      static_cast<void>(client.operate(op::RemoveDatabase{"north"}));
    }
  });
  threads.emplace_back([&] {
    for (int round = 0; round < 15; ++round) {
      static_cast<void>(client.operate(op::SetWeight{"west", round % 2 == 0 ? 5.0 : 0.5}));
      static_cast<void>(client.operate(op::Drain{"east"}));
      static_cast<void>(client.operate(op::Undrain{"east"}));
      static_cast<void>(client.describe());
    }
  });
  threads[3].join();
  threads[4].join();
  over = true;
  for (int i = 0; i < 3; ++i) threads[static_cast<std::size_t>(i)].join();
  EXPECT_GT(answered, 0);
  EXPECT_TRUE(until([&] { return client.describe().databases.size() == 2; }));
  EXPECT_TRUE(client.execute(cmd::set("key", "value")));
}

TEST_F(Operating, MAN_2_closing_ends_what_is_under_way) {
  west.stop();
  MultiDbClient client(config_that_stays_away());
  std::future<Result<void>> chosen =
      std::async(std::launch::async, [&] { return client.operate(op::SetActiveDatabase{"west"}); });
  ASSERT_TRUE(until([&] { return status_of(client, "west").counters.probes > 0; }));
  client.close();
  ASSERT_EQ(chosen.wait_for(10s), std::future_status::ready);
  EXPECT_FALSE(chosen.get());
  EXPECT_EQ(client.operate(op::Pin{}).error().code(), ErrorCode::closed);
  west.resume();
}

TEST_F(Operating, FO_1_a_strategy_that_blocks_costs_a_tenth_of_a_second) {
  Gate gate;
  MultiDbConfig both = config();
  both.failover_strategy = failover_strategy([&](std::span<const DatabaseStatus>) -> std::optional<std::size_t> {
    gate.pass();
    return std::nullopt;
  });
  MultiDbClient client(both);
  east.kill();
  EXPECT_TRUE(until([&] { return active_of(client) == "west"; }, 5s));
  EXPECT_TRUE(client.execute(cmd::set("key", "value")));
  gate.open();
}

TEST_F(Operating, DET_2_a_detector_of_the_programs_opens_the_breaker_and_one_that_blocks_harms_nobody) {
  Gate gate;
  MultiDbConfig both = config();
  both.failure_detectors = {failure_detector([](const ObservedAttempt& attempt) -> std::optional<std::string> {
    if (attempt.database == "east" && attempt.is_read) return "no reads here";
    return std::nullopt;
  })};
  MultiDbClient client(both);
  client.set("key", "value");
  EXPECT_EQ(active_of(client), "east");
  // Else there is nowhere to go, and east is soon active again.
  ASSERT_TRUE(until([&] { return status_of(client, "west").health == Health::healthy; }));
  static_cast<void>(client.get("key"));
  const auto moved = events.wait_for_switch("west");
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->event.evidence, "no reads here");
  client.add_failure_detector(failure_detector([&](const ObservedAttempt&) -> std::optional<std::string> {
    gate.pass();
    throw std::runtime_error("nobody minds");
  }));
  for (int i = 0; i < 100; ++i) client.set("key", "value");
  gate.open();
}

TEST_F(Operating, HC_3_a_check_that_blocks_harms_only_its_own_database) {
  class Blocks final : public HealthCheck {
   public:
    explicit Blocks(const Gate& gate) : gate_(gate) {}
    std::string_view name() const noexcept override { return "blocks"; }
    Request probe() const override { return cmd::ping().request; }
    bool is_healthy(ReplyView) const override {
      gate_.pass();
      return true;
    }

   private:
    const Gate& gate_;
  };
  Gate gate;
  MultiDbConfig both = config();
  both.health_check_interval = 50ms;
  both.health_check_timeout = 200ms;
  both.health_check_probes = 1;
  both.health_check_probes_delay = 0ms;
  MultiDbClient client(both);
  client.add_health_check(std::make_shared<Blocks>(gate), "east");
  EXPECT_TRUE(until([&] { return active_of(client) == "west"; }));
  EXPECT_EQ(status_of(client, "west").health, Health::healthy);
  gate.open();
  EXPECT_TRUE(until([&] { return status_of(client, "east").health == Health::healthy; }));
}

}  // namespace
}  // namespace meridian::testing
