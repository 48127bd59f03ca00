// The rules of calls through a client of several databases (CMD-1, CMD-2, CMD-3, invariant I1) on real servers.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "integration/multi_db_fixture.hpp"

#if defined(__SANITIZE_THREAD__)
// The count of an exception_ptr lives in libstdc++.so, which TSan does not watch: it takes the last of two futures'
// ends for a race. Visible, or the runtime does not find it.
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_suppressions() {
  return "race:std::__exception_ptr::exception_ptr::_M_release\n";
}
#endif

namespace meridian::testing {
namespace {

class Calls : public TwoDatabases {};

// --- CMD-1 -----------------------------------------------------------------------------------------------------------

TEST_F(Calls, CMD_1_what_may_be_overwritten_is_repeated_when_in_doubt) {
  MultiDbClient client(config_that_stays_away());
  east.stop();
  EXPECT_TRUE(client.set("key", "value"));
  EXPECT_TRUE(exists_on(west, "key"));
}

TEST_F(Calls, CMD_1_what_counts_its_runs_or_depends_on_them_is_not_repeated_when_in_doubt) {
  MultiDbClient client(config_that_stays_away());
  east.stop();
  std::future<bool> conditional = client.submit(cmd::set("lock", "mine", {.nx = true}));
  std::future<std::int64_t> accumulating = client.submit(cmd::incr("counter"));

  for (auto wait :
       {std::function<void()>([&] { conditional.get(); }), std::function<void()>([&] { accumulating.get(); })}) {
    try {
      wait();
      ADD_FAILURE() << "it was repeated";
    } catch (const Error& error) {
      EXPECT_EQ(error.delivery(), Delivery::in_doubt) << error.what();
      EXPECT_EQ(error.attempts(), 1) << error.what();
    }
  }
  EXPECT_EQ(active_of(client), "west");
  EXPECT_EQ(west.command({"DBSIZE"}), ":0\r\n");
}

TEST_F(Calls, CMD_1_repeat_up_to_accumulate_repeats_them) {
  MultiDbConfig at_least_once = config_that_stays_away();
  at_least_once.repeat_up_to = Repeat::accumulate;
  MultiDbClient client(at_least_once);
  east.stop();
  std::future<bool> conditional = client.submit(cmd::set("lock", "mine", {.nx = true}));
  EXPECT_EQ(client.incr("counter"), 1);
  EXPECT_TRUE(conditional.get());
  EXPECT_EQ(count_on(west, "counter"), 1);
  EXPECT_TRUE(exists_on(west, "lock"));
}

TEST_F(Calls, CMD_1_reads_are_not_repeated_without_retries) {
  MultiDbConfig once = config_that_stays_away();
  once.command_retry.retries = 0;
  MultiDbClient client(once);
  east.stop();
  const auto read = client.execute(cmd::get("key"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(read.error().attempts(), 1);
}

// On real threads: the rule sleeps while its call ends, and while the client is closed.
TEST_F(Calls, retry_rule_that_blocks_holds_up_nobody) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<int> asked{0};
  MultiDbConfig config = config_that_stays_away();
  config.command_retry.rule = retry_rule([&asked, released](const FailedAttempt&) -> std::optional<Duration> {
    ++asked;
    released.wait();
    return Duration(0);
  });
  config.databases.resize(1);
  std::optional<MultiDbClient> client(config);
  east.command({"CONFIG", "SET", "maxmemory", "1"});

  const auto start = SteadyClock::now();
  EXPECT_FALSE(client->execute(cmd::set("key", "value"), {.deadline = 50ms}));
  EXPECT_FALSE(client->execute(cmd::get("key")).value());
  EXPECT_LT(in_ms(since(start)), 80 * slowness);
  std::future<bool> under_way = client->submit(cmd::set("key", "value"));
  client->close();
  EXPECT_THROW(under_way.get(), Error);
  EXPECT_EQ(asked, 1);
  release.set_value();
  client.reset();
}

// --- CMD-2 -----------------------------------------------------------------------------------------------------------

TEST_F(Calls, CMD_2_the_deadline_of_a_call_is_kept_whatever_happens) {
  MultiDbClient client(config_that_stays_away());
  client.set("key", "value");
  for (const bool hang : {true, false}) {
    if (hang) east.stop();
    else east.kill();
    west.kill();
    for (const Duration deadline : {Duration(20ms), Duration(100ms)}) {
      const auto start = SteadyClock::now();
      const auto write = client.execute(cmd::incr("counter"), {.deadline = deadline});
      EXPECT_FALSE(write);
      EXPECT_LT(in_ms(since(start)), in_ms(3 * deadline) * slowness + 30);
      EXPECT_LT(in_ms(write.error().elapsed()), in_ms(3 * deadline) * slowness + 30);
    }
  }
}

TEST_F(Calls, CMD_2_the_late_reply_of_a_call_that_timed_out_disturbs_nobody) {
  MultiDbClient client(config_that_stays_away());
  const std::int64_t connection = client.command<std::int64_t>("CLIENT", "ID");
  east.stop();
  const auto late = client.execute(cmd::echo("late"), {.deadline = 30ms});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::timed_out);
  EXPECT_EQ(late.error().delivery(), Delivery::in_doubt);

  std::vector<std::future<std::string>> others;
  for (int i = 0; i < 100; ++i) others.push_back(client.submit(cmd::echo("echo " + std::to_string(i))));

  east.resume();

  for (int i = 0; i < 100; ++i) EXPECT_EQ(others[static_cast<std::size_t>(i)].get(), "echo " + std::to_string(i));
  EXPECT_EQ(client.command<std::int64_t>("CLIENT", "ID"), connection);
  EXPECT_TRUE(events.all<ActiveDatabaseChanged>().empty());
}

TEST_F(Calls, CMD_2_a_connection_that_stays_silent_while_others_answer_is_replaced_without_blame) {
  MultiDbConfig quick = config_that_stays_away();
  for (DatabaseConfig& d : quick.databases) d.options.command_timeout = 600ms;
  MultiDbClient client(quick);
  client.set("key", "value");

  std::future<Reply> stuck = client.submit(never_answered());
  std::future<std::optional<std::string>> behind = client.futures().get("key");

  EXPECT_EQ(behind.get(), "value");  // on the connection that took its place
  try {
    stuck.get();
    ADD_FAILURE() << "BLPOP was answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::timed_out) << error.what();
    EXPECT_EQ(error.delivery(), Delivery::in_doubt) << error.what();
  }
  EXPECT_TRUE(events.all<ActiveDatabaseChanged>().empty());
  EXPECT_EQ(status_of(client, "east").circuit, CircuitState::closed);
}

TEST_F(Calls, CMD_2_a_deadline_that_is_not_positive_is_a_wrong_argument) {
  MultiDbClient client(config());
  const auto read = client.execute(cmd::get("key"), {.deadline = 0ms});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::invalid_argument);
  EXPECT_TRUE(contains(read.error().message(), "deadline")) << read.error().what();
}

// --- CMD-3 -----------------------------------------------------------------------------------------------------------

TEST_F(Calls, CMD_3_an_answered_error_says_everything_but_the_arguments) {
  MultiDbClient client(config());
  client.set("text", "value");
  const auto pushed = client.execute(cmd::lpush("text", "secret-argument"));
  ASSERT_FALSE(pushed);
  const Error& error = pushed.error();
  EXPECT_EQ(error.code(), ErrorCode::wrong_type);
  EXPECT_EQ(error.delivery(), Delivery::answered);
  EXPECT_EQ(error.command(), "LPUSH");
  EXPECT_EQ(error.database(), "east");
  EXPECT_EQ(error.epoch(), 1U);
  EXPECT_EQ(error.attempts(), 1);
  EXPECT_GT(error.elapsed(), Duration::zero());
  EXPECT_TRUE(error.server_text().starts_with("WRONGTYPE ")) << error.server_text();
  const std::string what = error.what();
  for (const char* part : {"LPUSH", "WRONGTYPE", "east", "answered"}) EXPECT_TRUE(contains(what, part)) << what;
  EXPECT_FALSE(contains(what, "secret-argument")) << what;
}

TEST_F(Calls, CMD_3_an_error_in_doubt_names_the_database_and_epoch_of_its_attempt) {
  MultiDbClient client(config_that_stays_away());
  east.kill();
  ASSERT_TRUE(until([&] { return active_of(client) == "west"; }));
  const std::uint64_t epoch = events.wait_for_switch("west")->event.epoch;

  std::future<Reply> owed = client.submit(never_answered());
  cut_connection_that_runs(west, "blpop");
  try {
    owed.get();
    ADD_FAILURE() << "BLPOP was answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::connection_lost);
    EXPECT_EQ(error.delivery(), Delivery::in_doubt);
    EXPECT_EQ(error.command(), "BLPOP");
    EXPECT_EQ(error.database(), "west");
    EXPECT_EQ(error.epoch(), epoch);
    EXPECT_EQ(error.attempts(), 1);
    EXPECT_EQ(error.server_text(), "");
    EXPECT_TRUE(contains(error.message(), "127.0.0.1:" + std::to_string(west.port()))) << error.what();
  }
}

// --- I1 and the end --------------------------------------------------------------------------------------------------

TEST_F(Calls, I1_every_reply_belongs_to_its_request_over_a_failover) {
  MultiDbClient client(config());
  std::atomic<bool> over{false};
  std::vector<std::future<int>> callers;
  for (int thread = 0; thread < 8; ++thread) {
    callers.push_back(std::async(std::launch::async, [&client, &over, thread] {
      int wrong = 0;
      for (int i = 0; i < 200 || !over; ++i) {
        const std::string text = std::to_string(thread) + "/" + std::to_string(i);
        const auto echoed = client.execute(cmd::echo(text));
        if (!echoed || *echoed != text) ++wrong;
      }
      return wrong;
    }));
  }
  east.stop();
  EXPECT_TRUE(events.wait_for_switch("west"));
  east.resume();
  EXPECT_TRUE(events.wait_for_switch("east"));
  over = true;
  for (auto& caller : callers) EXPECT_EQ(caller.get(), 0);
}

TEST_F(Calls, I9_a_closed_client_of_several_databases_leaves_nothing_and_ends_its_calls) {
  const Holdings before = holdings();
  MultiDbClient client(config());
  std::future<Reply> owed = client.submit(never_answered());
  ASSERT_TRUE(until([&] { return !connections_with(east, "cmd=blpop").empty(); }));

  client.close();

  try {
    owed.get();
    ADD_FAILURE() << "BLPOP was answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::closed) << error.what();
    EXPECT_EQ(error.delivery(), Delivery::in_doubt) << error.what();
  }
  EXPECT_EQ(client.execute(cmd::ping()).error().code(), ErrorCode::closed);
  EXPECT_TRUE(client.databases().empty());
  { const MultiDbClient gone = std::move(client); }
  expect_holdings_return_to(before);
}

}  // namespace
}  // namespace meridian::testing
