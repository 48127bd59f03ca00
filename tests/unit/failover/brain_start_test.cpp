// The start: which database is the first, and when there is none.
#include "unit/failover/brain_driver.hpp"

namespace meridian::failover {
namespace {

Settings with_policy(InitialHealthCheckPolicy policy) {
  Settings settings = default_settings();
  settings.initial_policy = policy;
  return settings;
}

TEST(BrainStart, INIT_1_a_healthy_heaviest_is_not_delayed_by_the_others) {
  BrainDriver d;
  d.start();
  EXPECT_FALSE(d.active());
  d.check(east, true);
  EXPECT_EQ(d.active(), east);
  ASSERT_EQ(d.switches.size(), 1U);
  EXPECT_EQ(d.switches[0].what.to.main, east);
  EXPECT_EQ(d.switches[0].what.epoch, 1U);
  ASSERT_EQ(d.decided.size(), 1U);
  EXPECT_EQ(d.decided[0].refused, std::nullopt);
  EXPECT_TRUE(d.told<ActiveDatabaseChanged>().empty()) << "nothing changed: it is the first";
}

TEST(BrainStart, INIT_1_a_heavier_one_is_waited_for_until_its_check_is_decided) {
  BrainDriver d;
  d.start();
  d.check(south, true);
  d.check(west, true);
  EXPECT_FALSE(d.active());
  d.check(east, false);
  EXPECT_EQ(d.active(), west);
}

TEST(BrainStart, INIT_1_a_lighter_one_is_not_waited_for) {
  BrainDriver d;
  d.start();
  d.check(east, false);
  d.check(west, true);
  EXPECT_EQ(d.active(), west);
  EXPECT_EQ(d.decided.size(), 1U);
}

TEST(BrainStart, INIT_1_of_two_with_equal_weight_the_earlier_is_first) {
  BrainDriver d({{.name = "a", .weight = 1}, {.name = "b", .weight = 1}});
  d.start();
  d.check(1, true);
  d.check(0, true);
  EXPECT_EQ(d.active(), 0U);
}

TEST(BrainStart, INIT_2_one_that_was_down_is_used_when_it_comes_up) {
  BrainDriver d;
  d.start();
  d.check(east, false);
  d.check(west, true);
  d.check(south, true);
  d.run_for(1min);
  EXPECT_EQ(d.active(), west);
  d.check(east, true);
  d.run_for(33s + 10ms);
  EXPECT_EQ(d.active(), east);
}

TEST(BrainStart, INIT_3_a_policy_that_cannot_be_met_is_refused_and_names_each_database) {
  BrainDriver d;
  d.start();
  d.check(east, false);
  d.check(west, false);
  EXPECT_TRUE(d.decided.empty());
  d.check(south, false);
  ASSERT_EQ(d.decided.size(), 1U);
  ASSERT_TRUE(d.decided[0].refused);
  for (const char* line : {"east: the check failed", "west: the check failed", "south: the check failed"}) {
    EXPECT_NE(d.decided[0].refused->find(line), std::string::npos) << *d.decided[0].refused;
  }
}

TEST(BrainStart, INIT_3_after_a_refusal_nothing_starts_any_more) {
  BrainDriver d;
  d.start();
  for (DatabaseIndex i = 0; i < 3; ++i) d.check(i, false);
  d.check(east, true);
  d.run_for(5min);
  EXPECT_TRUE(d.switches.empty());
  EXPECT_TRUE(d.probes.empty());
  EXPECT_EQ(d.decided.size(), 1U);
}

TEST(BrainStart, INIT_3_majority_waits_for_more_than_half_and_no_longer) {
  BrainDriver d(three_databases(), with_policy(InitialHealthCheckPolicy::majority_available));
  d.start();
  d.check(east, true);
  EXPECT_TRUE(d.decided.empty());
  d.check(west, true);
  EXPECT_EQ(d.active(), east);
}

TEST(BrainStart, INIT_3_majority_is_refused_as_soon_as_it_is_out_of_reach) {
  BrainDriver d(three_databases(), with_policy(InitialHealthCheckPolicy::majority_available));
  d.start();
  d.check(east, false);
  d.check(west, false);
  ASSERT_EQ(d.decided.size(), 1U);
  EXPECT_NE(d.decided[0].refused->find("south: not decided"), std::string::npos);
}

TEST(BrainStart, INIT_3_all_wants_all) {
  BrainDriver met(three_databases(), with_policy(InitialHealthCheckPolicy::all_available));
  met.start();
  met.check(east, true);
  met.check(west, true);
  EXPECT_FALSE(met.active());
  met.check(south, true);
  EXPECT_EQ(met.active(), east);

  BrainDriver missed(three_databases(), with_policy(InitialHealthCheckPolicy::all_available));
  missed.start();
  missed.check(south, false);
  ASSERT_EQ(missed.decided.size(), 1U);
  EXPECT_TRUE(missed.decided[0].refused);
}

TEST(BrainStart, HC_8_without_checks_a_database_counts_as_healthy) {
  BrainDriver d({{.name = "a", .weight = 0.5, .has_checks = false}, {.name = "b", .weight = 1, .has_checks = false}});
  d.start();
  EXPECT_EQ(d.active(), 1U);
  EXPECT_TRUE(d.status(0).eligible);
}

TEST(BrainStart, HC_8_a_refusal_does_not_blame_one_without_checks) {
  BrainDriver d({{.name = "a", .has_checks = false}, {.name = "b"}},
                with_policy(InitialHealthCheckPolicy::all_available));
  d.start();
  d.check(1, false);
  ASSERT_EQ(d.decided.size(), 1U);
  EXPECT_NE(d.decided[0].refused->find("a: healthy"), std::string::npos);
}

TEST(BrainStart, HC_8_traffic_moves_a_client_without_checks) {
  BrainDriver d({{.name = "a", .weight = 1, .has_checks = false}, {.name = "b", .weight = 0.5, .has_checks = false}});
  d.start();
  d.kill(0);
  d.run_for(100ms);
  EXPECT_EQ(d.active(), 1U);
}

}  // namespace
}  // namespace meridian::failover
