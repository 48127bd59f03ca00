// Rows of docs/faults.md that are about single connections, over the whole client.
#include "simulation/rules_fixture.hpp"

namespace meridian::simulation {
namespace {

class Connections : public Rules {
 protected:
  void SetUp() override { add_servers({"east", "west"}); }
};

TEST_F(Connections, Row_12_a_killed_connection_costs_what_was_on_it_and_no_switch) {
  ASSERT_FALSE(start());
  std::optional<Result<Reply>> counted;
  submit(cmd::incr("n").request, {}, [&](Result<Reply> r) { counted = std::move(r); });
  world_.run_for(500us);  // on its way
  server("east").link().reset_all();
  ASSERT_TRUE(world_.run_until([&] { return counted.has_value(); }, 1s));
  ASSERT_FALSE(counted->has_value());
  EXPECT_EQ(counted->error().code(), ErrorCode::connection_lost);
  EXPECT_EQ(counted->error().delivery(), Delivery::in_doubt);
  EXPECT_TRUE(client().execute(cmd::incr("m")));
  world_.run_for(5s);
  EXPECT_TRUE(events_of<ActiveDatabaseChanged>().empty());
}

TEST_F(Connections, Row_18_a_name_that_is_gone_is_no_trouble_while_a_connection_is_left) {
  ASSERT_FALSE(start());
  world_.run_for(100ms);
  server("east").link().fail_connects(ConnectFault::no_name);
  server("east").link().reset(server("east").link().open_connections().front());
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(client().execute(cmd::incr("n" + std::to_string(i))));
    world_.run_for(100ms);
  }
  EXPECT_EQ(active(), "east");
  server("east").link().reset_all();
  EXPECT_TRUE(time_until_active("west", 10s));
}

TEST_F(Connections, Row_20_a_balancer_in_front_of_nothing_is_left) {
  ASSERT_FALSE(start());
  server("east").set_welcome(Welcome::close);
  server("east").link().reset_all();
  const auto took = time_until_active("west", 10s);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 200ms);
}

TEST_F(Connections, Row_20_one_that_accepts_and_says_nothing_is_left_as_a_silent_one) {
  ASSERT_FALSE(start());
  server("east").set_welcome(Welcome::silence);
  server("east").link().reset_all();
  const auto took = time_until_active("west", 10s);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 1s);
}

TEST_F(Connections, Row_25_refused_credentials_are_told_once_and_not_tried_in_a_tight_loop) {
  config_.databases[1].options.password = "wrong";
  server("west").set_password("right");
  ASSERT_FALSE(start());
  world_.run_for(1min);
  EXPECT_EQ(active(), "east");
  ASSERT_FALSE(events_of<ConfigurationRefused>().empty());
  EXPECT_EQ(events_of<ConfigurationRefused>()[0].database, "west");
  EXPECT_NE(events_of<ConfigurationRefused>()[0].evidence.find("WRONGPASS"), std::string::npos);
  EXPECT_EQ(events_of<ConfigurationRefused>()[0].evidence.find("wrong"), std::string::npos);
}

// Seed 5624 of the histories.
TEST_F(Connections, Row_25_the_wait_begins_with_one_second_whatever_ended_connections_before) {
  config_.databases.resize(1);
  config_.when_unavailable = WhenUnavailable::wait;
  ASSERT_FALSE(start());
  for (int i = 0; i < 20; ++i) {
    server("east").link().reset_all();
    world_.run_for(100ms);
  }
  server("east").set_password("another");
  server("east").link().reset_all();
  world_.run_for(500ms);
  server("east").set_password(std::nullopt);
  const TimePoint right = world_.now();
  EXPECT_TRUE(client().execute(cmd::get("k")));
  EXPECT_LE(world_.now() - right, 2s);
}

TEST_F(Connections, Row_27_a_full_server_that_still_serves_our_connection_is_not_left) {
  ASSERT_FALSE(start());
  world_.run_for(1s);
  server("east").set_max_clients(server("east").clients());
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(client().execute(cmd::incr("n" + std::to_string(i))));
    world_.run_for(200ms);
  }
  EXPECT_EQ(active(), "east");
}

TEST_F(Connections, Row_32_an_old_server_is_served_in_RESP2_without_optional_steps) {
  server("east").set_hello_known(false);
  server("east").set_setinfo_known(false);
  server("east").set_password("secret");
  config_.databases[0].options.password = "secret";
  config_.databases[0].options.client_name = "tester";
  config_.databases[0].options.database = 3;
  ASSERT_FALSE(start());
  EXPECT_EQ(active(), "east");
  client().set("k", "v");
  EXPECT_EQ(client().get("k"), "v");
  ASSERT_FALSE(world_.operations().empty());
  EXPECT_EQ(world_.operations().back().database, 3);
}

TEST_F(Connections, Row_33_a_reply_cut_in_the_middle_is_never_a_value) {
  ASSERT_FALSE(start());
  client().set("k", "a value that is long enough to be cut");
  server("east").misbehave(Misbehaviour::cut_then_close, 1, "GET");
  EXPECT_EQ(client().get("k"), "a value that is long enough to be cut");  // a read: asked again
  EXPECT_EQ(active(), "east");
}

TEST_F(Connections, Row_34_garbage_closes_the_connection_and_the_call_is_in_doubt) {
  ASSERT_FALSE(start());
  server("east").misbehave(Misbehaviour::garbage, 1, "INCR");
  const auto outcome = client().execute(cmd::incr("n"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::protocol_error);
  EXPECT_EQ(outcome.error().delivery(), Delivery::in_doubt);
  EXPECT_TRUE(client().execute(cmd::incr("m")));
}

TEST_F(Connections, Row_35_a_reply_that_nobody_asked_for_closes_the_connection) {
  ASSERT_FALSE(start());
  client().set("k", "v");
  server("east").misbehave(Misbehaviour::extra, 1, "GET");
  EXPECT_EQ(client().get("k"), "v");
  world_.run_for(10ms);
  EXPECT_EQ(client().echo("mine"), "mine");
}

TEST_F(Connections, Row_36_one_byte_at_a_time_makes_the_same_result) {
  LinkSettings slow = server("east").link().settings();
  slow.chunk = 1;
  server("east").link().configure(slow);
  ASSERT_FALSE(start());
  client().set("k", std::string(1000, 'x'));
  EXPECT_EQ(client().get("k"), std::string(1000, 'x'));
}

// A reviewer's find: the half-written command was never finished, because the connection had fallen silent meanwhile.
TEST_F(Connections, a_command_that_takes_longer_to_write_than_suspicion_waits_is_finished) {
  LinkSettings narrow = server("east").link().settings();
  narrow.bytes_per_second = 1'000'000;
  server("east").link().configure(narrow);
  ASSERT_FALSE(start());
  const std::string large(1'200'000, 'x');
  for (int i = 0; i < 3; ++i) {
    const auto outcome = client().execute(cmd::set("large", large));
    ASSERT_TRUE(outcome) << outcome.error().what();
  }
  EXPECT_EQ(executions("SET", "large"), 3U);
  EXPECT_TRUE(events_of<CircuitStateChanged>().empty());
}

// A reviewer's find: congestion that ended because commands expired was told to nobody, and later calls waited for
// ever.
TEST_F(Connections, calls_go_on_after_congestion_that_ended_by_expiry) {
  config_.databases.pop_back();
  config_.consecutive_failures = 0;
  LinkSettings narrow = server("east").link().settings();
  narrow.send_buffer = 256;
  server("east").link().configure(narrow);
  ASSERT_FALSE(start());
  server("east").hang();
  world_.after(200ms, [&] { server("east").resume(); });
  for (int i = 0; i < 5000; ++i) {
    submit(cmd::set("k", std::string(100, 'x')).request, {.deadline = 150ms}, [](const Result<Reply>&) {});
  }
  world_.run_for(180ms);
  int answered = 0;
  for (int i = 0; i < 20; ++i) {
    submit(cmd::get("k").request, {}, [&](const Result<Reply>& r) { answered += r ? 1 : 0; });
    world_.run_for(50ms);
  }
  world_.run_for(500ms);
  EXPECT_EQ(answered, 20);
}

// Seed 29612: what had waited behind a full socket for the time of one attempt was put behind what came later.
TEST_F(Connections, I6_what_a_narrow_connection_keeps_waiting_longer_than_an_attempt_keeps_its_place) {
  config_.databases.pop_back();
  LinkSettings narrow = server("east").link().settings();
  narrow.send_buffer = 256;
  narrow.bytes_per_second = 40'000;
  server("east").link().configure(narrow);
  ASSERT_FALSE(start());
  submit(cmd::set("large", std::string(100'000, 'x')).request, {}, [](const Result<Reply>&) {});
  int answered = 0;
  for (const std::string_view key : {"first", "second"}) {
    submit(cmd::incr(key).request, {}, [&](const Result<Reply>& r) { answered += r ? 1 : 0; });
    world_.run_for(1s);
  }
  ASSERT_TRUE(world_.run_until([&] { return answered == 2; }, 5s));
  std::vector<std::string> counted;
  for (const Operation& operation : world_.operations()) {
    if (operation.command == "INCR") counted.push_back(operation.key);
  }
  EXPECT_EQ(counted, (std::vector<std::string>{"first", "second"}));
}

// Seed 81815: the one database was well again, a trial had said so, and calls failed until the backoff was over.
TEST_F(Connections, MAN_3_a_frozen_client_connects_at_once_when_a_trial_has_passed) {
  config_.databases.pop_back();
  config_.databases[0].options.reconnect = {
      .kind = Backoff::Kind::constant, .base = 20s, .cap = 20s, .full_jitter = false};
  ASSERT_FALSE(start());
  client().freeze();
  server("east").kill();
  world_.run_for(2s);
  server("east").restart();
  ASSERT_TRUE(world_.run_until([&] { return client().databases()[0].circuit == CircuitState::closed; }, 8s));
  EXPECT_TRUE(execute(cmd::get("k").request, {.deadline = 100ms}));
}

TEST_F(Connections, a_deadline_of_the_callers_own_that_is_too_short_is_not_held_against_the_database) {
  ASSERT_FALSE(start());
  server("east").set_processing_time(20ms);
  for (int i = 0; i < 30; ++i) {
    EXPECT_FALSE(execute(cmd::get("k").request, {.deadline = 5ms}));
    world_.run_for(100ms);
  }
  EXPECT_EQ(active(), "east");
  EXPECT_TRUE(events_of<CircuitStateChanged>().empty());
}

TEST_F(Connections, Row_13_a_server_that_ends_every_connection_at_once_is_not_hammered) {
  ASSERT_FALSE(start());
  world_.run_for(2s);
  const auto before = world_.network().connections_made();
  for (int i = 0; i < 200; ++i) {
    server("west").close_clients();
    world_.run_for(50ms);
  }
  EXPECT_LE(world_.network().connections_made() - before, 110U);  // 10 s
  EXPECT_EQ(active(), "east");
}

}  // namespace
}  // namespace meridian::simulation
