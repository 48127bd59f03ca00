// `Client`, a client of one database, on real servers.
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "integration/multi_db_fixture.hpp"

namespace meridian::testing {
namespace {

class SingleClient : public ::testing::Test {
 protected:
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(server.port()); }

  RedisServer server;
};

// --- Connecting ------------------------------------------------------------------------------------------------------

TEST_F(SingleClient, Connection_errors_name_the_address_and_the_reason) {
  server.kill();
  Client client(server.uri());
  const auto read = client.execute(cmd::get("key"), {.deadline = 200ms});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::connect_refused);
  EXPECT_EQ(read.error().delivery(), Delivery::not_sent);
  EXPECT_TRUE(contains(read.error().message(), address())) << read.error().what();
  EXPECT_TRUE(contains(read.error().message(), "refused")) << read.error().what();
}

TEST_F(SingleClient, A_server_that_accepts_and_says_nothing_is_a_connect_timeout) {
  server.stop();
  ClientOptions quick;
  quick.connect_timeout = 100ms;
  Client client(server.uri(), quick);
  const auto read = client.execute(cmd::get("key"), {.deadline = 400ms});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::connect_timeout) << read.error().what();
  EXPECT_TRUE(contains(read.error().message(), address())) << read.error().what();
}

TEST_F(SingleClient, A_wrong_URI_names_the_part) {
  const auto client = Client::create("redis://127.0.0.1:99999");
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code(), ErrorCode::invalid_argument);
  EXPECT_TRUE(contains(client.error().message(), "99999")) << client.error().what();
  EXPECT_THROW(Client("redis://127.0.0.1:99999"), Error);
}

TEST_F(SingleClient, Reconnects_when_the_server_is_back) {
  Client client(server.uri());
  client.set("key", "value");
  server.kill();
  std::future<std::optional<std::string>> waiting = client.futures({.deadline = 20s}).get("key");
  server.restart();
  EXPECT_EQ(waiting.get(), std::nullopt);  // it kept no data
  EXPECT_TRUE(client.set("key", "again"));
}

TEST_F(SingleClient, Speaks_RESP3_by_default_and_RESP2_when_asked) {
  Client newer(server.uri());
  EXPECT_EQ(newer.hset("hash", {{"field", "value"}}), 1);
  EXPECT_EQ(newer.command("HGETALL", "hash").type(), ReplyType::map);
  Client older(server.uri() + "?protocol=2");
  EXPECT_EQ(older.command("HGETALL", "hash").type(), ReplyType::array);
  EXPECT_EQ(older.hgetall("hash"), newer.hgetall("hash"));
  EXPECT_EQ(older.get("missing"), std::nullopt);
}

TEST_F(SingleClient, Authenticates_with_a_password_in_both_protocols) {
  ASSERT_EQ(server.command({"CONFIG", "SET", "requirepass", "p@ss word"}), "+OK\r\n");
  for (const Protocol protocol : {Protocol::resp2, Protocol::resp3}) {
    ClientOptions options;
    options.password = Secret("p@ss word");
    options.protocol = protocol;
    EXPECT_EQ(Client(server.uri(), options).ping(), "PONG");
  }
  EXPECT_EQ(Client("redis://:p%40ss%20word@" + address()).ping(), "PONG");
}

TEST_F(SingleClient, Authenticates_as_an_ACL_user_in_both_protocols) {
  ASSERT_EQ(server.command({"ACL", "SETUSER", "alice", "on", ">wonder", "~*", "+@all"}), "+OK\r\n");
  for (const char* protocol : {"2", "3"}) {
    Client client("redis://alice:wonder@" + address() + "?protocol=" + protocol);
    EXPECT_EQ(client.command<std::string>("ACL", "WHOAMI"), "alice");
  }
}

TEST_F(SingleClient, A_wrong_password_is_an_authentication_error_that_does_not_tell_it) {
  ASSERT_EQ(server.command({"CONFIG", "SET", "requirepass", "correct"}), "+OK\r\n");
  for (const std::string& uri : {"redis://:mistaken@" + address(), "redis://:mistaken@" + address() + "?protocol=2",
                                 "redis://nobody:mistaken@" + address()}) {
    Client client(uri);
    const auto read = client.execute(cmd::get("key"), {.deadline = 200ms});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), ErrorCode::authentication_failed) << read.error().what();
    EXPECT_EQ(read.error().delivery(), Delivery::not_sent);
    EXPECT_TRUE(contains(read.error().what(), address())) << read.error().what();
    EXPECT_TRUE(contains(read.error().what(), "WRONGPASS")) << read.error().what();
    EXPECT_FALSE(contains(read.error().what(), "mistaken")) << read.error().what();
  }
}

TEST_F(SingleClient, Uses_the_database_number_and_tells_its_name) {
  Client client(server.uri() + "/5?client_name=orders");
  client.set("key", "value");
  EXPECT_EQ(server.commands({{"SELECT", "5"}, {"EXISTS", "key"}}).back(), ":1\r\n");
  EXPECT_FALSE(exists_on(server, "key"));
  EXPECT_EQ(connections_with(server, "name=orders").size(), 1U);
  EXPECT_EQ(connections_with(server, "db=5").size(), 1U);
}

TEST_F(SingleClient, A_database_number_that_does_not_exist_is_told) {
  Client client(server.uri() + "/99");
  const auto read = client.execute(cmd::get("key"), {.deadline = 200ms});
  ASSERT_FALSE(read);
  EXPECT_TRUE(contains(read.error().message(), "SELECT was refused")) << read.error().what();
}

TEST_F(SingleClient, Row_14_a_connection_closed_by_the_servers_idle_timeout_is_never_shown_to_the_user) {
  Client client(server.uri());
  EventLog events;
  MultiDbClient several({.databases = {{.uri = server.uri(), .name = "only"}}, .event_listeners = {events.listener()}});
  const auto own = [](auto& any) {
    return "id=" + std::to_string(any.template command<std::int64_t>("CLIENT", "ID")) + " ";
  };
  const std::string id = own(client);
  const std::string id_of_several = own(several);
  ASSERT_EQ(server.command({"CONFIG", "SET", "timeout", "1"}), "+OK\r\n");

  ASSERT_TRUE(
      until([&] { return connections_with(server, id).empty() && connections_with(server, id_of_several).empty(); }));

  EXPECT_EQ(client.get("key"), std::nullopt);
  EXPECT_EQ(client.incr("counter"), 1);
  EXPECT_EQ(several.incr("counter"), 2);
  EXPECT_EQ(active_of(several), "only");
  EXPECT_TRUE(events.all<ActiveDatabaseChanged>().empty());
  EXPECT_TRUE(events.all<CommandsFailed>().empty());
  EXPECT_TRUE(events.all<AllDatabasesUnavailable>().empty());
}

TEST_F(SingleClient, Row_27_a_full_server_is_told_and_used_when_it_has_room) {
  ASSERT_EQ(server.command({"CONFIG", "SET", "maxclients", "1"}), "+OK\r\n");
  auto taken = std::make_unique<RawClient>(server.port());
  ASSERT_EQ(taken->command({"PING"}), "+PONG\r\n");

  Client client(server.uri());
  const auto read = client.execute(cmd::get("key"), {.deadline = 200ms});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::max_clients) << read.error().what();
  EXPECT_EQ(read.error().delivery(), Delivery::not_sent);
  EXPECT_TRUE(contains(read.error().message(), address())) << read.error().what();
  taken.reset();
  EXPECT_EQ(client.execute(cmd::incr("counter"), {.deadline = 20s}).value(), 1);
}

// --- Calling ---------------------------------------------------------------------------------------------------------

TEST_F(SingleClient, Runs_commands_in_every_form) {
  Client client(server.uri());
  EXPECT_TRUE(client.set("key", "value"));
  EXPECT_EQ(client.execute(cmd::get("key")).value(), "value");
  EXPECT_EQ(client.results().get("key").value(), "value");
  EXPECT_EQ(client.futures().get("key").get(), "value");
  EXPECT_EQ(client.submit(cmd::get("key")).get(), "value");
  std::promise<Result<std::optional<std::string>>> called;
  client.submit(cmd::get("key"), [&called](Result<std::optional<std::string>> result) { called.set_value(result); });
  EXPECT_EQ(called.get_future().get().value(), "value");

  EXPECT_THROW(client.lpush("key", "x"), Error);
  EXPECT_THROW(client.futures().lpush("key", "x").get(), Error);
  EXPECT_EQ(client.results().lpush("key", "x").error().code(), ErrorCode::wrong_type);
}

TEST_F(SingleClient, Puts_values_into_a_string_of_the_callers) {
  Client client(server.uri());
  client.set("key", "sixteen bytes, so");
  std::string value = "before";
  EXPECT_FALSE(client.into(value).get("missing"));
  EXPECT_THROW(client.into(value).lpop("key"), Error);
  EXPECT_EQ(value, "before");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(client.into(value).get("key"));
    EXPECT_EQ(value, "sixteen bytes, so");
  }
  EXPECT_TRUE(client.into(value).echo("larger than what was there before"));
  EXPECT_EQ(value, "larger than what was there before");

  EXPECT_EQ(client.execute_into(value, cmd::get("key"), {.deadline = 20s}), true);
  EXPECT_EQ(value, "sixteen bytes, so");
  std::stop_source stopped;
  stopped.request_stop();
  const Result<bool> given_up = client.execute_into(value, cmd::echo("late"), {.stop = stopped.get_token()});
  ASSERT_FALSE(given_up);
  EXPECT_EQ(given_up.error().code(), ErrorCode::cancelled);
  EXPECT_EQ(value, "sixteen bytes, so");
}

TEST_F(SingleClient, Commands_that_block_or_change_the_shared_connection_are_refused) {
  Client client(server.uri());
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"SELECT", "1"}, {"MULTI"}, {"SUBSCRIBE", "news"}, {"CLIENT", "REPLY", "OFF"}}) {
    const auto outcome = client.execute(cmd::custom(words));
    ASSERT_FALSE(outcome) << words[0];
    EXPECT_EQ(outcome.error().code(), ErrorCode::invalid_argument) << words[0];
    EXPECT_EQ(outcome.error().delivery(), Delivery::not_sent) << words[0];
  }
  EXPECT_EQ(client.ping(), "PONG");
}

TEST_F(SingleClient, A_blocking_call_inside_a_callback_fails_instead_of_waiting_for_itself) {
  Client client(server.uri());
  std::promise<Result<std::string>> inside;
  std::promise<std::string> chained;
  client.submit(cmd::ping(), [&](Result<std::string>) {
    inside.set_value(client.execute(cmd::ping()));
    client.submit(cmd::echo("next"), [&chained](Result<std::string> next) { chained.set_value(next.value()); });
  });
  const Result<std::string> outcome = inside.get_future().get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::would_deadlock);
  EXPECT_EQ(outcome.error().delivery(), Delivery::not_sent);
  EXPECT_EQ(chained.get_future().get(), "next");  // submitting from a callback is fine
}

TEST_F(SingleClient, CMD_2_the_deadline_is_kept_and_a_late_reply_is_dropped) {
  Client client(server.uri());
  const std::int64_t connection = client.command<std::int64_t>("CLIENT", "ID");
  server.stop();
  const auto start = SteadyClock::now();
  const auto late = client.execute(cmd::echo("late"), {.deadline = 100ms});
  EXPECT_LT(in_ms(since(start)), 3 * 100 * slowness);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::timed_out);
  EXPECT_EQ(late.error().delivery(), Delivery::in_doubt);
  server.resume();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.echo("echo " + std::to_string(i)), "echo " + std::to_string(i));
  EXPECT_EQ(client.command<std::int64_t>("CLIENT", "ID"), connection);
}

TEST_F(SingleClient, I1_every_reply_belongs_to_its_request_with_8_threads) {
  Client client(server.uri());
  std::vector<std::future<int>> callers;
  for (int thread = 0; thread < 8; ++thread) {
    callers.push_back(std::async(std::launch::async, [&client, thread] {
      int wrong = 0;
      for (int i = 0; i < 500; ++i) {
        const std::string text = std::to_string(thread) + "/" + std::to_string(i);
        std::future<std::string> first = client.submit(cmd::echo(text + "a"));
        const auto second = client.execute(cmd::echo(text + "b"));
        if (!second || *second != text + "b" || first.get() != text + "a") ++wrong;
      }
      return wrong;
    }));
  }
  for (auto& caller : callers) EXPECT_EQ(caller.get(), 0);
}

// --- Ending ----------------------------------------------------------------------------------------------------------

TEST_F(SingleClient, Close_ends_the_calls_in_progress_with_what_is_known_of_their_delivery) {
  Client client(server.uri());
  std::future<Reply> owed = client.submit(never_answered());
  ASSERT_TRUE(until([&] { return !connections_with(server, "cmd=blpop").empty(); }));
  client.close();
  try {
    owed.get();
    ADD_FAILURE() << "BLPOP was answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::closed) << error.what();
    EXPECT_EQ(error.delivery(), Delivery::in_doubt) << error.what();
  }

  const auto after = client.execute(cmd::get("key"));
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().code(), ErrorCode::closed);
  EXPECT_EQ(after.error().delivery(), Delivery::not_sent);
}

TEST_F(SingleClient, Close_ends_calls_that_wait_for_a_connection_as_not_sent) {
  server.kill();
  Client client(server.uri());
  std::future<std::int64_t> waiting = client.futures().incr("counter");
  client.close();
  try {
    waiting.get();
    ADD_FAILURE() << "INCR was answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::closed) << error.what();
    EXPECT_EQ(error.delivery(), Delivery::not_sent) << error.what();
  }
}

TEST_F(SingleClient, I9_a_destroyed_client_leaves_no_thread_and_no_descriptor) {
  const Holdings before = holdings();
  {
    Client client(server.uri());
    client.set("key", "value");
    EXPECT_NE(holdings(), before);
  }
  expect_holdings_return_to(before);
}

TEST_F(SingleClient, I9_a_client_may_be_destroyed_inside_its_callback) {
  const Holdings before = holdings();
  auto client = std::make_unique<Client>(server.uri());
  std::promise<void> destroyed;
  client->submit(cmd::ping(), [&](Result<std::string>) {
    client.reset();
    destroyed.set_value();
  });
  ASSERT_EQ(destroyed.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_EQ(client, nullptr);
  expect_holdings_return_to(before);
}

}  // namespace
}  // namespace meridian::testing
