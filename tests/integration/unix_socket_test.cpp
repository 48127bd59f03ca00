// Clients at a Unix socket, on real servers.
#include <gtest/gtest.h>

#include <string>

#include "integration/multi_db_fixture.hpp"
#include "integration/support/certificates.hpp"

namespace meridian::testing {
namespace {

class UnixSocket : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  std::string path = folder.path() + "/redis.sock";
  RedisServer server{{"--unixsocket", path}};
};

TEST_F(UnixSocket, Client_uses_a_unix_socket_by_URI_and_by_endpoint) {
  Client by_uri("unix://" + path + "?db=3&client_name=local");
  EXPECT_TRUE(by_uri.set("key", "value"));
  EXPECT_EQ(server.commands({{"SELECT", "3"}, {"EXISTS", "key"}}).back(), ":1\r\n");
  EXPECT_EQ(connections_with(server, "name=local").size(), 1U);
  EXPECT_EQ(connections_with(server, "laddr=" + path).size(), 1U);
  ClientOptions options;
  options.database = 3;
  Client by_endpoint(Endpoint{.path = path}, options);
  EXPECT_EQ(by_endpoint.get("key"), "value");
}

TEST_F(UnixSocket, Client_authenticates_at_a_unix_socket) {
  ASSERT_EQ(server.command({"ACL", "SETUSER", "alice", "on", ">won/der", "~*", "+@all"}), "+OK\r\n");
  Client client("unix://alice:won%2Fder@" + path);
  EXPECT_EQ(client.command<std::string>("ACL", "WHOAMI"), "alice");
}

TEST_F(UnixSocket, Client_carries_large_values_over_a_unix_socket) {
  Client client("unix://" + path);
  const std::string large(8 << 20, 'x');
  client.set("large", large);
  EXPECT_EQ(client.get("large"), large);
}

TEST_F(UnixSocket, Errors_name_the_socket) {
  server.terminate();
  Client client("unix://" + path);
  const auto read = client.execute(cmd::get("key"), {.deadline = 200ms});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::connect_refused) << read.error().what();
  EXPECT_EQ(read.error().delivery(), Delivery::not_sent);
  EXPECT_TRUE(contains(read.error().message(), "unix:" + path)) << read.error().what();
}

TEST_F(UnixSocket, Client_reconnects_when_the_server_is_back) {
  Client client("unix://" + path);
  client.set("key", "value");
  server.terminate();
  server.restart();
  EXPECT_EQ(client.execute(cmd::get("key"), {.deadline = 20s}).value(), std::nullopt);  // it kept no data
}

TEST_F(UnixSocket, A_server_that_hangs_is_a_connect_timeout) {
  server.stop();
  ClientOptions quick;
  quick.connect_timeout = 100ms;
  Client client("unix://" + path, quick);
  const auto read = client.execute(cmd::get("key"), {.deadline = 400ms});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::connect_timeout) << read.error().what();
}

TEST_F(UnixSocket, MultiDbClient_moves_between_a_unix_socket_and_TCP) {
  RedisServer west;
  MultiDbConfig config;
  config.databases = {{.uri = "unix://" + path, .name = "local", .weight = 1.0},
                      {.uri = west.uri(), .name = "west", .weight = 0.5}};
  EventLog events;
  config.event_listeners = {events.listener()};
  MultiDbClient client(config);
  EXPECT_EQ(active_of(client), "local");
  EXPECT_EQ(client.incr("counter"), 1);
  server.kill();
  EXPECT_TRUE(events.wait_for_switch("west"));
  EXPECT_EQ(client.incr("counter"), 1);
}

}  // namespace
}  // namespace meridian::testing
