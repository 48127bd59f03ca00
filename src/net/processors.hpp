// What the machine has for this process.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>

#include <meridian/time.hpp>

namespace meridian::net {

// The processors that the calling thread may run on, at least 1: `taskset` and a container's set of CPUs count, which
// std::thread::hardware_concurrency does not promise.
[[nodiscard]] unsigned processor_count() noexcept;

// Where the calling thread runs now; it may be elsewhere by the time that the answer is used.
[[nodiscard]] std::size_t processor_here() noexcept;

// The processors on which somebody works for long: a program's own threads, or a server on the same machine. There a
// yield gives that one a whole slice of some milliseconds, while a thread that sleeps is woken before it or on another
// processor. One look costs little more than two loads. Thread-safe.
class TakenProcessors {
 public:
  // So long a yield is too long: one that lets a number of callers and the server go first is not.
  static constexpr Duration longest_yield = std::chrono::microseconds(1500);
  // Then nobody is to yield there for this many times as long: what yields can cost is a tenth of the time at most.
  static constexpr int times_as_long = 10;

  // A thread that yielded on `processor` at `left_at` went on at `back_at`. True: that was too long.
  bool note_yield(std::size_t processor, TimePoint left_at, TimePoint back_at) noexcept {
    const Duration away = back_at - left_at;
    if (away < longest_yield) return false;
    until_of(processor).store(back_at + times_as_long * away, std::memory_order_relaxed);
    return true;
  }

  [[nodiscard]] bool has(std::size_t processor, TimePoint now) noexcept {
    return now < until_of(processor).load(std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t places = 256;  // on larger machines some share one

  [[nodiscard]] std::atomic<TimePoint>& until_of(std::size_t processor) noexcept { return until_[processor % places]; }

  std::array<std::atomic<TimePoint>, places> until_{};
};

}  // namespace meridian::net
