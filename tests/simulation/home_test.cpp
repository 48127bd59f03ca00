// FB rules over the whole client.
#include "simulation/rules_fixture.hpp"

namespace meridian::simulation {
namespace {

class Home : public Rules {
 protected:
  void SetUp() override {
    add_servers({"east", "west"});
    for (DatabaseConfig& database : config_.databases) database.grace_period = 10s;
    config_.auto_fallback_interval = 5s;
  }

  void leave_east() {
    server("east").kill();
    ASSERT_TRUE(time_until_active("west", 5s));
    server("east").restart();
  }
};

TEST_F(Home, FB_1_the_client_goes_home_after_grace_at_the_next_look) {
  ASSERT_FALSE(start());
  leave_east();
  const auto took = time_until_active("east", 1min);
  ASSERT_TRUE(took);
  EXPECT_GE(*took, 10s - 100ms);
  // Grace, then a trial, a health check and a look, each ± 10 %.
  EXPECT_LE(*took, 10s + 5500ms + 5500ms);
  world_.run_for(100ms);
  EXPECT_EQ(events_of<ActiveDatabaseChanged>().back().reason, SwitchReason::failback);
}

TEST_F(Home, FB_1_automatic_failback_can_be_off) {
  config_.auto_fallback_interval = 0s;
  ASSERT_FALSE(start());
  leave_east();
  world_.run_for(5min);
  EXPECT_EQ(active(), "west");
}

TEST_F(Home, FB_1_a_database_of_equal_weight_is_no_home) {
  config_.databases[1].weight = config_.databases[0].weight;
  ASSERT_FALSE(start());
  leave_east();
  world_.run_for(5min);
  EXPECT_EQ(active(), "west");
}

TEST_F(Home, FB_1_failback_costs_no_call) {
  ASSERT_FALSE(start());
  leave_east();
  int failed = 0;
  int answered = 0;
  std::function<void()> call = [&] {
    submit(cmd::incr("n" + std::to_string(answered + failed)).request, {},
           [&](const Result<Reply>& r) { ++(r ? answered : failed); });
    world_.after(2ms, call);
  };
  call();
  ASSERT_TRUE(time_until_active("east", 1min));
  world_.run_for(5s);
  call = [] {};
  EXPECT_EQ(failed, 0);
  EXPECT_GT(answered, 5000);
  world_.run_for(1s);
}

TEST_F(Home, FB_2_a_writing_client_does_not_go_home_to_a_server_that_refuses_writes) {
  ASSERT_FALSE(start());
  leave_east();
  server("east").set_mode(Mode::readonly);
  client().set("k", "v");
  for (int i = 0; i < 60; ++i) {
    world_.run_for(2s);
    client().set("k", "v");
  }
  EXPECT_EQ(active(), "west");
  server("east").set_mode(Mode::normal);
  EXPECT_TRUE(time_until_active("east", 1min));
}

TEST_F(Home, FB_2_a_client_that_only_reads_goes_home_to_it) {
  ASSERT_FALSE(start());
  leave_east();
  server("east").set_mode(Mode::readonly);
  EXPECT_TRUE(time_until_active("east", 1min));
}

TEST_F(Home, a_database_that_still_loads_is_no_home) {
  ASSERT_FALSE(start());
  server("east").kill();
  ASSERT_TRUE(time_until_active("west", 5s));
  server("east").restart(2min);
  world_.run_for(100s);
  EXPECT_EQ(active(), "west");
  EXPECT_TRUE(time_until_active("east", 2min));
}

}  // namespace
}  // namespace meridian::simulation
