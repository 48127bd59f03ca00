// Publish and subscribe of the fake server, word for word as Redis 7 says it.
#include <gtest/gtest.h>

#include "unit/simulation_world/raw_client.hpp"

namespace meridian::simulation {
namespace {

using namespace std::chrono_literals;

class FakeServerPubSub : public testing::Test {
 protected:
  SimulatedWorld world{1};
  FakeServer& east{world.add_server("east")};
};

TEST_F(FakeServerPubSub, confirms_each_name_and_delivers_by_channel_and_pattern) {
  RawClient subscriber(world, east);
  RawClient publisher(world, east);
  subscriber.send({"SUBSCRIBE", "x", "y"});
  subscriber.send({"PSUBSCRIBE", "x*"});
  world.run_for(10ms);
  EXPECT_EQ(std::exchange(subscriber.received, {}),
            "*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\ny\r\n:2\r\n"
            "*3\r\n$10\r\npsubscribe\r\n$2\r\nx*\r\n:3\r\n");
  EXPECT_EQ(publisher.call({"PUBLISH", "x", "hi"}), ":2\r\n");
  EXPECT_EQ(publisher.call({"PUBLISH", "nobody", "hi"}), ":0\r\n");
  world.run_for(10ms);
  EXPECT_EQ(
      std::exchange(subscriber.received, {}),
      "*3\r\n$7\r\nmessage\r\n$1\r\nx\r\n$2\r\nhi\r\n*4\r\n$8\r\npmessage\r\n$2\r\nx*\r\n$1\r\nx\r\n$2\r\nhi\r\n");
  EXPECT_EQ(east.subscribed(), (std::multiset<std::string>{"x", "x*", "y"}));
  EXPECT_EQ(subscriber.call({"UNSUBSCRIBE", "x"}), "*3\r\n$11\r\nunsubscribe\r\n$1\r\nx\r\n:2\r\n");
}

TEST_F(FakeServerPubSub, in_RESP2_a_subscriber_may_do_nothing_else_but_PING) {
  RawClient client(world, east);
  EXPECT_EQ(client.call({"SUBSCRIBE", "x"}), "*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n");
  EXPECT_EQ(client.call({"PING"}), "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
  EXPECT_EQ(client.call({"GET", "x"}),
            "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in "
            "this context\r\n");
  EXPECT_EQ(client.call({"UNSUBSCRIBE", "x"}), "*3\r\n$11\r\nunsubscribe\r\n$1\r\nx\r\n:0\r\n");
  EXPECT_EQ(client.call({"PING"}), "+PONG\r\n");
}

TEST_F(FakeServerPubSub, in_RESP3_all_of_it_is_pushed) {
  RawClient client(world, east);
  client.call({"HELLO", "3"});
  EXPECT_EQ(client.call({"SSUBSCRIBE", "s"}), ">3\r\n$10\r\nssubscribe\r\n$1\r\ns\r\n:1\r\n");
  EXPECT_EQ(client.call({"PING"}), "+PONG\r\n");
  EXPECT_EQ(client.call({"GET", "x"}), "_\r\n");
  client.send({"SPUBLISH", "s", "hi"});
  world.run_for(10ms);
  EXPECT_EQ(client.received, ">3\r\n$8\r\nsmessage\r\n$1\r\ns\r\n$2\r\nhi\r\n:1\r\n");
}

TEST_F(FakeServerPubSub, one_denied_channel_refuses_the_whole_command) {
  east.deny_channel("secret");
  RawClient client(world, east);
  EXPECT_EQ(client.call({"SUBSCRIBE", "x", "secret"}),
            "-NOPERM this user has no permissions to access one of the channels used as arguments\r\n");
  EXPECT_TRUE(east.subscribed().empty());
}

TEST_F(FakeServerPubSub, what_a_connection_was_subscribed_to_ends_with_it) {
  RawClient client(world, east);
  client.call({"SUBSCRIBE", "x"});
  client.stream->close();
  world.run_for(10ms);
  EXPECT_TRUE(east.subscribed().empty());
  EXPECT_EQ(east.publish("x", "hi"), 0U);
}

}  // namespace
}  // namespace meridian::simulation
