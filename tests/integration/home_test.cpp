// The rules of going home (FB-1, FB-2) on real servers.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "integration/multi_db_fixture.hpp"

namespace meridian::testing {
namespace {

class Home : public TwoDatabases {};

TEST_F(Home, FB_1_returns_when_the_heavier_one_is_well_and_its_grace_is_over) {
  MultiDbClient client(config());
  east.stop();
  client.set("key", "west");
  const auto away = events.wait_for_switch("west");
  ASSERT_TRUE(away);
  EXPECT_GT(status_of(client, "east").grace_left, Duration::zero());
  EXPECT_TRUE(contains(status_of(client, "east").why_not, "circuit breaker"));

  east.resume();
  const auto home = events.wait_for_switch("east");

  ASSERT_TRUE(home);
  EXPECT_EQ(home->event.reason, SwitchReason::failback);
  EXPECT_GE(in_ms(home->at - away->at), 290);  // events are heard a little later than they happen
  client.set("key", "east");
  EXPECT_EQ(east.command({"GET", "key"}), "$4\r\neast\r\n");
  EXPECT_EQ(west.command({"GET", "key"}), "$4\r\nwest\r\n");
  // Grace follows failovers only: west could be used at once.
  EXPECT_TRUE(status_of(client, "west").eligible) << status_of(client, "west").why_not;
}

TEST_F(Home, FB_1_stays_away_while_the_grace_lasts) {
  MultiDbConfig patient = config();
  patient.databases[0].grace_period = 60s;
  MultiDbClient client(patient);
  east.kill();
  ASSERT_TRUE(events.wait_for_switch("west"));
  east.restart();

  EXPECT_FALSE(events.wait_for_switch("east", 500ms));  // five looks
  const DatabaseStatus status = status_of(client, "east");
  EXPECT_FALSE(status.eligible);
  EXPECT_GT(status.grace_left, 50s);
}

TEST_F(Home, FB_1_is_off_when_the_interval_is_not_positive) {
  for (const Duration interval : {Duration(0), Duration(-1s)}) {
    MultiDbConfig off = config();
    off.auto_fallback_interval = interval;
    MultiDbClient client(off);
    east.kill();
    ASSERT_TRUE(until([&] { return active_of(client) == "west"; }));
    east.restart();
    ASSERT_TRUE(until([&] { return status_of(client, "east").eligible; }));
    EXPECT_FALSE(events.wait_for_switch("east", 200ms));
    EXPECT_EQ(active_of(client), "west");
  }
}

TEST_F(Home, FB_1_a_lighter_one_is_no_home) {
  RedisServer south;
  MultiDbConfig three = config();
  three.databases.push_back(database(south, "south", 0.25));
  MultiDbClient client(three);
  east.kill();
  ASSERT_TRUE(events.wait_for_switch("west"));
  ASSERT_TRUE(status_of(client, "south").eligible);
  EXPECT_FALSE(events.wait_for_switch("south", 300ms));
  EXPECT_EQ(active_of(client), "west");
}

TEST_F(Home, FB_1_no_call_fails_when_a_client_under_load_goes_home) {
  MultiDbClient client(config());
  east.kill();
  ASSERT_TRUE(events.wait_for_switch("west"));

  std::atomic<bool> over{false};
  struct Tally {
    std::int64_t increments = 0;
    std::vector<std::string> errors;
  };
  std::vector<std::future<Tally>> callers;
  for (int i = 0; i < 6; ++i) {
    callers.push_back(std::async(std::launch::async, [&client, &over, i] {
      Tally tally;
      const auto note = [&tally](const auto& result) {
        if (!result) tally.errors.emplace_back(result.error().what());
        return result.has_value();
      };
      const std::string own = std::to_string(i);
      while (!over) {
        if (note(client.execute(cmd::incr("counter" + own)))) ++tally.increments;
        note(client.execute(cmd::set("key" + own, "value")));
        note(client.execute(cmd::get("key" + own)));
      }
      return tally;
    }));
  }
  east.restart();
  EXPECT_TRUE(events.wait_for_switch("east"));
  client.set("after", "value");
  over = true;

  for (std::size_t i = 0; i < callers.size(); ++i) {
    const Tally tally = callers[i].get();
    EXPECT_EQ(tally.errors, std::vector<std::string>{});
    const std::string key = "counter" + std::to_string(i);
    EXPECT_EQ(count_on(east, key) + count_on(west, key), tally.increments);
  }
  EXPECT_EQ(events.all<ActiveDatabaseChanged>().size(), 2U);
}

TEST_F(Home, FB_2_a_writing_client_does_not_go_where_writes_are_refused_and_a_reading_one_does) {
  ASSERT_EQ(west.command({"SET", "key", "value"}), "+OK\r\n");
  RedisServer refusing({"--min-replicas-to-write", "1"});
  MultiDbConfig config_of_writer = config();
  config_of_writer.databases[0] = database(refusing, "east", 1.0);
  EventLog of_the_reader;
  MultiDbConfig config_of_reader = config_of_writer;
  config_of_reader.event_listeners = {of_the_reader.listener()};
  MultiDbClient reader(config_of_reader);
  MultiDbClient writer(config_of_writer);
  writer.set("key", "value");  // NOREPLICAS on east: it follows to west
  ASSERT_EQ(active_of(writer), "west");
  ASSERT_EQ(active_of(reader), "east");

  refusing.kill();
  ASSERT_TRUE(of_the_reader.wait_for_switch("west"));
  EXPECT_EQ(reader.get("key"), "value");
  ASSERT_TRUE(until([&] { return contains(status_of(writer, "east").last_evidence, "refused"); }));
  refusing.restart();

  EXPECT_TRUE(of_the_reader.wait_for_switch("east"));
  EXPECT_TRUE(until([&] { return contains(status_of(writer, "east").last_evidence, "NOREPLICAS"); }));
  EXPECT_EQ(active_of(writer), "west");

  // As soon as writes pass, the writer goes home, too.
  ASSERT_EQ(refusing.command({"CONFIG", "SET", "min-replicas-to-write", "0"}), "+OK\r\n");
  EXPECT_TRUE(events.wait_for_switch("east", 20s));
  writer.set("home", "value");
  EXPECT_TRUE(exists_on(refusing, "home"));
}

}  // namespace
}  // namespace meridian::testing
