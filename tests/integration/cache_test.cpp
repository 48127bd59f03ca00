// Cached replies on real servers: what invalidates them, and that nothing old is served after a reconnect or a switch.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <meridian/async_client.hpp>

#include "integration/multi_db_fixture.hpp"

namespace meridian::testing {
namespace {

class CachedReplies : public TwoDatabases {
 protected:
  [[nodiscard]] static ClientOptions caching() {
    ClientOptions options;
    options.cache.emplace();
    return options;
  }
};

TEST_F(CachedReplies, are_given_again_without_asking_the_server) {
  Client client(east.uri(), caching());
  client.set("key", "value");
  EXPECT_EQ(client.get("key"), "value");
  const std::string before = east.command({"INFO", "commandstats"});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.get("key"), "value");
  EXPECT_GE(client.cache_statistics().hits, 100U);
  const std::size_t calls = before.find("cmdstat_get:calls=");
  ASSERT_NE(calls, std::string::npos);
  const std::string line = before.substr(calls, before.find(',', calls) - calls);
  EXPECT_TRUE(contains(east.command({"INFO", "commandstats"}), line + ",")) << line;
}

TEST_F(CachedReplies, are_forgotten_when_others_write) {
  Client client(east.uri(), caching());
  east.command({"SET", "key", "old"});
  east.command({"HSET", "hash", "field", "old"});
  EXPECT_EQ(client.get("key"), "old");
  EXPECT_EQ(client.hgetall("hash").at("field"), "old");
  east.command({"SET", "key", "new"});
  east.command({"HSET", "hash", "field", "new"});
  EXPECT_TRUE(until([&] { return client.get("key") == "new"; }));
  EXPECT_TRUE(until([&] { return client.hgetall("hash").at("field") == "new"; }));
  east.command({"FLUSHALL"});
  EXPECT_TRUE(until([&] { return !client.get("key"); }));
}

TEST_F(CachedReplies, a_thread_reads_its_own_writes) {
  Client client(east.uri(), caching());
  std::vector<std::thread> threads;
  std::atomic<int> stale{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      const std::string key = "key:" + std::to_string(t);
      for (int i = 0; i < 500; ++i) {
        const std::string value = std::to_string(i);
        if (i % 3 == 0) {
          client.set(key, value);
        } else if (i % 3 == 1) {
          static_cast<void>(client.pipeline(cmd::set(key, value), cmd::get(key)));
        } else {
          static_cast<void>(client.transaction(cmd::set(key, value), cmd::strlen(key)));
        }
        if (client.get(key) != value) ++stale;
        if (client.get(key) != value) ++stale;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(stale, 0);
  EXPECT_GT(client.cache_statistics().hits, 0U);
}

TEST_F(CachedReplies, are_dropped_when_the_connection_that_would_tell_of_changes_is_lost) {
  Client client(east.uri(), caching());
  client.set("key", "old");
  EXPECT_EQ(client.get("key"), "old");
  const std::uint64_t flushes = client.cache_statistics().flushes;
  east.command({"CLIENT", "KILL", "TYPE", "normal"});
  east.command({"SET", "key", "new"});
  EXPECT_TRUE(until([&] { return client.cache_statistics().flushes > flushes; }));
  EXPECT_EQ(client.get("key"), "new");
}

TEST_F(CachedReplies, are_dropped_at_a_switch) {
  MultiDbConfig config = config_that_stays_away();
  config.cache.emplace();
  east.command({"SET", "key", "in the east"});
  west.command({"SET", "key", "in the west"});
  MultiDbClient client(config);
  EXPECT_EQ(client.get("key"), "in the east");
  EXPECT_EQ(client.get("key"), "in the east");
  EXPECT_GE(client.cache_statistics().hits, 1U);
  east.kill();
  ASSERT_TRUE(events.wait_for_switch("west"));
  EXPECT_TRUE(until([&] { return client.get("key") == "in the west"; }));
  EXPECT_EQ(client.get("key"), "in the west");
  // What had been the check connection tracks, too.
  west.command({"SET", "key", "changed"});
  EXPECT_TRUE(until([&] { return client.get("key") == "changed"; }));
}

TEST_F(CachedReplies, need_RESP3_and_are_left_off_without_it) {
  ClientOptions options = caching();
  options.protocol = Protocol::resp2;
  Client client(east.uri(), options);
  client.set("key", "old");
  EXPECT_EQ(client.get("key"), "old");
  east.command({"SET", "key", "new"});
  EXPECT_EQ(client.get("key"), "new");
  EXPECT_EQ(client.cache_statistics().hits, 0U);
}

TEST_F(CachedReplies, can_be_passed_over) {
  Client client(east.uri(), caching());
  client.set("key", "value");
  EXPECT_EQ(client.get("key"), "value");
  const std::uint64_t hits = client.cache_statistics().hits;
  EXPECT_EQ(client.with(CallOptions{.use_cache = false}).get("key"), "value");
  EXPECT_EQ(client.cache_statistics().hits, hits);
}

TEST_F(CachedReplies, serve_callbacks_and_futures_too) {
  AsyncClient client(east.uri(), caching());
  client.futures().set("key", "value").get();
  EXPECT_EQ(client.futures().get("key").get(), "value");
  EXPECT_EQ(client.futures().get("key").get(), "value");
  EXPECT_EQ(client.cache_statistics().hits, 1U);
}

}  // namespace
}  // namespace meridian::testing
