// What a client's socket sees of the virtual network, fault by fault (faults.md, section 1).
#include "simulation/world/network.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/simulation_world/raw_client.hpp"

namespace meridian::simulation {
namespace {

using io::IoStatus;
using namespace std::chrono_literals;

class NetworkTest : public ::testing::Test {
 protected:
  NetworkTest() {
    configure([](LinkSettings& settings) { settings.latency = 10ms; });
  }

  template <class Change>
  void configure(Change change) {
    LinkSettings settings = east.link().settings();
    change(settings);
    east.link().configure(settings);
  }

  SimulatedWorld world{42};
  FakeServer& east = world.add_server("east");
};

TEST_F(NetworkTest, a_connect_takes_a_round_trip_and_so_does_a_command) {
  east.set_processing_time(1ms);
  RawClient client(world, east);
  EXPECT_FALSE(client.connect_status) << "never inside connect()";
  world.run_for(1s);
  EXPECT_EQ(client.connect_status, IoStatus::ok);
  EXPECT_EQ(client.connected_at, Scheduler::start + 20ms);
  const TimePoint sent = world.now();
  EXPECT_EQ(client.call({"PING"}), "+PONG\r\n");
  EXPECT_EQ(client.last_read_at, sent + 21ms);
}

TEST_F(NetworkTest, an_unknown_name_is_not_resolved) {
  SimulatedWorld elsewhere(1);
  RawClient client(world, elsewhere.add_server("nowhere"));
  world.run_for(1s);
  EXPECT_EQ(client.connect_status, IoStatus::not_resolved);
  EXPECT_EQ(client.detail, "nowhere.sim:6379: name not resolved");
}

TEST_F(NetworkTest, connects_fail_as_the_fault_says) {
  struct Case {
    ConnectFault fault;
    IoStatus status;
    Duration after;
  };
  for (const Case& expected : {Case{ConnectFault::refuse, IoStatus::refused, 20ms},
                               Case{ConnectFault::unreachable, IoStatus::unreachable, 700ms},
                               Case{ConnectFault::no_name, IoStatus::not_resolved, 14ms}}) {
    east.link().fail_connects(expected.fault);
    const TimePoint begin = world.now();
    RawClient client(world, east);
    world.run_for(1s);
    EXPECT_EQ(client.connect_status, expected.status);
    EXPECT_EQ(client.connected_at, begin + expected.after);
  }
  east.link().fail_connects(ConnectFault::no_answer);
  RawClient client(world, east);
  world.run_for(1h);
  EXPECT_FALSE(client.connect_status);
}

TEST_F(NetworkTest, an_abandoned_attempt_calls_nobody_and_leaves_nothing) {
  RawClient early(world, east);
  early.abandon_attempt();
  RawClient late(world, east);
  ASSERT_TRUE(world.run_until([&] { return world.network().connections_made() == 1; }, 1s));
  late.abandon_attempt();  // the kernel has connected, the handler has not run yet
  world.run_for(1s);
  EXPECT_FALSE(early.connect_status);
  EXPECT_FALSE(late.connect_status);
  EXPECT_EQ(world.network().open_attempts(), 0U);
  EXPECT_EQ(world.network().open_streams(), 0U);
  EXPECT_EQ(east.clients(), 0U);
}

TEST_F(NetworkTest, jitter_never_reorders_a_connection) {
  configure([](LinkSettings& settings) { settings.jitter = 50ms; });
  RawClient client(world, east);
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    const std::string text = std::to_string(i);
    world.after(i * 1ms, [&client, text] { client.send({"ECHO", text}); });
    expected += bulk_reply(text);
  }
  world.run_for(10s);
  EXPECT_EQ(client.received, expected);
}

TEST_F(NetworkTest, chunks_of_one_byte_arrive_one_by_one) {
  configure([](LinkSettings& settings) { settings.chunk = 1; });
  RawClient client(world, east);
  EXPECT_EQ(client.call({"ECHO", "hello"}), "$5\r\nhello\r\n");
  EXPECT_EQ(client.reads, 11);
}

TEST_F(NetworkTest, a_small_send_buffer_takes_a_part_then_blocks_and_tells_when_it_drained) {
  configure([](LinkSettings& settings) { settings.send_buffer = 10; });
  RawClient client(world, east);
  world.run_for(1s);
  const io::IoResult part = client.stream->try_write(wire({"ECHO", "0123456789"}).substr(0, 15));
  EXPECT_EQ(part.status, IoStatus::ok);
  EXPECT_EQ(part.bytes, 10U);
  EXPECT_EQ(client.stream->try_write("x").status, IoStatus::would_block);
  TimePoint writable{};
  client.stream->wait_writable([&] { writable = world.now(); });
  EXPECT_EQ(writable, TimePoint{}) << "never inside the call";
  const TimePoint sent = world.now();
  world.run_for(1s);
  EXPECT_EQ(writable, sent + 10ms);
}

TEST_F(NetworkTest, large_values_pass_small_buffers_whole) {
  configure([](LinkSettings& settings) {
    settings.send_buffer = 100;
    settings.chunk = 7;
    settings.jitter = 1ms;
  });
  RawClient client(world, east);
  const std::string value(2000, 'v');
  EXPECT_EQ(client.call({"SET", "k", value}, 10s), "+OK\r\n");
  EXPECT_EQ(east.data().value("k"), value);
}

TEST_F(NetworkTest, a_slow_link_takes_its_time) {
  configure([](LinkSettings& settings) { settings.bytes_per_second = 10'000; });
  RawClient client(world, east);
  world.run_for(1s);
  const TimePoint sent = world.now();
  EXPECT_EQ(client.call({"SET", "k", std::string(20'000, 'v')}, 10s), "+OK\r\n");
  EXPECT_GT(world.now() - sent, 2s);
  EXPECT_LT(world.now() - sent, 2100ms);
}

TEST_F(NetworkTest, lost_segments_come_late_and_in_order) {
  configure([](LinkSettings& settings) { settings.loss_rate = 0.3; });
  RawClient client(world, east);
  ASSERT_TRUE(world.run_until([&] { return client.connect_status.has_value(); }, 60s));
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    world.after(i * 5ms, [&client, i] { client.send({"ECHO", std::to_string(i)}); });
    expected += bulk_reply(std::to_string(i));
  }
  world.run_for(120ms);
  EXPECT_LT(client.received.size(), expected.size() / 2);
  world.run_for(60s);
  EXPECT_EQ(client.received, expected);
}

TEST_F(NetworkTest, a_black_hole_that_ends_lets_the_bytes_flow_again) {
  RawClient client(world, east);
  world.run_for(1s);
  east.link().lose(Loss::both);
  client.send({"INCR", "n"});
  world.run_for(1s);
  EXPECT_TRUE(world.operations().empty());
  east.link().lose(Loss::none);
  world.run_for(2s);
  EXPECT_EQ(client.received, ":1\r\n");
  // Lost at 10 ms, sent again at 0.2, 0.6 and 1.4 s: the hole was 1 s long.
  EXPECT_EQ(world.operations().at(0).at, Scheduler::start + 1s + 10ms + 1400ms + 5us);
}

TEST_F(NetworkTest, what_a_hole_swallowed_never_arrives_if_the_client_closed_meanwhile) {
  RawClient client(world, east);
  world.run_for(1s);
  east.link().lose(Loss::requests);
  client.send({"INCR", "n"});
  world.run_for(1s);
  client.stream.reset();
  east.link().lose(Loss::none);
  world.run_for(10s);
  EXPECT_TRUE(world.operations().empty());
  EXPECT_EQ(east.clients(), 0U) << "the server learns of the end";
}

TEST_F(NetworkTest, unless_the_link_retransmits_after_close) {
  configure([](LinkSettings& settings) { settings.retransmits_after_close = true; });
  RawClient client(world, east);
  world.run_for(1s);
  east.link().lose(Loss::requests);
  client.send({"INCR", "n"});
  world.run_for(1s);
  client.stream.reset();
  east.link().lose(Loss::none);
  world.run_for(10s);
  EXPECT_EQ(world.operations().size(), 1U);
  EXPECT_EQ(east.clients(), 0U);
}

TEST_F(NetworkTest, with_replies_lost_the_server_runs_what_the_client_never_hears_of) {
  RawClient client(world, east);
  world.run_for(1s);
  east.link().lose(Loss::replies);
  client.send({"INCR", "n"});
  world.run_for(30s);
  EXPECT_EQ(world.operations().size(), 1U);
  EXPECT_EQ(client.received, "");
  EXPECT_FALSE(client.ended);
}

TEST_F(NetworkTest, the_user_timeout_ends_a_connection_whose_bytes_are_not_acknowledged) {
  for (const Loss loss : {Loss::requests, Loss::replies, Loss::both}) {
    RawClient client(world, east, {.tcp_user_timeout = 4s});
    world.run_for(1s);
    east.link().lose(loss);
    const TimePoint sent = world.now();
    client.send({"INCR", "n"});
    world.run_for(10s);
    EXPECT_EQ(client.ended, IoStatus::reset);
    EXPECT_EQ(client.ended_at, sent + 10ms + 4s);
    east.link().lose(Loss::none);
    world.run_for(10s);
  }
  EXPECT_EQ(world.operations().size(), 1U) << "only the one whose reply was lost had arrived";
}

TEST_F(NetworkTest, keepalive_ends_an_idle_connection_in_a_hole) {
  const io::SocketOptions keepalive{.keepalive_idle = 5s, .keepalive_interval = 2s, .keepalive_count = 3};
  RawClient client(world, east, keepalive);
  RawClient without(world, east);
  world.run_for(1s);
  east.link().lose(Loss::both);
  world.run_for(60s);
  EXPECT_EQ(client.ended, IoStatus::reset);
  EXPECT_EQ(client.ended_at, Scheduler::start + 1s + 11s);
  EXPECT_FALSE(without.ended);
}

TEST_F(NetworkTest, a_connect_into_a_hole_hears_nothing_until_it_ends) {
  east.link().lose(Loss::replies);
  RawClient client(world, east);
  world.run_for(2s);
  EXPECT_FALSE(client.connect_status);
  east.link().lose(Loss::none);
  world.run_for(2s);
  EXPECT_EQ(client.connect_status, IoStatus::ok) << "the third try comes after 1 s and 2 s more";
}

TEST_F(NetworkTest, a_reset_is_seen_by_reader_and_writer_at_once) {
  RawClient client(world, east);
  RawClient other(world, east);
  world.run_for(1s);
  client.send({"INCR", "n"});
  const std::vector<ConnectionId> open = east.link().open_connections();
  ASSERT_EQ(open.size(), 2U);
  east.link().reset(open[0]);
  world.run_for(0ms);
  EXPECT_EQ(client.ended, IoStatus::reset);
  EXPECT_EQ(client.stream->try_write("x").status, IoStatus::reset);
  world.run_for(1s);
  EXPECT_TRUE(world.operations().empty()) << "in flight, and gone";
  EXPECT_FALSE(other.ended);
  EXPECT_EQ(east.clients(), 1U);
  east.link().reset_all();
  world.run_for(0ms);
  EXPECT_EQ(other.ended, IoStatus::reset);
  EXPECT_EQ(east.clients(), 0U);
}

TEST_F(NetworkTest, a_closed_stream_runs_no_task_and_is_not_counted) {
  RawClient client(world, east);
  world.run_for(1s);
  EXPECT_EQ(world.network().open_streams(), 1U);
  client.send({"PING"});
  client.stream->close();
  client.stream->close();
  EXPECT_EQ(world.network().open_streams(), 0U);
  world.run_for(1s);
  EXPECT_EQ(client.received, "");
  EXPECT_FALSE(client.ended);
}

TEST_F(NetworkTest, what_was_sent_before_an_orderly_close_is_still_executed) {
  RawClient client(world, east);
  world.run_for(1s);
  client.send({"INCR", "n"});
  client.stream.reset();
  world.run_for(1s);
  EXPECT_EQ(east.data().value("n"), "1");
  EXPECT_EQ(east.clients(), 0U);
}

TEST_F(NetworkTest, after_the_servers_close_writes_are_accepted_until_its_reset_comes) {
  RawClient client(world, east);
  world.run_for(1s);
  east.close_clients();
  world.run_for(10ms);
  EXPECT_EQ(client.ended, IoStatus::eof);
  EXPECT_EQ(client.stream->try_write(wire({"INCR", "n"})).status, IoStatus::ok);
  world.run_for(1s);
  EXPECT_EQ(client.stream->try_write("x").status, IoStatus::reset);
  EXPECT_TRUE(world.operations().empty());
}

}  // namespace
}  // namespace meridian::simulation
