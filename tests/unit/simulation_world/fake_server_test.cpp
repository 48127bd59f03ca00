// The fake server: commands and their texts as Redis 7.0.15 gave them, process faults, refusals, pauses, lies.
#include "simulation/world/fake_server.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "unit/simulation_world/raw_client.hpp"

namespace meridian::simulation {
namespace {

using io::IoStatus;
using namespace std::chrono_literals;

class FakeServerTest : public ::testing::Test {
 protected:
  std::size_t executed() const { return world.operations().size(); }

  SimulatedWorld world{42};
  FakeServer& east = world.add_server("east");
};

using FakeServerCommands = FakeServerTest;
using FakeServerProcess = FakeServerTest;
using FakeServerRefusals = FakeServerTest;
using FakeServerPause = FakeServerTest;
using FakeServerLies = FakeServerTest;

TEST_F(FakeServerCommands, strings) {
  RawClient client(world, east);
  EXPECT_EQ(client.call({"GET", "k"}), "$-1\r\n");
  EXPECT_EQ(client.call({"SET", "k", "v", "NX"}), "+OK\r\n");
  EXPECT_EQ(client.call({"SET", "k", "v", "NX"}), "$-1\r\n");
  EXPECT_EQ(client.call({"SET", "k", "w", "GET"}), "$1\r\nv\r\n");
  EXPECT_EQ(client.call({"SET", "k", "v", "XX", "GET"}), "$1\r\nw\r\n");
  EXPECT_EQ(client.call({"SET", "none", "v", "XX"}), "$-1\r\n");
  EXPECT_EQ(client.call({"SET", "k", "v", "NX", "XX"}), "-ERR syntax error\r\n");
  EXPECT_EQ(client.call({"SET", "k", "x", "NX", "GET"}), "$1\r\nv\r\n");
  EXPECT_EQ(client.call({"incr", "k"}), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(client.call({"INCR", "n"}), ":1\r\n");
  EXPECT_EQ(client.call({"INCR", "n"}), ":2\r\n");
  EXPECT_EQ(client.call({"APPEND", "n", "0"}), ":2\r\n");
  EXPECT_EQ(client.call({"GET", "n"}), "$2\r\n20\r\n");
  EXPECT_EQ(client.call({"SET", "m", "9223372036854775807"}), "+OK\r\n");
  EXPECT_EQ(client.call({"INCR", "m"}), "-ERR increment or decrement would overflow\r\n");
  EXPECT_EQ(client.call({"EXISTS", "k", "k", "none"}), ":2\r\n");
  EXPECT_EQ(client.call({"DEL", "k", "none"}), ":1\r\n");
  EXPECT_EQ(client.call({"GET"}), "-ERR wrong number of arguments for 'get' command\r\n");
}

TEST_F(FakeServerCommands, setrange_with_nothing_on_a_missing_key_creates_nothing) {
  RawClient client(world, east);
  EXPECT_EQ(client.call({"SETRANGE", "none", "0", ""}), ":0\r\n");
  EXPECT_EQ(client.call({"EXISTS", "none"}), ":0\r\n");
  EXPECT_EQ(client.call({"SET", "k", "v"}), "+OK\r\n");
  EXPECT_EQ(client.call({"SETRANGE", "k", "3", "zz"}), ":5\r\n");
  EXPECT_EQ(client.call({"GET", "k"}), std::string("$5\r\nv\0\0zz\r\n", 11));
  EXPECT_EQ(client.call({"SETRANGE", "k", "0", ""}), ":5\r\n");
  EXPECT_EQ(client.call({"SETRANGE", "k", "-1", "x"}), "-ERR offset is out of range\r\n");
  EXPECT_EQ(client.call({"SETRANGE", "none", "600000000", "x"}),
            "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n");
}

TEST_F(FakeServerCommands, lists_and_wrong_types) {
  const std::string wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
  RawClient client(world, east);
  EXPECT_EQ(client.call({"LPUSH", "l", "a", "b"}), ":2\r\n");
  EXPECT_EQ(client.call({"LLEN", "l"}), ":2\r\n");
  EXPECT_EQ(client.call({"LLEN", "none"}), ":0\r\n");
  EXPECT_EQ(client.call({"GET", "l"}), wrong_type);
  EXPECT_EQ(client.call({"INCR", "l"}), wrong_type);
  EXPECT_EQ(client.call({"APPEND", "l", "x"}), wrong_type);
  EXPECT_EQ(client.call({"SETRANGE", "l", "0", ""}), wrong_type);
  EXPECT_EQ(client.call({"SET", "l", "v", "GET"}), wrong_type);
  EXPECT_EQ(client.call({"SET", "l", "v"}), "+OK\r\n");
  EXPECT_EQ(client.call({"LPUSH", "l", "a"}), wrong_type);
}

TEST_F(FakeServerCommands, connection_matters) {
  RawClient client(world, east);
  EXPECT_EQ(client.call({"PING"}), "+PONG\r\n");
  EXPECT_EQ(client.call({"PING", "x"}), "$1\r\nx\r\n");
  EXPECT_EQ(client.call({"PING", "x", "y"}), "-ERR wrong number of arguments for 'ping' command\r\n");
  EXPECT_EQ(client.call({"CLIENT", "ID"}), ":1\r\n");
  EXPECT_EQ(client.call({"CLIENT", "SETNAME", "a b"}),
            "-ERR Client names cannot contain spaces, newlines or special characters.\r\n");
  EXPECT_EQ(client.call({"CLIENT", "SETINFO", "LIB-NAME", "meridian"}), "+OK\r\n");
  EXPECT_EQ(client.call({"SELECT", "99"}), "-ERR DB index is out of range\r\n");
  EXPECT_EQ(client.call({"SELECT", "3"}), "+OK\r\n");
  EXPECT_EQ(client.call({"SET", "k", "v"}), "+OK\r\n");
  EXPECT_EQ(east.data().value("k", 3), "v");
  EXPECT_EQ(east.data().value("k"), std::nullopt);
  EXPECT_EQ(client.call({"FOO", "a", "b"}), "-ERR unknown command 'FOO', with args beginning with: 'a' 'b' \r\n");
}

TEST_F(FakeServerCommands, hello_changes_the_protocol) {
  RawClient client(world, east);
  EXPECT_EQ(client.call({"HELLO", "4"}), "-NOPROTO unsupported protocol version\r\n");
  EXPECT_EQ(client.call({"HELLO", "3", "FOO"}), "-ERR Syntax error in HELLO option 'FOO'\r\n");
  east.set_setinfo_known(false);
  EXPECT_EQ(
      client.call({"HELLO", "3", "SETNAME", "me"}),
      "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n"
      "$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n");
  EXPECT_EQ(client.call({"GET", "none"}), "_\r\n");
  EXPECT_TRUE(client.call({"HELLO", "2"}).starts_with("*14\r\n"));
  EXPECT_EQ(client.call({"GET", "none"}), "$-1\r\n");
}

TEST_F(FakeServerCommands, an_old_server_knows_neither_hello_nor_setinfo) {
  east.set_hello_known(false);
  east.set_setinfo_known(false);
  RawClient client(world, east);
  EXPECT_EQ(client.call({"HELLO", "3"}), "-ERR unknown command 'HELLO', with args beginning with: '3' \r\n");
  EXPECT_EQ(client.call({"CLIENT", "SETINFO", "LIB-NAME", "x"}),
            "-ERR unknown subcommand 'SETINFO'. Try CLIENT HELP.\r\n");
}

TEST_F(FakeServerCommands, every_data_command_that_ran_is_in_the_log) {
  east.set_processing_time(5us);
  RawClient client(world, east);
  client.call({"PING"});
  const TimePoint sent = world.now();
  client.call({"SET", "k", "v", "NX"});
  east.set_mode(Mode::readonly);
  client.call({"SET", "k", "refused"});
  client.call({"GET", "k"});
  ASSERT_EQ(executed(), 2U);
  const Operation expected{.at = sent + 200us + 5us,
                           .server = 0,
                           .connection = 1,
                           .database = 0,
                           .command = "SET",
                           .key = "k",
                           .argument = "v NX",
                           .reply = "+OK\r\n"};
  EXPECT_EQ(world.operations()[0], expected);
  EXPECT_EQ(world.operations()[1].command, "GET");
  EXPECT_EQ(world.operations()[1].reply, "$1\r\nv\r\n");
}

TEST_F(FakeServerCommands, commands_wait_for_each_other) {
  east.set_processing_time(100ms);
  RawClient one(world, east);
  RawClient two(world, east);
  world.run_for(1s);
  one.send({"GET", "a"});
  one.send({"GET", "b"});
  two.send({"GET", "c"});
  world.run_for(1s);
  ASSERT_EQ(executed(), 3U);
  EXPECT_EQ(world.operations()[2].at - world.operations()[0].at, 200ms);
}

TEST_F(FakeServerProcess, killed_it_loses_what_it_has_not_run_and_refuses_connects) {
  east.set_processing_time(100ms);
  RawClient client(world, east);
  world.run_for(1s);
  for (int i = 0; i < 3; ++i) client.send({"INCR", "n"});
  world.run_for(150ms);
  east.kill();
  const TimePoint killed = world.now();
  world.run_for(1s);
  EXPECT_EQ(client.received, ":1\r\n");
  EXPECT_EQ(client.ended, IoStatus::eof);
  EXPECT_EQ(client.ended_at, killed + 200us);
  RawClient late(world, east);
  world.run_for(1s);
  EXPECT_EQ(late.connect_status, IoStatus::refused);
  EXPECT_EQ(late.detail, "east.sim:6379: connection refused");
  EXPECT_EQ(east.data().value("n"), "1");
}

TEST_F(FakeServerProcess, killed_with_unread_bytes_it_resets) {
  RawClient client(world, east);
  world.run_for(1s);
  east.hang();
  client.send({"INCR", "n"});
  world.run_for(1s);
  east.kill();
  world.run_for(1s);
  EXPECT_EQ(client.ended, IoStatus::reset);
  east.restart();
  world.run_for(1s);
  EXPECT_EQ(executed(), 0U);
}

TEST_F(FakeServerProcess, restarted_it_has_its_data_and_serves_after_loading) {
  RawClient before(world, east);
  EXPECT_EQ(before.call({"SET", "k", "v"}), "+OK\r\n");
  east.kill();
  world.run_for(1s);
  east.restart(2s);
  RawClient client(world, east);
  EXPECT_EQ(client.call({"PING"}), "-LOADING Redis is loading the dataset in memory\r\n");
  EXPECT_EQ(client.call({"GET", "k"}), "-LOADING Redis is loading the dataset in memory\r\n");
  EXPECT_TRUE(client.call({"HELLO", "2"}).starts_with("*14\r\n"));
  world.run_for(2s);
  EXPECT_EQ(client.call({"GET", "k"}), "$1\r\nv\r\n");
}

TEST_F(FakeServerProcess, hung_it_accepts_and_answers_nothing_then_runs_everything_late) {
  RawClient client(world, east);
  world.run_for(1s);
  east.hang();
  client.send({"INCR", "n"});
  RawClient newcomer(world, east);
  newcomer.send({"INCR", "n"});
  world.run_for(30s);
  EXPECT_EQ(newcomer.connect_status, IoStatus::ok);
  EXPECT_EQ(executed(), 0U);
  east.resume();
  world.run_for(1s);
  EXPECT_EQ(client.received, ":1\r\n");
  EXPECT_EQ(newcomer.received, ":2\r\n");
}

TEST_F(FakeServerProcess, hung_it_still_runs_complete_commands_of_clients_that_closed) {
  RawClient client(world, east);
  RawClient newcomer(world, east);
  world.run_for(1s);
  east.hang();
  client.send({"INCR", "n"});
  client.send(wire({"INCR", "n"}).substr(0, 10));
  newcomer.send({"INCR", "n"});
  world.run_for(1s);
  client.stream.reset();
  newcomer.stream.reset();
  world.run_for(1s);
  east.resume();
  world.run_for(1s);
  EXPECT_EQ(east.data().value("n"), "2");
  EXPECT_EQ(east.clients(), 0U);
}

TEST_F(FakeServerProcess, hung_its_buffer_fills_and_then_the_clients) {
  LinkSettings settings;
  settings.receive_buffer = 1000;
  settings.send_buffer = 500;
  east.link().configure(settings);
  RawClient client(world, east, {.tcp_user_timeout = 10s});
  world.run_for(1s);
  east.hang();
  const std::string value(4000, 'v');
  client.send({"SET", "k", value});
  world.run_for(1s);
  EXPECT_EQ(wire({"SET", "k", value}).size() - client.unsent.size(), 1500U);
  EXPECT_EQ(client.stream->try_write("x").status, IoStatus::would_block);
  east.resume();
  world.run_for(1s);
  EXPECT_EQ(client.received, "+OK\r\n");
  EXPECT_EQ(east.data().value("k"), value);
  world.run_for(1min);
  EXPECT_FALSE(client.ended) << "the user timeout is over with the jam";
}

TEST_F(FakeServerProcess, a_jam_that_lasts_ends_with_the_user_timeout) {
  LinkSettings settings;
  settings.receive_buffer = 10;
  east.link().configure(settings);
  RawClient client(world, east, {.tcp_user_timeout = 4s});
  world.run_for(1s);
  east.hang();
  client.send({"SET", "k", "v"});
  world.run_for(3s);
  EXPECT_FALSE(client.ended);
  world.run_for(2s);
  EXPECT_EQ(client.ended, IoStatus::reset);
  east.resume();
  world.run_for(1s);
  EXPECT_EQ(executed(), 0U) << "only a part had arrived";
}

TEST_F(FakeServerProcess, welcomes_without_serving) {
  east.set_welcome(Welcome::close);
  RawClient closed(world, east);
  east.set_welcome(Welcome::close);
  world.run_for(1s);
  EXPECT_EQ(closed.connect_status, IoStatus::ok);
  EXPECT_EQ(closed.ended, IoStatus::eof);
  east.set_welcome(Welcome::reset);
  RawClient reset(world, east);
  world.run_for(1s);
  EXPECT_EQ(reset.ended, IoStatus::reset);
  east.set_welcome(Welcome::silence);
  RawClient silent(world, east);
  silent.send({"INCR", "n"});
  world.run_for(1min);
  EXPECT_EQ(silent.connect_status, IoStatus::ok);
  EXPECT_FALSE(silent.ended);
  EXPECT_EQ(silent.received, "");
  EXPECT_EQ(executed(), 0U);
}

TEST_F(FakeServerProcess, beyond_max_clients_it_says_so_and_closes) {
  east.set_max_clients(1);
  RawClient first(world, east);
  world.run_for(1s);
  RawClient second(world, east);
  world.run_for(1s);
  EXPECT_EQ(second.received, "-ERR max number of clients reached\r\n");
  EXPECT_EQ(second.ended, IoStatus::eof);
  EXPECT_FALSE(first.ended);
}

TEST_F(FakeServerProcess, closes_one_client_and_keeps_the_others) {
  RawClient one(world, east);
  RawClient two(world, east);
  world.run_for(1s);
  east.close_client(1);
  world.run_for(1s);
  EXPECT_EQ(one.ended, IoStatus::eof);
  EXPECT_EQ(two.call({"PING"}), "+PONG\r\n");
}

TEST_F(FakeServerRefusals, each_mode_refuses_what_redis_refuses) {
  struct Case {
    Mode mode;
    std::string ping;
    std::string read;
    std::string incr;
    std::string del;
    std::string no_op_write;
  };
  const std::string pong = "+PONG";
  const std::string none = "$-1";
  const std::string readonly = "-READONLY You can't write against a read only replica.";
  const std::string noreplicas = "-NOREPLICAS Not enough good replicas to write.";
  const std::string loading = "-LOADING Redis is loading the dataset in memory";
  const std::string busy = "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
  const std::string masterdown = "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";
  const std::string oom = "-OOM command not allowed when used memory > 'maxmemory'.";
  const std::string misconf = "-MISCONF Redis is configured to save RDB snapshots";
  const Case cases[] = {{Mode::loading, loading, loading, loading, loading, loading},
                        {Mode::busy, busy, busy, busy, busy, busy},
                        {Mode::masterdown, masterdown, masterdown, readonly, readonly, readonly},
                        {Mode::readonly, pong, none, readonly, readonly, readonly},
                        {Mode::oom, pong, none, oom, ":0", oom},
                        {Mode::misconf, misconf, none, misconf, misconf, misconf},
                        {Mode::noreplicas, pong, none, noreplicas, noreplicas, noreplicas},
                        {Mode::normal, pong, none, ":1", ":1", ":0"}};
  RawClient client(world, east);
  for (const Case& expected : cases) {
    east.set_mode(expected.mode);
    EXPECT_TRUE(client.call({"PING"}).starts_with(expected.ping));
    EXPECT_TRUE(client.call({"GET", "n"}).starts_with(expected.read));
    EXPECT_TRUE(client.call({"INCR", "n"}).starts_with(expected.incr));
    EXPECT_TRUE(client.call({"DEL", "n"}).starts_with(expected.del));
    EXPECT_TRUE(client.call({"SETRANGE", "n", "0", ""}).starts_with(expected.no_op_write));
    EXPECT_TRUE(client.call({"HELLO", "2"}).starts_with("*14"));
  }
}

TEST_F(FakeServerRefusals, a_password_is_asked_for_by_every_door) {
  const std::string wrong = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
  RawClient early(world, east);
  EXPECT_TRUE(early.call({"AUTH", "x"}).starts_with("-ERR AUTH <password> called without any password"));
  east.set_password("secret");
  EXPECT_EQ(early.call({"PING"}), "+PONG\r\n") << "it stays authenticated";
  RawClient client(world, east);
  EXPECT_EQ(client.call({"PING"}), "-NOAUTH Authentication required.\r\n");
  EXPECT_TRUE(client.call({"HELLO", "3"}).starts_with("-NOAUTH HELLO must be called with the client already"));
  EXPECT_EQ(client.call({"AUTH", "bad"}), wrong);
  EXPECT_EQ(client.call({"HELLO", "3", "AUTH", "default", "bad"}), wrong);
  EXPECT_EQ(client.call({"AUTH", "somebody", "secret"}), wrong);
  EXPECT_EQ(client.call({"AUTH", "secret"}), "+OK\r\n");
  EXPECT_EQ(client.call({"PING"}), "+PONG\r\n");
  RawClient other(world, east);
  EXPECT_TRUE(other.call({"HELLO", "3", "AUTH", "default", "secret"}).starts_with("%7"));
}

TEST_F(FakeServerRefusals, denied_commands_are_named) {
  east.deny("ping");
  east.deny("client|id");
  RawClient client(world, east);
  EXPECT_EQ(client.call({"PING"}), "-NOPERM this user has no permissions to run the 'ping' command\r\n");
  EXPECT_EQ(client.call({"CLIENT", "ID"}), "-NOPERM this user has no permissions to run the 'client|id' command\r\n");
  EXPECT_EQ(client.call({"ECHO", "x"}), "$1\r\nx\r\n");
  east.permit("ping");
  EXPECT_EQ(client.call({"PING"}), "+PONG\r\n");
}

TEST_F(FakeServerPause, of_writes_holds_a_write_and_everything_behind_it_on_its_connection) {
  RawClient writer(world, east);
  RawClient reader(world, east);
  east.pause(Pause::writes);
  writer.send({"GET", "n"});
  writer.send({"INCR", "n"});
  writer.send({"GET", "n"});
  world.run_for(10s);
  EXPECT_EQ(writer.received, "$-1\r\n");
  EXPECT_EQ(reader.call({"PING"}), "+PONG\r\n");
  EXPECT_EQ(reader.call({"GET", "n"}), "$-1\r\n");
  reader.send({"SETRANGE", "none", "0", ""});
  world.run_for(1s);
  EXPECT_EQ(reader.received, "");
  east.pause(Pause::none);
  world.run_for(1s);
  EXPECT_EQ(writer.received, "$-1\r\n:1\r\n$1\r\n1\r\n");
  EXPECT_EQ(reader.received, ":0\r\n");
}

TEST_F(FakeServerPause, of_everything_ends_by_itself) {
  RawClient client(world, east);
  world.run_for(1s);
  east.pause(Pause::everything, 5s);
  client.send({"PING"});
  world.run_for(4s);
  EXPECT_EQ(client.received, "");
  world.run_for(2s);
  EXPECT_EQ(client.received, "+PONG\r\n");
}

TEST_F(FakeServerPause, a_paused_write_dies_with_its_connection) {
  RawClient client(world, east);
  world.run_for(1s);
  east.pause(Pause::writes);
  client.send({"INCR", "n"});
  world.run_for(1s);
  client.stream.reset();
  world.run_for(1s);
  east.pause(Pause::none);
  world.run_for(1s);
  EXPECT_EQ(executed(), 0U);
  EXPECT_EQ(east.clients(), 0U);
}

TEST_F(FakeServerPause, refusals_come_before_it) {
  RawClient client(world, east);
  east.pause(Pause::writes);
  east.set_mode(Mode::readonly);
  EXPECT_EQ(client.call({"INCR", "n"}), "-READONLY You can't write against a read only replica.\r\n");
}

TEST_F(FakeServerLies, each_spoils_the_replies_it_was_told_to) {
  const std::pair<Misbehaviour, std::string> cases[] = {{Misbehaviour::extra, "$1\r\na\r\n$1\r\na\r\n$1\r\nb\r\n"},
                                                        {Misbehaviour::swapped, "$1\r\nb\r\n$1\r\na\r\n"},
                                                        {Misbehaviour::missing, "$1\r\nb\r\n"},
                                                        {Misbehaviour::cut_then_silence, "$1\r\n"},
                                                        {Misbehaviour::cut_then_close, "$1\r\n"}};
  for (const auto& [how, expected] : cases) {
    RawClient client(world, east);
    client.call({"PING"});
    east.misbehave(how, 1, "ECHO");
    EXPECT_EQ(client.call({"PING"}), "+PONG\r\n");
    client.send({"ECHO", "a"});
    client.send({"ECHO", "b"});
    world.run_for(1s);
    EXPECT_EQ(client.received, expected);
    EXPECT_EQ(client.ended.has_value(), how == Misbehaviour::cut_then_close);
  }
  RawClient client(world, east);
  east.misbehave(Misbehaviour::garbage);
  client.send({"PING"});
  world.run_for(1s);
  EXPECT_TRUE(client.received.starts_with("HTTP/1.1 400"));
}

TEST_F(FakeServerLies, what_is_no_command_ends_the_connection) {
  RawClient client(world, east);
  client.send("*1\r\n$-3\r\n");
  world.run_for(1s);
  EXPECT_TRUE(client.received.starts_with("-ERR Protocol error"));
  EXPECT_EQ(client.ended, IoStatus::eof);
}

}  // namespace
}  // namespace meridian::simulation
