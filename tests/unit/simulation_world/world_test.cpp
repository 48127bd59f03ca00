// The world as a whole: the wire tap, waiting, and that a history is a function of its seed.
#include "simulation/world/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "unit/simulation_world/raw_client.hpp"

namespace meridian::simulation {
namespace {

using namespace std::chrono_literals;

// What the tap told, kept.
struct Note {
  std::size_t server;
  ConnectionId connection;
  std::vector<std::string> commands;
  bool started;
  bool malformed;
  friend bool operator==(const Note&, const Note&) = default;
};

std::vector<Note>& tap(SimulatedWorld& world, std::vector<Note>& notes) {
  world.network().set_wire_tap([&notes](const HandedOver& seen) {
    notes.push_back(
        {seen.server, seen.connection, {seen.commands.begin(), seen.commands.end()}, seen.started, seen.malformed});
  });
  return notes;
}

TEST(WireTap, shows_the_commands_whose_last_byte_a_call_handed_over) {
  SimulatedWorld world(1);
  FakeServer& east = world.add_server("east");
  std::vector<Note> notes;
  tap(world, notes);
  RawClient client(world, east);
  world.run_for(1s);
  const std::string get = wire({"GET", "k"});
  const std::string set = wire({"SET", "k", "v"});
  client.send(get + set + get.substr(0, 5));
  client.send(get.substr(5, 3));
  client.send(get.substr(8));
  const std::vector<Note> expected{
      {0, 1, {get, set}, true, false}, {0, 1, {}, true, false}, {0, 1, {get}, false, false}};
  EXPECT_EQ(notes, expected);
  EXPECT_EQ(words_of(set), (std::vector<std::string_view>{"SET", "k", "v"}));
}

TEST(WireTap, counts_only_what_the_socket_accepted) {
  SimulatedWorld world(1);
  FakeServer& east = world.add_server("east");
  const std::string get = wire({"GET", "k"});
  LinkSettings settings;
  settings.send_buffer = get.size() - 1;
  east.link().configure(settings);
  std::vector<Note> notes;
  tap(world, notes);
  RawClient client(world, east);
  world.run_for(1s);
  const io::IoResult part = client.stream->try_write(get);
  EXPECT_EQ(part.bytes, get.size() - 1);
  EXPECT_EQ(client.stream->try_write(get.substr(part.bytes)).status, io::IoStatus::would_block);
  EXPECT_EQ(notes, (std::vector<Note>{{0, 1, {}, true, false}}));
  world.run_for(1s);
  EXPECT_EQ(client.stream->try_write(get.substr(part.bytes)).status, io::IoStatus::ok);
  EXPECT_EQ(notes.back(), (Note{0, 1, {get}, false, false}));
}

TEST(WireTap, tells_servers_and_connections_apart) {
  SimulatedWorld world(1);
  FakeServer& east = world.add_server("east");
  FakeServer& west = world.add_server("west");
  std::vector<Note> notes;
  tap(world, notes);
  RawClient first(world, east);
  world.run_for(1s);
  RawClient second(world, west);
  world.run_for(1s);
  first.send(wire({"GET", "a"}).substr(0, 4));
  second.send({"GET", "b"});
  EXPECT_EQ(notes, (std::vector<Note>{{0, 1, {}, true, false}, {1, 2, {wire({"GET", "b"})}, false, false}}));
}

TEST(WireTap, says_when_the_clients_stream_is_broken) {
  SimulatedWorld world(1);
  FakeServer& east = world.add_server("east");
  std::vector<Note> notes;
  tap(world, notes);
  RawClient client(world, east);
  world.run_for(1s);
  client.send("?");
  client.send({"GET", "k"});
  EXPECT_EQ(notes.size(), 2U);
  EXPECT_TRUE(notes.front().malformed && notes.back().malformed);
}

TEST(World, a_waiting_caller_runs_virtual_time) {
  SimulatedWorld world(1);
  FakeServer& east = world.add_server("east");
  RawClient client(world, east);
  world.run_for(1s);
  client.send({"SET", "k", "v"});
  const auto parker = world.io().parking.make_parker();
  const TimePoint begin = world.now();
  client.stream->wait_readable([&] { parker->unpark(); });
  parker->park();
  EXPECT_EQ(world.now() - begin, 405us);
  EXPECT_EQ(east.data().value("k"), "v");
}

TEST(World, run_until_stops_at_the_event_that_made_it_true_or_at_the_limit) {
  SimulatedWorld world(1);
  bool happened = false;
  world.after(2s, [&] { happened = true; });
  world.after(3s, [&] { happened = false; });
  EXPECT_TRUE(world.run_until([&] { return happened; }, 10s));
  EXPECT_EQ(world.elapsed(), 2s);
  EXPECT_FALSE(world.run_until([&] { return world.elapsed() > 8s; }, 5s));
  EXPECT_EQ(world.elapsed(), 7s);
}

TEST(World, a_stalled_client_reads_late_what_came_in_time) {
  SimulatedWorld world(1);
  FakeServer& east = world.add_server("east");
  RawClient client(world, east);
  world.run_for(1s);
  client.send({"PING"});
  world.stall_client(30s);
  world.run_for(29s);
  EXPECT_EQ(client.received, "");
  world.run_for(2s);
  EXPECT_EQ(client.received, "+PONG\r\n");
  EXPECT_EQ(client.last_read_at, Scheduler::start + 31s);
}

TEST(World, goes_quietly_while_streams_and_timers_sit_in_queued_tasks) {
  SimulatedWorld world(1);
  FakeServer& east = world.add_server("east");
  auto client = std::make_shared<RawClient>(world, east);
  world.run_for(1s);
  client->send({"PING"});
  const std::shared_ptr<io::Timer> timer = world.io().loop.make_timer();
  timer->arm(world.now() + 1h, [client, timer] {});
  world.io().loop.post([client] {});
  EXPECT_EQ(world.network().open_streams(), 1U);
  EXPECT_EQ(world.scheduler().pending_timers(), 1U);
}

// What a history came to.
struct Outcome {
  OperationLog operations;
  std::vector<std::string> received;  // by client
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// A history with every kind of trouble: clients that send INCRs and do not care.
Outcome history(std::uint64_t seed) {
  SimulatedWorld world(seed);
  RandomStream random = world.fork_random("history");
  for (const std::string_view name : {"east", "west"}) {
    LinkSettings settings;
    settings.jitter = random.between(Duration(0), Duration(5ms));
    settings.chunk = static_cast<std::size_t>(random.between(std::int64_t{0}, std::int64_t{20}));
    settings.send_buffer = static_cast<std::size_t>(random.between(std::int64_t{10}, std::int64_t{200}));
    settings.loss_rate = 0.02;
    world.add_server(name).link().configure(settings);
  }
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 300; ++i) {
    FakeServer& server = world.server(random.next() % 2);
    const Duration later = random.between(Duration(0), Duration(100ms));
    switch (random.next() % 30) {
      case 0:
        server.kill();
        world.after(later, [&server, later] { server.restart(later); });
        break;
      case 1:
        server.hang();
        world.after(later, [&server] { server.resume(); });
        break;
      case 2:
        server.link().lose(static_cast<Loss>(random.next() % 4));
        world.after(later, [&server] { server.link().lose(Loss::none); });
        break;
      case 3: server.link().reset_all(); break;
      case 4: server.pause(static_cast<Pause>(random.next() % 3), later); break;
      case 5:
      case 6:
      case 7: clients.push_back(std::make_unique<RawClient>(world, server)); break;
      default:
        if (clients.empty()) break;
        RawClient& client = *clients[clients.size() - 1 - random.next() % std::min<std::size_t>(clients.size(), 4)];
        client.send({"INCR", std::string(1, static_cast<char>('a' + random.next() % 5))});
        if (random.chance(0.03)) client.stream.reset();
    }
    world.run_for(random.between(Duration(0), Duration(20ms)));
  }
  world.run_for(10s);
  Outcome outcome{world.operations(), {}};
  for (const auto& client : clients) outcome.received.push_back(client->received);
  return outcome;
}

TEST(World, one_seed_gives_one_history_to_the_byte) {
  const Outcome once = history(7);
  EXPECT_GT(once.operations.size(), 20U);
  EXPECT_EQ(once, history(7));
  EXPECT_NE(once, history(8));
}

TEST(World, troubled_histories_lose_no_data_and_answer_nothing_that_did_not_run) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    const Outcome outcome = history(seed);
    // An INCR says how many ran before it, restarts or not.
    std::map<std::pair<std::size_t, std::string>, std::int64_t> counts;
    for (const Operation& ran : outcome.operations) {
      EXPECT_EQ(ran.reply, integer_reply(++counts[{ran.server, ran.key}]));
    }
    std::size_t answered = 0;
    for (std::string_view received : outcome.received) {
      for (resp::Scanner scanner; scanner.scan(received) == resp::ScanStatus::complete; scanner.reset()) {
        answered += received.front() == ':' ? 1U : 0U;  // not a LOADING
        received.remove_prefix(scanner.length());
      }
      EXPECT_LT(received.size(), 60U) << "a reply cut by the end of its connection at most";
    }
    EXPECT_LE(answered, outcome.operations.size());
  }
}

}  // namespace
}  // namespace meridian::simulation
