// What other clients fell into (behaviour.md, "Traps"), over the whole client. Those that are missing here stand where
// their rule is tested; docs/rules.md lists all of them.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "simulation/rules_fixture.hpp"

namespace meridian::simulation {
namespace {

class Traps : public Rules {
 protected:
  void SetUp() override { add_servers({"east", "west"}); }

  // Of a database, the evidence of its breaker's last change.
  [[nodiscard]] std::optional<CircuitStateChanged> last_circuit(std::string_view name) const {
    std::optional<CircuitStateChanged> last;
    for (const CircuitStateChanged& event : events_of<CircuitStateChanged>()) {
      if (event.database == name) last = event;
    }
    return last;
  }

  // Silence is left to the calls themselves: what they say is what counts.
  void only_calls_notice() {
    config_.suspicion_after = 1min;
    config_.health_checks.clear();
    config_.command_retry.retries = 0;
    for (DatabaseConfig& database : config_.databases) {
      database.options.command_timeout = 100ms;
      database.options.idle_ping = 1min;
    }
  }
};

TEST_F(Traps, trap_1_checks_go_on_after_a_listener_threw_and_no_target_existed) {
  config_.event_listeners.emplace_back([](const Event&) { throw std::runtime_error("the listener broke"); });
  ASSERT_FALSE(start());
  for (const auto name : {"east", "west"}) server(name).kill();
  world_.run_for(1min);
  EXPECT_EQ(active(), "");
  for (const auto name : {"east", "west"}) server(name).restart();
  world_.run_for(1min);
  events_.clear();
  server("west").hang();
  world_.run_for(15s);
  const auto health = events_of<HealthChanged>();
  ASSERT_EQ(health.size(), 1U);
  EXPECT_EQ(health[0].database, "west");
  EXPECT_EQ(health[0].to, Health::unhealthy);
}

TEST_F(Traps, trap_2_after_all_were_down_a_lighter_one_that_returns_alone_is_used) {
  ASSERT_FALSE(start());
  for (const auto name : {"east", "west"}) server(name).kill();
  world_.run_for(10min);
  server("west").restart();
  const auto took = time_until_active("west", 5s);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 600ms);
  EXPECT_TRUE(client().execute(cmd::incr("n")));
}

TEST_F(Traps, trap_3_a_database_may_be_removed_while_an_event_about_it_is_told) {
  ASSERT_FALSE(start());
  client().on_event([&](const HealthChanged& event) {
    if (event.to == Health::unhealthy) client().remove_database(event.database);
  });
  server("west").hang();
  ASSERT_TRUE(world_.run_until([&] { return !events_of<DatabaseRemoved>().empty(); }, 30s));
  EXPECT_EQ(client().databases().size(), 1U);
  EXPECT_TRUE(client().execute(cmd::get("k")));
}

TEST_F(Traps, trap_5_a_forced_database_is_known_by_its_name_and_no_other_is_touched) {
  add_servers({"south"});
  ASSERT_FALSE(start());
  client().force_active_database(std::string("so") + "uth", 10s);
  EXPECT_EQ(active(), "south");
  for (const DatabaseStatus& database : client().databases()) {
    EXPECT_TRUE(database.active || database.eligible) << database.name << ": " << database.why_not;
  }
  server("south").kill();
  EXPECT_TRUE(time_until_active("east", 1s));
}

TEST_F(Traps, trap_7_a_breaker_that_tripped_while_its_database_was_not_active_closes_again) {
  ASSERT_FALSE(start());
  server("west").kill();
  world_.run_for(2min);
  EXPECT_EQ(client().databases()[1].circuit, CircuitState::open);
  server("west").restart();
  world_.run_for(10s);
  const DatabaseStatus west = client().databases()[1];
  EXPECT_EQ(west.circuit, CircuitState::closed);
  EXPECT_TRUE(west.eligible) << west.why_not;
}

TEST_F(Traps, trap_9_timeouts_of_blocking_calls_are_failures) {
  only_calls_notice();
  ASSERT_FALSE(start());
  EXPECT_TRUE(client().execute(cmd::get("k")));  // there is a connection
  server("east").hang();
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(client().execute(cmd::get("k")));
  EXPECT_EQ(active(), "east");
  EXPECT_FALSE(client().execute(cmd::get("k")));
  world_.run_for(1ms);
  EXPECT_EQ(active(), "west");
  EXPECT_EQ(last_circuit("east")->evidence, "5 failures in a row");
}

TEST_F(Traps, trap_10_the_rate_divides_by_all_attempts) {
  only_calls_notice();
  config_.consecutive_failures = 0;
  config_.min_num_failures = 2;
  config_.failure_rate_threshold = 0.5;
  config_.failures_detection_window = 1min;
  ASSERT_FALSE(start());
  // 5 that succeed, 4 that fail: of the successes these are 80 %, of all 44 %.
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(client().execute(cmd::get("k")));
  server("east").hang();
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(client().execute(cmd::get("k")));
  world_.run_for(1ms);
  EXPECT_EQ(active(), "east");
  EXPECT_FALSE(client().execute(cmd::get("k")));
  world_.run_for(1ms);
  EXPECT_EQ(active(), "west");
  EXPECT_EQ(last_circuit("east")->evidence, "5 of 10 failed within the detection window");
}

TEST_F(Traps, trap_11_what_failed_on_the_old_database_is_not_charged_to_the_new_one) {
  config_.consecutive_failures = 1;
  ASSERT_FALSE(start());
  server("east").hang();
  std::size_t ended = 0;
  for (int i = 0; i < 50; ++i) submit(cmd::incr("n").request, {}, [&](const Result<Reply>&) { ++ended; });
  ASSERT_TRUE(time_until_active("west", 5s));
  world_.run_for(10s);
  EXPECT_EQ(ended, 50U);
  EXPECT_FALSE(last_circuit("west"));
  EXPECT_EQ(events_of<ActiveDatabaseChanged>().size(), 1U);
}

TEST_F(Traps, trap_11_what_the_old_one_refuses_while_it_drains_is_not_charged_to_the_new_one) {
  config_.consecutive_failures = 1;
  config_.auto_fallback_interval = 0s;
  ASSERT_FALSE(start());
  server("east").hang();
  std::size_t ended = 0;
  for (int i = 0; i < 5; ++i) submit(cmd::incr("n").request, {}, [&](const Result<Reply>&) { ++ended; });
  world_.run_for(5ms);
  client().set_active_database("west");
  ASSERT_EQ(active(), "west");
  server("east").set_mode(Mode::readonly);
  server("east").resume();
  world_.run_for(5s);
  EXPECT_EQ(ended, 5U);
  EXPECT_FALSE(last_circuit("west"));
}

TEST_F(Traps, trap_12_each_database_has_its_own_grace) {
  config_.databases[0].grace_period = 5s;
  config_.databases[1].grace_period = 40s;
  config_.auto_fallback_interval = 1s;
  ASSERT_FALSE(start());
  server("east").kill();
  ASSERT_TRUE(time_until_active("west", 5s));
  EXPECT_LE(client().databases()[0].grace_left, 5s);
  server("east").restart();
  const auto home = time_until_active("east", 1min);
  ASSERT_TRUE(home);
  EXPECT_LE(*home, 12s);
}

TEST_F(Traps, trap_12_and_stays_out_for_all_of_it) {
  config_.databases[0].grace_period = 40s;
  config_.databases[1].grace_period = 5s;
  config_.auto_fallback_interval = 1s;
  ASSERT_FALSE(start());
  server("east").kill();
  ASSERT_TRUE(time_until_active("west", 5s));
  server("east").restart();
  const auto home = time_until_active("east", 1min);
  ASSERT_TRUE(home);
  EXPECT_GE(*home, 39s);
}

TEST_F(Traps, trap_13_a_late_error_of_the_old_database_causes_no_second_failover) {
  config_.databases[0].grace_period = 1s;
  config_.auto_fallback_interval = 1s;
  config_.consecutive_failures = 1;
  ASSERT_FALSE(start());
  server("east").kill();
  ASSERT_TRUE(time_until_active("west", 5s));
  server("east").restart();
  // A switch home leaves replies that west owes: they are awaited for a while, and fail when it is gone.
  std::size_t failed = 0;
  std::function<void()> call = [&] {
    submit(cmd::incr("n").request, {}, [&](const Result<Reply>& reply) { failed += reply ? 0U : 1U; });
    world_.after(1ms, call);
  };
  server("west").set_processing_time(20ms);
  call();
  ASSERT_TRUE(time_until_active("east", 1min));
  events_.clear();
  server("west").kill();
  world_.run_for(100ms);
  call = [] {};
  EXPECT_GT(failed, 0U);
  world_.run_for(5s);
  EXPECT_EQ(active(), "east");
  EXPECT_LE(events_of<ActiveDatabaseChanged>().size(), 1U);  // the one home, told a moment later
  EXPECT_FALSE(last_circuit("east"));
}

// One story of a failover and the way home, with somebody who looks all the time, or without.
class Story final : public Rules {
 public:
  std::vector<TimePoint> run(bool looks) {
    add_servers({"east", "west"});
    for (DatabaseConfig& database : config_.databases) database.grace_period = 5s;
    config_.auto_fallback_interval = 2s;
    EXPECT_FALSE(start());
    std::function<void()> look = [&] {
      static_cast<void>(client().databases());
      static_cast<void>(client().describe());
      world_.after(7ms, look);
    };
    if (looks) look();
    server("east").kill();
    world_.run_for(10s);
    server("east").restart();
    world_.run_for(30s);
    look = [] {};
    world_.run_for(10ms);
    std::vector<TimePoint> when = event_times_;
    TearDown();
    return when;
  }

 private:
  void TestBody() override {}
};

TEST(TrapsOfLooking, trap_17_getters_change_nothing) {
  const std::vector<TimePoint> alone = Story().run(false);
  EXPECT_GE(alone.size(), 4U);
  EXPECT_EQ(Story().run(true), alone);
}

// The simulated world has no wall clock, so nothing in it can step. Neither can anything in the real one, as long as
// no line of the library asks for that time. (OpenSSL does, for certificates.)
TEST(TrapsOfClocks, trap_18_nothing_reads_a_clock_that_can_be_stepped) {
  const auto clocks = {"system_clock", "utc_clock", "CLOCK_REALTIME", "gettimeofday", "std::time(", " time(nullptr)"};
  std::size_t files = 0;
  for (const std::string folder : {"/src", "/include"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(MERIDIAN_SOURCE_FOLDER + folder)) {
      if (!entry.is_regular_file()) continue;
      ++files;
      std::ifstream in(entry.path());
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      for (const auto* clock : clocks)
        EXPECT_EQ(text.find(clock), std::string::npos) << clock << " in " << entry.path();
    }
  }
  EXPECT_GT(files, 100U);
}

TEST_F(Traps, trap_20_trials_that_never_end_do_not_leave_a_breaker_half_open) {
  for (DatabaseConfig& database : config_.databases) database.grace_period = 1s;
  config_.auto_fallback_interval = 2s;
  ASSERT_FALSE(start());
  server("east").kill();
  ASSERT_TRUE(time_until_active("west", 5s));
  server("east").set_welcome(Welcome::silence);
  server("east").restart();
  world_.run_for(5min);
  EXPECT_EQ(active(), "west");
  server("east").set_welcome(Welcome::serve);
  server("east").link().reset_all();
  EXPECT_TRUE(time_until_active("east", 30s));
}

TEST_F(Traps, trap_21_one_of_two_databases_is_enough_unless_the_program_asks_for_more) {
  server("west").kill();
  ASSERT_FALSE(start());
  EXPECT_EQ(active(), "east");
}

TEST_F(Traps, trap_21_a_majority_of_two_is_both_and_the_error_names_the_one_that_is_missing) {
  config_.initial_health_check_policy = InitialHealthCheckPolicy::majority_available;
  server("west").kill();
  const auto refused = start();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code(), ErrorCode::initial_health_check_failed);
  EXPECT_NE(refused->message().find("west: "), std::string::npos) << refused->message();
}

}  // namespace
}  // namespace meridian::simulation
