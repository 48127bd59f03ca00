// What makes a thread the loop: a mutex that is a few instructions where its owner takes it, and nothing else.
#pragma once

#include <atomic>

namespace meridian::net {

// Lockable by std::lock_guard and its like. Turns are short (io/loop.hpp), so who finds it taken looks again for a
// moment before it sleeps; std::mutex sleeps at once, and 32 threads on a virtual machine of two processors then make a
// fifth less calls.
class Token {
 public:
  Token() noexcept = default;
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  void lock() noexcept {
    int seen = free;
    if (!state_.compare_exchange_strong(seen, taken, std::memory_order_acquire, std::memory_order_relaxed)) wait();
  }

  // Nothing of the token is touched once another thread may have it: that one may destroy it.
  void unlock() noexcept {
    if (state_.exchange(free, std::memory_order_release) == awaited) state_.notify_one();
  }

 private:
  static constexpr int free = 0;
  static constexpr int taken = 1;
  static constexpr int awaited = 2;  // taken, and somebody may sleep until it is free
  static constexpr int most_looks = 100;

  [[gnu::cold, gnu::noinline]] void wait() noexcept {
    for (int look = 0; look < most_looks; ++look) {
      int seen = state_.load(std::memory_order_relaxed);
      if (seen == free && state_.compare_exchange_weak(seen, taken, std::memory_order_acquire)) return;
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
    while (state_.exchange(awaited, std::memory_order_acquire) != free) state_.wait(awaited, std::memory_order_relaxed);
  }

  std::atomic<int> state_{free};
};

}  // namespace meridian::net
