// `AsyncClient` on real servers: coroutines, callbacks, stop tokens, and every way to end.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "integration/multi_db_fixture.hpp"
#include "support/coroutine.hpp"

namespace meridian::testing {
namespace {

class Async : public ::testing::Test {
 protected:
  // Over a connection that stands, so that what follows is on its way at once.
  [[nodiscard]] AsyncClient connected() const {
    AsyncClient client(server.uri());
    EXPECT_EQ(client.futures().ping().get(), "PONG");
    return client;
  }

  // A call that the server never answers, and how it ended.
  struct Owed {
    std::shared_ptr<std::optional<Result<Reply>>> result = std::make_shared<std::optional<Result<Reply>>>();
    std::future<void> over;
  };
  [[nodiscard]] static Owed owed_by(AsyncClient& client) {
    Owed owed;
    owed.over =
        start([&client, result = owed.result]() -> Task { *result = co_await client.execute(never_answered()); });
    return owed;
  }
  static void expect_closed(Owed& owed) {
    owed.over.get();
    EXPECT_EQ((*owed.result)->error().code(), ErrorCode::closed);
    EXPECT_EQ((*owed.result)->error().delivery(), Delivery::in_doubt);
  }

  RedisServer server;
};

// --- Forms -----------------------------------------------------------------------------------------------------------

TEST_F(Async, Runs_commands_in_every_form) {
  AsyncClient client(server.uri());
  start([&client]() -> Task {
    EXPECT_TRUE(co_await client.set("key", "value"));
    EXPECT_EQ(co_await client.get("key"), "value");
    EXPECT_EQ((co_await client.execute(cmd::get("key"))).value(), "value");
    EXPECT_EQ((co_await client.results().get("key")).value(), "value");
    EXPECT_EQ(co_await client.with(3s).get("key"), "value");
    const CallOptions options{.deadline = 3s};
    EXPECT_EQ(co_await client.with(options).get("key"), "value");
    EXPECT_EQ((co_await client.results(options).get("key")).value(), "value");
    EXPECT_EQ((co_await client.execute(cmd::get("key"), options)).value(), "value");
    EXPECT_EQ(co_await client.command<std::int64_t>("STRLEN", "key"), 5);
    const Command<std::optional<std::string>> kept = cmd::get("key");
    EXPECT_EQ((co_await client.execute(kept)).value(), "value");
    const std::vector<std::string> keys = {"key", "none"};
    auto named = client.mget(keys);
    EXPECT_EQ((co_await named).at(0), "value");
    EXPECT_EQ((co_await named).at(1), std::nullopt);
  }).get();

  EXPECT_EQ(client.futures().get("key").get(), "value");
  EXPECT_EQ(client.submit(cmd::get("key")).get(), "value");
  std::promise<Result<std::optional<std::string>>> called;
  client.submit(cmd::get("key"), [&called](Result<std::optional<std::string>> result) { called.set_value(result); });
  EXPECT_EQ(called.get_future().get().value(), "value");
}

TEST_F(Async, Failures_are_thrown_by_name_and_held_by_results) {
  AsyncClient client(server.uri());
  start([&client]() -> Task {
    co_await client.set("key", "value");
    EXPECT_EQ((co_await client.results().lpush("key", "x")).error().code(), ErrorCode::wrong_type);
    std::optional<Error> thrown;
    try {
      co_await client.lpush("key", "x");
    } catch (const Error& error) {
      thrown = error;
    }
    EXPECT_EQ(thrown.value().code(), ErrorCode::wrong_type);
    EXPECT_EQ(thrown.value().delivery(), Delivery::answered);
  }).get();
}

TEST_F(Async, A_coroutine_that_had_to_wait_goes_on_on_the_I_O_thread_like_a_callback) {
  AsyncClient client = connected();
  server.stop();
  std::promise<std::thread::id> in_callback;
  std::optional<std::thread::id> in_coroutine;
  client.submit(cmd::ping(), [&](const Result<std::string>&) { in_callback.set_value(std::this_thread::get_id()); });
  auto over = start([&]() -> Task {
    co_await client.ping();
    in_coroutine = std::this_thread::get_id();
  });
  server.resume();
  over.get();
  EXPECT_EQ(in_coroutine, in_callback.get_future().get());
  EXPECT_NE(in_coroutine, std::this_thread::get_id());
}

TEST_F(Async, What_would_block_the_I_O_thread_is_refused_in_a_coroutine) {
  AsyncClient client = connected();
  Client blocking(server.uri());  // on the same thread: all clients of a process share it
  server.stop();
  auto over = start([&]() -> Task {
    co_await client.ping();
    const auto refused = blocking.execute(cmd::ping());
    EXPECT_EQ(refused.error().code(), ErrorCode::would_deadlock);
    EXPECT_EQ(refused.error().delivery(), Delivery::not_sent);
    MultiDbConfig config;
    config.databases.push_back({.uri = server.uri()});
    EXPECT_EQ(MultiDbClient::create(config).error().code(), ErrorCode::would_deadlock);
    EXPECT_EQ(AsyncMultiDbClient::create(config).error().code(), ErrorCode::would_deadlock);
  });
  server.resume();
  over.get();
  EXPECT_EQ(blocking.ping(), "PONG");
}

TEST_F(Async, A_call_that_does_not_begin_lets_the_coroutine_go_on_where_it_is) {
  AsyncClient client(server.uri());
  start([&client]() -> Task {
    const std::thread::id here = std::this_thread::get_id();
    const auto refused = co_await client.execute(cmd::custom("SELECT", 1));
    EXPECT_EQ(refused.error().code(), ErrorCode::invalid_argument);
    const CallOptions impossible{.deadline = -1ms};
    const auto hurried = co_await client.execute(cmd::get("key"), impossible);
    EXPECT_EQ(hurried.error().code(), ErrorCode::invalid_argument);
    client.close();
    const auto after = co_await client.execute(cmd::get("key"));
    EXPECT_EQ(after.error().code(), ErrorCode::closed);
    EXPECT_EQ(std::this_thread::get_id(), here);
  }).get();
}

TEST_F(Async, A_wrong_URI_is_told_without_and_with_exceptions) {
  EXPECT_EQ(AsyncClient::create("redis://127.0.0.1:99999").error().code(), ErrorCode::invalid_argument);
  EXPECT_THROW(AsyncClient("redis://127.0.0.1:99999"), Error);
  EXPECT_TRUE(AsyncClient::create(Endpoint{.port = server.port()}).has_value());
}

TEST_F(Async, Creating_a_client_does_not_wait_for_its_server) {
  server.stop();
  const auto begin = SteadyClock::now();
  { const AsyncClient client(server.uri()); }
  EXPECT_LT(in_ms(since(begin)), 500 * slowness);
}

// --- Stop tokens -----------------------------------------------------------------------------------------------------

TEST_F(Async, CMD_2_a_call_that_was_cancelled_before_it_began_is_not_sent) {
  AsyncClient client = connected();
  std::stop_source stop;
  stop.request_stop();
  const CallOptions options{.stop = stop.get_token()};
  start([&]() -> Task {
    const auto read = co_await client.execute(cmd::incr("n"), options);
    EXPECT_EQ(read.error().code(), ErrorCode::cancelled);
    EXPECT_EQ(read.error().delivery(), Delivery::not_sent);
  }).get();
  EXPECT_EQ(count_on(server, "n"), 0);
}

TEST_F(Async, CMD_2_a_call_that_is_cancelled_while_it_waits_for_a_connection_is_not_sent) {
  server.kill();
  AsyncClient client(server.uri());
  std::stop_source stop;
  const CallOptions cancellable{.deadline = 20s, .stop = stop.get_token()};
  const CallOptions plain{.deadline = 20s};
  std::optional<Result<std::int64_t>> cancelled;
  std::optional<Result<std::int64_t>> patient;
  auto first = start([&]() -> Task { cancelled = co_await client.execute(cmd::incr("n"), cancellable); });
  auto second = start([&]() -> Task { patient = co_await client.execute(cmd::incr("n"), plain); });
  stop.request_stop();
  first.get();
  EXPECT_EQ(cancelled.value().error().code(), ErrorCode::cancelled);
  EXPECT_EQ(cancelled.value().error().delivery(), Delivery::not_sent);
  server.restart();
  second.get();
  EXPECT_EQ(patient.value().value(), 1);  // the other one was never sent
}

TEST_F(Async, CMD_2_a_call_that_is_cancelled_while_it_is_owed_is_in_doubt_and_its_late_reply_goes_to_nobody) {
  ClientOptions one_connection;
  one_connection.connections = 1;
  AsyncClient client(server.uri(), one_connection);
  const std::int64_t connection = client.futures().command<std::int64_t>("CLIENT", "ID").get();
  server.stop();
  std::stop_source stop;
  const CallOptions cancellable{.stop = stop.get_token()};
  std::optional<Result<std::string>> late;
  std::future<void> over = start([&]() -> Task { late = co_await client.execute(cmd::echo("late"), cancellable); });
  // Behind it in line; answered in its turn.
  std::future<std::string> next = client.futures().echo("next");
  stop.request_stop();
  over.get();
  EXPECT_EQ(late.value().error().code(), ErrorCode::cancelled);
  EXPECT_EQ(late.value().error().delivery(), Delivery::in_doubt);
  server.resume();
  EXPECT_EQ(next.get(), "next");
  start([&]() -> Task {
    for (int i = 0; i < 50; ++i) {
      const std::string text = "echo " + std::to_string(i);
      EXPECT_EQ(co_await client.echo(text), text);
    }
    EXPECT_EQ(co_await client.command<std::int64_t>("CLIENT", "ID"), connection);
  }).get();
}

TEST_F(Async, A_stop_that_comes_too_late_or_from_the_coroutine_itself_does_no_harm) {
  AsyncClient client = connected();
  std::stop_source stop;
  start([&]() -> Task {
    EXPECT_EQ(co_await client.with(stop.get_token()).echo("in time"), "in time");
    stop.request_stop();
    const CallOptions stopped{.stop = stop.get_token()};
    EXPECT_EQ((co_await client.results(stopped).echo("late")).error().code(), ErrorCode::cancelled);
    EXPECT_EQ(co_await client.echo("unaffected"), "unaffected");
  }).get();
}

// --- Ending ----------------------------------------------------------------------------------------------------------

TEST_F(Async, Close_ends_what_is_awaited_with_what_is_known_of_its_delivery) {
  AsyncClient client = connected();
  Owed owed = owed_by(client);
  ASSERT_TRUE(until([&] { return !connections_with(server, "cmd=blpop").empty(); }));
  client.close();
  EXPECT_EQ(owed.over.wait_for(0s), std::future_status::ready);  // `close` has told everybody
  expect_closed(owed);
}

TEST_F(Async, Close_ends_what_waits_for_a_connection_as_not_sent) {
  server.kill();
  AsyncClient client(server.uri());
  std::optional<Result<std::int64_t>> waiting;
  auto over = start([&]() -> Task { waiting = co_await client.execute(cmd::incr("n")); });
  client.close();
  over.get();
  EXPECT_EQ(waiting.value().error().code(), ErrorCode::closed);
  EXPECT_EQ(waiting.value().error().delivery(), Delivery::not_sent);
}

TEST_F(Async, A_coroutine_may_close_the_client_under_others) {
  AsyncClient client = connected();
  server.stop();
  auto closer = start([&]() -> Task {
    EXPECT_EQ(co_await client.echo("first"), "first");
    client.close();
    EXPECT_EQ((co_await client.execute(cmd::ping())).error().code(), ErrorCode::closed);
  });
  Owed behind = owed_by(client);
  server.resume();
  closer.get();
  expect_closed(behind);
}

TEST_F(Async, I9_a_coroutine_may_destroy_the_client_under_others) {
  const Holdings before = holdings();
  auto client = std::make_unique<AsyncClient>(connected());
  server.stop();
  auto destroyer = start([&]() -> Task {
    EXPECT_EQ(co_await client->echo("first"), "first");
    client.reset();
  });
  Owed behind = owed_by(*client);
  server.resume();
  destroyer.get();
  expect_closed(behind);
  expect_holdings_return_to(before);
}

TEST_F(Async, I9_a_callback_may_destroy_the_client_under_coroutines) {
  const Holdings before = holdings();
  auto client = std::make_unique<AsyncClient>(connected());
  server.stop();
  std::promise<void> destroyed;
  client->submit(cmd::echo("first"), [&](const Result<std::string>&) {
    client.reset();
    destroyed.set_value();
  });
  Owed behind = owed_by(*client);
  server.resume();
  destroyed.get_future().get();
  expect_closed(behind);
  expect_holdings_return_to(before);
}

TEST_F(Async, I9_closing_in_the_middle_of_traffic_ends_every_coroutine) {
  const Holdings before = holdings();
  for (int round = 0; round < 10; ++round) {
    AsyncClient client(server.uri());
    std::atomic<int> answered = 0;
    std::vector<std::future<void>> coroutines;
    for (int i = 0; i < 16; ++i) {
      coroutines.push_back(start([&]() -> Task {
        for (;;) {
          const auto echoed = co_await client.execute(cmd::echo("again"));
          if (!echoed) {
            EXPECT_EQ(echoed.error().code(), ErrorCode::closed);
            break;
          }
          ++answered;
        }
      }));
    }
    ASSERT_TRUE(until([&] { return answered > 100; }));
    client.close();
    for (auto& coroutine : coroutines) coroutine.get();
  }
  expect_holdings_return_to(before);
}

// --- All at once -----------------------------------------------------------------------------------------------------

// Every coroutine writes and reads keys of its own; some calls are cancelled from another thread at any moment.
TEST_F(Async, I1_every_reply_belongs_to_its_request_with_64_coroutines_and_random_cancels) {
  constexpr int coroutines = 64;
  constexpr int calls = 1000;
  AsyncClient client(server.uri());
  std::atomic<int> answered = 0;
  std::atomic<int> cancelled = 0;
  std::atomic<int> wrong = 0;
  std::vector<std::atomic<std::shared_ptr<std::stop_source>>> stops(coroutines);

  std::vector<std::future<void>> all;
  for (int number = 0; number < coroutines; ++number) {
    all.push_back(start([&, number]() -> Task {
      std::minstd_rand random(static_cast<unsigned>(number) + 1);
      for (int i = 0; i < calls; ++i) {
        const std::string text = std::to_string(number) + "/" + std::to_string(i);
        CallOptions options;
        if (random() % 4 == 0) {
          auto stop = std::make_shared<std::stop_source>();
          options.stop = stop->get_token();
          stops[static_cast<std::size_t>(number)] = std::move(stop);
        }
        const Result<std::string> echoed = co_await client.execute(cmd::echo(text), options);
        if (echoed) ++(*echoed == text ? answered : wrong);
        else ++(echoed.error().code() == ErrorCode::cancelled && options.stop.stop_requested() ? cancelled : wrong);
      }
    }));
  }
  std::jthread canceller([&](const std::stop_token& over) {
    std::minstd_rand random(99);
    while (!over.stop_requested()) {
      if (const auto stop = stops[random() % coroutines].exchange(nullptr)) stop->request_stop();
      std::this_thread::yield();
    }
  });
  for (auto& coroutine : all) coroutine.get();
  canceller.request_stop();

  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(answered + cancelled, coroutines * calls);
  EXPECT_GT(cancelled, 0);
  EXPECT_GT(answered, coroutines * calls / 2);
}

}  // namespace
}  // namespace meridian::testing
