// The connections of one server: when they are opened again, and what of them is told.
#include "database/standalone.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "simulation/world/world.hpp"

namespace meridian::database {
namespace {

using namespace std::chrono_literals;

class Ping final : public protocol::Operation {
 public:
  explicit Ping(std::size_t size = 4) : Operation(protocol::Waiting::on_thread) {
    const std::string text(size, 'x');
    bytes_ = "*2\r\n$4\r\nPING\r\n$" + std::to_string(size) + "\r\n" + text + "\r\n";
  }
  [[nodiscard]] std::string_view bytes() const noexcept override { return bytes_; }
  [[nodiscard]] bool is_read() const noexcept override { return true; }
  [[nodiscard]] TimePoint deadline() const noexcept override { return TimePoint::max(); }
  void on_reply(const ReplyView&) noexcept override { answered = true; }
  void on_failure(const protocol::Failure&) noexcept override {}
  bool answered = false;

 private:
  std::string bytes_;
};

struct Counts final : DatabaseOwner {
  void on_database_ready(Database&) override { ++ready; }
  void on_database_takes_more(Database&) override { ++takes_more; }
  void on_connected(Database&) override { ++connected; }
  void on_connection_lost(Database&, Purpose, const LinkEnd&, LinkId) override { ++lost; }
  void on_silence(Database&, Purpose, const protocol::OwedSummary&, LinkId) override {}
  void on_credentials_refused(Database&, const std::string&) override { ++refused; }
  void on_push(Database&, ReplyView) override {}
  void on_tracking_lost(Database&) override { ++tracking_lost; }
  void on_heard(Database&, Purpose) override {}
  int ready = 0;
  int takes_more = 0;
  int connected = 0;
  int lost = 0;
  int tracking_lost = 0;
  int refused = 0;
};

class StandaloneConnections : public ::testing::Test {
 protected:
  StandaloneConnections()
      : server_(world_.add_server("east")),
        database_(world_.io(), {.address = server_.address(), .options = options(), .silent_after = 250ms}, &gate_,
                  told_) {}
  ~StandaloneConnections() override {
    in_turn([this] { database_.close(); });
    world_.run_for(1s);
  }

  // A wait that a test cannot miss.
  [[nodiscard]] static ClientOptions options() {
    ClientOptions options;
    options.reconnect = {.kind = Backoff::Kind::constant, .base = 5s, .cap = 5s, .full_jitter = false};
    return options;
  }
  template <class Task>
  void in_turn(Task task) {
    const io::Turn turn(world_.io().loop);
    task();
  }
  void activate(std::uint64_t epoch) {
    in_turn([&] {
      gate_.publish(epoch);
      database_.activate(epoch);
    });
    ASSERT_TRUE(world_.run_until([&] { return database_.is_ready(); }, 1s));
  }
  // Keeps the first connection busy while `callers` others want one of their own; which the last of them gets.
  Link& meet(Ping& busy, int callers) {
    Link& first = database_.choose(Choice::first);
    first.enqueue(busy);
    for (int caller = 1; caller < callers; ++caller) static_cast<void>(database_.choose(Choice::idle));
    return database_.choose(Choice::idle);
  }
  // Callers meet for ten seconds; how many connections are made. `each_time`: what happens between two meetings.
  template <class Task>
  [[nodiscard]] std::size_t made_while_callers_meet(Task each_time) {
    const auto before = world_.network().connections_made();
    for (int i = 0; i < 1000; ++i) {
      Ping busy;
      in_turn([&] { meet(busy, 64); });
      world_.run_for(10ms);
      each_time();
    }
    return world_.network().connections_made() - before;
  }
  // More than the socket takes, until all of it is answered.
  void congest() {
    simulation::LinkSettings narrow = server_.link().settings();
    narrow.send_buffer = 256;
    server_.link().configure(narrow);
    std::deque<Ping> pings;
    in_turn([&] {
      Link& first = database_.choose(Choice::first);
      for (int i = 0; i < 3000; ++i) first.enqueue(pings.emplace_back(100));
    });
    EXPECT_FALSE(database_.is_ready());
    ASSERT_TRUE(world_.run_until([&] { return pings.back().answered; }, 10s));
  }

  simulation::SimulatedWorld world_{7};
  simulation::FakeServer& server_;
  EpochGate gate_;
  Counts told_;
  Standalone database_;
};

// An additional connection that was lost at a switch came back bound to the epoch before it, and never wrote again.
TEST_F(StandaloneConnections, I5_a_connection_that_is_opened_again_belongs_to_the_present_epoch) {
  activate(1);
  Ping first;
  in_turn([&] { meet(first, 64); });
  world_.run_for(100ms);
  // when the client leaves this database and comes back to it
  in_turn([&] { database_.retire(Duration::zero()); });
  activate(3);
  Ping second;
  in_turn([&] { meet(second, 64); });
  world_.run_for(100ms);
  Ping busy;
  Ping on_the_other;
  in_turn([&] {
    Link& other = meet(busy, 1);
    ASSERT_NE(&other, &database_.choose(Choice::first));
    other.enqueue(on_the_other);
  });
  world_.run_for(100ms);
  EXPECT_TRUE(busy.answered);
  EXPECT_TRUE(on_the_other.answered);
}

// Threads that gather (client/call_runner_threads.cpp) left a server idle that had a processor of its own.
TEST_F(StandaloneConnections, what_is_asked_for_gathers_while_the_server_has_twice_as_much_to_do) {
  activate(1);
  const auto leave_one_more = [&](Ping& ping) {
    io::Loop& loop = world_.io().loop;
    loop.enter();
    Link& link = database_.choose(Choice::first);
    link.enqueue(ping);
    loop.leave_unfinished();
    return link.queued();
  };
  std::deque<Ping> pings;
  std::vector<std::size_t> left;
  world_.io().processors = 2;
  for (int i = 0; i < 10; ++i) left.push_back(leave_one_more(pings.emplace_back()));
  EXPECT_EQ(left, (std::vector<std::size_t>{0, 1, 0, 1, 2, 3, 4, 5, 0, 1}));
  world_.run_for(1s);  // the next turn writes the rest
  EXPECT_TRUE(pings.back().answered);
  // one processor: nothing is written before all are there
  left.clear();
  world_.io().processors = 1;
  for (int i = 0; i < 4; ++i) left.push_back(leave_one_more(pings.emplace_back()));
  EXPECT_EQ(left, (std::vector<std::size_t>{1, 2, 3, 4}));
  in_turn([] {});
  EXPECT_EQ(database_.choose(Choice::first).queued(), 0U);
  world_.run_for(1s);
  EXPECT_TRUE(pings.back().answered);
}

// Of 64 calls in flight the server had to wait until all 64 completions were told.
TEST_F(StandaloneConnections, what_the_told_ask_for_gathers_while_the_server_has_twice_that_to_do) {
  activate(1);
  std::deque<Ping> pings;
  const auto queued_after_each = [&](unsigned processors, int count) {
    world_.io().processors = processors;
    std::vector<std::size_t> left;
    in_turn([&] {
      Link& link = database_.choose(Choice::first);
      for (int i = 0; i < count; ++i) {
        link.enqueue(pings.emplace_back());
        world_.io().loop.run_urgent_turn_ends(io::TurnEnd::Next::same_thread);
        left.push_back(link.queued());
      }
    });
    world_.run_for(1s);
    EXPECT_TRUE(pings.back().answered);
    return left;
  };
  EXPECT_EQ(queued_after_each(2, 12), (std::vector<std::size_t>{0, 0, 0, 1, 0, 1, 2, 0, 1, 2, 3, 0}));
  EXPECT_EQ(queued_after_each(1, 4), (std::vector<std::size_t>{1, 2, 3, 4}));
}

// A reviewer's find: each end of congestion counted as a connection that was made.
TEST_F(StandaloneConnections, DET_2_the_end_of_congestion_is_no_new_connection) {
  activate(1);
  congest();
  EXPECT_GT(told_.takes_more, 0);
  EXPECT_EQ(told_.ready, 1);
  EXPECT_EQ(told_.connected, 1);
}

TEST_F(StandaloneConnections, Row_12_one_that_worked_is_replaced_at_once_although_it_was_congested) {
  activate(1);
  for (int i = 0; i < 2; ++i) {
    world_.run_for(10s);
    congest();
    server_.link().reset_all();
    world_.run_for(50ms);
    EXPECT_TRUE(database_.is_ready());
  }
}

TEST_F(StandaloneConnections, Row_12_a_promoted_check_connection_has_no_part_in_failures_before_it) {
  activate(1);
  in_turn([&] { database_.keep_check_connection(); });
  world_.run_for(1s);
  server_.link().fail_connects(simulation::ConnectFault::refuse);
  server_.link().reset(server_.link().open_connections().front());
  world_.run_for(11s);
  server_.link().fail_connects(simulation::ConnectFault::none);
  in_turn([&] { database_.recover(); });
  ASSERT_TRUE(database_.is_ready());
  server_.link().reset(server_.link().open_connections().front());
  world_.run_for(50ms);
  EXPECT_TRUE(database_.is_ready());
}

// A reviewer's find: commands were counted, however large: a gigabyte was in line before anything waited outside.
TEST_F(StandaloneConnections, a_few_large_commands_are_congestion_too) {
  activate(1);
  simulation::LinkSettings narrow = server_.link().settings();
  narrow.bytes_per_second = 10'000'000;
  server_.link().configure(narrow);
  std::deque<Ping> pings;
  while (database_.is_ready() && pings.size() < 100) {
    in_turn([&] { database_.choose(Choice::first).enqueue(pings.emplace_back(1 << 20)); });
  }
  EXPECT_LE(pings.size(), 6U);
  // … and one that is abandoned is not counted any more
  in_turn([&] { static_cast<void>(database_.choose(Choice::first).abandon(pings.back())); });
  ASSERT_TRUE(world_.run_until([&] { return pings.at(pings.size() - 2).answered; }, 10s));
  EXPECT_TRUE(database_.is_ready());
  EXPECT_GT(told_.takes_more, 0);
}

// A reviewer's find: callers that met opened another connection in a tight loop, and each that was refused was held
// against the database.
TEST_F(StandaloneConnections, DET_5_Row_27_one_more_that_is_refused_is_no_trouble_and_not_tried_at_once) {
  activate(1);
  server_.set_max_clients(1);
  EXPECT_LE(made_while_callers_meet([] {}), 3U);
  EXPECT_EQ(told_.lost, 0);
  // when the server is not full any more
  server_.set_max_clients(10);
  static_cast<void>(made_while_callers_meet([] {}));
  EXPECT_GT(server_.clients(), 1U);
}

TEST_F(StandaloneConnections, Row_13_one_more_that_ends_as_soon_as_it_is_there_is_not_tried_at_once) {
  activate(1);
  EXPECT_LE(made_while_callers_meet([this] {
              if (server_.clients() > 1) server_.close_client(server_.link().open_connections().back());
            }),
            4U);
}

// A reviewer's find: the reply cache was emptied every 30 s, and for each connection that could not be made.
TEST_F(StandaloneConnections, what_was_read_is_forgotten_only_with_a_connection_that_may_have_read_it) {
  activate(1);
  server_.set_max_clients(1);
  static_cast<void>(made_while_callers_meet([] {}));
  EXPECT_EQ(told_.tracking_lost, 0);
  server_.set_max_clients(10);
  for (int i = 0; i < 10; ++i) static_cast<void>(made_while_callers_meet([] {}));  // more than a minute in use
  EXPECT_GT(server_.clients(), 1U);
  EXPECT_EQ(told_.tracking_lost, 0);
  world_.run_for(70s);
  EXPECT_EQ(server_.clients(), 1U);
  EXPECT_GE(told_.tracking_lost, 1);
}

// A reviewer's find: a connection that had asked before, and was ready only afterwards, kept what it had been given.
TEST(StandaloneCredentials, Row_25_new_ones_reach_a_connection_that_is_being_made_with_the_old_ones) {
  class Vault final : public CredentialsProvider {
   public:
    [[nodiscard]] Credentials credentials() override {
      if (++asked > 1) return {.user = {}, .password = Secret("new")};
      refresh();
      return {.user = {}, .password = Secret("old")};
    }
    int asked = 0;
  };
  simulation::SimulatedWorld world(7);
  simulation::FakeServer& server = world.add_server("east");
  server.set_password("old");
  const auto vault = std::make_shared<Vault>();
  ClientOptions options;
  options.credentials = vault;
  Counts told;
  Standalone database(world.io(), {.address = server.address(), .options = options, .silent_after = 250ms}, nullptr,
                      told);
  {
    const io::Turn turn(world.io().loop);
    database.activate(0);
  }
  world.run_for(100ms);
  EXPECT_TRUE(database.is_ready());
  EXPECT_EQ(vault->asked, 2);
  EXPECT_EQ(told.refused, 1);  // this server knows only the old ones: they were sent
  {
    const io::Turn turn(world.io().loop);
    database.close();
  }
  world.run_for(1s);
}

}  // namespace
}  // namespace meridian::database
