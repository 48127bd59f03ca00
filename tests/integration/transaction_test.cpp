// TX rules on real servers: transactions that are killed, frozen and contested in every phase.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "integration/protocols_fixture.hpp"
#include "support/coroutine.hpp"

namespace meridian::testing {
namespace {

class Transactions : public TwoDatabasesInBothProtocols {
 protected:
  // What a watched transaction threw; nothing if it was committed.
  template <class Function>
  [[nodiscard]] static std::optional<Error> thrown_by(MultiDbClient& client, Function function) {
    try {
      client.transaction(function, {"watched"});
    } catch (const Error& error) {
      return error;
    }
    return std::nullopt;
  }

  // The counters a0, b0, a1, b1 … of a server.
  struct Counts {
    std::vector<std::optional<std::string>> a;
    std::vector<std::optional<std::string>> b;
  };
  [[nodiscard]] static Counts counts_of(const RedisServer& server, int count) {
    std::vector<std::string> a;
    std::vector<std::string> b;
    for (int i = 0; i < count; ++i) {
      a.push_back("a" + std::to_string(i));
      b.push_back("b" + std::to_string(i));
    }
    Client client(server.uri());
    return {client.mget(a), client.mget(b)};
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, Transactions, both_protocols, ::testing::PrintToStringParamName());

TEST_P(Transactions, TX_1_commits_everything_or_nothing) {
  Client client(uri_of(east));
  const auto [n, length] = client.transaction(cmd::incr("n"), cmd::rpush("list", {"a", "b"}));
  EXPECT_EQ(*n, 1);
  EXPECT_EQ(*length, 2);

  Transaction transaction = client.transaction();
  auto map = transaction.hset("hash", {{"field", "value"}});
  auto all = transaction.hgetall("hash");
  auto wrong = transaction.incr("list");
  auto after = transaction.incr("n");
  ASSERT_TRUE(transaction.execute());
  EXPECT_EQ(map.value(), 1);
  EXPECT_EQ(all.value().at("field"), "value");
  EXPECT_EQ(wrong.result().error().code(), ErrorCode::wrong_type);
  EXPECT_EQ(after.value(), 2);

  transaction.clear();
  auto good = transaction.incr("n");
  auto unknown = transaction.command<std::int64_t>("NOSUCHCOMMAND", "x");
  const auto refused = transaction.execute();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::exec_abort) << refused.error().what();
  EXPECT_EQ(good.result().error().code(), ErrorCode::exec_abort);
  EXPECT_TRUE(contains(unknown.result().error().what(), "unknown command"));
  EXPECT_EQ(count_on(east, "n"), 2);
}

TEST_P(Transactions, TX_1_in_flight_on_a_server_that_freezes_is_in_doubt_and_runs_once_at_most_and_whole) {
  MultiDbClient client(both());
  std::atomic<bool> stop{false};
  std::atomic<int> next{0};
  std::atomic<int> in_doubt{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (!stop) {
        const std::string number = std::to_string(next++);
        const auto [a, b] = client.transaction(cmd::incr("a" + number), cmd::incr("b" + number));
        if (!a && a.error().delivery() == Delivery::in_doubt) ++in_doubt;
        EXPECT_EQ(a.has_value(), b.has_value());
      }
    });
  }
  ASSERT_TRUE(until([&] { return next > 200; }));
  east.stop();
  ASSERT_TRUE(events.wait_for_switch("west"));
  const int at_switch = next;
  ASSERT_TRUE(until([&] { return next > at_switch + 200; }));
  stop = true;
  for (std::thread& caller : callers) caller.join();
  east.resume();
  ASSERT_TRUE(until([&] { return connections_with(east, "cmd=exec").empty(); }));
  EXPECT_GT(in_doubt, 0);
  const Counts on_east = counts_of(east, next);
  const Counts on_west = counts_of(west, next);
  for (std::size_t i = 0; i < on_east.a.size(); ++i) {
    EXPECT_EQ(on_east.a[i], on_east.b[i]) << i;
    EXPECT_EQ(on_west.a[i], on_west.b[i]) << i;
    EXPECT_FALSE(on_east.a[i] && on_west.a[i]) << i;
    EXPECT_TRUE(!on_east.a[i] || on_east.a[i] == "1") << i;
    EXPECT_TRUE(!on_west.a[i] || on_west.a[i] == "1") << i;
  }
}

TEST_P(Transactions, TX_2_a_kill_between_WATCH_and_EXEC_aborts_it_with_nothing_committed) {
  MultiDbClient client(both());
  const auto error = thrown_by(client, [&](WatchedTransaction& transaction) {
    EXPECT_EQ(transaction.now().get("watched"), std::nullopt);
    east.kill();
    EXPECT_TRUE(events.wait_for_switch("west"));
    transaction.incr("n");
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::transaction_aborted) << error->what();
  EXPECT_EQ(error->delivery(), Delivery::not_sent);
  EXPECT_FALSE(exists_on(west, "n"));
  EXPECT_FALSE(thrown_by(client, [](WatchedTransaction& transaction) { transaction.incr("n"); }));
  EXPECT_EQ(count_on(west, "n"), 1);
}

TEST_P(Transactions, TX_2_so_does_a_freeze) {
  MultiDbClient client(both());
  const auto error = thrown_by(client, [&](WatchedTransaction& transaction) {
    east.stop();
    EXPECT_TRUE(events.wait_for_switch("west"));
    transaction.incr("n");
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::transaction_aborted) << error->what();
  east.resume();
  EXPECT_FALSE(exists_on(east, "n"));
  EXPECT_FALSE(exists_on(west, "n"));
}

TEST_P(Transactions, TX_2_so_does_a_lost_connection) {
  MultiDbClient client(both());
  const auto error = thrown_by(client, [&](WatchedTransaction& transaction) {
    cut_connection_that_runs(east, "watch");
    transaction.incr("n");
  });
  ASSERT_TRUE(error);
  // The end may be heard of before EXEC is written, or after.
  if (error->delivery() == Delivery::not_sent) EXPECT_EQ(error->code(), ErrorCode::transaction_aborted);
  else EXPECT_EQ(error->delivery(), Delivery::in_doubt);
  EXPECT_FALSE(exists_on(east, "n"));
}

TEST_P(Transactions, TX_3_many_threads_that_want_the_same_key_all_get_it) {
  MultiDbClient client(both());
  client.set("account", "0");
  constexpr int callers = 8;
  constexpr int rounds = 20;
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        client.transaction(
            [](WatchedTransaction& transaction) {
              const int before = std::stoi(*transaction.now().get("account"));
              transaction.set("account", std::to_string(before + 1));
            },
            {"account"}, {.attempts = 10'000});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(client.get("account"), std::to_string(callers * rounds));
}

TEST_P(Transactions, TX_3_has_a_limit_and_leaves_a_clean_connection) {
  MultiDbClient client(both());
  try {
    client.transaction(
        [&](WatchedTransaction& transaction) {
          client.incr("watched");
          transaction.incr("n");
        },
        {"watched"}, {.attempts = 3});
    ADD_FAILURE() << "it was committed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::transaction_conflict) << error.what();
    EXPECT_EQ(error.delivery(), Delivery::rejected);
  }
  EXPECT_FALSE(exists_on(east, "n"));
  client.incr("watched");
  EXPECT_EQ(client.transaction([](WatchedTransaction& t) { return t.incr("n"); }, {"other"}, {.attempts = 1}), 1);
}

TEST_P(Transactions, TX_1_holds_for_coroutines) {
  AsyncClient client(uri_of(east));
  start([&]() -> Task {
    AsyncTransaction transaction = client.transaction();
    auto n = transaction.incr("n");
    auto m = transaction.incr("n");
    co_await transaction.execute();
    EXPECT_EQ(n.value(), 1);
    EXPECT_EQ(m.value(), 2);
  }).get();
  east.stop();
  std::optional<Error> error;
  auto over = start([&]() -> Task {
    AsyncTransaction transaction = client.transaction();
    auto n = transaction.incr("n");
    co_await transaction.execute();
    error = n.result().error();
  });
  east.kill();
  over.get();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->delivery(), Delivery::in_doubt) << error->what();
}

TEST_P(Transactions, PIPE_1_and_PIPE_2_hold_for_coroutines_on_a_server_that_freezes) {
  AsyncMultiDbClient client(both());
  constexpr int length = 200;
  const std::string value(100'000, 'x');  // more than the socket takes: half of it stays unwritten
  east.stop();
  std::vector<Delivery> deliveries;
  start([&]() -> Task {
    AsyncPipeline pipeline = client.pipeline();
    std::vector<PipelineResult<std::int64_t>> results;
    for (int i = 0; i < length; ++i) results.push_back(pipeline.rpush("k" + std::to_string(i), value));
    co_await pipeline.execute();
    for (auto& result : results) {
      const auto outcome = result.result();
      deliveries.push_back(outcome ? Delivery::answered : outcome.error().delivery());
    }
  }).get();
  ASSERT_EQ(deliveries.size(), static_cast<std::size_t>(length));
  EXPECT_EQ(deliveries.front(), Delivery::in_doubt);
  EXPECT_EQ(deliveries.back(), Delivery::not_sent);
  EXPECT_EQ(west.command({"DBSIZE"}), ":0\r\n");
  // A new one goes to the new database.
  start([&]() -> Task {
    AsyncPipeline pipeline = client.pipeline();
    auto first = pipeline.incr("n");
    auto second = pipeline.incr("n");
    co_await pipeline.execute();
    EXPECT_EQ(first.value(), 1);
    EXPECT_EQ(second.value(), 2);
  }).get();
}

TEST_P(Transactions, TX_3_coroutines_begin_again_when_a_watched_key_was_changed) {
  AsyncMultiDbClient client(both());
  const std::vector<std::string> keys = {"watched"};
  int attempts = 0;
  start([&]() -> Task {
    AsyncWatchedTransaction transaction = client.watched_transaction();
    bool committed = false;
    while (!committed) {
      co_await transaction.watch(keys);
      const std::optional<std::string> before = co_await transaction.now().get("watched");
      if (++attempts < 3) co_await client.incr("watched");
      transaction.set("copy", before.value_or("0"));
      committed = co_await transaction.commit();
    }
  }).get();
  EXPECT_EQ(attempts, 3);
  EXPECT_EQ(count_on(east, "copy"), 2);
}

TEST_P(Transactions, TX_2_a_coroutine_is_told_of_a_switch_and_can_begin_anew_on_the_new_database) {
  AsyncMultiDbClient client(both());
  const std::vector<std::string> keys = {"watched"};
  ErrorCode told{};
  AsyncWatchedTransaction transaction = client.watched_transaction();
  start([&]() -> Task { co_await transaction.watch(keys); }).get();
  east.kill();
  ASSERT_TRUE(events.wait_for_switch("west"));
  start([&]() -> Task {
    transaction.incr("n");
    try {
      static_cast<void>(co_await transaction.commit());
    } catch (const Error& error) {
      told = error.code();
    }
    co_await transaction.watch(keys);
    transaction.incr("n");
    EXPECT_TRUE(co_await transaction.commit());
  }).get();
  EXPECT_EQ(told, ErrorCode::transaction_aborted);
  EXPECT_EQ(count_on(west, "n"), 1);
}

TEST_P(Transactions, TX_2_nothing_that_concerns_the_connection_is_let_through) {
  AsyncMultiDbClient client(both());
  AsyncWatchedTransaction transaction = client.watched_transaction();
  EXPECT_THROW(static_cast<void>(transaction.now().command("SELECT", 3)), Error);
  EXPECT_THROW(static_cast<void>(transaction.command("MULTI")), Error);
}

}  // namespace
}  // namespace meridian::testing
