// TX rules over the whole client, with a failover or a lost connection at every point of a transaction.
#include <tuple>
#include <utility>

#include "simulation/rules_fixture.hpp"
#include "support/coroutine.hpp"

namespace meridian::simulation {
namespace {

class Transactions : public Rules {
 protected:
  void SetUp() override { add_servers({"east", "west"}); }

  [[nodiscard]] std::size_t executions_on(std::string_view name, std::string_view key) {
    const std::size_t index = server(name).index();
    std::size_t count = 0;
    for (const Operation& operation : world_.operations()) count += operation.server == index && operation.key == key;
    return count;
  }

  // East takes some bytes of what is written and answers nothing.
  void narrow_and_hang_east() {
    LinkSettings narrow = server("east").link().settings();
    narrow.send_buffer = 80;
    narrow.receive_buffer = 80;
    server("east").link().configure(narrow);
    server("east").hang();
  }

  void move_to_west() {
    server("east").kill();
    ASSERT_TRUE(time_until_active("west", 5s));
  }
};

TEST_F(Transactions, TX_1_runs_as_one_unit_in_order) {
  ASSERT_FALSE(start());
  Transaction transaction = client().transaction();
  auto first = transaction.incr("n");
  auto second = transaction.incr("n");
  auto wrong = transaction.lpush("n", "x");
  ASSERT_TRUE(transaction.execute());
  EXPECT_EQ(first.value(), 1);
  EXPECT_EQ(second.value(), 2);
  const auto refused = wrong.result();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::wrong_type);
  EXPECT_EQ(refused.error().delivery(), Delivery::answered);
  transaction.clear();
  EXPECT_TRUE(transaction.execute());  // nothing to do
}

TEST_F(Transactions, TX_1_a_command_that_is_refused_keeps_all_others_from_running) {
  ASSERT_FALSE(start());
  Transaction transaction = client().transaction();
  auto good = transaction.incr("n");
  auto bad = transaction.run(Command<Reply>{{"NOSUCH", detail::accumulate}, decode<Reply>});
  const auto outcome = transaction.execute();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::exec_abort);
  EXPECT_EQ(good.result().error().code(), ErrorCode::exec_abort);
  EXPECT_NE(bad.result().error().message().find("unknown command"), std::string::npos);
  EXPECT_EQ(executions("INCR", "n"), 0U);
}

TEST_F(Transactions, TX_1_is_in_doubt_when_the_connection_dies_after_EXEC_was_written) {
  ASSERT_FALSE(start());
  world_.after(500us, [this] { server("east").link().reset_all(); });  // it never arrives
  const auto [lost, lost_too] = client().transaction(cmd::incr("lost"), cmd::incr("lost"));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(lost_too.error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(lost.error().database(), "east");
  world_.run_for(1s);
  world_.after(1500us, [this] { server("east").link().reset_all(); });  // it ran, its replies are lost
  const auto [ran, ran_too] = client().transaction(cmd::incr("ran"), cmd::incr("ran"));
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().delivery(), Delivery::in_doubt);
  world_.run_for(10s);
  EXPECT_EQ(executions("INCR", "lost"), 0U);
  EXPECT_EQ(executions("INCR", "ran"), 2U);
}

TEST_F(Transactions, TX_1_is_never_sent_twice_whatever_may_be_repeated) {
  config_.repeat_up_to = Repeat::administrative;
  ASSERT_FALSE(start());
  server("east").hang();
  const auto [a, b] = client().transaction(cmd::set("a", "1"), cmd::get("b"));
  ASSERT_FALSE(a);
  EXPECT_EQ(a.error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(b.error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(active(), "west");
  server("east").resume();
  world_.run_for(10s);
  EXPECT_LE(executions("SET", "a"), 1U);
}

TEST_F(Transactions, TX_1_one_that_was_not_sent_follows_the_switch_whole) {
  ASSERT_FALSE(start());
  server("east").hang();
  submit(cmd::incr("sent").request, {}, [](const Result<Reply>&) {});
  std::optional<Result<std::int64_t>> first;
  std::optional<Result<std::int64_t>> second;
  // By then the connection is silent: what comes stays here until somebody can answer it.
  world_.after(500ms, [&] { std::tie(first, second) = client().transaction(cmd::incr("n"), cmd::incr("n")); });
  ASSERT_TRUE(world_.run_until([&] { return second.has_value(); }, 10s));
  ASSERT_TRUE(*first) << first->error().what();
  EXPECT_EQ(**second, 2);
  server("east").resume();
  world_.run_for(5s);
  EXPECT_EQ(executions_on("west", "n"), 2U);
  EXPECT_EQ(executions_on("east", "n"), 0U);
}

TEST_F(Transactions, TX_1_trap_8_a_switch_in_the_middle_of_writing_it_makes_no_half_of_it_run_anywhere) {
  ASSERT_FALSE(start());
  narrow_and_hang_east();
  Transaction transaction = client().transaction();
  for (int i = 0; i < 20; ++i) transaction.incr("n");
  const auto outcome = transaction.execute();
  ASSERT_TRUE(outcome) << outcome.error().what();
  server("east").resume();
  world_.run_for(10s);
  EXPECT_EQ(executions_on("east", "n"), 0U);
  EXPECT_EQ(executions_on("west", "n"), 20U);
}

TEST_F(Transactions, TX_1_what_a_server_that_cannot_serve_refused_is_run_by_the_next) {
  ASSERT_FALSE(start());
  server("east").set_mode(Mode::readonly);
  const auto [n, m] = client().transaction(cmd::incr("n"), cmd::incr("m"));
  ASSERT_TRUE(n) << n.error().what();
  EXPECT_EQ(active(), "west");
  EXPECT_EQ(executions_on("west", "n"), 1U);
  EXPECT_EQ(executions_on("east", "n"), 0U);
}

// A reviewer's find: EXEC was refused after all of its commands were taken, and that was taken for an answer.
TEST_F(Transactions, TX_1_so_is_what_it_refused_at_the_last_moment) {
  ASSERT_FALSE(start());
  LinkSettings slow = server("east").link().settings();
  slow.bytes_per_second = 10'000;
  slow.chunk = 1;
  server("east").link().configure(slow);
  world_.after(7500us, [this] { server("east").set_mode(Mode::readonly); });  // between the commands and EXEC
  Transaction transaction = client().transaction();
  auto n = transaction.incr("n");
  auto m = transaction.incr("m");
  ASSERT_TRUE(transaction.execute());
  EXPECT_EQ(n.value() + m.value(), 2);
  EXPECT_EQ(active(), "west");
  EXPECT_EQ(executions_on("east", "n"), 0U);
}

// A reviewer's find: what MULTI did not hold together ran all the same, and was said to be answered.
TEST_F(Transactions, TX_1_a_refused_MULTI_says_that_its_commands_may_have_run_alone) {
  ASSERT_FALSE(start());
  server("east").deny("multi");
  Transaction transaction = client().transaction();
  auto n = transaction.incr("n");
  const auto outcome = transaction.execute();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::no_permission);
  EXPECT_EQ(outcome.error().delivery(), Delivery::in_doubt);
  EXPECT_NE(outcome.error().message().find("MULTI"), std::string::npos) << outcome.error().what();
  EXPECT_EQ(n.result().error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(executions("INCR", "n"), 1U);
}

TEST_F(Transactions, TX_1_holds_for_an_asynchronous_one) {
  ASSERT_FALSE(start());
  AsyncTransaction transaction(*engine_);
  auto n = transaction.incr("n");
  auto m = transaction.incr("m");
  auto over = testing::start([&]() -> testing::Task { co_await transaction.execute(); });
  world_.run_for(500us);
  server("east").link().reset_all();
  ASSERT_TRUE(world_.run_until([&] { return over.wait_for(0s) == std::future_status::ready; }, 1s));
  EXPECT_EQ(n.result().error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(m.result().error().delivery(), Delivery::in_doubt);
  transaction.clear();
  auto again = transaction.incr("n");
  over = testing::start([&]() -> testing::Task { co_await transaction.execute(); });
  ASSERT_TRUE(world_.run_until([&] { return over.wait_for(0s) == std::future_status::ready; }, 1s));
  EXPECT_EQ(again.value(), 1);
}

TEST_F(Transactions, TX_2_a_switch_between_WATCH_and_EXEC_aborts_it_with_nothing_committed) {
  ASSERT_FALSE(start());
  std::optional<Error> thrown;
  int begun = 0;
  try {
    client().transaction(
        [&](WatchedTransaction& transaction) {
          ++begun;
          EXPECT_EQ(transaction.now().get("w"), std::nullopt);
          move_to_west();
          transaction.incr("n");
        },
        {"w"});
  } catch (const Error& error) {
    thrown = error;
  }
  ASSERT_TRUE(thrown);
  EXPECT_EQ(thrown->code(), ErrorCode::transaction_aborted) << thrown->what();
  EXPECT_EQ(thrown->delivery(), Delivery::not_sent);
  EXPECT_EQ(begun, 1);
  server("east").restart();
  world_.run_for(10s);
  EXPECT_EQ(executions("INCR", "n"), 0U);
}

TEST_F(Transactions, TX_2_so_does_a_planned_switch_home) {
  config_.databases[0].grace_period = 1s;
  config_.auto_fallback_interval = 500ms;
  ASSERT_FALSE(start());
  move_to_west();
  server("east").restart();
  try {
    client().transaction(
        [&](WatchedTransaction& transaction) {
          ASSERT_TRUE(time_until_active("east", 30s));
          transaction.incr("n");
        },
        {"w"});
    ADD_FAILURE() << "it was committed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::transaction_aborted) << error.what();
  }
  world_.run_for(5s);
  EXPECT_EQ(executions("INCR", "n"), 0U);
}

TEST_F(Transactions, TX_2_so_does_a_lost_connection) {
  ASSERT_FALSE(start());
  try {
    client().transaction(
        [&](WatchedTransaction& transaction) {
          server("east").link().reset_all();
          world_.run_for(100ms);
          transaction.incr("n");
        },
        {"w"});
    ADD_FAILURE() << "it was committed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::transaction_aborted) << error.what();
  }
  EXPECT_EQ(active(), "east");
  EXPECT_EQ(executions("INCR", "n"), 0U);
}

// A reviewer's find: it failed as if it could be tried again.
TEST_F(Transactions, TX_2_so_does_a_time_when_nothing_is_usable) {
  ASSERT_FALSE(start());
  try {
    client().transaction(
        [&](WatchedTransaction& transaction) {
          server("east").kill();
          server("west").kill();
          world_.run_for(3s);
          transaction.incr("n");
        },
        {"w"});
    ADD_FAILURE() << "it was committed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::transaction_aborted) << error.what();
  }
}

TEST_F(Transactions, TX_2_EXEC_in_flight_is_in_doubt) {
  ASSERT_FALSE(start());
  try {
    client().transaction(
        [&](WatchedTransaction& transaction) {
          world_.after(500us, [this] { server("east").link().reset_all(); });
          transaction.incr("n");
        },
        {"w"});
    ADD_FAILURE() << "it was committed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::connection_lost) << error.what();
    EXPECT_EQ(error.delivery(), Delivery::in_doubt);
  }
}

// A reviewer's find: a write that went out and was lost was said to be not sent.
TEST_F(Transactions, TX_2_a_write_that_runs_at_once_and_is_lost_is_in_doubt) {
  ASSERT_FALSE(start());
  std::optional<Delivery> of_write;
  try {
    client().transaction(
        [&](WatchedTransaction& transaction) {
          world_.after(1500us, [this] { server("east").link().reset_all(); });
          transaction.now().incr("n");
        },
        {"w"});
    ADD_FAILURE() << "nothing was lost";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::transaction_aborted) << error.what();
    of_write = error.delivery();
  }
  EXPECT_EQ(executions("INCR", "n"), 1U);
  EXPECT_EQ(of_write, Delivery::in_doubt);
}

TEST_F(Transactions, TX_2_a_read_that_is_lost_is_told_with_the_cause) {
  ASSERT_FALSE(start());
  try {
    client().transaction(
        [&](WatchedTransaction& transaction) {
          world_.after(1500us, [this] { server("east").link().reset_all(); });
          static_cast<void>(transaction.now().get("w"));
        },
        {"w"});
    ADD_FAILURE() << "nothing was lost";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::transaction_aborted);
    EXPECT_EQ(error.delivery(), Delivery::not_sent);
    EXPECT_NE(error.message().find("reset"), std::string::npos) << error.what();
  }
}

// Nothing was watched yet, so nothing is lost: CMD-1.
TEST_F(Transactions, TX_2_one_whose_WATCH_is_lost_begins_on_the_next_database) {
  ASSERT_FALSE(start());
  client().transaction([](WatchedTransaction&) {}, {"w"});  // leaves a connection for the next
  server("east").hang();
  const std::int64_t n =
      client().transaction([](WatchedTransaction& transaction) { return transaction.incr("n"); }, {"w"});
  EXPECT_EQ(n, 1);
  EXPECT_EQ(active(), "west");
  EXPECT_EQ(executions_on("west", "n"), 1U);
}

TEST_F(Transactions, TX_2_a_WATCH_that_an_ACL_forbids_is_answered) {
  ASSERT_FALSE(start());
  server("east").deny("watch");
  try {
    client().transaction([](WatchedTransaction& transaction) { transaction.incr("n"); }, {"w"});
    ADD_FAILURE() << "it was let through";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::no_permission) << error.what();
    EXPECT_EQ(error.delivery(), Delivery::answered);
  }
}

TEST_F(Transactions, TX_2_commands_that_change_the_connection_are_refused_in_it) {
  ASSERT_FALSE(start());
  for (const char* name : {"SELECT", "MULTI", "UNSUBSCRIBE"}) {
    try {
      client().transaction([name](WatchedTransaction& transaction) { transaction.now().command(name, "1"); }, {"w"});
      ADD_FAILURE() << name << " was let through";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << error.what();
    }
  }
}

TEST_F(Transactions, TX_3_a_conflict_begins_it_again) {
  ASSERT_FALSE(start());
  client().set("w", "1");
  int begun = 0;
  const std::int64_t n = client().transaction(
      [&](WatchedTransaction& transaction) {
        if (++begun < 3) client().incr("w");
        return transaction.incr("n");
      },
      {"w"});
  EXPECT_EQ(n, 1);
  EXPECT_EQ(begun, 3);
  EXPECT_EQ(executions("INCR", "n"), 1U);
}

TEST_F(Transactions, TX_3_has_a_limit) {
  ASSERT_FALSE(start());
  int begun = 0;
  try {
    client().transaction(
        [&](WatchedTransaction& transaction) {
          ++begun;
          client().incr("w");
          transaction.incr("n");
        },
        {"w"}, {.attempts = 4});
    ADD_FAILURE() << "it was committed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::transaction_conflict);
    EXPECT_EQ(error.delivery(), Delivery::rejected);
  }
  EXPECT_EQ(begun, 4);
  EXPECT_EQ(executions("INCR", "n"), 0U);
  EXPECT_THROW(client().transaction([](WatchedTransaction&) {}, {"w"}, {.attempts = 0}), Error);
}

TEST_F(Transactions, TX_3_what_the_function_throws_commits_nothing_and_watches_nothing_any_more) {
  ASSERT_FALSE(start());
  EXPECT_THROW(client().transaction(
                   [](WatchedTransaction& transaction) {
                     transaction.incr("n");
                     throw std::runtime_error("the program changed its mind");
                   },
                   {"w"}),
               std::runtime_error);
  EXPECT_EQ(executions("INCR", "n"), 0U);
  client().incr("w");
  // The next one is not the victim of what the last one watched.
  EXPECT_EQ(client().transaction([](WatchedTransaction& t) { return t.incr("n"); }, {"other"}, {.attempts = 1}), 1);
}

TEST_F(Transactions, TX_3_one_without_commands_only_reads) {
  ASSERT_FALSE(start());
  client().set("w", "value");
  EXPECT_EQ(client().transaction([](WatchedTransaction& transaction) { return *transaction.now().get("w"); }, {"w"}),
            "value");
}

}  // namespace
}  // namespace meridian::simulation
