// A credentials provider: asked at each connect, pushing new ones to open connections (faults.md row 25).
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <meridian/meridian.hpp>

#include "integration/protocols_fixture.hpp"
#include "integration/support/scripted_server.hpp"

namespace meridian::testing {
namespace {

using namespace std::chrono_literals;

class Vault final : public CredentialsProvider {
 public:
  explicit Vault(std::string password) : password_(std::move(password)) {}
  [[nodiscard]] Credentials credentials() override {
    ++asked;
    if (broken) throw std::runtime_error("the vault is sealed");
    const std::lock_guard lock(mutex_);
    return {.user = {}, .password = password_};
  }
  void set(std::string password) {
    const std::lock_guard lock(mutex_);
    password_ = std::move(password);
  }
  std::atomic<int> asked{0};
  std::atomic<bool> broken{false};

 private:
  std::mutex mutex_;
  std::string password_;
};

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

TEST(Credentials, row_25_a_provider_is_asked_at_each_connect) {
  ScriptedServer server({.password = "first"});
  const auto vault = std::make_shared<Vault>("first");
  ClientOptions options;
  options.credentials = vault;
  Client client(Endpoint{.port = server.port()}, options);
  EXPECT_EQ(client.ping(), "PONG");
  EXPECT_EQ(vault->asked, 1);
  // When the password is rotated and the connection is lost, the next one is made with the new one.
  server.set_password("second");
  vault->set("second");
  server.reset_all();
  EXPECT_EQ(client.ping(), "PONG");
  EXPECT_GE(vault->asked, 2);
}

TEST(Credentials, open_connections_authenticate_again_in_line) {
  ScriptedServer server({.password = "first"});
  const auto vault = std::make_shared<Vault>("first");
  ClientOptions options;
  options.credentials = vault;
  Client client(Endpoint{.port = server.port()}, options);
  EXPECT_EQ(client.ping(), "PONG");
  server.set_password("second");
  vault->set("second");
  const auto before = server.count("AUTH");
  vault->refresh();
  EXPECT_TRUE(eventually([&] { return server.count("AUTH") > before; }));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.execute(cmd::echo(std::to_string(i))).value(), std::to_string(i));
  EXPECT_EQ(server.accepted(), 1U) << "the connection stays";
}

class CredentialsOfSubscribers : public ::testing::TestWithParam<Spoken> {};
INSTANTIATE_TEST_SUITE_P(, CredentialsOfSubscribers, both_protocols, ::testing::PrintToStringParamName());

TEST_P(CredentialsOfSubscribers, are_renewed_in_line_where_the_protocol_has_a_way) {
  // Passwords are rotated by a second user here, because a server says who a connection is.
  class Rotated final : public CredentialsProvider {
   public:
    [[nodiscard]] Credentials credentials() override { return {.user = is_new ? "new" : "old", .password = "secret"}; }
    std::atomic<bool> is_new{false};
  };
  RedisServer server;
  for (const char* user : {"old", "new"}) {
    ASSERT_EQ(server.command({"ACL", "SETUSER", user, "on", ">secret", "~*", "&*", "+@all"}), "+OK\r\n");
  }
  const auto provider = std::make_shared<Rotated>();
  ClientOptions options;
  options.credentials = provider;
  options.protocol = GetParam().protocol;
  Client client(server.uri(), options);
  Subscriber subscriber = client.subscriber();
  subscriber.subscribe({"news"});
  ASSERT_TRUE(subscriber.wait_until_subscribed(20s));
  EXPECT_EQ(client.ping(), "PONG");
  const std::vector<std::string> before = connections_with(server, " sub=1 ");
  ASSERT_EQ(before.size(), 1U);

  provider->is_new = true;
  provider->refresh();
  const bool is_resp3 = GetParam().protocol == Protocol::resp3;
  const std::size_t renewed = is_resp3 ? 2 : 1;
  EXPECT_TRUE(eventually([&] { return connections_with(server, " user=new ").size() == renewed; }));
  EXPECT_EQ(connections_with(server, " sub=1 "), before) << "the connection stays, and so does the subscription";
  EXPECT_EQ(client.publish("news", "still here"), 1);
  const auto event = subscriber.next(20s);
  ASSERT_TRUE(event && std::holds_alternative<Message>(*event));
  EXPECT_EQ(std::get<Message>(*event).payload, "still here");
  if (is_resp3) return;
  // its next connection is made with them
  ASSERT_EQ(server.command({"CLIENT", "KILL", "ID", before.front()}), ":1\r\n");
  EXPECT_TRUE(eventually([&] { return connections_with(server, " user=new ").size() == 2; }));
}

TEST(Credentials, a_provider_that_throws_fails_the_attempt_and_not_the_client) {
  ScriptedServer server({.password = "right"});
  const auto vault = std::make_shared<Vault>("right");
  vault->broken = true;
  ClientOptions options;
  options.credentials = vault;
  options.command_deadline = 300ms;
  Client client(Endpoint{.port = server.port()}, options);
  const auto failed = client.execute(cmd::ping());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().delivery(), Delivery::not_sent);
  EXPECT_NE(failed.error().message().find("the vault is sealed"), std::string::npos) << failed.error().what();
  vault->broken = false;
  EXPECT_TRUE(eventually([&] { return client.execute(cmd::ping()).has_value(); }));
}

TEST(Credentials, a_provider_that_hangs_harms_nobody_and_outlives_the_client) {
  class Hanging final : public CredentialsProvider {
   public:
    [[nodiscard]] Credentials credentials() override {
      ++inside;
      while (!go) std::this_thread::sleep_for(1ms);
      return {};
    }
    std::atomic<int> inside{0};
    std::atomic<bool> go{false};
  };
  ScriptedServer server;
  const auto provider = std::make_shared<Hanging>();
  {
    ClientOptions options;
    options.credentials = provider;
    options.connect_timeout = 100ms;
    options.command_deadline = 300ms;
    Client client(Endpoint{.port = server.port()}, options);
    EXPECT_FALSE(client.execute(cmd::ping()));
    EXPECT_GE(provider->inside, 1);
  }
  provider->go = true;  // the client is gone; the answer finds nobody
}

TEST(Credentials, refused_new_credentials_leave_the_connection_as_it_was) {
  ScriptedServer server({.password = "right"});
  const auto vault = std::make_shared<Vault>("right");
  ClientOptions options;
  options.credentials = vault;
  std::atomic<int> told{0};
  std::string evidence;
  std::mutex mutex;
  MultiDbConfig config;
  config.databases.push_back({.endpoint = Endpoint{.port = server.port()}, .options = options, .name = "only"});
  config.event_listeners.push_back(make_listener([&](const ConfigurationRefused& event) {
    const std::lock_guard lock(mutex);
    evidence = event.evidence;
    ++told;
  }));
  MultiDbClient client(config);
  vault->set("wrong-secret");
  vault->refresh();
  EXPECT_TRUE(eventually([&] { return told > 0; }));
  EXPECT_EQ(client.ping(), "PONG");
  const std::lock_guard lock(mutex);
  EXPECT_EQ(evidence.find("wrong-secret"), std::string::npos) << evidence;
}

}  // namespace
}  // namespace meridian::testing
