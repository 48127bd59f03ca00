// Going home: when, by which trial, and what stops it.
#include "unit/failover/brain_driver.hpp"

#include <algorithm>
#include <set>

namespace meridian::failover {
namespace {

// West is active because east was down at the start; nobody is in grace.
BrainDriver away_from_home(std::vector<DatabaseSpec> databases = three_databases(),
                           const Settings& settings = default_settings(), std::uint64_t seed = 1) {
  BrainDriver d(std::move(databases), settings, seed);
  d.start();
  d.check(east, false);
  d.check(west, true);
  d.check(south, true);
  d.forget();
  return d;
}

TEST(BrainFailback, FB_1_goes_to_the_heavier_one_at_a_moment_of_its_own_within_ten_percent) {
  std::set<Duration> moments;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    BrainDriver d = away_from_home(three_databases(), default_settings(), seed);
    const TimePoint began = d.now;
    d.check(east, true);
    d.run_for(40s);
    ASSERT_EQ(d.active(), east);
    const Duration took = d.switches[0].at - began;
    EXPECT_GE(took, 27s);
    EXPECT_LE(took, 33s + 1ms);
    moments.insert(took);
  }
  EXPECT_EQ(moments.size(), 30U);
}

TEST(BrainFailback, FB_1_drains_and_starts_no_grace) {
  BrainDriver d = away_from_home();
  d.check(east, true);
  d.run_for(40s);
  ASSERT_EQ(d.switches.size(), 1U);
  EXPECT_EQ(d.switches[0].what.drain, 2s);
  EXPECT_EQ(d.status(west).grace_left, 0s);
  const auto events = d.told<ActiveDatabaseChanged>();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].reason, SwitchReason::failback);
  EXPECT_EQ(events[0].from, "west");
  EXPECT_EQ(events[0].to, "east");
}

TEST(BrainFailback, FB_1_never_to_one_that_is_not_heavier) {
  std::vector<DatabaseSpec> equal = three_databases();
  equal[west].weight = 1.0;
  BrainDriver d = away_from_home(equal);
  d.check(east, true);
  d.run_for(5min);
  EXPECT_EQ(d.active(), west);
  EXPECT_TRUE(d.probes.empty());
}

TEST(BrainFailback, FB_1_never_to_one_whose_checks_fail) {
  BrainDriver d = away_from_home();
  d.run_for(5min);
  EXPECT_EQ(d.active(), west);
}

TEST(BrainFailback, FB_1_not_before_its_grace_has_ended) {
  BrainDriver d;
  d.start_healthy();
  d.kill(east);
  d.run_for(100ms);
  d.set(east, fine());
  const TimePoint left = d.switches[0].at;
  d.run_for(2min);
  ASSERT_EQ(d.active(), east);
  EXPECT_GE(d.switches[1].at, left + 60s);
  EXPECT_LE(d.switches[1].at, left + 94s);
}

TEST(BrainFailback, FB_1_not_while_its_breaker_is_open) {
  BrainDriver d;
  d.start_healthy();
  d.kill(east);
  d.run_for(10min);
  EXPECT_EQ(d.active(), west);
}

TEST(BrainFailback, FB_1_a_check_that_fails_meanwhile_is_asked_again_after_a_passed_trial) {
  BrainDriver d;
  d.start_healthy();
  d.kill(east);
  d.check(east, false);
  d.run_for(100ms);
  d.set(east, fine());
  d.run_for(62s);
  ASSERT_EQ(d.status(east).circuit, CircuitState::closed);
  EXPECT_EQ(d.checks_now, std::vector{east});
  d.run_for(2min);
  EXPECT_EQ(d.active(), west);
  d.check(east, true);
  d.run_for(34s);
  EXPECT_EQ(d.active(), east);
}

TEST(BrainFailback, FB_1_is_off_at_zero_and_below) {
  for (const Duration interval : {Duration(0s), Duration(-1s)}) {
    Settings settings = default_settings();
    settings.auto_fallback_interval = interval;
    BrainDriver d = away_from_home(three_databases(), settings);
    d.check(east, true);
    d.run_for(1h);
    EXPECT_EQ(d.active(), west);
  }
}

TEST(BrainFailback, FB_2_a_client_that_only_reads_is_tried_with_a_read) {
  BrainDriver d = away_from_home();
  d.answered(west, true);
  d.check(east, true);
  d.run_for(40s);
  EXPECT_EQ(d.kinds_of(east), std::vector{ProbeKind::ping});
}

TEST(BrainFailback, FB_2_a_client_that_writes_is_tried_with_a_write_too) {
  BrainDriver d = away_from_home();
  d.check(east, true);
  d.run_for(20s);
  d.answered(west, false);
  d.run_for(20s);
  EXPECT_EQ(d.kinds_of(east), (std::vector{ProbeKind::ping, ProbeKind::write}));
  EXPECT_EQ(d.active(), east);
}

TEST(BrainFailback, FB_2_a_write_long_ago_does_not_count_as_writing) {
  BrainDriver d = away_from_home();
  d.answered(west, false);
  d.run_for(61s);
  d.check(east, true);
  d.run_for(40s);
  EXPECT_EQ(d.kinds_of(east), std::vector{ProbeKind::ping});
}

TEST(BrainFailback, FB_2_one_that_was_left_because_of_writes_is_tried_with_a_write_even_if_nobody_writes_any_more) {
  for (const bool by_the_detector : {false, true}) {
    BrainDriver d;
    d.start_healthy();
    d.set(east, ProbeKind::write, saying(ErrorCode::read_only, "READONLY"));
    for (int i = 0; i < (by_the_detector ? 5 : 1); ++i) d.failed(east, false, ErrorCode::read_only);
    d.run_for(100ms);
    ASSERT_EQ(d.active(), west);
    d.run_for(10min);
    EXPECT_EQ(d.active(), west) << "it still takes no writes";
    d.forget();
    d.set(east, fine());
    d.run_for(1min);
    EXPECT_EQ(d.active(), east);
    const auto kinds = d.kinds_of(east);
    EXPECT_GE(std::count(kinds.begin(), kinds.end(), ProbeKind::write), 2) << "to close the breaker, and to go home";
  }
}

TEST(BrainFailback, FB_2_one_that_was_left_because_large_writes_stalled_is_tried_with_large_ones) {
  BrainDriver d;
  d.start_healthy();
  d.set(east, ProbeKind::large, silent());
  d.silence(east, {.writes = true, .largest_write = 5000});
  d.run_for(5s);
  ASSERT_EQ(d.active(), west);
  d.run_for(5min);
  EXPECT_EQ(d.active(), west);
  d.set(east, fine());
  d.run_for(1min);
  EXPECT_EQ(d.active(), east);
}

TEST(BrainFailback, FB_2_a_failed_trial_keeps_the_client_where_it_is_and_is_tried_again) {
  BrainDriver d = away_from_home();
  d.check(east, true);
  d.set(east, ProbeKind::ping, silent());
  d.run_for(33s + 500ms);
  EXPECT_EQ(d.active(), west);
  d.set(east, fine());
  d.run_for(40s);
  EXPECT_EQ(d.active(), east);
}

TEST(BrainFailback, FB_2_a_trial_that_our_own_machine_could_not_make_moves_nothing_and_blames_nobody) {
  BrainDriver d = away_from_home();
  d.check(east, true);
  d.set(east, verdict_of(ProbeVerdict::local));
  d.run_for(2min);
  EXPECT_EQ(d.active(), west);
  EXPECT_EQ(d.status(east).circuit, CircuitState::closed);
}

TEST(BrainFailback, a_trial_that_is_still_running_when_the_active_one_dies_moves_nothing_twice) {
  BrainDriver d = away_from_home();
  d.check(east, true);
  d.set(east, {{}, 300ms});
  while (d.probes_of(east).empty()) d.run_for(10ms);
  d.kill(west);
  d.run_for(100ms);
  EXPECT_EQ(d.active(), east);
  EXPECT_EQ(d.told<ActiveDatabaseChanged>()[0].reason, SwitchReason::circuit_breaker);
  d.run_for(1s);
  EXPECT_EQ(d.switches.size(), 1U);
}

TEST(BrainFailback, a_trial_that_passes_too_late_moves_nothing) {
  BrainDriver d = away_from_home();
  d.check(east, true);
  d.set(east, {{}, 300ms});
  while (d.probes_of(east).empty()) d.run_for(10ms);
  d.check(east, false);
  d.run_for(1s);
  EXPECT_EQ(d.active(), west);
}

TEST(BrainFailback, home_again_the_old_home_may_be_left_again) {
  BrainDriver d;
  d.start_healthy();
  for (int round = 0; round < 3; ++round) {
    d.kill(east);
    d.run_for(1s);
    ASSERT_EQ(d.active(), west);
    d.set(east, fine());
    d.run_for(5min);
    ASSERT_EQ(d.active(), east);
  }
  EXPECT_EQ(d.brain.epoch(), 7U);
}

}  // namespace
}  // namespace meridian::failover
