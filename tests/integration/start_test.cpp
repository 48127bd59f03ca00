// The rules of starting (INIT-1 … INIT-5) on real servers.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "integration/multi_db_fixture.hpp"

namespace meridian::testing {
namespace {

class Start : public TwoDatabases {};

TEST_F(Start, INIT_1_the_first_database_is_the_heaviest_whatever_its_place_in_the_list) {
  MultiDbConfig reversed = config();
  std::swap(reversed.databases[0], reversed.databases[1]);

  MultiDbClient client(reversed);

  client.set("key", "value");
  EXPECT_EQ(active_of(client), "east");
  EXPECT_TRUE(exists_on(east, "key"));
  EXPECT_FALSE(exists_on(west, "key"));
}

TEST_F(Start, INIT_1_the_first_database_is_the_heaviest_that_is_healthy) {
  east.kill();
  MultiDbClient client(config());
  EXPECT_EQ(active_of(client), "west");
}

TEST_F(Start, INIT_1_a_hanging_heavier_one_delays_the_start_no_longer_than_its_check_timeout) {
  MultiDbConfig hurried = config();
  hurried.health_check_timeout = 600ms;
  hurried.health_check_probes_delay = 10ms;
  east.stop();

  const auto start = SteadyClock::now();
  MultiDbClient client(hurried);

  EXPECT_EQ(active_of(client), "west");
  EXPECT_LT(in_ms(since(start)), 3 * 600);
}

TEST_F(Start, INIT_1_a_hanging_lighter_one_delays_nothing) {
  west.stop();
  const auto start = SteadyClock::now();
  MultiDbClient client(config());
  EXPECT_EQ(active_of(client), "east");
  EXPECT_LT(in_ms(since(start)), 500 * slowness);  // its own check takes 2 s to be lost
}

TEST_F(Start, INIT_2_trap_6_a_database_that_is_down_at_start_is_used_when_it_comes_up_with_listeners_and_checks) {
  east.kill();
  MultiDbClient client(config());
  ASSERT_EQ(active_of(client), "west");

  east.restart();

  const auto home = events.wait_for_switch("east");
  ASSERT_TRUE(home);
  EXPECT_EQ(home->event.from, "west");
  EXPECT_EQ(home->event.reason, SwitchReason::failback);
  client.set("key", "value");
  EXPECT_TRUE(exists_on(east, "key"));
  EXPECT_EQ(status_of(client, "east").health, Health::healthy);
  EXPECT_TRUE(events.wait_for<HealthChanged>(
      [](const HealthChanged& e) { return e.database == "east" && e.to == Health::healthy; }, 0s));

  // It is watched like any other.
  east.kill();
  EXPECT_TRUE(events.wait_for<ActiveDatabaseChanged>([](const auto& e) { return e.from == "east" && e.to == "west"; }));
}

TEST_F(Start, INIT_3_trap_16_a_policy_that_is_not_met_names_each_database_and_why_and_leaves_nothing_running) {
  east.kill();
  west.kill();
  const Holdings before = holdings();

  const Result<MultiDbClient> client = MultiDbClient::create(config());

  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code(), ErrorCode::initial_health_check_failed);
  EXPECT_EQ(client.error().delivery(), Delivery::not_sent);
  const std::string message = client.error().message();
  for (const std::string name : {"east", "west"}) EXPECT_TRUE(contains(message, name + ": ")) << message;
  for (const RedisServer* server : {&east, &west}) {
    EXPECT_TRUE(contains(message, "127.0.0.1:" + std::to_string(server->port()))) << message;
  }
  EXPECT_TRUE(contains(message, "refused")) << message;
  expect_holdings_return_to(before);
}

TEST_F(Start, INIT_3_trap_16_leaves_nothing_running_when_a_database_hangs) {
  east.stop();
  west.kill();
  MultiDbConfig hurried = config();
  hurried.health_check_timeout = 300ms;
  hurried.health_check_probes_delay = 10ms;
  const Holdings before = holdings();

  const Result<MultiDbClient> client = MultiDbClient::create(hurried);

  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code(), ErrorCode::initial_health_check_failed);
  expect_holdings_return_to(before);
}

TEST_F(Start, INIT_3_each_policy_asks_for_as_many_databases_as_it_says) {
  RedisServer south;
  west.kill();
  MultiDbConfig three = config();
  three.databases.push_back(database(south, "south", 0.25));
  const auto starts = [&three](InitialHealthCheckPolicy policy) {
    three.initial_health_check_policy = policy;
    return MultiDbClient::create(three).has_value();
  };

  EXPECT_TRUE(starts(InitialHealthCheckPolicy::one_available));
  EXPECT_TRUE(starts(InitialHealthCheckPolicy::majority_available));
  EXPECT_FALSE(starts(InitialHealthCheckPolicy::all_available));
  south.kill();
  EXPECT_TRUE(starts(InitialHealthCheckPolicy::one_available));
  EXPECT_FALSE(starts(InitialHealthCheckPolicy::majority_available));
}

TEST_F(Start, INIT_4_a_wrong_configuration_gives_one_error_that_names_the_field_and_the_value) {
  struct Case {
    std::function<void(MultiDbConfig&)> spoil;
    std::vector<std::string> named;
  };
  const std::vector<Case> cases = {
      {[](MultiDbConfig& c) { c.databases.clear(); }, {"databases"}},
      {[](MultiDbConfig& c) { c.databases[1].weight = 0; }, {"databases[1]", "weight", "0"}},
      {[](MultiDbConfig& c) { c.databases[0].weight = std::numeric_limits<double>::infinity(); }, {"weight", "inf"}},
      {[](MultiDbConfig& c) { c.databases[1].name = "east"; }, {"name", "east"}},
      {[](MultiDbConfig& c) { c.health_check_probes = 0; }, {"health_check_probes", "0"}},
      {[](MultiDbConfig& c) { c.health_check_interval = -1s; }, {"health_check_interval", "-1s"}},
      {[](MultiDbConfig& c) { c.health_check_probes_delay = 1500ms; }, {"health_check_timeout", "3s", "1500ms"}},
      {[](MultiDbConfig& c) { c.databases[0].uri += "?colour=red"; }, {"databases[0]", "colour"}},
      {[](MultiDbConfig& c) { c.databases[0].uri = "http://127.0.0.1"; }, {"databases[0]", "http"}},
  };
  const Holdings before = holdings();
  for (const Case& wrong : cases) {
    MultiDbConfig spoilt = config();
    wrong.spoil(spoilt);
    const Result<MultiDbClient> client = MultiDbClient::create(spoilt);
    ASSERT_FALSE(client) << wrong.named.front();
    EXPECT_EQ(client.error().code(), ErrorCode::invalid_argument);
    for (const std::string& part : wrong.named) {
      EXPECT_TRUE(contains(client.error().message(), part)) << part << " in: " << client.error().message();
    }
  }
  expect_holdings_return_to(before);
}

TEST_F(Start, INIT_5_the_constructor_blocks_until_there_is_an_active_database) {
  MultiDbClient client(config());
  EXPECT_EQ(active_of(client), "east");
  EXPECT_EQ(client.ping(), "PONG");
}

TEST_F(Start, INIT_5_the_constructor_throws_what_create_returns) {
  east.kill();
  west.kill();
  const Result<MultiDbClient> created = MultiDbClient::create(config());
  ASSERT_FALSE(created);
  try {
    MultiDbClient client(config());
    FAIL() << "it started";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), created.error().code());
    EXPECT_EQ(error.message(), created.error().message());
  }
}

TEST_F(Start, INIT_5_the_first_round_sends_its_probes_without_delay_between_them) {
  MultiDbConfig slow = config();
  slow.health_check_policy = HealthCheckPolicy::all;
  slow.health_check_probes_delay = 1s;  // two of them lie between three probes
  const auto start = SteadyClock::now();
  MultiDbClient client(slow);
  EXPECT_LT(in_ms(since(start)), 660 * slowness);
}

}  // namespace
}  // namespace meridian::testing
