// INIT and HC rules over the whole client.
#include "simulation/rules_fixture.hpp"

namespace meridian::simulation {
namespace {

class Start : public Rules {};

TEST_F(Start, INIT_1_the_first_database_is_the_heaviest_that_is_healthy) {
  add_servers({"east", "west", "south"});
  server("east").kill();
  ASSERT_FALSE(start());
  EXPECT_EQ(active(), "west");
}

TEST_F(Start, INIT_1_a_slower_lighter_database_never_delays_the_start) {
  add_servers({"east", "west"});
  server("west").hang();
  const TimePoint began = world_.now();
  ASSERT_FALSE(start());
  EXPECT_EQ(active(), "east");
  EXPECT_LE(world_.now() - began, 20ms);
}

TEST_F(Start, INIT_1_a_hanging_heavier_one_delays_it_no_longer_than_its_check_timeout) {
  add_servers({"east", "west"});
  server("east").hang();
  const TimePoint began = world_.now();
  ASSERT_FALSE(start());
  EXPECT_EQ(active(), "west");
  EXPECT_LE(world_.now() - began, config_.health_check_timeout);
}

TEST_F(Start, INIT_2_trap_6_a_database_that_is_down_at_start_is_used_when_it_comes_up) {
  add_servers({"east", "west"});
  server("east").kill();
  ASSERT_FALSE(start());
  ASSERT_EQ(active(), "west");
  server("east").restart();
  const auto took = time_until_active("east", 2min);
  ASSERT_TRUE(took);
  // A health check finds it well, the next look for a failback goes home; it was never left, so there is no grace.
  EXPECT_LE(*took, 40s);
  world_.run_for(1s);
  ASSERT_EQ(events_of<ActiveDatabaseChanged>().size(), 1U);
  EXPECT_EQ(events_of<ActiveDatabaseChanged>()[0].reason, SwitchReason::failback);
}

TEST_F(Start, INIT_3_a_policy_that_is_not_met_names_each_database_and_why) {
  add_servers({"east", "west"});
  config_.initial_health_check_policy = InitialHealthCheckPolicy::all_available;
  server("west").kill();
  const auto refusal = start();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code(), ErrorCode::initial_health_check_failed);
  EXPECT_NE(refusal->message().find("east: "), std::string::npos) << refusal->message();
  EXPECT_NE(refusal->message().find("west: PING: connecting to west.sim:6379: connection refused"), std::string::npos)
      << refusal->message();
}

TEST_F(Start, INIT_4_a_wrong_configuration_starts_nothing_and_names_field_and_value) {
  add_servers({"east", "west"});
  config_.databases[1].weight = 0;
  const auto refusal = start();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code(), ErrorCode::invalid_argument);
  EXPECT_NE(refusal->message().find("databases[1].weight"), std::string::npos) << refusal->message();
  EXPECT_EQ(world_.network().connections_made(), 0U);
}

TEST_F(Start, INIT_5_the_first_round_sends_its_probes_without_delay) {
  add_servers({"east"});
  config_.health_check_policy = HealthCheckPolicy::all;
  const TimePoint began = world_.now();
  ASSERT_FALSE(start());
  EXPECT_LE(world_.now() - began, 50ms);
}

TEST_F(Start, HC_8_databases_without_checks_count_as_healthy_until_traffic_says_otherwise) {
  add_servers({"east", "west"});
  config_.health_checks.clear();
  server("east").kill();
  ASSERT_FALSE(start());
  const auto took = time_until_active("west", 5s);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 150ms);
}

// Counts its probes, and judges as it is told.
class Counted final : public HealthCheck {
 public:
  explicit Counted(std::vector<int>* script) : script_(script) {}
  [[nodiscard]] std::string_view name() const noexcept override { return "counted"; }
  [[nodiscard]] Request probe() const override {
    ++probes;
    return cmd::get("health").request;
  }
  [[nodiscard]] bool is_healthy(ReplyView) const override {
    const int verdict = script_->empty() ? 1 : script_->front();
    if (!script_->empty()) script_->erase(script_->begin());
    if (verdict < 0) throw std::runtime_error("the check broke");
    return verdict == 1;
  }
  mutable int probes = 0;

 private:
  std::vector<int>* script_;
};

// A reviewer's find: a probe that was late and then answered was counted twice, once each way.
TEST_F(Start, HC_2_a_probe_whose_answer_is_late_counts_once) {
  add_servers({"east"});
  config_.suspicion_probe_timeout = 2s;
  std::vector<int> script;
  const auto check = std::make_shared<Counted>(&script);
  config_.health_checks = {check};
  ASSERT_FALSE(start());
  const int before = check->probes;
  ASSERT_TRUE(world_.run_until([&] { return check->probes == before + 1; }, 10s));
  // Its share is two thirds of a second; the answer comes in the pause before the next probe.
  server("east").set_processing_time(900ms);
  world_.run_for(1s);
  server("east").set_processing_time(5us);
  world_.run_for(3s);
  EXPECT_EQ(check->probes - before, 3);  // late, passed, passed
}

TEST_F(Start, HC_2_policies_stop_early_with_the_exact_number_of_probes) {
  add_servers({"east"});
  std::vector<int> script;
  const auto check = std::make_shared<Counted>(&script);
  config_.health_checks = {check};
  config_.health_check_probes = 5;
  config_.health_check_probes_delay = 100ms;
  ASSERT_FALSE(start());
  EXPECT_EQ(check->probes, 3);  // majority of five
  script = {0, 1, 0, 1, 0};
  ASSERT_TRUE(world_.run_until(
      [&] { return !events_of<HealthChanged>().empty() && events_of<HealthChanged>().back().to == Health::unhealthy; },
      10s));
  EXPECT_EQ(check->probes, 3 + 5);
}

TEST_F(Start, HC_3_a_check_that_changes_its_connection_is_a_failed_probe) {
  class Selects final : public HealthCheck {
   public:
    [[nodiscard]] std::string_view name() const noexcept override { return "selects"; }
    [[nodiscard]] Request probe() const override { return cmd::custom("SELECT", 3).request; }
    [[nodiscard]] bool is_healthy(ReplyView) const override { return true; }
  };
  add_servers({"east"});
  config_.health_checks = {std::make_shared<Selects>()};
  const auto refusal = start();
  ASSERT_TRUE(refusal);
  EXPECT_NE(refusal->message().find("changes its connection"), std::string::npos) << refusal->message();
}

TEST_F(Start, HC_3_a_check_that_throws_is_a_failed_probe_and_the_schedule_goes_on) {
  add_servers({"east"});
  std::vector<int> script;
  const auto check = std::make_shared<Counted>(&script);
  config_.health_checks = {check};
  ASSERT_FALSE(start());
  script = {-1, -1, -1};
  world_.run_for(8s);
  ASSERT_GE(events_of<HealthChanged>().size(), 2U);
  EXPECT_EQ(events_of<HealthChanged>()[1].to, Health::unhealthy);
  EXPECT_NE(events_of<HealthChanged>()[1].evidence.find("the check broke"), std::string::npos);
  world_.run_for(10s);
  EXPECT_EQ(events_of<HealthChanged>().back().to, Health::healthy);
}

TEST_F(Start, HC_3_a_listener_that_throws_hurts_nobody) {
  add_servers({"east", "west"});
  config_.event_listeners.push_back([](const Event&) { throw std::runtime_error("the listener broke"); });
  ASSERT_FALSE(start());
  server("east").kill();
  EXPECT_TRUE(time_until_active("west", 5s));
  world_.run_for(1s);
  EXPECT_EQ(events_of<ActiveDatabaseChanged>().size(), 1U);
}

TEST_F(Start, HC_1_a_database_that_hangs_delays_nobody_elses_checks) {
  add_servers({"east", "west"});
  std::vector<int> script;
  const auto check = std::make_shared<Counted>(&script);
  config_.databases[0].health_checks = HealthChecks{check};
  ASSERT_FALSE(start());
  const int before = check->probes;
  server("west").hang();
  world_.run_for(30s);
  // Rounds every 5 s ± 10 %, two probes each (a majority of three).
  EXPECT_GE(check->probes - before, 2 * 5);
  EXPECT_EQ(active(), "east");
}

}  // namespace
}  // namespace meridian::simulation
