// Threads that are alone with their client, and others that come and go (client/alone.hpp): over real sockets, where
// two of them may meet at any moment.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <meridian/client.hpp>

#include "integration/support/redis_server.hpp"

namespace meridian::testing {
namespace {

using namespace std::chrono_literals;

Command<std::string> echo(const std::string& text) { return cmd::echo(text); }

// What each asks for is its own, so a reply that went astray is seen.
class Asker {
 public:
  Asker(Client& client, int number)
      : client_(client), name_("thread " + std::to_string(number) + " call "), random_(static_cast<unsigned>(number)) {}

  // False if something came back that was not asked for, or nothing.
  bool ask() {
    switch (random_() % 6) {
      case 0: return ask_several();
      case 1: {
        const std::string text = next();
        return client_.execute(echo(text), {.deadline = 5s}).value_or("") == text;
      }
      case 2: {
        const std::string text = next();
        return client_.submit(echo(text)).get() == text;
      }
      default: {
        const std::string text = next();
        return client_.execute(echo(text)).value_or("") == text;
      }
    }
  }
  void rest() { std::this_thread::sleep_for(std::chrono::microseconds(random_() % 300)); }

 private:
  bool ask_several() {
    Pipeline pipeline = client_.pipeline();
    std::vector<std::string> texts;
    std::vector<PipelineResult<std::string>> results;
    for (unsigned i = 0; i < 2 + random_() % 5; ++i) texts.push_back(next());
    for (const std::string& text : texts) results.push_back(pipeline.run(echo(text)));
    pipeline.execute();
    bool right = true;
    for (std::size_t i = 0; i < texts.size(); ++i) right = results[i].result().value_or("") == texts[i] && right;
    return right;
  }
  std::string next() { return name_ + std::to_string(++count_); }

  Client& client_;
  std::string name_;
  std::minstd_rand random_;
  int count_ = 0;
};

TEST(AloneTest, I1_threads_that_come_and_go_get_their_own_replies) {
  RedisServer server;
  Client client(server.uri());
  std::atomic<int> wrong{0};
  std::vector<std::jthread> threads;
  for (int number = 0; number < 3; ++number) {
    threads.emplace_back([&, number] {
      Asker asker(client, number);
      for (int burst = 0; burst < 150; ++burst) {
        for (int i = 0; i < 10; ++i) wrong += asker.ask() ? 0 : 1;
        asker.rest();
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

TEST(AloneTest, close_ends_what_a_thread_alone_waits_for) {
  RedisServer server;
  for (int round = 0; round < 50; ++round) {
    Client client(server.uri());
    std::atomic<int> wrong{0};
    std::jthread asking([&] {
      for (int i = 0;; ++i) {
        const auto answer = client.execute(echo(std::to_string(i)));
        if (answer && *answer == std::to_string(i)) continue;
        if (answer || answer.error().code() != ErrorCode::closed) ++wrong;
        return;
      }
    });
    std::this_thread::sleep_for(std::chrono::microseconds(200 * round));
    client.close();
    asking.join();
    EXPECT_EQ(wrong, 0);
  }
}

TEST(AloneTest, CMD_2_a_server_that_hangs_does_not_keep_it) {
  RedisServer server;
  ClientOptions options;
  options.command_timeout = 400ms;
  options.command_deadline = 400ms;
  Client client(server.uri(), options);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.ping(), "PONG");
  server.stop();
  const auto began = std::chrono::steady_clock::now();
  const auto answer = client.execute(cmd::incr("n"));
  const auto took = std::chrono::steady_clock::now() - began;
  server.resume();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().delivery(), Delivery::in_doubt) << answer.error().what();
  EXPECT_GE(took, 390ms);
  EXPECT_LE(took, 3s);
  EXPECT_EQ(client.ping(), "PONG");
}

TEST(AloneTest, row_12_a_killed_connection_ends_what_it_waits_for) {
  RedisServer server;
  Client client(server.uri());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.ping(), "PONG");
  std::jthread killer([&] {
    std::this_thread::sleep_for(50ms);
    server.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  });
  server.command({"CLIENT", "PAUSE", "2000", "WRITE"});
  const auto answer = client.execute(cmd::incr("n"));
  EXPECT_FALSE(answer);
  server.command({"CLIENT", "UNPAUSE"});
  EXPECT_EQ(client.ping(), "PONG");
}

}  // namespace
}  // namespace meridian::testing
