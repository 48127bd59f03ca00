// CMD-4 on real servers: blocking commands that are woken, cut, frozen, stopped and closed.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "integration/protocols_fixture.hpp"
#include "support/coroutine.hpp"

namespace meridian::testing {
namespace {

using Popped = std::optional<std::pair<std::string, std::string>>;

class Blocking : public TwoDatabasesInBothProtocols {
 protected:
  // A pop on a thread of its own.
  template <class AnyClient>
  [[nodiscard]] static std::future<Result<Popped>> popping(AnyClient& client, Duration timeout,
                                                           const CallOptions& options = {}) {
    return std::async(std::launch::async,
                      [&client, timeout, options] { return client.execute(cmd::blpop("queue", timeout), options); });
  }
  [[nodiscard]] static bool are_blocked(const RedisServer& server, std::size_t count) {
    return until([&] { return connections_with(server, "cmd=blpop").size() == count; });
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, Blocking, both_protocols, ::testing::PrintToStringParamName());

TEST_P(Blocking, CMD_4_is_woken_by_a_push_and_disturbs_nobody_meanwhile) {
  MultiDbClient client(both());
  auto popped = popping(client, 20s);
  ASSERT_TRUE(are_blocked(east, 1));
  EXPECT_EQ(client.incr("n"), 1);
  client.rpush("queue", "element");
  EXPECT_EQ(popped.get().value(), (std::pair<std::string, std::string>("queue", "element")));
}

TEST_P(Blocking, CMD_4_its_own_timeout_is_no_failure) {
  MultiDbConfig config = both();
  config.consecutive_failures = 1;
  MultiDbClient client(config);
  const auto began = SteadyClock::now();
  EXPECT_EQ(client.blpop("queue", 1500ms), std::nullopt);
  EXPECT_GE(since(began), 1500ms);
  EXPECT_LE(since(began), 1500ms + slowness * 1s);
  EXPECT_EQ(active_of(client), "east");
  EXPECT_TRUE(events.all<CircuitStateChanged>().empty());
}

TEST_P(Blocking, CMD_4_a_hundred_threads_wait_at_once_and_each_gets_one) {
  MultiDbConfig config = both();
  for (DatabaseConfig& database : config.databases) database.options.dedicated_connections = 100;
  MultiDbClient client(config);
  std::vector<std::future<Result<Popped>>> popped;
  for (int i = 0; i < 100; ++i) popped.push_back(popping(client, 0s));
  ASSERT_TRUE(are_blocked(east, 100));
  for (int i = 0; i < 100; ++i) client.rpush("queue", std::to_string(i));
  for (auto& each : popped) EXPECT_TRUE(each.get().value().has_value());
  EXPECT_EQ(client.llen("queue"), 0);
}

TEST_P(Blocking, CMD_4_more_than_may_wait_at_once_are_all_served) {
  MultiDbConfig config = both();
  for (DatabaseConfig& database : config.databases) database.options.dedicated_connections = 4;
  MultiDbClient client(config);
  std::vector<std::future<Result<Popped>>> popped;
  for (int i = 0; i < 30; ++i) popped.push_back(popping(client, 0s));
  ASSERT_TRUE(are_blocked(east, 4));
  for (int i = 0; i < 30; ++i) client.rpush("queue", std::to_string(i));
  for (auto& each : popped) EXPECT_TRUE(each.get().value().has_value());
}

TEST_P(Blocking, CMD_4_a_kill_ends_a_pop_in_doubt) {
  MultiDbClient client(both());
  auto popped = popping(client, 0s);
  ASSERT_TRUE(are_blocked(east, 1));
  const auto began = SteadyClock::now();
  east.kill();
  const auto outcome = popped.get();
  EXPECT_LE(since(began), slowness * 1s);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().delivery(), Delivery::in_doubt) << outcome.error().what();
  EXPECT_TRUE(events.wait_for_switch("west"));
}

TEST_P(Blocking, CMD_4_a_freeze_ends_a_pop_that_waits_for_ever) {
  MultiDbClient client(both());
  auto popped = popping(client, 0s);
  ASSERT_TRUE(are_blocked(east, 1));
  east.stop();
  const auto outcome = popped.get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().delivery(), Delivery::in_doubt) << outcome.error().what();
  EXPECT_TRUE(events.wait_for_switch("west"));
  east.resume();
  east.command({"RPUSH", "queue", "element"});
  EXPECT_EQ(east.command({"LLEN", "queue"}), ":1\r\n");  // nobody takes it any more
}

TEST_P(Blocking, CMD_4_accumulate_issues_a_pop_again_and_it_is_woken_there) {
  MultiDbConfig config = both();
  config.repeat_up_to = Repeat::accumulate;
  MultiDbClient client(config);
  auto popped = popping(client, 30s);
  ASSERT_TRUE(are_blocked(east, 1));
  east.kill();
  ASSERT_TRUE(are_blocked(west, 1));
  client.rpush("queue", "element");
  EXPECT_EQ(popped.get().value(), (std::pair<std::string, std::string>("queue", "element")));
}

TEST_P(Blocking, CMD_4_accumulate_issues_it_again_with_the_time_that_is_left) {
  MultiDbConfig config = both();
  config.repeat_up_to = Repeat::accumulate;
  MultiDbClient client(config);
  const auto began = SteadyClock::now();
  auto popped = popping(client, 2s);
  ASSERT_TRUE(are_blocked(east, 1));
  east.kill();
  ASSERT_TRUE(are_blocked(west, 1));
  EXPECT_EQ(popped.get().value(), std::nullopt);
  EXPECT_GE(since(began), 1900ms);
  EXPECT_LE(since(began), 2s + slowness * 1s);
}

TEST_P(Blocking, CMD_4_a_blocking_read_is_issued_again) {
  MultiDbClient client(both());
  auto read = std::async(std::launch::async, [&client] {
    return client.execute(cmd::xread({{"log", "$"}}, {.block = 0s}));
  });
  ASSERT_TRUE(until([&] { return connections_with(east, "cmd=xread").size() == 1; }));
  east.kill();
  ASSERT_TRUE(until([&] { return connections_with(west, "cmd=xread").size() == 1; }));
  client.xadd("log", {{"field", "value"}});
  const auto outcome = read.get();
  ASSERT_TRUE(outcome) << outcome.error().what();
  EXPECT_EQ(outcome->at(0).entries.size(), 1U);
}

TEST_P(Blocking, CMD_4_closing_the_client_ends_it_at_once) {
  std::optional<MultiDbClient> client(both());
  auto popped = popping(*client, 0s);
  ASSERT_TRUE(are_blocked(east, 1));
  const auto began = SteadyClock::now();
  client->close();
  const auto outcome = popped.get();
  EXPECT_LE(since(began), slowness * 500ms);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::closed);
  EXPECT_TRUE(are_blocked(east, 0));
}

TEST_P(Blocking, CMD_4_a_stop_token_ends_it_at_once_and_nobody_takes_the_next_element) {
  Client client(uri_of(east));
  std::stop_source source;
  auto popped = popping(client, 0s, {.stop = source.get_token()});
  ASSERT_TRUE(are_blocked(east, 1));
  const auto began = SteadyClock::now();
  source.request_stop();
  const auto outcome = popped.get();
  EXPECT_LE(since(began), slowness * 500ms);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::cancelled);
  EXPECT_EQ(outcome.error().delivery(), Delivery::in_doubt);
  ASSERT_TRUE(are_blocked(east, 0));
  client.rpush("queue", "element");
  EXPECT_EQ(client.llen("queue"), 1);
}

TEST_P(Blocking, CMD_4_a_deadline_of_the_callers_own_ends_it) {
  Client client(uri_of(east));
  const auto began = SteadyClock::now();
  const auto outcome = client.execute(cmd::blpop("queue", 0s), {.deadline = 300ms});
  EXPECT_GE(since(began), 300ms);
  EXPECT_LE(since(began), 300ms + slowness * 500ms);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::timed_out);
  EXPECT_TRUE(are_blocked(east, 0));
}

TEST_P(Blocking, CMD_4_holds_for_coroutines) {
  AsyncClient client(uri_of(east));
  std::optional<Popped> first;
  std::optional<Result<Popped>> second;
  auto woken = start([&]() -> Task { first = co_await client.blpop("queue", 0s); });
  ASSERT_TRUE(are_blocked(east, 1));
  client.futures().rpush("queue", "element").get();
  woken.get();
  EXPECT_EQ(*first, (std::pair<std::string, std::string>("queue", "element")));
  auto closed = start([&]() -> Task { second = co_await client.results().blpop("queue", 0s); });
  ASSERT_TRUE(are_blocked(east, 1));
  client.close();
  closed.get();
  EXPECT_EQ(second->error().code(), ErrorCode::closed);
}

// faults.md row 27
TEST_P(Blocking, CMD_4_a_full_server_is_not_left_because_nobody_may_wait_there) {
  MultiDbClient client(both());
  client.set("key", "value");
  ASSERT_TRUE(until([&] { return connections_with(east, "name=").size() >= 3; }));
  const std::size_t clients = connections_with(east, "id=").size() - 1;  // without the one that asks
  ASSERT_EQ(east.command({"CONFIG", "SET", "maxclients", std::to_string(clients)}), "+OK\r\n");
  const auto outcome = client.execute(cmd::blpop("queue", 1s), {.deadline = 1s});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().delivery(), Delivery::not_sent) << outcome.error().what();
  EXPECT_EQ(client.get("key"), "value");
  EXPECT_EQ(active_of(client), "east") << status_of(client, "east").last_evidence;
}

}  // namespace
}  // namespace meridian::testing
