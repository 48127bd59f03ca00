// Leaving: where to, what it costs, and what happens when there is nowhere to go.
#include "unit/failover/brain_driver.hpp"

namespace meridian::failover {
namespace {

class BrainFailover : public testing::Test {
 protected:
  BrainFailover() { d.start_healthy(); }
  BrainDriver d;
};

TEST_F(BrainFailover, FO_1_the_target_is_the_heaviest_that_is_usable) {
  d.kill(east);
  d.run_for(100ms);
  EXPECT_EQ(d.active(), west);
}

TEST_F(BrainFailover, FO_1_an_unhealthy_second_choice_is_skipped) {
  d.check(west, false);
  d.kill(east);
  d.run_for(100ms);
  EXPECT_EQ(d.active(), south);
  EXPECT_EQ(d.switches.size(), 1U);
}

TEST_F(BrainFailover, FO_1_one_with_an_open_breaker_is_skipped) {
  d.kill(west);
  d.run_for(100ms);
  d.kill(east);
  d.run_for(100ms);
  EXPECT_EQ(d.active(), south);
}

TEST_F(BrainFailover, FO_1_one_in_grace_is_skipped) {
  d.check(east, false);
  ASSERT_EQ(d.active(), west);
  d.check(east, true);
  d.kill(west);
  d.run_for(100ms);
  EXPECT_EQ(d.active(), south);
  EXPECT_EQ(d.status(east).why_not, "its grace period has not ended");
}

TEST_F(BrainFailover, FO_1_of_two_with_equal_weight_the_earlier_is_the_target) {
  BrainDriver equal({{.name = "a", .weight = 1}, {.name = "b", .weight = 0.5}, {.name = "c", .weight = 0.5}});
  equal.start_healthy();
  equal.kill(0);
  equal.run_for(100ms);
  EXPECT_EQ(equal.active(), 1U);
}

TEST_F(BrainFailover, FO_2_trouble_of_the_others_is_recorded_and_moves_nothing) {
  d.kill(west);
  d.check(south, false);
  d.run_for(100ms);
  EXPECT_EQ(d.active(), east);
  EXPECT_TRUE(d.switches.empty());
  EXPECT_EQ(d.status(west).circuit, CircuitState::open);
  EXPECT_EQ(d.status(south).health, Health::unhealthy);
}

TEST_F(BrainFailover, FO_3_failed_checks_of_the_active_one_move_the_client_at_once) {
  d.check(east, false);
  ASSERT_EQ(d.switches.size(), 1U);
  EXPECT_EQ(d.active(), west);
  EXPECT_EQ(d.told<ActiveDatabaseChanged>()[0].reason, SwitchReason::health_check);
}

TEST_F(BrainFailover, FO_4_a_failover_drains_nothing_and_takes_the_next_epoch) {
  d.kill(east);
  d.run_for(100ms);
  ASSERT_EQ(d.switches.size(), 1U);
  EXPECT_EQ(d.switches[0].what.to.main, west);
  EXPECT_EQ(d.switches[0].what.epoch, 2U);
  EXPECT_EQ(d.switches[0].what.drain, 0ms);
}

// --- FO-5 ------------------------------------------------------------------------------------------------------------

TEST_F(BrainFailover, FO_5_a_switch_away_starts_the_grace_of_the_one_that_was_left) {
  d.kill(east);
  d.run_for(52ms);
  EXPECT_EQ(d.status(east).grace_left, 60s);
  EXPECT_EQ(d.status(west).grace_left, 0s);
}

TEST_F(BrainFailover, FO_5_a_blip_of_the_only_database_costs_only_the_blip) {
  BrainDriver one({{.name = "only", .grace_period = 60s}});
  one.start_healthy();
  one.kill(0);
  one.run_for(3s);
  EXPECT_FALSE(one.active());
  one.set(0, fine());
  one.run_for(500ms + 1ms);
  EXPECT_EQ(one.active(), 0U);
  EXPECT_EQ(one.status(0).grace_left, 0s);
  EXPECT_EQ(one.status(0).circuit, CircuitState::closed);
  EXPECT_TRUE(one.told<ActiveDatabaseChanged>().empty()) << "it is where it was";
}

TEST_F(BrainFailover, FO_5_a_blip_of_everything_costs_only_the_blip) {
  d.kill_all();
  d.run_for(2s);
  EXPECT_FALSE(d.active());
  for (DatabaseIndex i = 0; i < 3; ++i) d.set(i, fine());
  d.run_for(500ms);
  EXPECT_TRUE(d.active());
}

TEST_F(BrainFailover, FO_5_an_unhealthy_active_database_with_nowhere_to_go_stays) {
  d.check(west, false);
  d.check(south, false);
  d.check(east, false);
  d.run_for(5min);
  EXPECT_EQ(d.active(), east);
  EXPECT_TRUE(d.switches.empty());
  EXPECT_EQ(d.status(east).grace_left, 0s);
}

TEST_F(BrainFailover, FO_5_it_moves_when_a_target_appears) {
  d.check(west, false);
  d.check(south, false);
  d.check(east, false);
  d.run_for(1min);
  d.check(south, true);
  EXPECT_EQ(d.active(), south);
  EXPECT_EQ(d.told<ActiveDatabaseChanged>().back().reason, SwitchReason::health_check);
  EXPECT_GT(d.status(east).grace_left, 0s);
}

TEST_F(BrainFailover, FO_5_it_moves_when_the_grace_of_a_target_ends) {
  d.check(south, false);
  d.check(east, false);
  ASSERT_EQ(d.active(), west);
  const TimePoint left = d.now;
  d.check(east, true);
  d.check(west, false);
  d.run_for(59s);
  EXPECT_EQ(d.active(), west);
  d.run_for(2s);
  EXPECT_EQ(d.active(), east);
  EXPECT_EQ(d.switches.back().at, left + 60s);
}

// --- FO-6 ------------------------------------------------------------------------------------------------------------

std::vector<DatabaseSpec> so_many(std::size_t count) {
  std::vector<DatabaseSpec> specs;
  for (std::size_t i = 0; i < count; ++i) {
    specs.push_back(
        {.name = "db" + std::to_string(i), .weight = 1.0 / static_cast<double>(i + 1), .grace_period = 60s});
  }
  return specs;
}

class BrainRescue : public testing::TestWithParam<std::tuple<std::size_t, bool>> {
 protected:
  // Everything is down, refusing or silent; what was probed in the 30 s from then on.
  void everything_down() {
    d.start_healthy();
    d.kill_all();
    if (std::get<bool>(GetParam())) {
      for (DatabaseIndex i = 0; i < d.size; ++i) d.set(i, silent());
    }
    d.run_for(2s);
    ASSERT_FALSE(d.active());
    d.forget();
    d.run_for(30s);
  }
  BrainDriver d{so_many(std::get<std::size_t>(GetParam()))};
};

TEST_P(BrainRescue, FO_6_each_database_gets_a_trial_every_500_ms_as_far_as_ten_connects_a_second_allow) {
  everything_down();
  const Duration longest = std::max<Duration>(500ms, 100ms * d.size);
  for (DatabaseIndex i = 0; i < d.size; ++i) {
    const auto probes = d.probes_of(i);
    ASSERT_GT(probes.size(), 10U);
    for (std::size_t n = 1; n < probes.size(); ++n) {
      EXPECT_LE(probes[n].at - probes[n - 1].at, longest) << "database " << i << ", trial " << n;
    }
  }
}

TEST_P(BrainRescue, FO_6_all_together_open_no_more_than_ten_connections_a_second) {
  everything_down();
  for (std::size_t n = 10; n < d.probes.size(); ++n) {
    EXPECT_GE(d.probes[n].at - d.probes[n - 10].at, 1s) << "trial " << n;
  }
}

INSTANTIATE_TEST_SUITE_P(Databases, BrainRescue,
                         testing::Combine(testing::Values<std::size_t>(1, 2, 3, 4, 5, 8), testing::Bool()));

TEST_F(BrainFailover, FO_6_ten_connections_a_second_hold_for_trials_of_two_probes_too) {
  d.answered(east, false);  // the client writes
  d.kill_all();
  for (DatabaseIndex i = 0; i < 3; ++i) {
    d.set(i, ProbeKind::write, saying(ErrorCode::read_only, "READONLY"));
  }
  d.run_for(1s);
  ASSERT_FALSE(d.active());
  for (DatabaseIndex i = 0; i < 3; ++i) d.set(i, ProbeKind::ping, fine());
  d.forget();
  d.run_for(20s);
  EXPECT_FALSE(d.active());
  EXPECT_GE(d.probes.size(), 180U);
  EXPECT_LE(d.probes.size(), 202U);
}

TEST_F(BrainFailover, FO_6_the_first_that_passes_is_active_though_it_is_lighter) {
  d.kill_all();
  d.run_for(2s);
  d.set(south, fine());
  d.run_for(500ms);
  EXPECT_EQ(d.active(), south);
}

TEST_F(BrainFailover, FO_6_while_nothing_is_usable_grace_is_ignored) {
  d.kill(east);
  d.run_for(100ms);
  ASSERT_EQ(d.active(), west);
  ASSERT_GT(d.status(east).grace_left, 55s);
  d.set(east, fine());
  d.check(south, false);
  d.set(south, refusing());
  d.kill(west);
  d.run_for(600ms);
  EXPECT_EQ(d.active(), east);
}

TEST_F(BrainFailover, FO_6_a_database_that_checks_called_unhealthy_is_tried_too) {
  d.check(west, false);
  d.check(south, false);
  d.kill(east);
  d.run_for(700ms);
  EXPECT_TRUE(d.active() == west || d.active() == south);
  EXPECT_EQ(d.status(*d.active()).health, Health::healthy);
}

TEST_F(BrainFailover, FO_6_temporarily_first_then_no_valid_database_and_recovery_in_both_phases) {
  for (const Duration outage : {Duration(10s), Duration(10min)}) {
    BrainDriver one({{.name = "only"}});
    one.start_healthy();
    one.kill(0);
    one.run_for(52ms);
    ASSERT_FALSE(one.active());
    const TimePoint since = one.now;
    EXPECT_EQ(one.brain.unavailable_error(since).code(), ErrorCode::temporarily_unavailable);
    EXPECT_EQ(one.brain.unavailable_error(since + 120s - 1ns).code(), ErrorCode::temporarily_unavailable);
    EXPECT_EQ(one.brain.unavailable_error(since + 120s).code(), ErrorCode::no_valid_database);
    EXPECT_EQ(one.brain.unavailable_error(since).delivery(), Delivery::not_sent);
    EXPECT_NE(one.brain.unavailable_error(since).message().find("only (refused)"), std::string::npos);
    one.run_for(outage);
    EXPECT_FALSE(one.active());
    one.set(0, fine());
    one.run_for(501ms);
    EXPECT_EQ(one.active(), 0U) << "without any traffic";
  }
}

TEST_F(BrainFailover, FO_6_a_second_outage_is_temporary_again) {
  BrainDriver one({{.name = "only"}});
  one.start_healthy();
  one.kill(0);
  one.run_for(10min);
  one.set(0, fine());
  one.run_for(1s);
  one.kill(0);
  one.run_for(1s);
  ASSERT_FALSE(one.active());
  EXPECT_EQ(one.brain.unavailable_error(one.now).code(), ErrorCode::temporarily_unavailable);
}

TEST_F(BrainFailover, FO_6_a_trial_in_flight_when_everything_goes_down_counts) {
  d.kill(west);
  d.run_for(60ms);
  d.set(west, {{}, 300ms});
  d.run_for(100ms);
  ASSERT_EQ(d.status(west).circuit, CircuitState::half_open);
  d.check(south, false);
  d.set(south, refusing());
  d.kill(east);
  d.run_for(100ms);
  EXPECT_FALSE(d.active());
  d.run_for(200ms);
  EXPECT_EQ(d.active(), west);
}

// Its breaker was never opened, so nothing but the end of the outage may stop its trials.
TEST_F(BrainFailover, FO_6_a_trial_still_in_flight_when_another_one_is_chosen_does_not_start_a_storm) {
  d.check(west, false);
  d.check(south, false);
  d.set(west, silent());
  d.set(south, silent());
  d.kill(east);
  d.run_for(300ms);
  ASSERT_FALSE(d.active());
  d.set(east, fine());
  d.run_for(500ms);
  ASSERT_EQ(d.active(), east);
  d.forget();
  d.set(west, refusing());
  d.set(south, refusing());
  d.run_for(10s);
  EXPECT_LE(d.probes_of(west).size(), 10U);
  EXPECT_LE(d.probes_of(south).size(), 10U);
}

// --- EV-1 ------------------------------------------------------------------------------------------------------------

TEST_F(BrainFailover, EV_1_a_switch_says_from_where_to_where_why_and_on_what_evidence) {
  d.kill(east);
  d.run_for(100ms);
  ASSERT_EQ(d.told<ActiveDatabaseChanged>().size(), 1U);
  const auto event = d.told<ActiveDatabaseChanged>()[0];
  EXPECT_EQ(event.from, "east");
  EXPECT_EQ(event.to, "west");
  EXPECT_EQ(event.reason, SwitchReason::circuit_breaker);
  EXPECT_EQ(event.epoch, 2U);
  EXPECT_EQ(event.evidence, "refused");
}

TEST_F(BrainFailover, EV_1_a_breaker_that_opens_says_why) {
  d.kill(west);
  d.run_for(60ms);
  ASSERT_EQ(d.told<CircuitStateChanged>().size(), 1U);
  const auto event = d.told<CircuitStateChanged>()[0];
  EXPECT_EQ(event.database, "west");
  EXPECT_EQ(event.from, CircuitState::closed);
  EXPECT_EQ(event.to, CircuitState::open);
  EXPECT_EQ(event.evidence, "refused");
}

TEST_F(BrainFailover, EV_1_health_is_told_when_it_changes_and_only_then) {
  d.check(west, true);
  EXPECT_TRUE(d.events.empty());
  d.check(west, false);
  d.check(west, false);
  ASSERT_EQ(d.told<HealthChanged>().size(), 1U);
  EXPECT_EQ(d.told<HealthChanged>()[0].database, "west");
  EXPECT_EQ(d.told<HealthChanged>()[0].from, Health::healthy);
  EXPECT_EQ(d.told<HealthChanged>()[0].to, Health::unhealthy);
  EXPECT_EQ(d.told<HealthChanged>()[0].evidence, "the check failed");
}

TEST_F(BrainFailover, EV_1_nothing_usable_is_told_once_with_its_own_epoch) {
  BrainDriver one({{.name = "only"}});
  one.start_healthy();
  one.kill(0);
  one.run_for(10s);
  ASSERT_EQ(one.told<AllDatabasesUnavailable>().size(), 1U);
  EXPECT_EQ(one.told<AllDatabasesUnavailable>()[0].epoch, 2U);
  EXPECT_EQ(one.told<AllDatabasesUnavailable>()[0].evidence, "refused");
  EXPECT_EQ(one.switches[0].what.to.main, std::nullopt);
}

TEST_F(BrainFailover, EV_1_after_an_outage_the_switch_names_the_one_that_was_left_before_it) {
  d.kill(east);
  d.run_for(1s);
  ASSERT_EQ(d.active(), west);
  d.kill(west);
  d.kill(south);
  d.run_for(2s);
  d.set(east, fine());
  d.run_for(500ms);
  ASSERT_EQ(d.active(), east);
  const auto event = d.told<ActiveDatabaseChanged>().back();
  EXPECT_EQ(event.from, "west");
  EXPECT_EQ(event.to, "east");
  EXPECT_EQ(event.reason, SwitchReason::circuit_breaker);
  EXPECT_EQ(event.epoch, d.brain.epoch());
}

TEST_F(BrainFailover, FO_5_when_all_die_at_once_none_is_left_for_another_that_is_dying) {
  d.kill_all();
  d.run_for(2s);
  EXPECT_FALSE(d.active());
  EXPECT_TRUE(d.told<ActiveDatabaseChanged>().empty());
  EXPECT_EQ(d.status(east).grace_left, Duration::zero());
}

TEST_F(BrainFailover, FO_6_what_was_in_grace_and_is_active_again_is_out_no_more) {
  d.kill(east);
  d.run_for(1s);
  ASSERT_GT(d.status(east).grace_left, Duration::zero());
  d.kill(west);
  d.kill(south);
  d.run_for(1s);
  d.set(east, fine());
  d.run_for(500ms);
  ASSERT_EQ(d.active(), east);
  EXPECT_EQ(d.status(east).grace_left, Duration::zero());
}

// Found by the simulator: the brain asked to be woken at the end of a grace that had ended, for ever.
TEST_F(BrainFailover, an_unhealthy_active_one_beside_a_candidate_under_suspicion_lets_time_pass) {
  d.kill(east);
  d.run_for(1s);
  ASSERT_EQ(d.active(), west);
  d.set(east, fine());
  d.run_for(70s);
  d.brain.on_check_round(d.now, east, true, "");
  d.set(east, silent());
  d.trouble(east);
  d.run_for(450ms);  // one probe unanswered: passed over for now
  d.brain.on_check_round(d.now, west, false, "PING: no answer");
  d.run_for(200ms);
  EXPECT_GT(d.brain.next_wake(), d.now);
}

}  // namespace
}  // namespace meridian::failover
