// SCRIPT-1 on real servers: by hash where the script is known, whole where it is not.
#include <gtest/gtest.h>

#include <string>

#include "integration/protocols_fixture.hpp"
#include "support/coroutine.hpp"

namespace meridian::testing {
namespace {

class Scripts : public TwoDatabasesInBothProtocols {
 protected:
  // How often the server ran EVAL or EVALSHA, failures included.
  [[nodiscard]] static int calls_of(const RedisServer& server, const std::string& command) {
    const std::string statistics = server.command({"INFO", "commandstats"});
    const std::size_t at = statistics.find("cmdstat_" + command + ":calls=");
    return at == std::string::npos ? 0 : std::stoi(statistics.substr(statistics.find('=', at) + 1));
  }

  const Script add{"return redis.call('INCRBY', KEYS[1], ARGV[1])"};
  const Script look{"return redis.call('GET', KEYS[1])", Script::Effect::reads};
};

INSTANTIATE_TEST_SUITE_P(Protocols, Scripts, both_protocols, ::testing::PrintToStringParamName());

TEST_P(Scripts, SCRIPT_1_goes_whole_only_where_it_is_not_known) {
  Client client(uri_of(east));
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(client.run_script<std::int64_t>(add, "n", "2"), 2 * i);
  EXPECT_EQ(calls_of(east, "eval"), 1);
  client.script_flush();
  EXPECT_EQ(client.run_script<std::int64_t>(add, "n", "2"), 12);
  EXPECT_EQ(calls_of(east, "eval"), 2);
  EXPECT_EQ(client.run_script<std::string>(look, "n"), "12");
}

TEST_P(Scripts, SCRIPT_1_goes_whole_in_pipelines_and_transactions) {
  Client client(uri_of(east));
  const auto [ran, read] = client.pipeline(cmd::run_script<std::int64_t>(add, "n", "1"), cmd::get("n"));
  EXPECT_EQ(ran.value(), 1);
  EXPECT_EQ(*read, "1");
  client.script_flush();
  const auto [again, read_again] = client.transaction(cmd::run_script<std::int64_t>(add, "n", "1"), cmd::get("n"));
  EXPECT_EQ(again.value(), 2);
  EXPECT_EQ(*read_again, "2");
  client.script_flush();
  Transaction transaction = client.transaction();
  auto third = transaction.run_script<std::int64_t>(add, "n", "1");
  ASSERT_TRUE(transaction.execute());
  EXPECT_EQ(third.value(), 3);
}

TEST_P(Scripts, SCRIPT_1_runs_after_a_switch_to_a_server_that_does_not_know_it) {
  MultiDbClient client(both());
  EXPECT_EQ(client.run_script<std::int64_t>(add, "n", "1"), 1);
  east.kill();
  ASSERT_TRUE(events.wait_for_switch("west"));
  EXPECT_EQ(client.run_script<std::int64_t>(add, "n", "1"), 1);
  EXPECT_EQ(count_on(west, "n"), 1);
  EXPECT_EQ(calls_of(west, "eval"), 1);
}

TEST_P(Scripts, SCRIPT_1_one_in_flight_on_a_server_that_freezes_is_in_doubt_unless_it_only_reads) {
  MultiDbClient client(both());
  EXPECT_EQ(client.run_script<std::int64_t>(add, "n", "1"), 1);
  east.stop();
  const auto lost = client.execute(cmd::run_script<std::int64_t>(add, "n", "1"));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().delivery(), Delivery::in_doubt) << lost.error().what();
  EXPECT_FALSE(exists_on(west, "n"));
  east.resume();
}

TEST_P(Scripts, SCRIPT_1_one_that_only_reads_is_repeated) {
  MultiDbClient client(both());
  west.command({"SET", "n", "west"});
  EXPECT_EQ(client.run_script<std::optional<std::string>>(look, "n"), std::nullopt);
  east.stop();
  EXPECT_EQ(client.run_script<std::optional<std::string>>(look, "n"), "west");
  east.resume();
}

TEST_P(Scripts, SCRIPT_1_holds_for_coroutines) {
  AsyncClient client(uri_of(east));
  start([&]() -> Task {
    EXPECT_EQ(co_await client.run_script<std::int64_t>(add, "n", "1"), 1);
    co_await client.script_flush();
    EXPECT_EQ(co_await client.run_script<std::int64_t>(add, "n", "1"), 2);
    AsyncPipeline pipeline = client.pipeline();
    co_await client.script_flush();
    auto third = pipeline.run_script<std::int64_t>(add, "n", "1");
    auto read = pipeline.get("n");
    co_await pipeline.execute();
    EXPECT_EQ(third.value(), 3);
    EXPECT_EQ(read.value(), "3");
  }).get();
}

TEST_P(Scripts, an_error_of_the_script_itself_is_answered_and_not_repeated) {
  Client client(uri_of(east));
  const Script broken("redis.call('INCR', KEYS[1]) return redis.error_reply('ERR of its own')");
  const auto outcome = client.execute(cmd::run_script<Reply>(broken, "n"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().delivery(), Delivery::answered) << outcome.error().what();
  EXPECT_EQ(count_on(east, "n"), 1);
}

}  // namespace
}  // namespace meridian::testing
