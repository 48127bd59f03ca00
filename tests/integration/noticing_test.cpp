// The rules of noticing (DET-1 … DET-6) and of the checks (HC-1 … HC-3, HC-8) on real servers.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include "integration/multi_db_fixture.hpp"

namespace meridian::testing {
namespace {

// What a server can be made to say instead of serving a write.
enum class Refusal { readonly, oom, noreplicas, misconf };

std::string word_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::readonly: return "READONLY";
    case Refusal::oom: return "OOM";
    case Refusal::noreplicas: return "NOREPLICAS";
    case Refusal::misconf: return "MISCONF";
  }
  return "";
}

// A snapshot cannot replace a folder that is not empty.
void make_snapshots_fail(const RedisServer& server) {
  std::filesystem::create_directories(server.folder() / "dump.rdb" / "in-the-way");
  ASSERT_EQ(server.command({"CONFIG", "SET", "save", "3600 1"}), "+OK\r\n");
  server.command({"BGSAVE"});
  ASSERT_TRUE(until([&] { return contains(server.command({"INFO", "persistence"}), "rdb_last_bgsave_status:err"); }));
}

void refuse_writes(const RedisServer& server, Refusal refusal) {
  switch (refusal) {
    case Refusal::readonly:  // a replica of nobody
      ASSERT_EQ(server.command({"REPLICAOF", "127.0.0.1", "1"}), "+OK\r\n");
      return;
    case Refusal::oom: ASSERT_EQ(server.command({"CONFIG", "SET", "maxmemory", "1"}), "+OK\r\n"); return;
    case Refusal::noreplicas:
      ASSERT_EQ(server.command({"CONFIG", "SET", "min-replicas-to-write", "1"}), "+OK\r\n");
      return;
    case Refusal::misconf: make_snapshots_fail(server); return;
  }
}

const std::vector<std::string> no_op_write = {"SETRANGE", "meridian:no-op-write-probe", "0", ""};

class Noticing : public TwoDatabases {
 protected:
  [[nodiscard]] bool has_switched() const { return !events.all<ActiveDatabaseChanged>().empty(); }

  // A connection of the client that owes a reply is cut by the server: one failure.
  void cut_a_busy_connection(MultiDbClient& client) {
    std::future<Reply> owed = client.submit(never_answered());
    cut_connection_that_runs(east, "blpop");
    EXPECT_THROW(owed.get(), Error);
  }
};

// --- DET-1, DET-2 ----------------------------------------------------------------------------------------------------

class NoticingWindow : public Noticing {
 protected:
  // Three good writes and reads, then three cut connections, of which only the last may open the breaker.
  void expect_to_leave_at_the_third_failure(std::size_t min_num_failures, double failure_rate_threshold) {
    MultiDbConfig lowered = config_that_stays_away();
    lowered.failures_detection_window = 60s;
    lowered.min_num_failures = min_num_failures;
    lowered.failure_rate_threshold = failure_rate_threshold;
    lowered.consecutive_failures = 0;
    MultiDbClient client(lowered);
    for (int i = 0; i < 3; ++i) {
      client.set("key", "value");
      EXPECT_EQ(client.get("key"), "value");
    }

    cut_a_busy_connection(client);
    cut_a_busy_connection(client);
    EXPECT_EQ(active_of(client), "east");
    EXPECT_FALSE(has_switched());
    cut_a_busy_connection(client);

    const auto moved = events.wait_for_switch("west");
    ASSERT_TRUE(moved);
    EXPECT_EQ(moved->event.reason, SwitchReason::circuit_breaker);
    EXPECT_TRUE(contains(moved->event.evidence, "3 of 6 failed within the detection window")) << moved->event.evidence;
  }
};

TEST_F(NoticingWindow, DET_1_the_window_rule_needs_the_number_inclusive) {
  expect_to_leave_at_the_third_failure(3, 0.1);
}

TEST_F(NoticingWindow, DET_1_the_window_rule_needs_the_rate_inclusive) {
  expect_to_leave_at_the_third_failure(1, 0.5);  // 1 of 4, 2 of 5, 3 of 6
}

TEST_F(Noticing, DET_1_so_many_failures_in_a_row_open_the_breaker) {
  MultiDbConfig lowered = config_that_stays_away();
  lowered.consecutive_failures = 3;
  MultiDbClient client(lowered);

  cut_a_busy_connection(client);
  cut_a_busy_connection(client);
  static_cast<void>(client.databases());
  EXPECT_FALSE(has_switched());
  cut_a_busy_connection(client);

  const auto moved = events.wait_for_switch("west");
  ASSERT_TRUE(moved);
  EXPECT_TRUE(contains(moved->event.evidence, "3 failures in a row")) << moved->event.evidence;
}

TEST_F(Noticing, DET_2_errors_about_the_command_itself_never_count) {
  MultiDbConfig strict = config_that_stays_away();
  strict.consecutive_failures = 1;
  strict.min_num_failures = 1;
  MultiDbClient client(strict);
  client.set("text", "value");
  ASSERT_EQ(east.command({"ACL", "SETUSER", "default", "-dbsize"}), "+OK\r\n");

  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.execute(cmd::lpush("text", "x")).error().code(), ErrorCode::wrong_type);
    EXPECT_EQ(client.execute(cmd::custom("GET")).error().code(), ErrorCode::server_error);
    EXPECT_EQ(client.execute(cmd::custom("NO-SUCH-COMMAND")).error().code(), ErrorCode::server_error);
    EXPECT_EQ(client.execute(cmd::dbsize()).error().code(), ErrorCode::no_permission);
    const auto no_script = client.execute(cmd::custom("EVALSHA", std::string(40, '0'), 0));
    EXPECT_EQ(no_script.error().code(), ErrorCode::no_script);
    EXPECT_EQ(no_script.error().delivery(), Delivery::answered);
  }

  const DatabaseStatus status = status_of(client, "east");
  EXPECT_TRUE(status.active);
  EXPECT_EQ(status.circuit, CircuitState::closed);
  EXPECT_EQ(status.last_evidence, "");
  EXPECT_TRUE(events.all<CommandsFailed>().empty());
}

class NoticingRefusal : public Noticing, public ::testing::WithParamInterface<Refusal> {};

TEST_P(NoticingRefusal, DET_2_a_reply_that_says_it_cannot_serve_makes_the_client_leave_and_the_command_follow) {
  MultiDbClient client(config_that_stays_away());
  client.set("before", "value");
  refuse_writes(east, GetParam());

  EXPECT_TRUE(client.set("key", "value"));

  const auto moved = events.wait_for_switch("west");
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->event.reason, SwitchReason::circuit_breaker);
  EXPECT_TRUE(contains(moved->event.evidence, word_of(GetParam()))) << moved->event.evidence;
  EXPECT_TRUE(exists_on(west, "key"));
  EXPECT_FALSE(exists_on(east, "key"));
}

TEST_P(NoticingRefusal, DET_3_the_no_op_write_probe_meets_what_a_write_meets_and_creates_nothing) {
  EXPECT_EQ(east.command(no_op_write), ":0\r\n");
  EXPECT_EQ(east.command({"DBSIZE"}), ":0\r\n");
  refuse_writes(east, GetParam());
  const std::string reply = east.command(no_op_write);
  EXPECT_TRUE(reply.starts_with("-" + word_of(GetParam()))) << reply;
  // PING meets only the last of these, which is why it is not enough.
  EXPECT_EQ(east.answers_ping(1s), GetParam() != Refusal::misconf);
  EXPECT_EQ(east.command({"DBSIZE"}), ":0\r\n");
}

INSTANTIATE_TEST_SUITE_P(Words, NoticingRefusal,
                         ::testing::Values(Refusal::readonly, Refusal::oom, Refusal::noreplicas, Refusal::misconf),
                         [](const auto& instance) { return word_of(instance.param); });

TEST_F(Noticing, DET_2_a_server_that_loads_its_data_makes_the_client_leave) {
  // A replica loads what its primary sends: slowly, and serving events all the while.
  RedisServer primary({"--repl-diskless-sync-delay", "0"});
  ASSERT_EQ(primary.command({"DEBUG", "POPULATE", "20000"}), "+OK\r\n");
  RedisServer loading({"--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024"});
  MultiDbConfig with_loading = config_that_stays_away();
  with_loading.databases[0] = database(loading, "loading", 1.0);
  MultiDbClient client(with_loading);
  ASSERT_EQ(active_of(client), "loading");

  ASSERT_EQ(loading.command({"REPLICAOF", "127.0.0.1", std::to_string(primary.port())}), "+OK\r\n");
  ASSERT_TRUE(until([&] { return loading.command({"PING"}).starts_with("-LOADING"); }));
  EXPECT_EQ(client.get("key"), std::nullopt);

  const auto moved = events.wait_for_switch("west");
  ASSERT_TRUE(moved);
  EXPECT_TRUE(contains(moved->event.evidence, "LOADING")) << moved->event.evidence;
}

// --- DET-3 -----------------------------------------------------------------------------------------------------------

class NoticingPausedWrites : public Noticing {
 protected:
  void expect_a_paused_write_to_leave(MultiDbClient& client) {
    ASSERT_EQ(east.command({"CLIENT", "PAUSE", "20000", "WRITE"}), "+OK\r\n");

    const auto start = SteadyClock::now();
    EXPECT_TRUE(client.set("key", "value"));

    const auto moved = events.wait_for_switch("west");
    ASSERT_TRUE(moved);
    EXPECT_GT(in_ms(moved->at - start), 1000);  // not before the probes had their time
    EXPECT_LT(in_ms(moved->at - start), 1500 * slowness);
    EXPECT_TRUE(east.answers_ping(1s));
    EXPECT_TRUE(exists_on(west, "key"));
  }
};

TEST_F(NoticingPausedWrites, DET_3_a_paused_write_leaves_in_about_a_second_although_PING_is_answered) {
  MultiDbClient client(config_that_stays_away());
  client.set("before", "value");
  expect_a_paused_write_to_leave(client);
}

TEST_F(NoticingPausedWrites, DET_3_a_paused_write_leaves_even_when_it_is_the_first_of_the_client) {
  MultiDbClient client(config_that_stays_away());
  expect_a_paused_write_to_leave(client);
}

TEST_F(Noticing, DET_3_a_client_that_only_reads_stays_while_writes_are_paused) {
  MultiDbClient reader(config_that_stays_away());
  ASSERT_EQ(east.command({"CLIENT", "PAUSE", "20000", "WRITE"}), "+OK\r\n");

  EventLog of_the_writer;
  MultiDbConfig writes = config_that_stays_away();
  writes.event_listeners = {of_the_writer.listener()};
  MultiDbClient writer(writes);
  std::future<bool> write = writer.submit(cmd::set("key", "value"));
  while (of_the_writer.all<ActiveDatabaseChanged>().empty()) EXPECT_EQ(reader.get("key"), std::nullopt);

  EXPECT_TRUE(write.get());
  EXPECT_EQ(active_of(writer), "west");
  EXPECT_EQ(active_of(reader), "east");
  EXPECT_FALSE(has_switched());
}

TEST_F(Noticing, DET_3_the_no_op_write_probe_meets_paused_writes_and_creates_nothing) {
  ASSERT_EQ(east.command({"CLIENT", "PAUSE", "20000", "WRITE"}), "+OK\r\n");
  RawClient waiting(east.port());
  waiting.send(no_op_write);
  EXPECT_TRUE(until([&] { return contains(east.command({"INFO", "clients"}), "blocked_clients:1"); }));
  EXPECT_EQ(east.command({"CLIENT", "UNPAUSE"}), "+OK\r\n");
  EXPECT_EQ(waiting.receive(), ":0\r\n");
  EXPECT_EQ(east.command({"DBSIZE"}), ":0\r\n");
}

// --- DET-4, DET-5, DET-6 ---------------------------------------------------------------------------------------------

TEST_F(Noticing, DET_4_a_connection_killed_with_50_commands_on_it_counts_once) {
  MultiDbClient client(config());  // consecutive_failures = 5
  std::vector<std::future<Reply>> owed;
  for (int i = 0; i < 50; ++i) owed.push_back(client.submit(never_answered()));
  cut_connection_that_runs(east, "blpop");

  for (std::future<Reply>& call : owed) {
    try {
      call.get();
      ADD_FAILURE() << "BLPOP was answered";
    } catch (const Error& error) {
      EXPECT_EQ(error.delivery(), Delivery::in_doubt) << error.what();
      EXPECT_EQ(error.code(), ErrorCode::connection_lost) << error.what();
    }
  }
  EXPECT_TRUE(client.set("key", "value"));  // over a new connection
  EXPECT_EQ(active_of(client), "east");
  EXPECT_EQ(status_of(client, "east").circuit, CircuitState::closed);
  EXPECT_FALSE(has_switched());
}

TEST_F(Noticing, DET_5_a_killed_database_is_left_within_250_ms) {
  MultiDbClient client(config());
  client.set("key", "value");

  const auto start = SteadyClock::now();
  east.kill();
  EXPECT_EQ(client.get("key"), std::nullopt);  // west's answer

  EXPECT_LT(in_ms(since(start)), 250 * slowness);
  EXPECT_EQ(active_of(client), "west");
}

TEST_F(Noticing, DET_5_a_hanging_database_is_left_within_a_second_and_a_half_at_a_single_command) {
  MultiDbClient client(config());
  client.set("key", "value");
  east.stop();

  const auto start = SteadyClock::now();
  EXPECT_EQ(client.get("key"), std::nullopt);

  EXPECT_LT(in_ms(since(start)), 1500 * slowness);
  EXPECT_EQ(active_of(client), "west");
}

TEST_F(Noticing, DET_5_a_stop_of_150_ms_makes_no_switch_and_no_error) {
  MultiDbClient client(config());
  std::atomic<bool> over{false};
  std::vector<std::future<int>> callers;
  for (int i = 0; i < 4; ++i) {
    callers.push_back(std::async(std::launch::async, [&client, &over, i] {
      int errors = 0;
      while (!over) {
        if (!client.execute(cmd::incr("counter" + std::to_string(i)))) ++errors;
      }
      return errors;
    }));
  }

  east.stop();
  std::this_thread::sleep_for(150ms);  // how long the fault lasts
  east.resume();
  EXPECT_TRUE(client.execute(cmd::set("key", "value")));
  over = true;

  for (auto& caller : callers) EXPECT_EQ(caller.get(), 0);
  EXPECT_EQ(active_of(client), "east");
  EXPECT_FALSE(has_switched());
}

TEST_F(Noticing, DET_6_an_idle_client_notices_a_kill_within_250_ms) {
  MultiDbClient client(config());
  const auto start = SteadyClock::now();
  east.kill();
  const auto moved = events.wait_for_switch("west");
  ASSERT_TRUE(moved);
  EXPECT_LT(in_ms(moved->at - start), 250 * slowness);
}

TEST_F(Noticing, DET_6_an_idle_client_notices_silence_one_idle_ping_later_than_a_busy_one) {
  MultiDbConfig quick = config();
  for (DatabaseConfig& d : quick.databases) d.options.idle_ping = 200ms;
  MultiDbClient client(quick);
  const auto start = SteadyClock::now();
  east.stop();
  const auto moved = events.wait_for_switch("west");
  ASSERT_TRUE(moved);
  EXPECT_LT(in_ms(moved->at - start), (200 + 1500) * slowness);
}

// --- Checks ----------------------------------------------------------------------------------------------------------

// Counts its probes and judges them as the test says.
class ScriptedCheck final : public HealthCheck {
 public:
  enum class Verdict { pass, fail, throw_up };
  explicit ScriptedCheck(Verdict verdict = Verdict::pass) : verdict_(verdict) {}
  [[nodiscard]] std::string_view name() const noexcept override { return "scripted"; }
  [[nodiscard]] Request probe() const override {
    ++probes_;
    return cmd::ping().request;
  }
  [[nodiscard]] bool is_healthy(ReplyView reply) const override {
    if (verdict_ == Verdict::throw_up) throw std::runtime_error("no idea");
    return verdict_ == Verdict::pass && !reply.is_error();
  }
  void say(Verdict verdict) { verdict_ = verdict; }
  [[nodiscard]] int probes() const { return probes_; }

 private:
  std::atomic<Verdict> verdict_;
  mutable std::atomic<int> probes_{0};
};

class Checks : public TwoDatabases {
 protected:
  // Rounds follow each other quickly, and nothing else notices anything first.
  [[nodiscard]] MultiDbConfig with_checks(const std::shared_ptr<const HealthCheck>& of_east,
                                          const std::shared_ptr<const HealthCheck>& of_west) const {
    MultiDbConfig checked = config_that_stays_away();
    checked.databases[0].health_checks = {of_east};
    checked.databases[1].health_checks = {of_west};
    checked.health_check_interval = 50ms;
    checked.health_check_probes = 1;
    return checked;
  }

  [[nodiscard]] auto health_of(std::string name, Health health) const {
    return events.wait_for<HealthChanged>(
        [name, health](const HealthChanged& e) { return e.database == name && e.to == health; });
  }
};

TEST_F(Checks, HC_1_a_database_that_hangs_does_not_delay_the_checks_of_another) {
  const auto of_east = std::make_shared<ScriptedCheck>();
  MultiDbConfig checked = with_checks(of_east, std::make_shared<ScriptedCheck>());
  checked.health_check_timeout = 1500ms;
  MultiDbClient client(checked);
  ASSERT_TRUE(health_of("west", Health::healthy));

  west.stop();
  const int before = of_east->probes();
  ASSERT_TRUE(health_of("west", Health::unhealthy));  // after the whole check timeout

  EXPECT_GE(of_east->probes() - before, 8);  // of 30
  EXPECT_EQ(active_of(client), "east");
}

TEST_F(Checks, HC_2_policies_stop_as_soon_as_they_are_decided) {
  struct Case {
    HealthCheckPolicy policy;
    ScriptedCheck::Verdict verdict;
    int probes;
  };
  using Verdict = ScriptedCheck::Verdict;
  for (const Case& expected : {Case{HealthCheckPolicy::any, Verdict::pass, 1},
                               {HealthCheckPolicy::any, Verdict::fail, 3},
                               {HealthCheckPolicy::all, Verdict::pass, 3},
                               {HealthCheckPolicy::all, Verdict::fail, 1},
                               {HealthCheckPolicy::majority, Verdict::pass, 2},
                               {HealthCheckPolicy::majority, Verdict::fail, 2}}) {
    const auto check = std::make_shared<ScriptedCheck>(expected.verdict);
    MultiDbConfig one = config();
    one.databases.pop_back();
    one.health_checks = {check};
    one.health_check_policy = expected.policy;
    const Result<MultiDbClient> client = MultiDbClient::create(one);
    EXPECT_EQ(client.has_value(), expected.verdict == Verdict::pass);
    EXPECT_EQ(check->probes(), expected.probes) << "policy " << static_cast<int>(expected.policy);
  }
}

TEST_F(Checks, HC_3_a_check_that_throws_is_a_failed_probe_and_the_schedule_goes_on) {
  const auto of_west = std::make_shared<ScriptedCheck>(ScriptedCheck::Verdict::throw_up);
  MultiDbClient client(with_checks(std::make_shared<ScriptedCheck>(), of_west));

  const auto sick = health_of("west", Health::unhealthy);
  ASSERT_TRUE(sick);
  EXPECT_TRUE(contains(sick->event.evidence, "threw: no idea")) << sick->event.evidence;
  of_west->say(ScriptedCheck::Verdict::pass);
  EXPECT_TRUE(health_of("west", Health::healthy));
}

TEST_F(Checks, HC_3_a_listener_that_throws_hurts_nobody) {
  const auto of_west = std::make_shared<ScriptedCheck>();
  MultiDbConfig checked = with_checks(std::make_shared<ScriptedCheck>(), of_west);
  checked.event_listeners.insert(checked.event_listeners.begin(),
                                 [](const Event&) { throw std::runtime_error("a bad listener"); });
  MultiDbClient client(checked);

  ASSERT_TRUE(health_of("west", Health::healthy));
  of_west->say(ScriptedCheck::Verdict::fail);
  EXPECT_TRUE(health_of("west", Health::unhealthy));
  EXPECT_EQ(client.ping(), "PONG");
  east.kill();
  of_west->say(ScriptedCheck::Verdict::pass);
  EXPECT_TRUE(until([&] { return client.results().ping().has_value(); }));
}

TEST_F(Checks, HC_8_databases_without_checks_count_as_healthy_until_traffic_says_otherwise) {
  east.kill();
  MultiDbConfig unchecked = config_that_stays_away();
  unchecked.health_checks = {};

  MultiDbClient client(unchecked);  // starts at once, on the heaviest

  client.set("key", "value");
  EXPECT_EQ(active_of(client), "west");
  EXPECT_TRUE(exists_on(west, "key"));
  const auto moved = events.wait_for_switch("west");
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->event.from, "east");
}

}  // namespace
}  // namespace meridian::testing
