// Transactions, scripts, scans and blocking commands of the fake server, word for word as Redis 7 says it.
#include <gtest/gtest.h>

#include "unit/simulation_world/raw_client.hpp"

namespace meridian::simulation {
namespace {

using namespace std::chrono_literals;

class FakeServerUnits : public ::testing::Test {
 protected:
  SimulatedWorld world{1};
  FakeServer& east{world.add_server("east")};
  FakeServer& west{world.add_server("west")};
  RawClient client{world, east};
  RawClient other{world, east};
};

TEST_F(FakeServerUnits, EXEC_runs_what_MULTI_queued) {
  EXPECT_EQ(client.call({"MULTI"}), "+OK\r\n");
  EXPECT_EQ(client.call({"INCR", "n"}), "+QUEUED\r\n");
  EXPECT_EQ(client.call({"LPUSH", "n", "x"}), "+QUEUED\r\n");
  EXPECT_EQ(other.call({"GET", "n"}), "$-1\r\n");
  EXPECT_EQ(client.call({"EXEC"}),
            "*2\r\n:1\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
  EXPECT_EQ(client.call({"EXEC"}), "-ERR EXEC without MULTI\r\n");
  EXPECT_EQ(client.call({"DISCARD"}), "-ERR DISCARD without MULTI\r\n");
}

TEST_F(FakeServerUnits, EXEC_runs_nothing_after_a_refused_command) {
  client.call({"MULTI"});
  EXPECT_EQ(client.call({"INCR"}), "-ERR wrong number of arguments for 'incr' command\r\n");
  EXPECT_EQ(client.call({"INCR", "n"}), "+QUEUED\r\n");
  EXPECT_EQ(client.call({"EXEC"}), "-EXECABORT Transaction discarded because of previous errors.\r\n");
  EXPECT_EQ(client.call({"GET", "n"}), "$-1\r\n");
}

TEST_F(FakeServerUnits, EXEC_is_refused_as_what_it_would_run) {
  client.call({"MULTI"});
  EXPECT_EQ(client.call({"INCR", "n"}), "+QUEUED\r\n");
  east.set_mode(Mode::readonly);
  EXPECT_EQ(client.call({"EXEC"}),
            "-EXECABORT Transaction discarded because of: READONLY You can't write against a read only replica.\r\n");
  east.set_mode(Mode::normal);
  EXPECT_EQ(client.call({"GET", "n"}), "$-1\r\n");
}

TEST_F(FakeServerUnits, EXEC_is_null_when_a_watched_key_was_changed) {
  for (const bool resp3 : {false, true}) {
    if (resp3) client.call({"HELLO", "3"});
    EXPECT_EQ(client.call({"WATCH", "a", "b"}), "+OK\r\n");
    EXPECT_EQ(other.call({"INCR", "b"}), resp3 ? ":2\r\n" : ":1\r\n");
    client.call({"MULTI"});
    client.call({"INCR", "n"});
    EXPECT_EQ(client.call({"EXEC"}), resp3 ? "_\r\n" : "*-1\r\n");
    // EXEC ended the watch.
    client.call({"MULTI"});
    EXPECT_EQ(client.call({"EXEC"}), "*0\r\n");
  }
  client.call({"WATCH", "a"});
  other.call({"SET", "a", "v"});
  client.call({"UNWATCH"});
  client.call({"MULTI"});
  EXPECT_EQ(client.call({"EXEC"}), "*0\r\n");
}

TEST_F(FakeServerUnits, a_key_that_was_made_and_is_gone_again_was_changed) {
  client.call({"WATCH", "a"});
  other.call({"SET", "a", "v"});
  other.call({"DEL", "a"});
  client.call({"MULTI"});
  EXPECT_EQ(client.call({"EXEC"}), "*-1\r\n");
}

TEST_F(FakeServerUnits, DISCARD_forgets_everything) {
  client.call({"MULTI"});
  EXPECT_EQ(client.call({"MULTI"}), "-ERR MULTI calls can not be nested\r\n");
  EXPECT_EQ(client.call({"WATCH", "a"}), "-ERR WATCH inside MULTI is not allowed\r\n");
  EXPECT_EQ(client.call({"DISCARD"}), "+OK\r\n");
  EXPECT_EQ(client.call({"INCR", "n"}), ":1\r\n");
}

TEST_F(FakeServerUnits, BLPOP_waits_its_turn_and_its_time) {
  client.send({"BLPOP", "a", "b", "0"});
  world.run_for(10ms);
  other.send({"BLPOP", "b", "0.5"});
  world.run_for(10ms);
  EXPECT_EQ(east.blocked(), 2U);
  RawClient pusher(world, east);
  EXPECT_EQ(pusher.call({"RPUSH", "b", "x"}), ":1\r\n");
  world.run_for(10ms);
  EXPECT_EQ(client.received, "*2\r\n$1\r\nb\r\n$1\r\nx\r\n");
  EXPECT_EQ(other.received, "");
  world.run_for(500ms);
  EXPECT_EQ(other.received, "*-1\r\n");
  EXPECT_EQ(east.blocked(), 0U);
}

TEST_F(FakeServerUnits, BLPOP_does_not_wait_inside_MULTI_and_ends_with_its_connection) {
  client.call({"MULTI"});
  client.call({"BLPOP", "a", "0"});
  EXPECT_EQ(client.call({"EXEC"}), "*1\r\n*-1\r\n");
  client.send({"BLPOP", "a", "0"});
  world.run_for(10ms);
  EXPECT_EQ(east.blocked(), 1U);
  client.stream->close();
  world.run_for(10ms);
  EXPECT_EQ(east.blocked(), 0U);
  EXPECT_EQ(other.call({"RPUSH", "a", "x"}), ":1\r\n");
  EXPECT_EQ(other.call({"BLPOP", "a", "0"}), "*2\r\n$1\r\na\r\n$1\r\nx\r\n");
}

TEST_F(FakeServerUnits, XREAD_waits_for_what_comes_after_an_id) {
  EXPECT_EQ(client.call({"XADD", "s", "*", "f", "1"}), "$3\r\n1-0\r\n");
  client.send({"XREAD", "BLOCK", "0", "STREAMS", "s", "$"});
  world.run_for(10ms);
  EXPECT_EQ(other.call({"XADD", "s", "*", "f", "2"}), "$3\r\n2-0\r\n");
  world.run_for(10ms);
  EXPECT_EQ(client.received, "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n2-0\r\n*2\r\n$1\r\nf\r\n$1\r\n2\r\n");
  EXPECT_EQ(other.call({"XREAD", "STREAMS", "s", "2-0"}), "*-1\r\n");
}

TEST_F(FakeServerUnits, EVALSHA_knows_what_EVAL_ran_until_a_restart) {
  EXPECT_EQ(sha1_of("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(sha1_of(std::string(200, 'a')), "e61cfffe0d9195a525fc6cf06ca2d77119c24a40");
  const std::string source = "return redis.call('INCR', KEYS[1])";
  const std::string hash = sha1_of(source);
  EXPECT_EQ(client.call({"EVALSHA", hash, "1", "n"}), "-NOSCRIPT No matching script. Please use EVAL.\r\n");
  EXPECT_EQ(client.call({"EVAL", source, "1", "n"}), ":1\r\n");
  EXPECT_EQ(client.call({"EVALSHA", hash, "1", "n"}), ":2\r\n");
  east.restart();
  RawClient again(world, east);
  EXPECT_EQ(again.call({"EVALSHA", hash, "1", "n"}), "-NOSCRIPT No matching script. Please use EVAL.\r\n");
}

TEST_F(FakeServerUnits, a_cursor_of_SCAN_means_nothing_elsewhere) {
  for (const char* key : {"a", "b", "c"}) {
    client.call({"SET", key, "v"});
  }
  EXPECT_EQ(client.call({"SCAN", "0", "COUNT", "2"}), "*2\r\n$7\r\n1000001\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  EXPECT_EQ(client.call({"SCAN", "1000001"}), "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nc\r\n");
  RawClient lost(world, west);
  EXPECT_EQ(lost.call({"SCAN", "1000001"}), "*2\r\n$1\r\n0\r\n*0\r\n");
  EXPECT_EQ(west.scan().foreign_cursors(), 1);
}

}  // namespace
}  // namespace meridian::simulation
