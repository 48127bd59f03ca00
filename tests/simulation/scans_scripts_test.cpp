// SCAN, SCRIPT and PIPE rules over the whole client, with a failover in the middle.
#include <set>
#include <tuple>

#include <meridian/script.hpp>

#include "simulation/rules_fixture.hpp"
#include "support/coroutine.hpp"

namespace meridian::simulation {
namespace {

class ScansAndScripts : public Rules {
 protected:
  void SetUp() override { add_servers({"east", "west"}); }

  void move_to_west() {
    server("east").kill();
    ASSERT_TRUE(time_until_active("west", 5s));
  }

  [[nodiscard]] std::size_t executions_on(std::string_view name, std::string_view command) {
    const std::size_t index = server(name).index();
    std::size_t count = 0;
    for (const Operation& each : world_.operations()) count += each.server == index && each.command == command;
    return count;
  }

  Script increment_{"return redis.call('INCR', KEYS[1])"};
};

// --- SCAN ------------------------------------------------------------------------------------------------------------

TEST_F(ScansAndScripts, SCAN_1_finds_everything_page_by_page) {
  ASSERT_FALSE(start());
  std::set<std::string> expected;
  for (int i = 0; i < 95; ++i) expected.insert("key:" + std::to_string(i));
  for (const std::string& key : expected) client().set(key, "v");
  std::set<std::string> found;
  for (const std::string& key : client().scan_all()) found.insert(key);
  EXPECT_EQ(found, expected);
}

TEST_F(ScansAndScripts, SCAN_1_a_switch_in_between_is_told_and_no_cursor_reaches_the_wrong_database) {
  ASSERT_FALSE(start());
  for (int i = 0; i < 50; ++i) client().set("key:" + std::to_string(i), "v");
  std::size_t found = 0;
  std::optional<Error> thrown;
  try {
    for (const std::string& key : client().scan_all()) {
      EXPECT_FALSE(key.empty());
      if (++found == 15) move_to_west();
    }
  } catch (const Error& error) {
    thrown = error;
  }
  ASSERT_TRUE(thrown);
  EXPECT_EQ(thrown->code(), ErrorCode::database_changed) << thrown->what();
  EXPECT_EQ(thrown->delivery(), Delivery::not_sent);
  EXPECT_EQ(found, 20U);  // the page that was there
  EXPECT_EQ(server("west").scan().foreign_cursors(), 0);
}

TEST_F(ScansAndScripts, SCAN_1_a_page_in_flight_at_the_switch_is_not_asked_for_elsewhere) {
  ASSERT_FALSE(start());
  for (int i = 0; i < 50; ++i) client().set("key:" + std::to_string(i), "v");
  auto scan = client().scan_all();
  auto at = scan.begin();
  for (int i = 0; i < 9; ++i) ++at;
  server("east").hang();
  EXPECT_THROW(++at, Error);  // the read would be repeated, but not with this cursor
  EXPECT_EQ(active(), "west");
  EXPECT_EQ(server("west").scan().foreign_cursors(), 0);
}

TEST_F(ScansAndScripts, SCAN_1_FB_3_a_stage_that_does_not_move_it_leaves_a_scan_alone) {
  config_.databases[0].grace_period = 1s;
  config_.auto_fallback_interval = 500ms;
  config_.failback = Failback::reads_first;
  ASSERT_FALSE(start());
  move_to_west();
  for (int i = 0; i < 50; ++i) client().set("key:" + std::to_string(i), "v");
  auto scan = client().scan_all();
  auto at = scan.begin();
  server("east").restart();
  ASSERT_TRUE(world_.run_until([&] { return client().describe().next == "east"; }, 30s));
  std::size_t found = 1;
  while (++at != scan.end()) ++found;
  EXPECT_EQ(found, 50U);
}

TEST_F(ScansAndScripts, SCAN_1_holds_there_and_back_again) {
  config_.databases[0].grace_period = 1s;
  config_.auto_fallback_interval = 500ms;
  ASSERT_FALSE(start());
  for (int i = 0; i < 50; ++i) client().set("key:" + std::to_string(i), "v");
  auto scan = client().scan_all();
  auto at = scan.begin();
  server("east").kill();
  ASSERT_TRUE(time_until_active("west", 5s));
  server("east").restart();
  ASSERT_TRUE(time_until_active("east", 30s));
  for (int i = 0; i < 9; ++i) ++at;
  try {
    ++at;
    ADD_FAILURE() << "two switches went unnoticed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::database_changed) << error.what();
  }
}

TEST_F(ScansAndScripts, SCAN_1_holds_for_an_asynchronous_one) {
  ASSERT_FALSE(start());
  for (int i = 0; i < 50; ++i) client().set("key:" + std::to_string(i), "v");
  AsyncScan<std::string> scan(*engine_, detail::ScanState<std::string>(&detail::keys_page, {}, {}, {}));
  std::size_t found = 0;
  std::optional<ErrorCode> code;
  auto over = testing::start([&]() -> testing::Task {
    try {
      while (auto page = co_await scan.next()) {
        found += page->size();
        if (found == 20) server("east").kill();
      }
    } catch (const Error& error) {
      code = error.code();
    }
  });
  ASSERT_TRUE(world_.run_until([&] { return over.wait_for(0s) == std::future_status::ready; }, 10s));
  EXPECT_EQ(found, 20U);
  EXPECT_EQ(code, ErrorCode::database_changed);
  EXPECT_EQ(server("west").scan().foreign_cursors(), 0);
}

TEST_F(ScansAndScripts, CMD_5_an_epoch_that_is_over_fails_the_call_before_anything_is_sent) {
  ASSERT_FALSE(start());
  CallInfo info;
  ASSERT_TRUE(client().execute(cmd::incr("n"), {.info = &info}));
  EXPECT_EQ(info.database, "east");
  EXPECT_EQ(info.epoch, 1U);
  EXPECT_EQ(info.attempts, 1);
  EXPECT_TRUE(client().execute(cmd::incr("n"), {.epoch = info.epoch}));
  move_to_west();
  const auto late = client().execute(cmd::incr("n"), {.epoch = info.epoch});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::database_changed);
  EXPECT_EQ(late.error().delivery(), Delivery::not_sent);
  EXPECT_EQ(executions_on("west", "INCR"), 0U);
}

// --- Scripts ---------------------------------------------------------------------------------------------------------

TEST_F(ScansAndScripts, SCRIPT_1_is_sent_whole_once_to_each_database) {
  ASSERT_FALSE(start());
  EXPECT_EQ(client().run_script<std::int64_t>(increment_, "n"), 1);
  EXPECT_EQ(server("east").scripts().size(), 1U);
  const TimePoint asked = world_.now();
  EXPECT_EQ(client().run_script<std::int64_t>(increment_, "n"), 2);
  EXPECT_LE(world_.now() - asked, 3ms);
  move_to_west();
  EXPECT_EQ(server("west").scripts().size(), 0U);
  EXPECT_EQ(client().run_script<std::int64_t>(increment_, "n"), 1);
  EXPECT_EQ(server("west").scripts().size(), 1U);
  EXPECT_EQ(executions_on("west", "INCR"), 1U);
}

TEST_F(ScansAndScripts, SCRIPT_1_a_switch_in_the_middle_makes_it_in_doubt_and_never_runs_it_twice) {
  ASSERT_FALSE(start());
  EXPECT_EQ(client().run_script<std::int64_t>(increment_, "n"), 1);
  server("east").hang();
  const auto outcome = client().execute(cmd::run_script<std::int64_t>(increment_, "n"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(active(), "west");
  server("east").resume();
  world_.run_for(5s);
  EXPECT_LE(executions("INCR", "n"), 2U);
  EXPECT_EQ(executions_on("west", "INCR"), 0U);
}

TEST_F(ScansAndScripts, SCRIPT_1_one_that_was_not_sent_follows_and_goes_whole_there) {
  ASSERT_FALSE(start());
  EXPECT_EQ(client().run_script<std::int64_t>(increment_, "n"), 1);
  server("east").hang();
  submit(cmd::incr("sent").request, {}, [](const Result<Reply>&) {});
  std::optional<Result<std::int64_t>> late;
  world_.after(500ms, [&] { late = client().execute(cmd::run_script<std::int64_t>(increment_, "late")); });
  ASSERT_TRUE(world_.run_until([&] { return late.has_value(); }, 10s));
  ASSERT_TRUE(*late) << late->error().what();
  EXPECT_EQ(**late, 1);
  EXPECT_EQ(server("west").scripts().size(), 1U);
}

// A reviewer's find: those of a fixed shape sent the hash, and a server without the script failed them or ran the
// script behind what follows it.
TEST_F(ScansAndScripts, SCRIPT_1_goes_whole_in_a_pipeline_and_in_a_transaction) {
  ASSERT_FALSE(start());
  const auto script = [this](std::string_view key) { return cmd::run_script<std::int64_t>(increment_, key); };
  const auto [ran, read] = client().pipeline(script("a"), cmd::get("a"));
  ASSERT_TRUE(ran) << ran.error().what();
  EXPECT_EQ(*read, "1");
  server("east").scripts().forget();
  const auto [again, read_again] = client().transaction(script("a"), cmd::get("a"));
  ASSERT_TRUE(again) << again.error().what();
  EXPECT_EQ(*read_again, "2");
  server("east").scripts().forget();
  Pipeline pipeline = client().pipeline();
  auto third = pipeline.run_script<std::int64_t>(increment_, "a");
  auto read_third = pipeline.get("a");
  pipeline.execute();
  EXPECT_EQ(third.value(), 3);
  EXPECT_EQ(read_third.value(), "3");
}

TEST_F(ScansAndScripts, SCRIPT_1_holds_inside_a_watched_transaction) {
  ASSERT_FALSE(start());
  const std::int64_t n = client().transaction(
      [this](WatchedTransaction& transaction) {
        EXPECT_EQ(transaction.now().run_script<std::int64_t>(increment_, "now"), 1);
        server("east").scripts().forget();
        return transaction.run_script<std::int64_t>(increment_, "later");
      },
      "w");
  EXPECT_EQ(n, 1);
}

// --- Pipelines -------------------------------------------------------------------------------------------------------

class Pipelines : public ScansAndScripts {
 protected:
  static constexpr int length = 30;

  // East takes some of what is written and answers nothing.
  void narrow_and_hang_east() {
    LinkSettings narrow = server("east").link().settings();
    narrow.send_buffer = 200;
    narrow.receive_buffer = 100;
    server("east").link().configure(narrow);
    server("east").hang();
  }

  // PIPE-1, I2, I4: part of it went to east, so nothing of it may ever run on west.
  void expect_only_on_east(std::vector<Result<std::int64_t>> results) {
    server("east").resume();
    world_.run_for(10s);
    std::size_t in_doubt = 0;
    std::size_t not_sent = 0;
    for (int i = 0; i < length; ++i) {
      const auto& result = results[static_cast<std::size_t>(i)];
      ASSERT_FALSE(result);
      in_doubt += result.error().delivery() == Delivery::in_doubt;
      if (result.error().delivery() != Delivery::not_sent) continue;
      ++not_sent;
      EXPECT_EQ(executions("INCR", "n" + std::to_string(i)), 0U);
    }
    EXPECT_EQ(in_doubt + not_sent, static_cast<std::size_t>(length));
    EXPECT_GT(in_doubt, 0U);
    EXPECT_GT(not_sent, 0U);
    EXPECT_LE(executions_on("east", "INCR"), in_doubt);
    EXPECT_EQ(executions_on("west", "INCR"), 0U);
  }
};

TEST_F(Pipelines, PIPE_1_one_that_was_half_written_is_never_split_over_two_databases) {
  ASSERT_FALSE(start());
  narrow_and_hang_east();
  Pipeline pipeline = client().pipeline();
  std::vector<PipelineResult<std::int64_t>> handles;
  for (int i = 0; i < length; ++i) handles.push_back(pipeline.incr("n" + std::to_string(i)));
  pipeline.execute();
  EXPECT_EQ(active(), "west");
  std::vector<Result<std::int64_t>> results;
  for (auto& handle : handles) results.push_back(handle.result());
  expect_only_on_east(std::move(results));
}

TEST_F(Pipelines, PIPE_1_holds_for_an_asynchronous_one) {
  ASSERT_FALSE(start());
  narrow_and_hang_east();
  AsyncPipeline pipeline(*engine_);
  std::vector<PipelineResult<std::int64_t>> handles;
  for (int i = 0; i < length; ++i) handles.push_back(pipeline.incr("n" + std::to_string(i)));
  auto over = testing::start([&]() -> testing::Task { co_await pipeline.execute(); });
  ASSERT_TRUE(world_.run_until([&] { return over.wait_for(0s) == std::future_status::ready; }, 10s));
  std::vector<Result<std::int64_t>> results;
  for (auto& handle : handles) results.push_back(handle.result());
  expect_only_on_east(std::move(results));
}

TEST_F(Pipelines, PIPE_2_one_of_which_nothing_was_sent_follows_the_switch_whole) {
  ASSERT_FALSE(start());
  server("east").hang();
  submit(cmd::incr("sent").request, {}, [](const Result<Reply>&) {});
  Pipeline waiting = client().pipeline();
  std::vector<PipelineResult<std::int64_t>> handles;
  for (int i = 0; i < length; ++i) handles.push_back(waiting.incr("n"));
  AsyncPipeline async(*engine_);
  std::vector<PipelineResult<std::int64_t>> async_handles;
  for (int i = 0; i < length; ++i) async_handles.push_back(async.incr("m"));
  std::optional<std::future<void>> over;
  bool done = false;
  world_.after(500ms, [&] {
    over = testing::start([&]() -> testing::Task { co_await async.execute(); });
    waiting.execute();
    done = true;
  });
  ASSERT_TRUE(world_.run_until([&] { return done && over->wait_for(0s) == std::future_status::ready; }, 10s));
  for (int i = 0; i < length; ++i) {
    EXPECT_EQ(handles[static_cast<std::size_t>(i)].value(), i + 1);
    EXPECT_EQ(async_handles[static_cast<std::size_t>(i)].value(), i + 1);
  }
  EXPECT_EQ(executions_on("west", "INCR"), 2U * length);
}

TEST_F(Pipelines, PIPE_2_one_that_was_refused_whole_follows_the_switch_too) {
  ASSERT_FALSE(start());
  server("east").set_mode(Mode::readonly);
  Pipeline pipeline = client().pipeline();
  auto one = pipeline.set("a", "1");
  auto other = pipeline.set("b", "2");
  pipeline.execute();
  EXPECT_EQ(active(), "west");
  EXPECT_TRUE(one.result());
  EXPECT_TRUE(other.result());
  EXPECT_EQ(executions_on("west", "SET"), 2U);
}

TEST_F(Pipelines, trap_15_nothing_is_sent_by_a_destructor_or_by_forgetting_what_failed) {
  ASSERT_FALSE(start());
  {
    Pipeline never_executed = client().pipeline();
    never_executed.incr("never");
    Pipeline executed = client().pipeline();
    executed.incr("once");
    executed.execute();
    Pipeline failed = client().pipeline();
    auto lost = failed.incr("lost");
    world_.after(500us, [this] { server("east").link().reset_all(); });
    failed.execute();
    EXPECT_EQ(lost.result().error().delivery(), Delivery::in_doubt);
    AsyncPipeline async_never(*engine_);
    async_never.incr("never");
    AsyncPipeline async_once(*engine_);
    async_once.incr("async once");
    auto over = testing::start([&]() -> testing::Task { co_await async_once.execute(); });
    ASSERT_TRUE(world_.run_until([&] { return over.wait_for(0s) == std::future_status::ready; }, 10s));
    Transaction transaction = client().transaction();
    transaction.incr("never");
  }
  world_.run_for(5s);
  EXPECT_EQ(executions("INCR", "never"), 0U);
  EXPECT_EQ(executions("INCR", "once"), 1U);
  EXPECT_EQ(executions("INCR", "async once"), 1U);
  EXPECT_EQ(executions("INCR", "lost"), 0U);
}

TEST_F(Pipelines, each_command_of_an_asynchronous_one_has_its_own_result) {
  ASSERT_FALSE(start());
  AsyncPipeline pipeline(*engine_);
  for (std::int64_t round = 1; round <= 2; ++round) {
    auto set = pipeline.set("text", "not a number");
    auto refused = pipeline.incr("text");
    auto text = pipeline.views().get("text");
    auto refused_last = pipeline.incr("text");
    auto missing = pipeline.views().get("missing");
    auto n = pipeline.incr("n");
    auto over = testing::start([&]() -> testing::Task { co_await pipeline.execute(); });
    ASSERT_TRUE(world_.run_until([&] { return over.wait_for(0s) == std::future_status::ready; }, 1s));
    EXPECT_TRUE(set.value());
    EXPECT_EQ(refused.result().error().code(), ErrorCode::server_error);
    EXPECT_EQ(text.value(), "not a number");
    EXPECT_EQ(refused_last.result().error().delivery(), Delivery::answered);
    EXPECT_EQ(missing.value(), std::nullopt);
    EXPECT_EQ(n.value(), round);
    pipeline.clear();
  }
}

TEST_F(Pipelines, of_a_fixed_shape_are_as_large_as_they_like) {
  ASSERT_FALSE(start());
  for (const std::size_t size : {16U, 500U, 600U, 200'000U}) {
    const auto [set, refused, text] =
        client().pipeline(cmd::set("text", std::string(size, 'x')), cmd::incr("text"), cmd::get("text"));
    EXPECT_TRUE(set.value());
    EXPECT_EQ(refused.error().code(), ErrorCode::server_error);
    EXPECT_EQ(text.value(), std::string(size, 'x'));
  }
}

TEST_F(Pipelines, a_stop_token_ends_an_asynchronous_one) {
  ASSERT_FALSE(start());
  server("east").hang();
  AsyncPipeline pipeline(*engine_);
  auto first = pipeline.incr("n");
  auto second = pipeline.incr("n");
  std::stop_source source;
  const CallOptions options{.stop = source.get_token()};
  auto over = testing::start([&]() -> testing::Task { co_await pipeline.execute(options); });
  world_.run_for(10ms);
  source.request_stop();
  ASSERT_TRUE(world_.run_until([&] { return over.wait_for(0s) == std::future_status::ready; }, 1ms));
  EXPECT_EQ(first.result().error().code(), ErrorCode::cancelled);
  EXPECT_EQ(second.result().error().delivery(), Delivery::in_doubt);
}

}  // namespace
}  // namespace meridian::simulation
