// Rows of docs/faults.md about getting and keeping a connection: refused, ended, or unanswered in the handshake; old
// and full servers; nothing left on this machine. A plain client first, then, where the row speaks of leaving, several
// databases.
//
// Elsewhere: a closed port, a silent server and a wrong password in single_client_test.cpp, which has row 14 with a
// real server's `timeout` and row 27 with a real server's `maxclients`, too.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "integration/faults_fixture.hpp"

namespace meridian::testing {
namespace {

class FaultsConnecting : public ::testing::Test {
 protected:
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(server.port()); }

  ScriptedServer server;
};

class FaultsConnectingOfTwo : public TwoScripted {};

// --- 13: ended again and again ---------------------------------------------------------------------------------------

// Resets all connections every 10 ms for one second.
void reset_often(ScriptedServer& server) {
  for (const auto end = SteadyClock::now() + 1s; SteadyClock::now() < end; std::this_thread::sleep_for(10ms)) {
    server.reset_all();
  }
}

TEST_F(FaultsConnecting, row_13_connections_that_are_reset_all_the_time_are_opened_at_the_pace_of_the_backoff) {
  ClientOptions steady;
  steady.reconnect.full_jitter = false;  // 50, 100, 200, 400 ms …
  Client client(server.uri(), steady);
  client.set("key", "value");

  reset_often(server);

  EXPECT_GE(server.accepted(), 3U);
  EXPECT_LE(server.accepted(), 8U);
  EXPECT_EQ(client.get("key"), "value");
}

TEST_F(FaultsConnectingOfTwo, row_13_resets_that_come_often_cost_few_connections_and_at_most_one_switch) {
  MultiDbConfig steady = config();
  for (DatabaseConfig& database : steady.databases) {
    database.options = {};
    database.options.reconnect.full_jitter = false;
  }
  MultiDbClient client(steady);
  const std::size_t before = east.accepted();

  reset_often(east);

  EXPECT_LE(east.accepted() - before, 30U);  // two standing connections, probes and trials
  EXPECT_LE(events.all<ActiveDatabaseChanged>().size(), 1U);
  EXPECT_EQ(client.echo("mine"), "mine");
}

// --- 14: ended while idle --------------------------------------------------------------------------------------------

TEST_F(FaultsConnecting, row_14_a_connection_that_ended_while_it_was_idle_is_replaced_unseen) {
  Client client(server.uri(), impatient());
  for (int round = 1; round <= 5; ++round) {
    EXPECT_EQ(client.incr("counter"), round);
    const std::size_t before = server.accepted();
    server.finish_all();
    ASSERT_TRUE(until([&] { return server.accepted() > before && server.open_connections() == 1; }));
  }
  EXPECT_EQ(client.incr("counter"), 6);
}

TEST_F(FaultsConnecting, row_14_a_read_that_meets_the_end_of_its_connection_is_answered_all_the_same) {
  Client client(server.uri(), impatient());
  client.set("key", "value");
  for (int round = 0; round < 30; ++round) {
    if (round % 2 == 0) server.finish_all();
    else server.reset_all();
    EXPECT_EQ(client.get("key"), "value");
  }
}

// --- 19: nothing left on this machine --------------------------------------------------------------------------------

// Not beside UBSan: it looks at objects through a pipe, and takes a pipe that it does not get for a wrong object.
#if !defined(__SANITIZE_ADDRESS__)

std::set<int> open_descriptors() {
  std::set<int> open;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    open.insert(std::stoi(entry.path().filename()));
  }
  std::erase_if(open, [](int descriptor) { return ::fcntl(descriptor, F_GETFD) < 0; });  // that of the look itself
  return open;
}

// While it lives, this process gets no new descriptor. Those that came since `before` may stay, but are not replaced
// when they go.
class NoDescriptors {
 public:
  explicit NoDescriptors(const std::set<int>& before) {
    const std::set<int> now = open_descriptors();
    int limit = *now.rbegin() + 1;
    for (const int descriptor : now) {
      if (before.count(descriptor) == 0) limit = std::min(limit, descriptor);
    }
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lowered = before_;
    lowered.rlim_cur = static_cast<rlim_t>(limit);
    ::setrlimit(RLIMIT_NOFILE, &lowered);
    for (int plug = 0; (plug = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) plugs_.push_back(plug);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() {
    ::setrlimit(RLIMIT_NOFILE, &before_);
    for (const int plug : plugs_) ::close(plug);
  }

 private:
  rlimit before_{};
  std::vector<int> plugs_;
};

TEST(FaultsStarting, row_19_a_client_that_gets_no_descriptors_does_not_start_and_says_why) {
  const std::string uri = "redis://127.0.0.1:1";
  const Holdings before = holdings();
  {
    const NoDescriptors none(open_descriptors());
    const auto client = Client::create(uri);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code(), ErrorCode::local_resource) << client.error().what();
    const auto several = MultiDbClient::create({.databases = {{.uri = uri}}});
    ASSERT_FALSE(several);
    EXPECT_EQ(several.error().code(), ErrorCode::local_resource) << several.error().what();
  }
  expect_holdings_return_to(before);
}

TEST_F(FaultsConnecting, row_19_no_descriptor_for_a_new_connection_is_a_local_error_and_passes) {
  const std::set<int> before = open_descriptors();
  Client client(server.uri(), impatient());
  client.set("key", "value");
  {
    const NoDescriptors none(before);
    server.reset_all();
    ASSERT_TRUE(until([&] { return server.open_connections() == 0; }));
    // The first call may still meet the end of the old connection.
    EXPECT_TRUE(until([&] {
      const auto read = client.execute(cmd::get("key"), {.deadline = 30ms});
      return !read && read.error().code() == ErrorCode::local_resource && read.error().delivery() == Delivery::not_sent;
    }));
  }
  EXPECT_EQ(client.get("key"), "value");
}

TEST_F(FaultsConnectingOfTwo, row_19_no_descriptors_are_never_blamed_on_the_database) {
  const std::set<int> before = open_descriptors();
  MultiDbConfig watchful = config();
  watchful.health_check_interval = 50ms;
  watchful.health_check_probes = 1;
  MultiDbClient client(watchful);
  client.set("key", "value");
  {
    const NoDescriptors none(before);
    east.reset_all();
    // Long enough for several rounds of checks and as many attempts to connect.
    static_cast<void>(client.execute(cmd::get("key"), {.deadline = 600ms}));
    expect_that_nothing_was_held_against(client, "east");
  }
  EXPECT_EQ(client.get("key"), "value");
  expect_that_nothing_was_held_against(client, "east");
}

#endif

// --- 20: a balancer in front of nothing ------------------------------------------------------------------------------

struct Welcome {
  std::string name;
  std::function<void(Peer&)> script;
};

const std::vector<Welcome> welcomes = {{"closes", [](Peer& peer) { peer.finish(); }},
                                       {"resets", [](Peer& peer) { peer.reset(); }},
                                       {"says_nothing", [](Peer& peer) { peer.fall_silent(); }}};

TEST_F(FaultsConnecting, row_20_one_that_accepts_and_ends_is_told_and_used_when_it_serves) {
  for (const Welcome& welcome : {welcomes[0], welcomes[1]}) {
    server.on_accept(welcome.script);
    Client client(server.uri(), impatient());
    const auto read = client.execute(cmd::get("key"), {.deadline = 100ms * slowness});
    ASSERT_FALSE(read) << welcome.name;
    EXPECT_EQ(read.error().code(), ErrorCode::connect_failed) << welcome.name << ": " << read.error().what();
    EXPECT_EQ(read.error().delivery(), Delivery::not_sent);
    EXPECT_TRUE(contains(read.error().message(), address())) << read.error().what();
    server.behave();
    EXPECT_EQ(client.get("key"), std::nullopt);
  }
}

class FaultsWelcome : public TwoScripted, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(FaultsWelcome, row_20_a_balancer_in_front_of_nothing_is_left) {
  MultiDbClient client(config());
  client.set("key", "of east");
  west.on("GET", [](Peer& peer, const Words&) { peer.send("$7\r\nof west\r\n"); });
  east.on_accept(welcomes[GetParam()].script);

  const auto start = SteadyClock::now();
  east.reset_all();

  EXPECT_EQ(client.get("key"), "of west");
  EXPECT_LT(in_ms(since(start)), 1500 * slowness);
  EXPECT_TRUE(events.wait_for_switch("west"));
  EXPECT_EQ(events.all<ActiveDatabaseChanged>().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(One, FaultsWelcome, ::testing::Values(0U, 1U, 2U),
                         [](const auto& instance) { return "that_" + welcomes[instance.param].name; });

// --- 25: credentials -------------------------------------------------------------------------------------------------

TEST_F(FaultsConnecting, row_25_refused_credentials_are_tried_after_one_second_and_then_after_two) {
  server.set_password("right");
  ClientOptions options = impatient();
  options.password = "mistaken";
  options.protocol = Protocol::resp2;
  const auto start = SteadyClock::now();
  Client older(server.uri(), options);
  options.protocol = Protocol::resp3;
  Client newer(server.uri(), options);
  for (Client* client : {&older, &newer}) {
    const auto read = client->execute(cmd::get("key"), {.deadline = 200ms});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), ErrorCode::authentication_failed) << read.error().what();
    EXPECT_FALSE(contains(read.error().what(), "mistaken")) << read.error().what();
  }
  ASSERT_TRUE(until([&] { return server.count("AUTH") == 2 && server.count("HELLO") == 2; }));
  EXPECT_GE(in_ms(since(start)), 990);
  ASSERT_TRUE(until([&] { return server.count("AUTH") == 3 && server.count("HELLO") == 3; }));
  EXPECT_GE(in_ms(since(start)), 2990);
  EXPECT_EQ(server.accepted(), 6U);
  EXPECT_EQ(server.count("GET"), 0U);
}

TEST_F(FaultsConnectingOfTwo, row_25_a_password_that_was_changed_is_told_and_the_database_left) {
  MultiDbClient client(config());
  client.set("key", "of east");
  const std::size_t before = east.accepted();
  east.set_password("rotated");
  EXPECT_EQ(client.get("key"), "of east");  // an open connection stays authenticated until it ends
  east.reset_all();

  ASSERT_TRUE(events.wait_for_switch("west"));
  EXPECT_EQ(client.get("key"), std::nullopt);
  const auto told = events.wait_for<ConfigurationRefused>([](const auto& e) { return e.database == "east"; });
  ASSERT_TRUE(told);
  EXPECT_TRUE(contains(told->event.evidence, "NOAUTH")) << told->event.evidence;
  EXPECT_LE(east.accepted() - before, 4U);
}

// --- 27: full --------------------------------------------------------------------------------------------------------

void turn_away(Peer& peer) {
  peer.send("-ERR max number of clients reached\r\n");
  peer.finish();
}

TEST_F(FaultsConnecting, row_27_a_full_server_is_asked_again_at_the_pace_of_the_backoff) {
  server.on_accept(turn_away);
  ClientOptions steady = impatient();
  steady.reconnect.base = steady.reconnect.cap = 50ms;
  Client client(server.uri(), steady);
  const auto read = client.execute(cmd::get("key"), {.deadline = 300ms});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::max_clients) << read.error().what();
  EXPECT_EQ(read.error().delivery(), Delivery::not_sent);
  EXPECT_LE(server.accepted(), 8U);
  EXPECT_EQ(server.count("GET"), 0U);
  server.behave();
  EXPECT_EQ(client.get("key"), std::nullopt);
}

TEST_F(FaultsConnectingOfTwo, row_27_a_full_server_is_left_only_when_there_is_no_connection_to_it) {
  MultiDbClient client(config());
  ASSERT_TRUE(until([&] { return is_settled(east); }));
  east.on_accept(turn_away);

  // given that one connection is lost and cannot be replaced, another one serves
  east.on("SET", once([](Peer& peer, const Words&) { peer.reset(); }));
  EXPECT_TRUE(client.set("key", "of east"));
  EXPECT_EQ(client.get("key"), "of east");
  expect_that_nothing_was_held_against(client, "east");

  // when the last is lost
  east.reset_all();
  EXPECT_TRUE(events.wait_for_switch("west"));
}

// --- 32: old ---------------------------------------------------------------------------------------------------------

TEST(FaultsOldServer, row_32_one_without_HELLO_and_CLIENT_SETINFO_is_served_in_RESP2_and_nothing_is_shifted) {
  ScriptedServer old({.password = "secret", .knows_hello = false, .knows_setinfo = false});
  Client client("redis://:secret@127.0.0.1:" + std::to_string(old.port()) + "/3?client_name=shop");
  client.set("key", "value");
  EXPECT_EQ(client.get("key"), "value");
  EXPECT_EQ(client.get("missing"), std::nullopt);
  EXPECT_EQ(client.incr("counter"), 1);
  EXPECT_EQ(client.echo("mine"), "mine");
  EXPECT_EQ(old.accepted(), 1U);
  EXPECT_EQ(old.count("HELLO"), 1U);
  EXPECT_EQ(old.count("AUTH"), 1U);
  EXPECT_EQ(old.received().back(), (Words{"ECHO", "mine"}));
}

TEST(FaultsOldServer, row_32_an_optional_step_that_fails_costs_nothing) {
  ScriptedServer old({.knows_setinfo = false});
  Client client(old.uri() + "/1");
  EXPECT_EQ(client.echo("mine"), "mine");
  EXPECT_EQ(old.accepted(), 1U);
  EXPECT_EQ(old.count("HELLO"), 1U);
}

// --- 42: too late in the handshake -----------------------------------------------------------------------------------

TEST_F(FaultsConnecting, row_42_a_handshake_that_is_not_answered_in_time_is_begun_anew_on_another_connection) {
  ClientOptions hurried = impatient();
  hurried.connect_timeout = 100ms * slowness;
  for (const std::string command : {"HELLO", "CLIENT"}) {
    server.on(command, once([&](Peer& peer, const Words& words) {
                peer.pause(std::chrono::duration_cast<std::chrono::milliseconds>(2 * hurried.connect_timeout));
                peer.answer(words);  // nobody is to take it for anything
              }));
    const std::size_t before = server.accepted();
    Client client(server.uri(), hurried);
    EXPECT_EQ(client.echo("mine"), "mine");
    for (int i = 0; i < 10; ++i) EXPECT_EQ(client.echo(std::to_string(i)), std::to_string(i));
    EXPECT_EQ(server.accepted(), before + 2) << command;
  }
}

}  // namespace
}  // namespace meridian::testing
