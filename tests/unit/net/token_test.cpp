// The mutex of a loop.
#include "net/token.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace meridian::net {
namespace {

TEST(Token, Token_is_one_thread_s_at_a_time) {
  constexpr int threads = 8;
  constexpr int rounds = 20'000;
  Token token;
  int count = 0;  // under the token
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        const std::lock_guard lock(token);
        ++count;
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  EXPECT_EQ(count, threads * rounds);
}

TEST(Token, Token_that_is_held_for_long_lets_the_others_sleep_and_wakes_each_of_them) {
  Token token;
  std::atomic<int> waiting{0};
  int passed = 0;  // under the token
  std::vector<std::thread> running;
  {
    const std::lock_guard lock(token);
    for (int i = 0; i < 4; ++i) {
      running.emplace_back([&] {
        ++waiting;
        const std::lock_guard own(token);
        ++passed;
      });
    }
    while (waiting < 4) std::this_thread::yield();
    // Long enough for their looking again to be over.
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
  }
  for (std::thread& thread : running) thread.join();
  EXPECT_EQ(passed, 4);
}

// The end of a loop: what its last turn gave up is destroyed by another thread.
TEST(Token, Token_may_be_destroyed_by_who_takes_it_next) {
  for (int round = 0; round < 2000; ++round) {
    auto token = std::make_unique<Token>();
    token->lock();
    std::thread last([&token] {
      token->lock();
      token->unlock();
      token.reset();
    });
    token->unlock();
    last.join();
  }
}

}  // namespace
}  // namespace meridian::net
