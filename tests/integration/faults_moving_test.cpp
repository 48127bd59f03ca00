// Rows of docs/faults.md about a whole server or path that fails: killed, hanging, swallowed, reset. What a plain
// client makes of it, and when a client of several databases leaves.
//
// Elsewhere: leaving a killed or hanging database, and staying over a short stop, in noticing_test.cpp (DET-5); one
// failure however many commands a lost connection carried, there, too (DET-4).
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "integration/faults_fixture.hpp"

namespace meridian::testing {
namespace {

// A black hole: everything is swallowed, on connections that are there and on new ones.
void swallow_everything(ScriptedServer& server) {
  server.on("*", [](Peer& peer, const Words&) { peer.fall_silent(); });
  server.on_accept([](Peer& peer) { peer.fall_silent(); });
}

void reset_everything(ScriptedServer& server) {
  server.on("*", [](Peer& peer, const Words&) { peer.reset(); });
  server.on_accept([](Peer& peer) { peer.reset(); });
}

class FaultsMoving : public ::testing::Test {
 protected:
  RedisServer server;
};

class FaultsMovingOfTwo : public TwoScripted {
 protected:
  void SetUp() override {
    west.on("GET", [](Peer& peer, const Words&) { peer.send("$7\r\nof west\r\n"); });
  }
};

// --- 1, 2, 3 ---------------------------------------------------------------------------------------------------------

TEST_F(FaultsMoving, row_01_killed_with_commands_on_their_way_repeats_the_read_and_not_the_count) {
  Client client(server.uri(), impatient());
  client.set("key", "value");
  server.stop();  // so that both are on their way
  std::future<std::optional<std::string>> read = client.futures().get("key");
  std::future<std::int64_t> counted = client.futures().incr("counter");
  // A read on the connection whose turn is later: the two above have left.
  static_cast<void>(client.execute(cmd::get("key"), {.deadline = 50ms}));

  server.kill();
  try {
    counted.get();
    ADD_FAILURE() << "it was repeated";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::connection_lost) << error.what();
    EXPECT_EQ(error.delivery(), Delivery::in_doubt) << error.what();
    EXPECT_EQ(error.attempts(), 1);
  }
  server.restart();
  EXPECT_EQ(read.get(), std::nullopt);  // it kept no data
  EXPECT_EQ(client.incr("counter"), 1);
}

TEST_F(FaultsMoving, row_02_a_hang_of_more_than_the_command_timeout_is_told_though_it_connects) {
  Client client(server.uri(), impatient());
  client.set("key", "value");
  server.stop();
  std::future<std::optional<std::string>> read = client.futures().get("key");

  const auto start = SteadyClock::now();
  const auto counted = client.execute(cmd::incr("counter"));
  EXPECT_LT(in_ms(since(start)), 3 * in_ms(impatient().command_timeout));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().code(), ErrorCode::timed_out) << counted.error().what();
  EXPECT_EQ(counted.error().delivery(), Delivery::in_doubt);
  // The kernel accepts for it, but it shakes no hands.
  const auto later = client.execute(cmd::incr("other"), {.deadline = 100ms});
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().delivery(), Delivery::not_sent) << later.error().what();

  server.resume();
  EXPECT_EQ(read.get(), "value");
  EXPECT_EQ(client.incr("other"), 1);
}

TEST_F(FaultsMoving, row_03_a_short_hang_costs_no_error_and_no_connection) {
  Client client(server.uri());
  const auto connection = client.command<std::int64_t>("CLIENT", "ID");
  std::atomic<bool> over{false};
  std::vector<std::future<int>> callers;
  for (int i = 0; i < 4; ++i) {
    callers.push_back(std::async(std::launch::async, [&client, &over, i] {
      int errors = 0;
      while (!over) {
        if (!client.execute(cmd::incr("counter" + std::to_string(i)))) ++errors;
      }
      return errors;
    }));
  }
  server.stop();
  std::this_thread::sleep_for(150ms);  // how long the fault lasts
  server.resume();
  client.set("key", "value");
  over = true;
  for (auto& caller : callers) EXPECT_EQ(caller.get(), 0);
  EXPECT_EQ(connections_with(server, "id=" + std::to_string(connection) + " ").size(), 1U);
}

// --- 7 ---------------------------------------------------------------------------------------------------------------

TEST_F(FaultsMovingOfTwo, row_07_one_killed_in_mid_reply_is_left_and_the_read_answered_by_the_other) {
  MultiDbClient client(config());
  client.set("key", "the value of east");
  east.on("GET", [this](Peer& peer, const Words&) {
    peer.send("$17\r\nthe value");
    reset_everything(east);
    east.reset_all();
    peer.reset();
  });
  EXPECT_EQ(client.get("key"), "of west");
  EXPECT_EQ(active_of(client), "west");
}

// --- 8, 9 ------------------------------------------------------------------------------------------------------------

TEST(FaultsBlackHole, row_08_what_is_swallowed_ends_as_in_doubt_within_the_command_timeout) {
  ScriptedServer server;
  Client client(server.uri(), impatient());
  client.set("key", "value");
  swallow_everything(server);
  const auto start = SteadyClock::now();
  const auto counted = client.execute(cmd::incr("counter"));
  EXPECT_LT(in_ms(since(start)), 3 * in_ms(impatient().command_timeout));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().code(), ErrorCode::timed_out) << counted.error().what();
  EXPECT_EQ(counted.error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(counted.error().attempts(), 1);
  EXPECT_EQ(server.count("INCR"), 1U);
}

TEST_F(FaultsMovingOfTwo, row_08_a_black_hole_is_left_and_what_counts_stays_in_doubt) {
  MultiDbClient client(config());
  client.set("key", "of east");
  swallow_everything(east);
  std::future<std::int64_t> counted = client.futures().incr("counter");

  const auto start = SteadyClock::now();
  EXPECT_EQ(client.get("key"), "of west");
  EXPECT_LT(in_ms(since(start)), 1500 * slowness);
  try {
    counted.get();
    ADD_FAILURE() << "it was repeated";
  } catch (const Error& error) {
    EXPECT_EQ(error.delivery(), Delivery::in_doubt) << error.what();
    EXPECT_EQ(error.database(), "east");
    EXPECT_EQ(error.attempts(), 1);
  }
  EXPECT_EQ(west.count("INCR"), 0U);
}

TEST(FaultsResets, row_09_everything_reset_is_told_as_what_it_is) {
  ScriptedServer server;
  Client client(server.uri(), impatient());
  client.set("key", "value");
  reset_everything(server);
  const auto counted = client.execute(cmd::incr("counter"));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().code(), ErrorCode::connection_lost) << counted.error().what();
  EXPECT_EQ(counted.error().delivery(), Delivery::in_doubt);
  const auto later = client.execute(cmd::incr("counter"), {.deadline = 100ms * slowness});
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code(), ErrorCode::connect_failed) << later.error().what();
  EXPECT_EQ(later.error().delivery(), Delivery::not_sent);
  EXPECT_EQ(server.count("INCR"), 1U);
  server.behave();
  EXPECT_EQ(client.get("key"), "value");
}

TEST_F(FaultsMovingOfTwo, row_09_one_that_resets_everything_is_left) {
  MultiDbClient client(config());
  client.set("key", "of east");
  reset_everything(east);
  const auto start = SteadyClock::now();
  EXPECT_EQ(client.get("key"), "of west");
  EXPECT_LT(in_ms(since(start)), 750 * slowness);
  EXPECT_TRUE(events.wait_for_switch("west"));
  EXPECT_EQ(events.all<ActiveDatabaseChanged>().size(), 1U);
}

// --- 11, 12 ----------------------------------------------------------------------------------------------------------

// Cuts the connection that `client` runs its commands on, and expects it to be replaced at once.
template <class AnyClient>
void expect_quiet_reconnect(const RedisServer& server, AnyClient& client) {
  const std::string id = std::to_string(client.template command<std::int64_t>("CLIENT", "ID"));
  ASSERT_EQ(server.command({"CLIENT", "KILL", "ID", id}), ":1\r\n");
  const auto start = SteadyClock::now();
  EXPECT_EQ(client.get("key"), std::nullopt);
  EXPECT_LT(in_ms(since(start)), 500 * slowness);  // the rule says 50
  EXPECT_NE(std::to_string(client.template command<std::int64_t>("CLIENT", "ID")), id);
}

TEST_F(FaultsMoving, row_11_and_12_a_connection_that_was_killed_is_replaced_within_50_ms) {
  Client client(server.uri());
  expect_quiet_reconnect(server, client);
}

TEST_F(FaultsMoving, row_11_and_12_a_killed_connection_is_no_reason_to_leave) {
  RedisServer other;
  EventLog events;
  MultiDbClient client({.databases = {{.uri = server.uri(), .name = "east", .weight = 1.0},
                                      {.uri = other.uri(), .name = "west", .weight = 0.5}},
                        .event_listeners = {events.listener()}});
  expect_quiet_reconnect(server, client);
  EXPECT_EQ(active_of(client), "east");
  EXPECT_TRUE(events.all<ActiveDatabaseChanged>().empty());
  EXPECT_TRUE(events.all<CircuitStateChanged>().empty());
}

}  // namespace
}  // namespace meridian::testing
