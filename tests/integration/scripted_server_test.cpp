// The server that misbehaves, looked at without the library.
#include "integration/support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "integration/support/raw_client.hpp"

namespace meridian::testing {
namespace {

using namespace std::chrono_literals;

// The whole words of an exception, or what was answered instead.
std::string failure_of(RawClient& client) {
  try {
    return "answered " + client.receive();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(ScriptedServer, ScriptedServer_is_an_honest_server_until_it_is_told_otherwise) {
  ScriptedServer server;
  RawClient client(server.port());
  EXPECT_EQ(client.command({"PING"}), "+PONG\r\n");
  EXPECT_EQ(client.command({"HELLO", "2"}), "*4\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:2\r\n");
  EXPECT_EQ(client.command({"SET", "key", "a\r\nb"}), "+OK\r\n");
  EXPECT_EQ(client.command({"GET", "key"}), "$4\r\na\r\nb\r\n");
  EXPECT_EQ(client.command({"GET", "missing"}), "$-1\r\n");
  EXPECT_EQ(client.command({"INCR", "n"}), ":1\r\n");
  EXPECT_EQ(client.command({"DEL", "key"}), ":1\r\n");
  EXPECT_EQ(client.command({"SELECT", "3"}), "+OK\r\n");
  EXPECT_EQ(client.command({"NO-SUCH"}), "-ERR unknown command 'NO-SUCH'\r\n");
  EXPECT_EQ(server.accepted(), 1U);
  EXPECT_EQ(server.count("GET"), 2U);
  EXPECT_EQ(server.received().back(), Words{"NO-SUCH"});
  EXPECT_NE(server.received_bytes().find("a\r\nb"), std::string::npos);
}

TEST(ScriptedServer, ScriptedServer_asks_for_its_password) {
  ScriptedServer server({.password = "right"});
  RawClient client(server.port());
  EXPECT_TRUE(client.command({"GET", "key"}).starts_with("-NOAUTH"));
  EXPECT_TRUE(client.command({"AUTH", "wrong"}).starts_with("-WRONGPASS"));
  EXPECT_TRUE(client.command({"HELLO", "2"}).starts_with("-NOAUTH"));
  EXPECT_EQ(client.command({"AUTH", "right"}), "+OK\r\n");
  EXPECT_EQ(client.command({"GET", "key"}), "$-1\r\n");
}

TEST(ScriptedServer, ScriptedServer_does_with_a_command_what_its_script_says) {
  ScriptedServer server;
  server.on("PING", once([](Peer& peer, const Words& words) { peer.send("+NO\r\n" + peer.ordinary(words)); }));
  server.on("*", [](Peer& peer, const Words&) { peer.trickle("+anything else\r\n"); });
  RawClient client(server.port());
  EXPECT_EQ(client.command({"PING"}), "+NO\r\n");
  EXPECT_EQ(client.receive(), "+PONG\r\n");
  EXPECT_EQ(client.command({"PING"}), "+PONG\r\n");
  EXPECT_EQ(client.command({"GET", "key"}), "+anything else\r\n");
  server.behave();
  EXPECT_EQ(client.command({"GET", "key"}), "$-1\r\n");
}

TEST(ScriptedServer, ScriptedServer_ends_connections_with_FIN_or_RST_by_script_or_order) {
  ScriptedServer server;
  server.on("PING", [](Peer& peer, const Words&) {
    peer.send("+PO");
    peer.finish();
  });
  server.on("GET", [](Peer& peer, const Words&) { peer.reset(); });
  RawClient finished(server.port());
  finished.send({"PING"});
  EXPECT_NE(failure_of(finished).find("closed the connection"), std::string::npos);
  RawClient reset(server.port());
  reset.send({"GET", "key"});
  EXPECT_NE(failure_of(reset).find("reset by peer"), std::string::npos);

  RawClient cut(server.port());
  EXPECT_EQ(cut.command({"ECHO", "x"}), "$1\r\nx\r\n");
  server.reset_all();
  EXPECT_NE(failure_of(cut).find("reset by peer"), std::string::npos);
}

TEST(ScriptedServer, ScriptedServer_says_nothing_and_still_ends) {
  ScriptedServer server;
  server.on_accept([](Peer& peer) { peer.fall_silent(); });
  RawClient client(server.port(), 50ms);
  client.send({"PING"});
  EXPECT_NE(failure_of(client).find("receiving"), std::string::npos);
  EXPECT_EQ(server.received_bytes(), "*1\r\n$4\r\nPING\r\n");
  EXPECT_EQ(server.count("PING"), 0U);
}

}  // namespace
}  // namespace meridian::testing
