// What makes the brain suspicious, what counts, and how long a verdict takes.
#include "unit/failover/brain_driver.hpp"

namespace meridian::failover {
namespace {

class BrainNoticing : public testing::Test {
 protected:
  BrainNoticing() { d.start_healthy(); }
  Duration since_start() const { return d.switches.empty() ? Duration::max() : d.switches[0].at - began; }

  BrainDriver d;
  TimePoint began = d.now;
};

// --- DET-1, DET-2 ----------------------------------------------------------------------------------------------------

TEST_F(BrainNoticing, DET_1_the_window_rule_opens_the_breaker_at_both_thresholds) {
  std::vector<DatabaseSpec> databases = three_databases();
  for (DatabaseSpec& spec : databases) spec.breaker = {.min_num_failures = 10, .consecutive_failures = 0};
  BrainDriver window(databases);
  window.start_healthy();
  for (int i = 0; i < 90; ++i) window.answered(east, true);
  for (int i = 0; i < 9; ++i) window.failed(east, true, ErrorCode::timed_out);
  EXPECT_EQ(window.active(), east);
  window.failed(east, true, ErrorCode::timed_out);
  EXPECT_EQ(window.active(), west);
}

TEST_F(BrainNoticing, DET_1_five_in_a_row_open_the_breaker) {
  for (int i = 0; i < 4; ++i) d.failed(east, true, ErrorCode::timed_out);
  EXPECT_EQ(d.active(), east);
  d.failed(east, true, ErrorCode::timed_out);
  EXPECT_EQ(d.active(), west);
}

TEST_F(BrainNoticing, DET_2_what_is_about_the_command_or_the_caller_never_counts) {
  for (const ErrorCode code :
       {ErrorCode::wrong_type, ErrorCode::no_permission, ErrorCode::no_script, ErrorCode::exec_abort,
        ErrorCode::server_error, ErrorCode::cancelled, ErrorCode::closed, ErrorCode::queue_full, ErrorCode::moved,
        ErrorCode::unexpected_reply, ErrorCode::local_resource, ErrorCode::invalid_argument}) {
    for (int i = 0; i < 2000; ++i) d.failed(east, i % 2 == 0, code);
  }
  EXPECT_EQ(d.active(), east);
  EXPECT_TRUE(d.probes.empty());
  EXPECT_TRUE(d.events.empty());
}

TEST_F(BrainNoticing, DET_2_what_our_own_machine_lacks_is_never_blamed_on_the_database) {
  for (int i = 0; i < 100; ++i) {
    d.trouble(east, {.code = ErrorCode::local_resource, .message = "no descriptors", .carries_commands = true});
  }
  EXPECT_TRUE(d.probes.empty());
  EXPECT_EQ(d.status(east).circuit, CircuitState::closed);
}

TEST_F(BrainNoticing, DET_2_refused_credentials_are_told_once_and_do_not_count) {
  for (int i = 0; i < 20; ++i) {
    d.trouble(east, {.code = ErrorCode::authentication_failed, .message = "WRONGPASS", .carries_commands = true});
    d.run_for(10ms);
  }
  EXPECT_EQ(d.active(), east);
  ASSERT_EQ(d.told<ConfigurationRefused>().size(), 1U);
  EXPECT_EQ(d.told<ConfigurationRefused>()[0].database, "east");
  EXPECT_EQ(d.told<ConfigurationRefused>()[0].evidence, "WRONGPASS");
}

TEST_F(BrainNoticing, a_connection_that_was_closed_while_it_owed_nothing_does_not_count) {
  for (int i = 0; i < 20; ++i) {
    d.trouble(east, {.message = "closed", .carries_commands = true, .owed_replies = false, .was_ready = true});
    d.run_for(10ms);
  }
  EXPECT_EQ(d.active(), east);
}

// --- DET-3 -----------------------------------------------------------------------------------------------------------

TEST_F(BrainNoticing, DET_3_reads_and_writes_are_counted_apart) {
  for (int i = 0; i < 4; ++i) {
    d.failed(east, true, ErrorCode::timed_out);
    d.failed(east, false, ErrorCode::timed_out);
  }
  EXPECT_EQ(d.active(), east);
}

TEST_F(BrainNoticing, DET_3_answered_reads_do_not_excuse_failing_writes) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(d.active(), east);
    d.answered(east, true);
    d.failed(east, false, ErrorCode::timed_out);
  }
  EXPECT_EQ(d.active(), west);
}

TEST_F(BrainNoticing, DET_3_a_write_that_is_owed_while_PING_is_answered_starts_a_no_op_write_probe) {
  d.set(east, ProbeKind::write, silent());
  d.silence(east, {.writes = true, .largest_write = 40});
  d.run_for(2s);
  EXPECT_EQ(d.kinds_of(east), (std::vector{ProbeKind::ping, ProbeKind::write, ProbeKind::write}));
  EXPECT_EQ(d.active(), west);
  EXPECT_EQ(since_start(), 801ms);
}

TEST_F(BrainNoticing, DET_3_a_read_that_is_owed_while_PING_is_answered_ends_the_suspicion) {
  d.set(east, ProbeKind::write, silent());
  d.silence(east, {.writes = false});
  d.run_for(2s);
  EXPECT_EQ(d.kinds_of(east), std::vector{ProbeKind::ping});
  EXPECT_EQ(d.active(), east);
}

TEST_F(BrainNoticing, DET_3_a_write_probe_that_is_answered_ends_the_suspicion) {
  d.silence(east, {.writes = true, .largest_write = 40});
  d.run_for(5s);
  EXPECT_EQ(d.kinds_of(east), (std::vector{ProbeKind::ping, ProbeKind::write}));
  EXPECT_EQ(d.active(), east);
  EXPECT_FALSE(d.brain.verdict_pending());
}

TEST_F(BrainNoticing, DET_3_NOPERM_for_the_write_probe_says_nothing) {
  d.set(east, ProbeKind::write, verdict_of(ProbeVerdict::not_permitted));
  d.silence(east, {.writes = true, .largest_write = 40});
  d.run_for(2s);
  EXPECT_EQ(d.active(), east);
  EXPECT_FALSE(d.brain.verdict_pending());
}

TEST_F(BrainNoticing, DET_3_large_writes_that_stall_while_small_ones_pass_are_probed_with_an_ECHO) {
  d.set(east, ProbeKind::large, silent());
  d.silence(east, {.writes = true, .largest_write = 5000});
  d.run_for(5s);
  ASSERT_GE(d.kinds_of(east).size(), 3U);
  EXPECT_EQ(d.kinds_of(east)[2], ProbeKind::large);
  EXPECT_EQ(d.active(), west);
  EXPECT_GE(since_start(), 3s);
  EXPECT_LE(since_start(), 3500ms);
}

TEST_F(BrainNoticing, DET_3_READONLY_is_probed_with_a_write_50_ms_later_and_the_second_word_moves_the_client) {
  d.set(east, ProbeKind::write, saying(ErrorCode::read_only, "READONLY You can't write"));
  d.failed(east, false, ErrorCode::read_only);
  EXPECT_TRUE(d.brain.verdict_pending());
  d.run_for(1s);
  EXPECT_EQ(d.kinds_of(east), std::vector{ProbeKind::write});
  EXPECT_EQ(d.probes[0].at, began + 50ms);
  EXPECT_EQ(since_start(), 51ms);
}

TEST_F(BrainNoticing, DET_5_a_cannot_serve_reply_to_a_read_is_probed_with_a_read) {
  d.set(east, ProbeKind::ping, saying(ErrorCode::loading, "LOADING"));
  d.failed(east, true, ErrorCode::loading);
  d.run_for(1s);
  EXPECT_EQ(d.kinds_of(east), std::vector{ProbeKind::ping});
  EXPECT_EQ(d.active(), west);
}

TEST_F(BrainNoticing, DET_5_a_flood_of_OOM_still_needs_500_ms_of_the_same) {
  d.set(east, ProbeKind::write, saying(ErrorCode::out_of_memory, "OOM"));
  for (int i = 0; i < 100; ++i) {
    d.failed(east, false, ErrorCode::out_of_memory);
    d.run_for(1ms);
  }
  EXPECT_EQ(d.active(), east);
  d.run_for(1s);
  EXPECT_EQ(d.active(), west);
  EXPECT_GE(since_start(), 500ms);
  EXPECT_LE(since_start(), 510ms);
}

// --- DET-4 -----------------------------------------------------------------------------------------------------------

TEST_F(BrainNoticing, DET_4_late_results_of_an_older_epoch_change_nothing) {
  const std::uint64_t old = d.brain.epoch();
  d.kill(east);
  d.run_for(100ms);
  ASSERT_EQ(d.active(), west);
  d.forget();
  for (int i = 0; i < 2000; ++i) {
    d.failed(east, true, ErrorCode::timed_out, 1, d.now, old);
    d.failed(west, true, ErrorCode::timed_out, 1, d.now, old);
    d.failed(west, false, ErrorCode::read_only, 1, d.now, old);
  }
  EXPECT_EQ(d.active(), west);
  EXPECT_TRUE(d.probes.empty());
  EXPECT_TRUE(d.events.empty());
}

TEST_F(BrainNoticing, DET_4_a_switch_starts_counting_from_nothing) {
  for (int i = 0; i < 4; ++i) d.failed(east, true, ErrorCode::timed_out);
  d.check(east, false);
  ASSERT_EQ(d.active(), west);
  for (int i = 0; i < 4; ++i) d.failed(west, true, ErrorCode::timed_out);
  EXPECT_EQ(d.active(), west);
}

TEST_F(BrainNoticing, DET_4_a_connection_that_is_lost_is_one_failure_however_many_commands_it_carried) {
  for (int connection = 0; connection < 4; ++connection) {
    d.trouble(east);
    for (int i = 0; i < 1000; ++i) d.failed(east, i % 2 == 0, ErrorCode::connection_lost);
    d.run_for(10ms);
  }
  EXPECT_EQ(d.active(), east);
  d.trouble(east);
  EXPECT_EQ(d.active(), west);
}

TEST_F(BrainNoticing, DET_4_timeouts_of_a_connection_count_once_if_another_one_answered_since) {
  const TimePoint sent = d.now;
  d.run_for(10ms);
  d.answered(east, true, 9);
  d.run_for(10ms);
  d.answered(east, true, 1);  // an earlier command of the connection that is about to time out
  d.run_for(2s);
  for (int i = 0; i < 1000; ++i) d.failed(east, true, ErrorCode::timed_out, 1, sent, d.brain.epoch());
  EXPECT_EQ(d.active(), east);
}

TEST_F(BrainNoticing, DET_4_timeouts_count_each_if_the_other_connection_answered_before_they_were_sent) {
  d.answered(east, true, 9);
  d.run_for(10ms);
  const TimePoint sent = d.now;
  d.run_for(2s);
  for (int i = 0; i < 5; ++i) d.failed(east, true, ErrorCode::timed_out, 1, sent, d.brain.epoch());
  EXPECT_EQ(d.active(), west);
}

TEST_F(BrainNoticing, DET_4_an_answer_of_the_other_class_excuses_nothing) {
  const TimePoint sent = d.now;
  d.run_for(10ms);
  d.answered(east, true, 9);
  for (int i = 0; i < 5; ++i) d.failed(east, false, ErrorCode::timed_out, 1, sent, d.brain.epoch());
  EXPECT_EQ(d.active(), west);
}

TEST_F(BrainNoticing, DET_4_five_connections_that_time_out_are_five_failures) {
  const TimePoint sent = d.now;
  d.run_for(10ms);
  d.answered(east, true, 9);
  for (std::uint64_t link = 1; link <= 5; ++link) {
    EXPECT_EQ(d.active(), east);
    for (int i = 0; i < 10; ++i) d.failed(east, true, ErrorCode::timed_out, link, sent, d.brain.epoch());
  }
  EXPECT_EQ(d.active(), west);
}

// --- DET-5, DET-6, DET-7 ---------------------------------------------------------------------------------------------

TEST_F(BrainNoticing, DET_5_a_refusal_on_reconnect_is_proof_within_52_ms) {
  d.kill(east);
  d.run_for(1s);
  EXPECT_EQ(since_start(), 52ms);
  EXPECT_EQ(d.active(), west);
}

TEST_F(BrainNoticing, DET_5_two_unanswered_probes_after_silence_move_the_client) {
  d.set(east, silent());
  d.silence(east);
  d.run_for(2s);
  EXPECT_EQ(since_start(), 800ms);
}

TEST_F(BrainNoticing, DET_5_an_answered_probe_clears_and_whoever_waited_is_told) {
  d.silence(east);
  EXPECT_TRUE(d.brain.verdict_pending());
  d.run_for(1s);
  EXPECT_FALSE(d.brain.verdict_pending());
  EXPECT_EQ(d.verdicts, 1);
  EXPECT_EQ(d.active(), east);
}

TEST_F(BrainNoticing, DET_5_bytes_heard_clear_silence) {
  d.set(east, silent());
  d.silence(east);
  d.run_for(500ms);
  d.heard(east);
  EXPECT_FALSE(d.brain.verdict_pending());
  EXPECT_EQ(d.verdicts, 1);
  d.run_for(5s);
  EXPECT_EQ(d.active(), east);
}

TEST_F(BrainNoticing, DET_5_a_probe_that_our_own_machine_could_not_send_blames_nobody) {
  d.set(east, verdict_of(ProbeVerdict::local));
  for (int i = 0; i < 20; ++i) {
    d.silence(east);
    d.run_for(250ms);
  }
  EXPECT_EQ(d.active(), east);
}

TEST_F(BrainNoticing, DET_5_a_failed_scheduled_probe_of_the_active_database_starts_a_suspicion) {
  d.check_probe_failed(west);
  d.run_for(1s);
  EXPECT_TRUE(d.probes.empty());
  d.set(east, refusing());
  d.check_probe_failed(east);
  d.run_for(1s);
  EXPECT_EQ(d.active(), west);
}

TEST_F(BrainNoticing, DET_5_a_slow_database_gets_four_times_its_usual_round_trip) {
  d.set(east, {{.round_trip = 200ms}, 200ms});
  d.silence(east);
  d.run_for(1s);
  d.silence(east);
  d.run_for(1s);
  ASSERT_EQ(d.probes.size(), 2U);
  EXPECT_EQ(d.probes[0].what.timeout, 400ms);
  EXPECT_EQ(d.probes[1].what.timeout, 800ms);
}

TEST_F(BrainNoticing, DET_6_a_client_without_a_single_command_notices_a_kill_as_fast) {
  d.set(east, refusing());
  d.trouble(east, {.message = "closed", .carries_commands = true, .owed_replies = false, .was_ready = true});
  d.run_for(1s);
  EXPECT_EQ(since_start(), 52ms);
}

TEST_F(BrainNoticing, DET_7_a_passing_check_does_not_close_a_breaker_that_traffic_opened) {
  d.set(east, refusing());
  for (int i = 0; i < 5; ++i) d.failed(east, true, ErrorCode::timed_out);
  for (int i = 0; i < 10; ++i) {
    d.check(east, true);
    d.run_for(5s);
    EXPECT_EQ(d.status(east).circuit, CircuitState::open);
  }
}

TEST_F(BrainNoticing, DET_7_after_its_grace_a_passed_trial_closes_it) {
  d.kill(east);
  d.run_for(100ms);
  d.set(east, fine());
  d.run_for(59s);
  EXPECT_EQ(d.status(east).circuit, CircuitState::open) << "it is in grace";
  d.run_for(1s + 100ms);
  EXPECT_EQ(d.status(east).circuit, CircuitState::closed);
}

TEST_F(BrainNoticing, DET_7_a_breaker_that_opens_during_grace_waits_for_its_end) {
  d.check(east, false);
  ASSERT_EQ(d.active(), west);
  d.kill(east);
  d.run_for(60ms);
  ASSERT_EQ(d.status(east).circuit, CircuitState::open);
  d.set(east, fine());
  d.run_for(59s);
  EXPECT_EQ(d.status(east).circuit, CircuitState::open);
  d.run_for(2s);
  EXPECT_EQ(d.status(east).circuit, CircuitState::closed);
}

TEST_F(BrainNoticing, DET_7_where_no_grace_runs_trials_start_at_once) {
  d.kill(west);
  d.run_for(60ms);
  ASSERT_EQ(d.status(west).circuit, CircuitState::open);
  d.set(west, fine());
  d.run_for(200ms);
  EXPECT_EQ(d.status(west).circuit, CircuitState::closed);
  EXPECT_TRUE(d.switches.empty());
}

TEST_F(BrainNoticing, half_open_always_ends) {
  d.kill(west);
  d.set(west, silent());
  d.run_for(60ms);
  d.set(west, silent());
  int half_open = 0;
  for (int i = 0; i < 300; ++i) {
    d.run_for(100ms);
    half_open += d.status(west).circuit == CircuitState::half_open ? 1 : 0;
  }
  EXPECT_GT(half_open, 0);
  EXPECT_LT(half_open, 300);
  d.set(west, fine());
  d.run_for(10s);
  EXPECT_EQ(d.status(west).circuit, CircuitState::closed);
}

TEST_F(BrainNoticing, trials_of_a_database_that_stays_down_become_rare) {
  d.kill(west);
  d.run_for(1min);
  EXPECT_GE(d.probes_of(west).size(), 12U);
  EXPECT_LE(d.probes_of(west).size(), 20U);
}

TEST_F(BrainNoticing, what_a_server_says_to_a_probe_is_escaped_before_anybody_reads_it) {
  d.set(east, ProbeKind::ping, saying(ErrorCode::busy, "BUSY \x1b[31m"));
  d.failed(east, true, ErrorCode::busy);
  d.run_for(100ms);
  EXPECT_EQ(d.status(east).last_evidence, "BUSY \\x1b[31m");
}

}  // namespace
}  // namespace meridian::failover
