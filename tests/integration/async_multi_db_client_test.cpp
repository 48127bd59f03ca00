// `AsyncMultiDbClient` on real servers: its start, which blocks nobody, a failover under coroutines, and its ends.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "integration/multi_db_fixture.hpp"
#include "support/coroutine.hpp"

namespace meridian::testing {
namespace {

class AsyncMultiDb : public TwoDatabases {
 protected:
  [[nodiscard]] MultiDbConfig config_without_servers() {
    east.kill();
    west.kill();
    return config();
  }
};

TEST_F(AsyncMultiDb, INIT_5_connect_blocks_nobody_and_gives_a_client) {
  east.stop();
  west.stop();
  std::optional<AsyncMultiDbClient> client;
  std::future<void> over = start([&client, both = config()]() -> Task {
    client.emplace(value_or_throw(co_await AsyncMultiDbClient::connect(both)));
    EXPECT_TRUE(co_await client->set("key", "value"));
  });
  EXPECT_NE(over.wait_for(0s), std::future_status::ready);
  east.resume();
  west.resume();
  over.get();
  EXPECT_TRUE(exists_on(east, "key"));
  EXPECT_EQ(client->databases().size(), 2U);
  EXPECT_EQ(client->futures().get("key").get(), "value");
}

TEST_F(AsyncMultiDb, INIT_5_connect_gives_a_client_to_a_callback_as_well) {
  std::promise<Result<AsyncMultiDbClient>> connected;
  AsyncMultiDbClient::connect(
      config(), [&connected](Result<AsyncMultiDbClient> client) { connected.set_value(std::move(client)); });
  Result<AsyncMultiDbClient> client = connected.get_future().get();
  EXPECT_EQ(client->futures().ping().get(), "PONG");
}

TEST_F(AsyncMultiDb, INIT_3_a_start_without_databases_names_each_and_leaves_nothing_running) {
  const MultiDbConfig nobody_there = config_without_servers();
  const Holdings before = holdings();
  std::optional<Error> refused;
  start([&]() -> Task { refused = (co_await AsyncMultiDbClient::connect(nobody_there)).error(); }).get();
  EXPECT_EQ(refused.value().code(), ErrorCode::initial_health_check_failed);
  EXPECT_TRUE(contains(refused.value().message(), "east")) << refused.value().what();
  EXPECT_TRUE(contains(refused.value().message(), "west")) << refused.value().what();
  expect_holdings_return_to(before);
}

TEST_F(AsyncMultiDb, INIT_4_a_wrong_configuration_is_told_at_once_in_the_same_thread) {
  start([]() -> Task {
    const std::thread::id here = std::this_thread::get_id();
    const MultiDbConfig empty;
    const auto client = co_await AsyncMultiDbClient::connect(empty);
    EXPECT_EQ(client.error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(std::this_thread::get_id(), here);
  }).get();
  EXPECT_EQ(AsyncMultiDbClient::create({}).error().code(), ErrorCode::invalid_argument);
  EXPECT_THROW(AsyncMultiDbClient(MultiDbConfig{}), Error);
}

TEST_F(AsyncMultiDb, FO_4_coroutines_follow_a_switch) {
  AsyncMultiDbClient client(config_that_stays_away());
  std::atomic<int> answered = 0;
  std::atomic<bool> over = false;
  std::vector<std::future<void>> coroutines;
  for (int i = 0; i < 8; ++i) {
    coroutines.push_back(start([&, i]() -> Task {
      const std::string key = "key" + std::to_string(i);
      while (!over) {
        if (co_await client.execute(cmd::set(key, "value"))) ++answered;
      }
    }));
  }
  ASSERT_TRUE(until([&] { return answered > 100; }));
  east.kill();
  const auto moved = events.wait_for_switch("west");
  const int before = answered;
  EXPECT_TRUE(until([&] { return answered > before + 100; }));
  over = true;
  for (auto& coroutine : coroutines) coroutine.get();
  ASSERT_TRUE(moved);
  EXPECT_TRUE(exists_on(west, "key0"));
}

TEST_F(AsyncMultiDb, Listeners_can_be_added_to_it) {
  AsyncMultiDbClient client(config_that_stays_away());
  std::promise<std::string> moved_to;
  client.on_event([&moved_to](const ActiveDatabaseChanged& event) { moved_to.set_value(event.to); });
  east.kill();
  EXPECT_EQ(moved_to.get_future().get(), "west");
}

TEST_F(AsyncMultiDb, I9_a_client_may_be_made_and_destroyed_without_a_thread_of_ones_own) {
  const Holdings before = holdings();
  start([both = config()]() -> Task {
    for (int i = 0; i < 3; ++i) {
      Result<AsyncMultiDbClient> client = co_await AsyncMultiDbClient::connect(both);
      EXPECT_EQ(co_await client->ping(), "PONG");
      client->close();
      EXPECT_EQ((co_await client->execute(cmd::ping())).error().code(), ErrorCode::closed);
    }
  }).get();
  expect_holdings_return_to(before);
}

}  // namespace
}  // namespace meridian::testing
