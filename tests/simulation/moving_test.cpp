// FO, CMD and EV rules over the whole client.
#include "simulation/rules_fixture.hpp"

namespace meridian::simulation {
namespace {

class Moving : public Rules {
 protected:
  void SetUp() override { add_servers({"east", "west", "south"}); }
};

TEST_F(Moving, FO_1_an_unhealthy_second_choice_is_skipped) {
  ASSERT_FALSE(start());
  server("west").kill();
  world_.run_for(10s);
  server("east").kill();
  const auto took = time_until_active("south", 5s);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 60ms);
}

TEST_F(Moving, FO_2_only_trouble_of_the_active_database_moves_anything) {
  ASSERT_FALSE(start());
  server("west").kill();
  server("south").hang();
  world_.run_for(1min);
  EXPECT_EQ(active(), "east");
  EXPECT_TRUE(events_of<ActiveDatabaseChanged>().empty());
  EXPECT_EQ(client().databases()[1].circuit, CircuitState::open);
}

TEST_F(Moving, FO_3_the_switch_happens_in_the_background_and_not_at_the_next_command) {
  ASSERT_FALSE(start());
  server("east").kill();
  world_.run_for(1s);
  EXPECT_EQ(active(), "west");
  const TimePoint asked = world_.now();
  EXPECT_TRUE(client().execute(cmd::get("k")));
  EXPECT_LE(world_.now() - asked, 3ms);  // one round trip, on a connection that was already there
}

TEST_F(Moving, FO_4_what_was_not_sent_follows_and_what_was_sent_is_repeated_only_as_its_grade_allows) {
  ASSERT_FALSE(start());
  server("east").hang();
  std::optional<Result<Reply>> read;
  std::optional<Result<Reply>> counted;
  std::optional<Result<Reply>> late;
  submit(cmd::get("k").request, {}, [&](Result<Reply> r) { read = std::move(r); });
  submit(cmd::incr("sent").request, {}, [&](Result<Reply> r) { counted = std::move(r); });
  // By then the connection is silent: this one stays here until somebody can answer it.
  world_.after(500ms, [&] { submit(cmd::incr("waits").request, {}, [&](Result<Reply> r) { late = std::move(r); }); });
  ASSERT_TRUE(world_.run_until([&] { return read && counted && late; }, 10s));
  EXPECT_TRUE(read->has_value());
  ASSERT_FALSE(counted->has_value());
  EXPECT_EQ(counted->error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(counted->error().database(), "east");
  ASSERT_TRUE(late->has_value());
  server("east").resume();
  world_.run_for(5s);
  EXPECT_EQ(executions("INCR", "sent"), 1U);  // late, on east
  EXPECT_EQ(executions("INCR", "waits"), 1U);
}

TEST_F(Moving, FO_5_trap_4_a_blip_of_everything_costs_only_the_blip) {
  ASSERT_FALSE(start());
  for (const auto name : {"east", "west", "south"}) server(name).kill();
  world_.run_for(1s);
  EXPECT_EQ(active(), "");
  server("east").restart();
  const auto took = time_until_active("east", 5s);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 600ms);
  EXPECT_EQ(client().databases()[0].grace_left, Duration::zero());
  EXPECT_TRUE(events_of<ActiveDatabaseChanged>().empty());
}

TEST_F(Moving, FO_5_grace_starts_when_a_switch_away_really_happened) {
  ASSERT_FALSE(start());
  EXPECT_EQ(client().databases()[0].grace_left, Duration::zero());
  server("east").kill();
  ASSERT_TRUE(time_until_active("west", 5s));
  EXPECT_GT(client().databases()[0].grace_left, 59s);
}

TEST_F(Moving, FO_6_while_nothing_is_usable_calls_fail_at_once_and_say_for_how_long_it_is_temporary) {
  config_.failover_attempts = 4;
  config_.failover_delay = 5s;
  ASSERT_FALSE(start());
  for (const auto name : {"east", "west", "south"}) server(name).kill();
  world_.run_for(1s);
  TimePoint asked = world_.now();
  auto outcome = client().execute(cmd::get("k"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::temporarily_unavailable);
  EXPECT_EQ(outcome.error().delivery(), Delivery::not_sent);
  EXPECT_LE(world_.now() - asked, 10ms);
  world_.run_for(20s);
  asked = world_.now();
  outcome = client().execute(cmd::get("k"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::no_valid_database);
  EXPECT_LE(world_.now() - asked, 10ms);
  // Nobody calls; the lightest returns alone.
  server("south").restart();
  const auto took = time_until_active("south", 5s);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 600ms);
  EXPECT_TRUE(client().execute(cmd::get("k")));
}

TEST_F(Moving, FO_6_while_nothing_is_usable_few_connections_are_tried) {
  ASSERT_FALSE(start());
  for (const auto name : {"east", "west", "south"}) server(name).kill();
  world_.run_for(10s);
  const auto before = world_.network().connections_made();
  world_.run_for(10s);
  // Ten trials a second over all databases; the standing connections of each come back with their own backoff (≤ 5 s).
  EXPECT_LE(world_.network().connections_made() - before, 10U * 10U + 3U * 10U);
}

TEST_F(Moving, FO_6_calls_may_wait_instead) {
  config_.when_unavailable = WhenUnavailable::wait;
  ASSERT_FALSE(start());
  for (const auto name : {"east", "west", "south"}) server(name).kill();
  world_.run_for(1s);
  world_.after(2s, [&] { server("west").restart(); });
  const auto outcome = client().execute(cmd::incr("n"));
  ASSERT_TRUE(outcome) << outcome.error().what();
  EXPECT_EQ(executions("INCR", "n"), 1U);
}

TEST_F(Moving, CMD_1_in_doubt_is_repeated_only_up_to_the_grade_that_is_allowed) {
  ASSERT_FALSE(start());
  std::optional<Result<Reply>> overwrite;
  std::optional<Result<Reply>> conditional;
  server("east").hang();
  submit(cmd::set("o", "v").request, {}, [&](Result<Reply> r) { overwrite = std::move(r); });
  submit(cmd::set("c", "v", {.nx = true}).request, {}, [&](Result<Reply> r) { conditional = std::move(r); });
  ASSERT_TRUE(world_.run_until([&] { return overwrite && conditional; }, 10s));
  EXPECT_TRUE(overwrite->has_value());
  ASSERT_FALSE(conditional->has_value());
  EXPECT_EQ(conditional->error().delivery(), Delivery::in_doubt);
}

TEST_F(Moving, CMD_1_accumulate_repeats_what_counts_when_the_program_asks_for_it) {
  config_.repeat_up_to = Repeat::accumulate;
  ASSERT_FALSE(start());
  server("east").hang();
  EXPECT_TRUE(client().execute(cmd::incr("n")));
  server("east").resume();
  world_.run_for(5s);
  EXPECT_EQ(executions("INCR", "n"), 2U);
}

TEST_F(Moving, CMD_2_the_deadline_covers_everything_and_is_kept) {
  ASSERT_FALSE(start());
  for (const auto name : {"east", "west", "south"}) server(name).hang();
  const TimePoint asked = world_.now();
  const auto outcome = client().execute(cmd::get("k"), {.deadline = 300ms});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(world_.now() - asked, 300ms);
  EXPECT_EQ(outcome.error().elapsed(), 300ms);
}

TEST_F(Moving, CMD_3_errors_say_what_happened_where_and_how_often) {
  ASSERT_FALSE(start());
  client().lpush("list", "element");
  const auto outcome = client().execute(cmd::incr("list"));
  ASSERT_FALSE(outcome);
  const Error& error = outcome.error();
  EXPECT_EQ(error.code(), ErrorCode::wrong_type);
  EXPECT_EQ(error.delivery(), Delivery::answered);
  EXPECT_EQ(error.command(), "INCR");
  EXPECT_EQ(error.database(), "east");
  EXPECT_EQ(error.epoch(), 1U);
  EXPECT_EQ(error.attempts(), 1);
  EXPECT_EQ(error.elapsed(), 2ms + 5us);
  EXPECT_NE(error.server_text().find("WRONGTYPE"), std::string::npos);
}

TEST_F(Moving, EV_1_a_failover_is_told_with_its_reason_epoch_and_evidence) {
  ASSERT_FALSE(start());
  server("east").kill();
  ASSERT_TRUE(time_until_active("west", 5s));
  world_.run_for(200ms);
  const auto changes = events_of<ActiveDatabaseChanged>();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].from, "east");
  EXPECT_EQ(changes[0].to, "west");
  EXPECT_EQ(changes[0].reason, SwitchReason::circuit_breaker);
  EXPECT_EQ(changes[0].epoch, 2U);
  EXPECT_NE(changes[0].evidence.find("connection refused"), std::string::npos);
  const auto circuits = events_of<CircuitStateChanged>();
  ASSERT_EQ(circuits.size(), 1U);
  EXPECT_EQ(circuits[0].to, CircuitState::open);
}

TEST_F(Moving, EV_1_failed_calls_are_collected) {
  ASSERT_FALSE(start());
  server("east").hang();
  for (int i = 0; i < 30; ++i) submit(cmd::incr("n" + std::to_string(i)).request, {}, [](const Result<Reply>&) {});
  ASSERT_TRUE(time_until_active("west", 5s));
  world_.run_for(200ms);
  const auto failed = events_of<CommandsFailed>();
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].database, "east");
  EXPECT_EQ(failed[0].in_doubt, 30U);
}

TEST_F(Moving, EV_2_a_listener_may_call_the_client) {
  std::optional<std::string> read;
  ASSERT_FALSE(start());
  client().set("k", "v");
  client().on_event([&](const ActiveDatabaseChanged&) {
    client().set("k", "from the listener");
    read = client().get("k");
    EXPECT_EQ(client().databases().size(), 3U);
  });
  server("east").kill();
  ASSERT_TRUE(world_.run_until([&] { return read.has_value(); }, 10s));
  EXPECT_EQ(read, "from the listener");
}

TEST_F(Moving, calls_beyond_max_queued_fail_at_once) {
  config_.when_unavailable = WhenUnavailable::wait;
  for (DatabaseConfig& database : config_.databases) database.options.max_queued = 10;
  ASSERT_FALSE(start());
  for (const auto name : {"east", "west", "south"}) server(name).kill();
  world_.run_for(1s);
  std::vector<ErrorCode> at_once;
  for (int i = 0; i < 25; ++i) {
    submit(cmd::incr("n" + std::to_string(i)).request, {}, [&](const Result<Reply>& r) {
      if (!r) at_once.push_back(r.error().code());
    });
  }
  world_.run_for(1ms);
  EXPECT_EQ(at_once, std::vector<ErrorCode>(15, ErrorCode::queue_full));
  server("west").restart();
  world_.run_for(2s);
  EXPECT_EQ(at_once.size(), 15U);
  EXPECT_EQ(executions("INCR", "n9"), 1U);
  EXPECT_EQ(executions("INCR", "n10"), 0U);
}

TEST_F(Moving, what_a_callback_throws_is_dropped) {
  ASSERT_FALSE(start());
  submit(cmd::ping().request, {}, [](const Result<Reply>&) { throw std::runtime_error("the callback broke"); });
  EXPECT_EQ(client().ping(), "PONG");
}

TEST_F(Moving, a_blocking_call_inside_a_callback_is_refused) {
  ASSERT_FALSE(start());
  std::optional<ErrorCode> code;
  submit(cmd::ping().request, {}, [&](const Result<Reply>&) { code = client().execute(cmd::get("k")).error().code(); });
  ASSERT_TRUE(world_.run_until([&] { return code.has_value(); }, 1s));
  EXPECT_EQ(code, ErrorCode::would_deadlock);
}

TEST_F(Moving, closing_inside_a_callback_ends_every_call_with_its_delivery) {
  ASSERT_FALSE(start());
  std::optional<Result<Reply>> other;
  submit(cmd::ping().request, {}, [&](const Result<Reply>&) { client().close(); });
  server("east").set_processing_time(50ms);
  submit(cmd::incr("n").request, {}, [&](Result<Reply> r) { other = std::move(r); });
  ASSERT_TRUE(world_.run_until([&] { return other.has_value(); }, 1s));
  ASSERT_FALSE(other->has_value());
  EXPECT_EQ(other->error().code(), ErrorCode::closed);
  EXPECT_EQ(other->error().delivery(), Delivery::in_doubt);
}

}  // namespace
}  // namespace meridian::simulation
