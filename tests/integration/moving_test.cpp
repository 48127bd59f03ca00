// The rules of failing over (FO-1 … FO-6) and of events (EV-1, EV-2) on real servers.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "integration/multi_db_fixture.hpp"

namespace meridian::testing {
namespace {

class NeverWell final : public HealthCheck {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "never-well"; }
  [[nodiscard]] Request probe() const override { return cmd::ping().request; }
  [[nodiscard]] bool is_healthy(ReplyView) const override { return false; }
};

class Moving : public TwoDatabases {
 protected:
  void kill_both(MultiDbClient& client) {
    west.kill();
    east.kill();
    EXPECT_TRUE(until([&] { return active_of(client).empty(); }));
  }
};

// --- FO-1, FO-2, FO-3 ------------------------------------------------------------------------------------------------

TEST_F(Moving, FO_1_an_unhealthy_second_choice_is_skipped) {
  RedisServer south;
  MultiDbConfig three = config_that_stays_away();
  three.databases.push_back(database(south, "south", 0.25));
  three.databases[1].health_checks = {std::make_shared<NeverWell>()};
  MultiDbClient client(three);
  ASSERT_TRUE(events.wait_for<HealthChanged>(
      [](const HealthChanged& e) { return e.database == "west" && e.to == Health::unhealthy; }));

  east.kill();
  client.set("key", "value");

  EXPECT_EQ(active_of(client), "south");
  EXPECT_TRUE(exists_on(south, "key"));
}

TEST_F(Moving, FO_2_killing_a_database_that_is_not_active_moves_nothing) {
  MultiDbClient client(config());
  west.kill();
  ASSERT_TRUE(events.wait_for<CircuitStateChanged>(
      [](const CircuitStateChanged& e) { return e.database == "west" && e.to == CircuitState::open; }));

  client.set("key", "value");
  EXPECT_EQ(active_of(client), "east");
  EXPECT_TRUE(events.all<ActiveDatabaseChanged>().empty());
  const DatabaseStatus status = status_of(client, "west");
  EXPECT_FALSE(status.eligible);
  EXPECT_TRUE(contains(status.why_not, "circuit breaker")) << status.why_not;
  EXPECT_TRUE(contains(status.last_evidence, "refused")) << status.last_evidence;
}

TEST_F(Moving, FO_3_the_switch_happens_in_the_background_without_any_command) {
  MultiDbClient client(config_that_stays_away());
  east.kill();
  EXPECT_TRUE(until([&] { return active_of(client) == "west"; }));

  // The connection is open already: the first command needs one round trip.
  const auto start = SteadyClock::now();
  EXPECT_EQ(client.get("key"), std::nullopt);
  EXPECT_LT(in_ms(since(start)), 100 * slowness);
}

TEST_F(Moving, trap_19_nobody_waits_behind_the_network_at_a_switch) {
  MultiDbConfig three = config_that_stays_away();
  three.databases.push_back({.uri = "redis://192.0.2.1:6379", .name = "nowhere", .weight = 0.25});
  MultiDbClient client(three);
  client.set("key", "value");
  std::atomic<bool> over{false};
  std::atomic<Duration::rep> longest{0};
  const auto note = [&longest](SteadyClock::time_point start) {
    Duration::rep seen = longest;
    const Duration took = since(start);
    while (took.count() > seen && !longest.compare_exchange_weak(seen, took.count())) continue;
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) {
    callers.emplace_back([&] {
      while (!over) {
        const auto start = SteadyClock::now();
        static_cast<void>(client.execute(cmd::get("key"), {.deadline = 50ms}));
        note(start);
      }
    });
  }

  east.stop();  // what the switch leaves, closes and probes is silent
  const bool switched = until([&] {
    const auto start = SteadyClock::now();
    const bool is_west = active_of(client) == "west";
    note(start);
    return is_west;
  });
  over = true;
  for (std::thread& caller : callers) caller.join();

  EXPECT_TRUE(switched);
  EXPECT_LE(in_ms(Duration(longest)), 250.0 * slowness);
}

// --- FO-4 ------------------------------------------------------------------------------------------------------------

TEST_F(Moving, FO_4_commands_issued_during_the_outage_follow_to_the_next_database) {
  for (const bool hang : {false, true}) {
    RedisServer first;
    MultiDbConfig config = config_that_stays_away();
    config.databases[0] = database(first, "first", 1.0);
    MultiDbClient client(config);
    std::atomic<bool> over{false};
    std::vector<std::future<std::vector<std::string>>> callers;
    for (int i = 0; i < 4; ++i) {
      callers.push_back(std::async(std::launch::async, [&client, &over, i] {
        std::vector<std::string> errors;
        const std::string key = "key" + std::to_string(i);
        while (!over) {
          const auto written = client.execute(cmd::set(key, "value"));
          if (!written) errors.emplace_back(written.error().what());
          const auto read = client.execute(cmd::get(key));
          if (!read) errors.emplace_back(read.error().what());
        }
        return errors;
      }));
    }

    if (hang) first.stop();
    else first.kill();
    EXPECT_TRUE(until([&] { return active_of(client) == "west"; }));
    client.set("last", "value");
    over = true;

    for (auto& caller : callers) EXPECT_EQ(caller.get(), std::vector<std::string>{});
  }
}

TEST_F(Moving, FO_4_increments_in_flight_at_a_hang_end_in_doubt_and_are_not_run_twice) {
  MultiDbClient client(config_that_stays_away());
  client.set("key", "value");
  east.stop();
  std::map<std::string, std::future<std::int64_t>> increments;
  std::vector<std::future<std::optional<std::string>>> reads;
  for (int i = 0; i < 50; ++i) {
    const std::string key = "counter" + std::to_string(i);
    increments[key] = client.futures().incr(key);
    reads.push_back(client.futures().get("key"));
  }

  std::map<std::string, std::optional<Delivery>> outcome;  // nothing: answered
  for (auto& [key, increment] : increments) {
    try {
      EXPECT_EQ(increment.get(), 1);
      outcome[key] = std::nullopt;
    } catch (const Error& error) {
      EXPECT_EQ(error.delivery(), Delivery::in_doubt) << error.what();
      EXPECT_EQ(error.database(), "east") << error.what();
      outcome[key] = error.delivery();
    }
  }
  for (auto& read : reads) EXPECT_EQ(read.get(), std::nullopt);  // repeated on west, which has no such key
  EXPECT_EQ(active_of(client), "west");
  EXPECT_TRUE(outcome["counter0"].has_value());  // it was on its way for certain

  east.resume();
  east.commands({{"PING"}, {"PING"}, {"PING"}});  // by now it has read what was sent to it before
  for (const auto& [key, delivery] : outcome) {
    const std::int64_t runs = count_on(east, key) + count_on(west, key);
    if (delivery) EXPECT_LE(runs, 1) << key;
    else EXPECT_EQ(runs, 1) << key;
  }
}

TEST_F(Moving, FO_4_what_was_not_sent_follows_even_where_nothing_is_repeated) {
  MultiDbConfig once = config_that_stays_away();
  once.command_retry.retries = 0;
  MultiDbClient client(once);
  east.stop();
  std::future<std::int64_t> sent = client.futures().incr("sent");
  ASSERT_TRUE(until([&] { return contains(status_of(client, "east").last_evidence, "silence"); }));
  std::vector<std::future<std::int64_t>> unsent;  // nothing is handed to a silent connection
  for (int i = 0; i < 20; ++i) unsent.push_back(client.futures().incr("unsent"));

  for (int i = 1; i <= 20; ++i) EXPECT_EQ(unsent[static_cast<std::size_t>(i - 1)].get(), i);  // in their order
  EXPECT_THROW(sent.get(), Error);
  EXPECT_EQ(count_on(west, "unsent"), 20);
  east.resume();
  east.commands({{"PING"}, {"PING"}, {"PING"}});
  EXPECT_EQ(count_on(east, "unsent"), 0);
}

// --- FO-5, FO-6 ------------------------------------------------------------------------------------------------------

TEST_F(Moving, FO_5_a_blip_of_everything_costs_only_the_blip) {
  MultiDbConfig patient = config();
  for (DatabaseConfig& d : patient.databases) d.grace_period = 60s;
  MultiDbClient client(patient);
  kill_both(client);

  const auto start = SteadyClock::now();
  west.restart();
  EXPECT_TRUE(until([&] { return client.results().get("key").has_value(); }));
  EXPECT_LT(in_ms(since(start)), 3 * 600);  // a start and a trial, which comes each 500 ms
  EXPECT_EQ(active_of(client), "west");
}

TEST_F(Moving, FO_5_the_only_database_is_used_again_as_soon_as_it_is_there) {
  MultiDbConfig one = config();
  one.databases.pop_back();
  one.databases[0].grace_period = 60s;
  MultiDbClient client(one);
  east.kill();
  ASSERT_TRUE(events.wait_for<AllDatabasesUnavailable>([](const auto&) { return true; }));

  const auto start = SteadyClock::now();
  east.restart();
  EXPECT_TRUE(until([&] { return active_of(client) == "east"; }));  // no command needed
  EXPECT_LT(in_ms(since(start)), 3 * 600);
  EXPECT_EQ(client.get("key"), std::nullopt);
  EXPECT_EQ(status_of(client, "east").grace_left, Duration::zero());
}

TEST_F(Moving, FO_6_while_nothing_is_usable_calls_fail_at_once_first_temporarily_then_for_good) {
  MultiDbConfig brief = config();
  brief.failover_attempts = 2;
  brief.failover_delay = 300ms;
  MultiDbClient client(brief);
  kill_both(client);

  const auto start = SteadyClock::now();
  const auto first = client.execute(cmd::incr("counter"));
  EXPECT_LT(in_ms(since(start)), 100 * slowness);  // 10 ms on a quiet machine
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code(), ErrorCode::temporarily_unavailable);
  EXPECT_EQ(first.error().delivery(), Delivery::not_sent);
  for (const char* name : {"east", "west"})
    EXPECT_TRUE(contains(first.error().message(), name)) << first.error().what();

  EXPECT_TRUE(until([&] { return client.execute(cmd::ping()).error().code() == ErrorCode::no_valid_database; }, 3s));
  const auto told = events.wait_for<AllDatabasesUnavailable>([](const auto&) { return true; });
  ASSERT_TRUE(told);
  EXPECT_GE(in_ms(since(told->at)), 500);

  // Recovery is automatic in this phase, too, and the lighter one that returns alone is used.
  west.restart();
  EXPECT_TRUE(until([&] { return active_of(client) == "west"; }));
  EXPECT_EQ(client.incr("counter"), 1);
  EXPECT_EQ(count_on(west, "counter"), 1);
}

TEST_F(Moving, FO_6_a_call_that_is_waiting_when_everything_fails_fails_with_it) {
  MultiDbClient client(config_that_stays_away());
  west.kill();
  ASSERT_TRUE(until([&] { return !status_of(client, "west").eligible; }));
  east.stop();
  const auto start = SteadyClock::now();
  const auto read = client.execute(cmd::get("key"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::temporarily_unavailable) << read.error().what();
  EXPECT_LT(in_ms(since(start)), 3000 * slowness);
}

TEST_F(Moving, FO_6_when_unavailable_is_wait_calls_wait_for_a_database_or_their_deadline) {
  MultiDbConfig waits = config();
  waits.when_unavailable = WhenUnavailable::wait;
  waits.command_deadline = 20s;
  MultiDbClient client(waits);
  kill_both(client);
  std::future<std::int64_t> waiting = client.futures().incr("counter");

  const auto start = SteadyClock::now();
  const auto impatient = client.execute(cmd::get("key"), {.deadline = 200ms});
  ASSERT_FALSE(impatient);
  EXPECT_EQ(impatient.error().code(), ErrorCode::temporarily_unavailable);
  EXPECT_EQ(impatient.error().delivery(), Delivery::not_sent);
  EXPECT_GE(in_ms(since(start)), 200);
  EXPECT_LT(in_ms(since(start)), 3 * 200 * slowness);

  EXPECT_EQ(waiting.wait_for(0s), std::future_status::timeout);
  east.restart();
  EXPECT_EQ(waiting.get(), 1);
  EXPECT_EQ(count_on(east, "counter"), 1);
}

// --- Events ----------------------------------------------------------------------------------------------------------

TEST_F(Moving, EV_1_a_failover_and_the_way_home_are_told_with_their_reasons_and_growing_epochs) {
  MultiDbClient client(config());
  std::future<Reply> owed = client.submit(never_answered());
  ASSERT_TRUE(until([&] { return !connections_with(east, "cmd=blpop").empty(); }));
  east.kill();
  EXPECT_THROW(owed.get(), Error);
  const auto away = events.wait_for_switch("west");
  ASSERT_TRUE(away);
  east.restart();
  const auto home = events.wait_for_switch("east");
  ASSERT_TRUE(home);

  EXPECT_EQ(away->event.from, "east");
  EXPECT_EQ(away->event.reason, SwitchReason::circuit_breaker);
  EXPECT_TRUE(contains(away->event.evidence, "refused")) << away->event.evidence;
  EXPECT_EQ(home->event.from, "west");
  EXPECT_EQ(home->event.reason, SwitchReason::failback);
  EXPECT_GT(home->event.epoch, away->event.epoch);

  const auto opened = events.wait_for<CircuitStateChanged>([](const CircuitStateChanged& e) {
    return e.database == "east" && e.from == CircuitState::closed && e.to == CircuitState::open;
  });
  const auto closed = events.wait_for<CircuitStateChanged>(
      [](const CircuitStateChanged& e) { return e.database == "east" && e.to == CircuitState::closed; });
  ASSERT_TRUE(opened && closed);
  EXPECT_LE(opened->at, away->at);
  EXPECT_LE(closed->at, home->at);

  const auto failed =
      events.wait_for<CommandsFailed>([](const CommandsFailed& e) { return e.database == "east" && e.in_doubt == 1; });
  ASSERT_TRUE(failed);
  EXPECT_LT(failed->event.epoch, away->event.epoch);
  EXPECT_EQ(failed->event.last_code, ErrorCode::connection_lost);
  EXPECT_TRUE(contains(failed->event.last_error, "BLPOP")) << failed->event.last_error;
}

TEST_F(Moving, EV_1_refused_credentials_are_a_matter_of_configuration) {
  ASSERT_EQ(west.command({"CONFIG", "SET", "requirepass", "correct"}), "+OK\r\n");
  MultiDbConfig wrong = config();
  wrong.databases[1].options.password = Secret("mistaken");
  MultiDbClient client(wrong);
  const auto told = events.wait_for<ConfigurationRefused>([](const auto& e) { return e.database == "west"; });
  ASSERT_TRUE(told);
  EXPECT_TRUE(contains(told->event.evidence, "WRONGPASS")) << told->event.evidence;
  EXPECT_FALSE(contains(told->event.evidence, "mistaken"));
  EXPECT_EQ(client.ping(), "PONG");
}

TEST_F(Moving, EV_2_a_slow_listener_delays_nobody_and_hears_everything_in_order) {
  std::promise<void> gate;
  std::shared_future<void> opened = gate.get_future().share();
  EventLog late;
  MultiDbConfig slow = config();
  slow.event_listeners = {[opened, hears = late.listener()](const Event& event) {
    opened.wait();
    hears(event);
  }};
  MultiDbClient client(slow);

  east.kill();
  EXPECT_TRUE(until([&] { return active_of(client) == "west"; }));
  EXPECT_TRUE(client.set("key", "value"));
  east.restart();
  EXPECT_TRUE(until([&] { return active_of(client) == "east"; }));
  EXPECT_TRUE(late.everything().empty());
  gate.set_value();

  ASSERT_TRUE(late.wait_for_switch("east"));
  const auto switches = late.all<ActiveDatabaseChanged>();
  ASSERT_EQ(switches.size(), 2U);
  EXPECT_EQ(switches[0].event.to, "west");
  EXPECT_EQ(switches[1].event.to, "east");
}

TEST_F(Moving, EV_2_a_listener_may_call_any_method_of_the_client) {
  MultiDbClient client(config_that_stays_away());
  std::promise<std::string> seen;
  client.on_event([&](const ActiveDatabaseChanged& e) {
    client.set("from-listener", e.to);
    client.on_event([](const HealthChanged&) {});
    seen.set_value(active_of(client) + " " + client.get("from-listener").value_or("nothing"));
  });
  east.kill();
  std::future<std::string> said = seen.get_future();
  ASSERT_EQ(said.wait_for(10s), std::future_status::ready);
  EXPECT_EQ(said.get(), "west west");
}

TEST_F(Moving, EV_2_a_client_may_be_destroyed_inside_its_listener) {
  const Holdings before = holdings();
  auto client = std::make_unique<MultiDbClient>(config_that_stays_away());
  std::promise<void> destroyed;
  client->on_event([&](const ActiveDatabaseChanged&) {
    client.reset();
    destroyed.set_value();
  });
  east.kill();
  ASSERT_EQ(destroyed.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_EQ(client, nullptr);
  expect_holdings_return_to(before);
}

}  // namespace
}  // namespace meridian::testing
