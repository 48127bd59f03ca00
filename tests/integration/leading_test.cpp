// What goes wrong when threads that read for each other disagree about who does: calls that wait for nobody.
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <meridian/client.hpp>

#include "integration/support/redis_server.hpp"
#include "integration/support/scripted_server.hpp"

namespace meridian::testing {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

// How long `threads` threads need for `calls` calls each.
std::chrono::milliseconds time_of(Client& client, int threads, int calls) {
  const auto began = SteadyClock::now();
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&client, calls] {
      for (int n = 0; n < calls; ++n) EXPECT_TRUE(client.execute(cmd::echo("text")));
    });
  }
  for (std::thread& thread : running) thread.join();
  return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - began);
}

// A call that ended before its thread waited was counted as one that is about to come by, and never came: from then on
// nobody wrote what was asked for, because that one would.
TEST(Leading, Calls_that_end_as_they_begin_leave_no_trace) {
  RedisServer server;
  server.kill();
  ClientOptions options;
  options.max_queued_bytes = 100;
  options.reconnect = {.base = 5ms, .cap = 10ms};
  Client client(server.uri(), options);
  for (int i = 0; i < 3; ++i) {
    const auto refused = client.execute(cmd::echo(std::string(200, 'x')));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::queue_full);
  }
  server.restart();
  ASSERT_TRUE(client.execute(cmd::echo("up")));

  EXPECT_LT(time_of(client, 8, 400), 2s);
}

// The first call of a pipeline waits for its next attempt, the others are in line: their own thread was promised the
// lead that it had just given up, while it went to sleep.
TEST(Leading, A_pipeline_whose_first_call_waits_still_reads_for_the_others) {
  ScriptedServer server;
  std::atomic<bool> refused{false};
  server.on("GET", [&](Peer& peer, const Words& words) {
    if (refused.exchange(true)) return peer.answer(words);
    peer.send("-LOADING Redis is loading the dataset in memory\r\n");
    peer.pause(5ms);
  });
  ClientOptions options;
  options.command_retry.backoff = {
      .kind = Backoff::Kind::constant, .base = 1500ms, .cap = 1500ms, .full_jitter = false};
  Client client(server.uri(), options);
  ASSERT_TRUE(client.execute(cmd::echo("up")));
  const auto began = SteadyClock::now();
  std::chrono::steady_clock::duration second_took{};
  auto refuse = cmd::get("k");
  Command<std::string> echo = cmd::echo("text");
  static std::function<void()> seen;
  seen = [&] { second_took = SteadyClock::now() - began; };
  echo.decode = [](ReplyView reply) -> Result<std::string> {
    seen();
    return decode<std::string>(reply);
  };
  const auto [first, second] = client.pipeline(refuse, echo);
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_LT(second_took, 150ms) << "before the silence is noticed";
}

// An asynchronous call that comes while a thread reads makes reading the loop's business: that thread went to sleep,
// and nobody read until a timer looked.
TEST(Leading, An_asynchronous_call_does_not_stop_the_reading) {
  ScriptedServer server;
  server.on("GET", [](Peer& peer, const Words& words) {
    peer.pause(2ms);
    peer.answer(words);
  });
  Client client(server.uri(), {.connections = 1});
  ASSERT_TRUE(client.execute(cmd::echo("up")));
  constexpr int rounds = 50;
  const auto began = SteadyClock::now();
  for (int i = 0; i < rounds; ++i) {
    std::thread reader([&] {
      const auto [first, second] = client.pipeline(cmd::get("a"), cmd::get("b"));
      EXPECT_TRUE(first && second);
    });
    const auto read = static_cast<std::size_t>(2 * i + 1);
    while (server.count("GET") < read) std::this_thread::yield();
    client.submit(cmd::incr("c")).get();
    reader.join();
  }
  EXPECT_LT(SteadyClock::now() - began, rounds * 15ms);
}

}  // namespace
}  // namespace meridian::testing
