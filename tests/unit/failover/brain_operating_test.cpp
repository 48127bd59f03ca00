// What operators do by hand, the stages of a return, and what keeps a flapping database away.
#include "unit/failover/brain_driver.hpp"

namespace meridian::failover {
namespace {

class ByHand : public ::testing::Test {
 protected:
  ByHand() { d.start_healthy(); }

  BrainDriver d;
};

// --- MAN-1 -----------------------------------------------------------------------------------------------------------

TEST_F(ByHand, MAN_1_probes_the_target_then_switches_and_drains) {
  EXPECT_EQ(d.choose(west), std::nullopt);
  EXPECT_EQ(d.active(), west);
  EXPECT_EQ(d.kinds_of(west), std::vector{ProbeKind::ping});
  EXPECT_EQ(d.switches[0].what.drain, 2s);
  EXPECT_EQ(d.told<ActiveDatabaseChanged>()[0].reason, SwitchReason::manual);
  EXPECT_EQ(d.status(east).grace_left, 0s) << "grace follows failovers only";
}

TEST_F(ByHand, MAN_1_a_client_that_writes_tries_a_write_first) {
  d.answered(east, false);
  d.set(west, ProbeKind::write, saying(ErrorCode::read_only, "READONLY"));
  ASSERT_TRUE(d.choose(west));
  EXPECT_EQ(d.active(), east);
}

TEST_F(ByHand, MAN_1_a_target_that_is_not_well_is_refused) {
  d.set(west, refusing());
  const auto error = d.choose(west);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::temporarily_unavailable);
  EXPECT_EQ(error->message(), "west is not well: refused");
  d.check(south, false);
  EXPECT_TRUE(d.choose(south));
  EXPECT_EQ(d.active(), east);
}

TEST_F(ByHand, MAN_1_the_same_target_is_no_switch_and_no_event) {
  EXPECT_EQ(d.choose(east), std::nullopt);
  EXPECT_TRUE(d.switches.empty());
  EXPECT_TRUE(d.events.empty());
  EXPECT_TRUE(d.probes.empty());
}

TEST_F(ByHand, MAN_1_holds_for_a_grace_period_against_failback) {
  d.choose(west);
  const TimePoint chosen = d.now;
  d.run_for(59s);
  EXPECT_EQ(d.active(), west);
  d.run_for(34s);
  EXPECT_EQ(d.active(), east);
  EXPECT_GE(d.switches.back().at - chosen, 59s);
}

TEST_F(ByHand, MAN_1_a_forced_one_holds_as_long_as_it_was_told_and_can_still_be_failed_over_from) {
  EXPECT_EQ(d.choose(west, {.reason = SwitchReason::forced, .hold = 10min}), std::nullopt);
  EXPECT_EQ(d.told<ActiveDatabaseChanged>()[0].reason, SwitchReason::forced);
  d.run_for(9min);
  ASSERT_EQ(d.active(), west);
  d.kill(west);
  d.run_for(1s);
  EXPECT_EQ(d.active(), east);
}

TEST_F(ByHand, MAN_1_pinned_nothing_goes_home_until_it_is_unpinned) {
  d.choose(west);
  d.operate([](Brain& b, TimePoint) { b.set_pinned(1, true); });
  d.run_for(10min);
  EXPECT_EQ(d.active(), west);
  d.operate([](Brain& b, TimePoint) { b.set_pinned(1, false); });
  d.run_for(40s);
  EXPECT_EQ(d.active(), east);
}

// --- MAN-2, FB-4 -----------------------------------------------------------------------------------------------------

TEST_F(ByHand, MAN_2_one_that_joins_is_used_once_its_checks_have_passed) {
  EXPECT_EQ(d.operate([](Brain& b, TimePoint t) {
    b.add(t, 1, {.name = "north", .weight = 2, .grace_period = 60s, .has_checks = true});
  }),
            std::nullopt);
  EXPECT_EQ(d.told<DatabaseAdded>()[0].database, "north");
  d.run_for(1min);
  EXPECT_EQ(d.active(), east);
  d.check(3, true);
  d.run_for(1min);
  EXPECT_EQ(d.active(), 3U);
}

TEST_F(ByHand, MAN_2_the_active_one_is_left_before_it_is_removed_and_forgotten_when_it_has_drained) {
  EXPECT_EQ(d.remove(east), std::nullopt);
  EXPECT_EQ(d.active(), west);
  EXPECT_EQ(d.told<ActiveDatabaseChanged>()[0].reason, SwitchReason::removed);
  d.run_for(2s);
  EXPECT_TRUE(d.forgotten.empty());
  d.run_for(200ms);
  EXPECT_EQ(d.forgotten, std::vector{east});
  EXPECT_EQ(d.brain.describe(d.now).databases.size(), 2U);
  d.run_for(10min);
  EXPECT_EQ(d.active(), west);
}

TEST_F(ByHand, MAN_2_the_last_one_cannot_go_nor_the_active_one_with_nowhere_to_go) {
  d.check(west, false);
  d.check(south, false);
  const auto nowhere = d.remove(east);
  ASSERT_TRUE(nowhere);
  EXPECT_EQ(nowhere->code(), ErrorCode::temporarily_unavailable);
  EXPECT_EQ(d.remove(west), std::nullopt);
  EXPECT_EQ(d.remove(south), std::nullopt);
  const auto last = d.remove(east);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->code(), ErrorCode::invalid_argument);
  EXPECT_EQ(d.active(), east);
}

TEST_F(ByHand, MAN_2_removing_one_that_is_being_tried_ends_what_waits_for_it) {
  d.set(west, silent());
  d.begin([](Brain& b, TimePoint t) { b.set_active(t, 7, west, {}); });
  d.begin([](Brain& b, TimePoint t) { b.remove(t, 8, west); });
  d.run_for(1ms);
  ASSERT_EQ(d.operations.size(), 2U);
  EXPECT_EQ(d.operations[0].id, 7U);
  EXPECT_TRUE(d.operations[0].error);
  d.run_for(5s);
  EXPECT_EQ(d.active(), east);
}

TEST_F(ByHand, FB_4_one_that_is_raised_above_the_active_one_is_taken_up_at_once_if_it_is_well) {
  d.weight(west, 5);
  d.run_for(10ms);
  EXPECT_EQ(d.active(), west);
  EXPECT_EQ(d.told<WeightChanged>()[0].to, 5);
  d.check(south, false);
  d.weight(south, 9);
  d.run_for(10ms);
  EXPECT_EQ(d.active(), west);
}

TEST_F(ByHand, FB_4_lowered_weights_count_at_the_next_look) {
  d.weight(east, 0.1);
  EXPECT_EQ(d.active(), east);
  d.run_for(34s);
  EXPECT_EQ(d.active(), west);
}

TEST_F(ByHand, FB_4_switched_off_while_running_nothing_goes_home) {
  d.kill(east);
  d.run_for(1s);
  d.set(east, fine());
  Settings settings = default_settings();
  settings.auto_fallback_interval = 0s;
  d.operate([&](Brain& b, TimePoint t) { b.reconfigure(t, 1, settings, std::vector(3, CircuitBreakerOptions{})); });
  d.run_for(10min);
  EXPECT_EQ(d.active(), west);
}

// --- MAN-3 -----------------------------------------------------------------------------------------------------------

TEST_F(ByHand, MAN_3_a_drained_one_is_left_and_not_chosen) {
  EXPECT_EQ(d.drain(east), std::nullopt);
  EXPECT_EQ(d.active(), west);
  EXPECT_EQ(d.status(east).why_not, "it is drained");
  d.kill(west);
  d.run_for(1min);
  EXPECT_EQ(d.active(), south);
  EXPECT_EQ(d.drain(east, false), std::nullopt);
  d.run_for(40s);
  EXPECT_EQ(d.active(), east);
}

TEST_F(ByHand, MAN_3_a_drained_one_is_still_used_while_there_is_nothing_else) {
  d.check(west, false);
  d.check(south, false);
  EXPECT_EQ(d.drain(east), std::nullopt);
  EXPECT_EQ(d.active(), east);
  d.check(south, true);
  EXPECT_EQ(d.active(), south);
  EXPECT_EQ(d.drain(south), std::nullopt);
  const auto last = d.drain(west);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->message(), "west is the last that is not drained");
}

TEST_F(ByHand, MAN_3_frozen_it_decides_nothing_and_makes_up_for_it_afterwards) {
  d.mode(DecisionMode::frozen);
  d.kill(east);
  d.run_for(30s);
  EXPECT_EQ(d.active(), east);
  EXPECT_EQ(d.status(east).circuit, CircuitState::open);
  EXPECT_TRUE(d.told<SwitchWithheld>().empty());
  d.mode(DecisionMode::deciding);
  EXPECT_EQ(d.active(), west);
}

TEST_F(ByHand, MAN_3_observing_it_says_once_what_it_would_have_done) {
  d.mode(DecisionMode::observing);
  d.kill(east);
  d.run_for(30s);
  EXPECT_EQ(d.active(), east);
  ASSERT_EQ(d.told<SwitchWithheld>().size(), 1U);
  EXPECT_EQ(d.told<SwitchWithheld>()[0].to, "west");
  EXPECT_EQ(d.choose(south), std::nullopt) << "by hand it still goes";
  EXPECT_EQ(d.active(), south);
}

TEST_F(ByHand, MAN_3_observing_a_second_outage_is_told_again) {
  d.mode(DecisionMode::observing);
  for (int outage = 1; outage <= 2; ++outage) {
    d.kill(east);
    d.run_for(30s);
    EXPECT_EQ(d.told<SwitchWithheld>().size(), static_cast<std::size_t>(outage));
    d.set(east, fine());
    d.check(east, true);
    d.run_for(1min);
    ASSERT_EQ(d.status(east).circuit, CircuitState::closed);
  }
}

TEST_F(ByHand, MAN_3_frozen_calls_that_wait_for_a_verdict_have_it_when_the_breaker_opens) {
  d.mode(DecisionMode::frozen);
  d.set(east, saying(ErrorCode::busy, "BUSY"));
  d.failed(east, true, ErrorCode::busy);
  ASSERT_TRUE(d.brain.verdict_pending());
  d.forget();
  for (int i = 0; i < 5; ++i) d.failed(east, true, ErrorCode::timed_out);
  EXPECT_FALSE(d.brain.verdict_pending());
  EXPECT_GT(d.verdicts, 0);
}

TEST_F(ByHand, MAN_3_frozen_with_nothing_usable_it_stays_so_and_comes_back_when_it_may_decide) {
  d.kill_all();
  d.run_for(1s);
  ASSERT_EQ(d.active(), std::nullopt);
  d.mode(DecisionMode::frozen);
  for (DatabaseIndex i = 0; i < 3; ++i) d.set(i, fine());
  d.run_for(10s);
  EXPECT_EQ(d.active(), std::nullopt);
  d.mode(DecisionMode::deciding);
  d.run_for(1s);
  EXPECT_NE(d.active(), std::nullopt);
}

TEST_F(ByHand, MAN_3_unfrozen_while_the_active_one_is_being_tried_it_is_left) {
  d.mode(DecisionMode::frozen);
  d.kill(east);
  d.set(east, silent());
  for (int i = 0; i < 1000 && d.status(east).circuit != CircuitState::half_open; ++i) d.run_for(10ms);
  ASSERT_EQ(d.status(east).circuit, CircuitState::half_open);
  d.mode(DecisionMode::deciding);
  EXPECT_EQ(d.active(), west);
}

TEST_F(ByHand, MAN_1_to_choose_what_is_chosen_takes_no_hold_away) {
  d.choose(west, {.reason = SwitchReason::forced, .hold = 1h});
  d.choose(west);
  d.run_for(30min);
  EXPECT_EQ(d.active(), west);
  d.choose(west, {.reason = SwitchReason::forced, .hold = 2min});
  d.run_for(10min);
  EXPECT_EQ(d.active(), east) << "the latest duration counts";
}

TEST_F(ByHand, MAN_1_a_blip_of_everything_takes_no_hold_away) {
  d.choose(west, {.reason = SwitchReason::forced, .hold = 1h});
  d.kill_all();
  d.run_for(1s);
  d.set(west, fine());
  d.run_for(1s);
  ASSERT_EQ(d.active(), west);
  d.set(east, fine());
  d.check(east, true);
  d.run_for(10min);
  EXPECT_EQ(d.active(), west);
}

TEST_F(ByHand, MAN_1_the_latest_choice_counts_whichever_trial_ends_first) {
  d.set(south, {.after = 5ms});
  d.set(west, {.after = 100ms});
  d.begin([](Brain& b, TimePoint t) { b.set_active(t, 1, west, {}); });
  d.begin([](Brain& b, TimePoint t) { b.set_active(t, 2, south, {}); });
  d.run_for(500ms);
  EXPECT_EQ(d.active(), south);
  ASSERT_EQ(d.operations.size(), 2U);
  EXPECT_EQ(d.operations[0].error->code(), ErrorCode::cancelled);
}

TEST_F(ByHand, MAN_3_drained_while_it_is_being_tried_it_is_not_chosen) {
  d.begin([](Brain& b, TimePoint t) { b.set_active(t, 1, west, {}); });
  d.begin([](Brain& b, TimePoint t) { b.set_drained(t, 2, west, true); });
  d.run_for(1s);
  ASSERT_EQ(d.operations.size(), 2U);
  EXPECT_TRUE(d.operations[0].error);
  EXPECT_EQ(d.active(), east);
}

TEST_F(ByHand, MAN_2_the_last_that_is_not_drained_cannot_be_removed) {
  d.drain(west);
  d.drain(south);
  d.kill(east);
  d.run_for(1s);
  ASSERT_EQ(d.active(), std::nullopt);
  EXPECT_TRUE(d.remove(east));
}

TEST_F(ByHand, MAN_2_of_one_that_was_removed_nothing_is_told) {
  d.remove(west);
  d.forget();
  d.check(west, false);
  d.trouble(west, {.code = ErrorCode::tls_failed, .message = "expired"});
  EXPECT_TRUE(d.events.empty());
}

// --- FB-2, FB-3 ------------------------------------------------------------------------------------------------------

class Stages : public ::testing::Test {
 protected:
  BrainDriver away(Failback failback) {
    Settings settings = default_settings();
    settings.failback = failback;
    settings.failback_ramp = {10, 50};
    BrainDriver d(three_databases(), settings);
    d.start_healthy();
    d.kill(east);
    d.run_for(1s);
    EXPECT_EQ(d.active(), west);
    d.set(east, fine());
    return d;
  }
  static void run_until_return(BrainDriver& d) {
    for (int i = 0; i < 200 && !d.brain.traffic().next; ++i) d.run_for(1s);
    ASSERT_EQ(d.brain.traffic().next, east);
    d.forget();
  }
};

TEST_F(Stages, FB_3_reads_go_first_then_everything_each_with_its_epoch_and_event) {
  BrainDriver d = away(Failback::reads_first);
  run_until_return(d);
  const std::uint64_t epoch = d.brain.epoch();
  EXPECT_EQ(d.brain.traffic().main, west);
  EXPECT_EQ(d.brain.traffic().scope, SwitchScope::reads);
  EXPECT_EQ(d.brain.describe(d.now).next, "east");
  d.run_for(34s);
  EXPECT_EQ(d.active(), east);
  EXPECT_EQ(d.brain.epoch(), epoch + 1);
  ASSERT_EQ(d.told<ActiveDatabaseChanged>().size(), 1U);
  EXPECT_EQ(d.told<ActiveDatabaseChanged>()[0].scope, SwitchScope::all);
  EXPECT_EQ(d.switches.back().what.drain, 2s);
}

TEST_F(Stages, FB_3_a_ramp_grows_step_by_step) {
  BrainDriver d = away(Failback::ramp);
  run_until_return(d);
  EXPECT_EQ(d.brain.traffic().percent, 10);
  d.run_for(34s);
  EXPECT_EQ(d.brain.traffic().percent, 50);
  d.run_for(34s);
  EXPECT_EQ(d.active(), east);
  EXPECT_EQ(d.brain.traffic().next, std::nullopt);
}

TEST_F(Stages, FB_2_trouble_at_home_during_a_ramp_sends_everything_back_and_counts_as_a_flap) {
  BrainDriver d = away(Failback::ramp);
  run_until_return(d);
  d.kill(east);
  d.run_for(1s);
  EXPECT_EQ(d.active(), west);
  EXPECT_EQ(d.brain.traffic().next, std::nullopt);
  EXPECT_EQ(d.status(east).flaps, 1);
  EXPECT_GT(d.status(east).grace_left, 110s);
  EXPECT_EQ(d.told<ActiveDatabaseChanged>()[0].to, "west");
}

TEST_F(Stages, FB_2_a_health_check_that_fails_at_home_breaks_off_the_return) {
  BrainDriver d = away(Failback::reads_first);
  run_until_return(d);
  d.check(east, false);
  EXPECT_EQ(d.active(), west);
  EXPECT_EQ(d.brain.traffic().next, std::nullopt);
}

TEST_F(Stages, FB_3_trouble_where_the_writes_are_sends_everything_home) {
  BrainDriver d = away(Failback::reads_first);
  run_until_return(d);
  d.kill(west);
  d.run_for(1s);
  EXPECT_EQ(d.active(), east);
  EXPECT_EQ(d.brain.traffic().next, std::nullopt);
  EXPECT_GT(d.status(west).grace_left, 50s);
}

TEST_F(Stages, DET_4_a_stage_does_not_make_what_stays_an_older_epoch) {
  BrainDriver d = away(Failback::reads_first);
  const std::uint64_t before = d.brain.epoch();
  run_until_return(d);
  for (int i = 0; i < 5; ++i) d.failed(west, false, ErrorCode::timed_out, 1, d.now, before);
  EXPECT_EQ(d.active(), east);
}

TEST_F(Stages, MAN_1_a_pin_holds_a_return_where_it_is) {
  BrainDriver d = away(Failback::reads_first);
  run_until_return(d);
  d.operate([](Brain& b, TimePoint) { b.set_pinned(1, true); });
  d.run_for(5min);
  EXPECT_EQ(d.active(), west);
  d.operate([](Brain& b, TimePoint) { b.set_pinned(1, false); });
  d.run_for(1s);
  EXPECT_EQ(d.active(), east);
}

TEST_F(Stages, FB_4_a_weight_that_is_lowered_in_a_stage_breaks_the_return_off) {
  BrainDriver d = away(Failback::reads_first);
  run_until_return(d);
  d.weight(east, 0.1);
  d.run_for(1min);
  EXPECT_EQ(d.active(), west);
  EXPECT_EQ(d.brain.traffic().next, std::nullopt);
  EXPECT_EQ(d.status(east).flaps, 0);
}

TEST_F(Stages, MAN_3_frozen_a_stage_stays_whatever_happens_at_home) {
  BrainDriver d = away(Failback::reads_first);
  run_until_return(d);
  d.mode(DecisionMode::frozen);
  d.kill(east);
  d.run_for(1min);
  EXPECT_EQ(d.brain.traffic().next, east);
  d.mode(DecisionMode::deciding);
  EXPECT_EQ(d.brain.traffic().next, std::nullopt);
  EXPECT_EQ(d.active(), west);
}

TEST_F(Stages, FB_3_a_return_that_has_begun_keeps_its_stages_when_the_configuration_changes) {
  BrainDriver d = away(Failback::ramp);
  run_until_return(d);
  d.operate(
      [&](Brain& b, TimePoint t) { b.reconfigure(t, 1, default_settings(), std::vector(3, CircuitBreakerOptions{})); });
  EXPECT_EQ(d.brain.traffic().percent, 10);
  d.run_for(34s);
  EXPECT_EQ(d.brain.traffic().percent, 50);
}

TEST_F(Stages, MAN_1_choosing_the_one_that_is_left_breaks_off_the_return) {
  BrainDriver d = away(Failback::reads_first);
  run_until_return(d);
  EXPECT_EQ(d.choose(west), std::nullopt);
  EXPECT_EQ(d.active(), west);
  EXPECT_EQ(d.brain.traffic().next, std::nullopt);
  EXPECT_EQ(d.status(east).flaps, 0);
}

// --- FO-7 ------------------------------------------------------------------------------------------------------------

TEST_F(ByHand, FO_7_one_that_fails_soon_after_its_return_stays_out_twice_as_long_each_time_up_to_five_minutes) {
  std::vector<Duration> out;
  for (int round = 0; round < 5; ++round) {
    d.kill(east);
    d.run_for(1s);
    ASSERT_EQ(d.active(), west);
    const Duration left = d.status(east).grace_left;
    out.push_back(std::chrono::ceil<std::chrono::minutes>(left));
    d.set(east, fine());
    for (int i = 0; i < 1000 && d.active() != east; ++i) d.run_for(1s);
    ASSERT_EQ(d.active(), east);
    d.run_for(5s);
  }
  EXPECT_EQ(out, (std::vector<Duration>{1min, 2min, 4min, 5min, 5min}));
}

TEST_F(ByHand, FO_7_each_grace_period_served_well_takes_one_doubling_back) {
  for (int round = 0; round < 3; ++round) {
    d.kill(east);
    d.run_for(1s);
    d.set(east, fine());
    for (int i = 0; i < 1000 && d.active() != east; ++i) d.run_for(1s);
    d.run_for(5s);
  }
  ASSERT_EQ(d.status(east).flaps, 2);
  d.run_for(61s);
  d.kill(east);
  d.run_for(1s);
  EXPECT_EQ(d.status(east).flaps, 1);
}

// --- What lasts, what is slow ----------------------------------------------------------------------------------------

TEST_F(ByHand, DET_7_row_13_a_reset_every_200_ms_opens_the_breaker_after_seconds_and_not_before) {
  const TimePoint began = d.now;
  for (int i = 0; i < 40 && d.active() == east; ++i) {
    d.brain.on_connected(d.now, east);
    d.answered(east, true);
    d.answered(east, false);
    d.trouble(east, {.message = "reset", .carries_commands = true, .owed_replies = false, .was_ready = true});
    d.run_for(200ms);
  }
  EXPECT_EQ(d.active(), west);
  EXPECT_GE(d.switches[0].at - began, 2s);
  EXPECT_LE(d.switches[0].at - began, 4s);
}

TEST_F(ByHand, row_15_heavy_loss_that_never_reaches_the_window_rule_opens_the_breaker) {
  for (int i = 0; i < 40 && d.active() == east; ++i) {
    d.answered(east, true);
    d.failed(east, true, ErrorCode::timed_out);
    d.run_for(200ms);
  }
  EXPECT_EQ(d.active(), west);
  EXPECT_NE(d.told<CircuitStateChanged>()[0].evidence.find("it lasts"), std::string::npos);
}

TEST_F(ByHand, row_4_slow_calls_open_the_breaker_when_they_last_and_not_in_a_burst) {
  std::vector<DatabaseSpec> databases = three_databases();
  for (DatabaseSpec& spec : databases) spec.breaker.slow_call_threshold = 50ms;
  BrainDriver slow(databases);
  slow.start_healthy();
  const auto answer = [&](Duration took) {
    slow.brain.on_attempt(slow.now, east, slow.brain.epoch(), {.is_read = true, .sent_at = slow.now - took});
    slow.run_for(1ms);
  };
  for (int i = 0; i < 100; ++i) answer(80ms);
  slow.run_for(5s);
  EXPECT_EQ(slow.active(), east) << "a burst";
  for (int i = 0; i < 40 && slow.active() == east; ++i) {
    answer(80ms);
    slow.run_for(100ms);
  }
  EXPECT_EQ(slow.active(), west);
  EXPECT_GT(slow.status(east).counters.slow, 100U);
}

// --- Strategies ------------------------------------------------------------------------------------------------------

class Strategy : public ::testing::Test {
 protected:
  Strategy() : d(three_databases(), asking()) { d.start_healthy(); }
  static Settings asking() {
    Settings settings = default_settings();
    settings.asks_strategy = true;
    return settings;
  }

  BrainDriver d;
};

TEST_F(Strategy, FO_1_a_strategy_of_the_programs_picks_among_those_that_are_usable) {
  d.check(south, true);
  d.kill(east);
  d.run_for(55ms);
  ASSERT_EQ(d.questions.size(), 1U);
  EXPECT_EQ(d.questions[0].candidates, (std::vector{west, south}));
  EXPECT_TRUE(d.brain.verdict_pending());
  d.pick(south);
  EXPECT_EQ(d.active(), south);
}

TEST_F(Strategy, MAN_3_what_is_drained_is_left_at_once_without_asking) {
  EXPECT_EQ(d.drain(east), std::nullopt);
  EXPECT_EQ(d.active(), west);
  EXPECT_TRUE(d.questions.empty());
}

TEST_F(Strategy, MAN_3_frozen_before_the_answer_comes_nothing_moves) {
  d.kill(east);
  d.run_for(55ms);
  d.mode(DecisionMode::frozen);
  d.pick(west);
  d.run_for(1s);
  EXPECT_EQ(d.active(), east);
  EXPECT_FALSE(d.brain.verdict_pending());
}

TEST_F(Strategy, FO_1_one_that_says_nothing_or_too_late_or_something_else_gives_the_heaviest) {
  d.kill(east);
  d.run_for(160ms);
  EXPECT_EQ(d.active(), west) << "too late";
  d.pick(south);
  EXPECT_EQ(d.active(), west);
  d.kill(west);
  d.run_for(60ms);
  d.pick(east);
  EXPECT_EQ(d.active(), south) << "in grace";
}

}  // namespace
}  // namespace meridian::failover
