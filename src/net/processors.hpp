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

// How long a yield may take that only lets a number of callers and the server go first. Beside somebody who works for
// himself it takes a slice, which the scheduler ends at one of its ticks: 2 or 3 of 1 ms, or one of 4 or 10 ms, as the
// kernel was configured.
[[nodiscard]] Duration longest_yield(Duration tick) noexcept;
// The tick of this kernel.
[[nodiscard]] Duration scheduler_tick() noexcept;

// The processors on which somebody works for long: a program's own threads, or a server on the same machine. There a
// yield gives that one a whole slice of some milliseconds, while a thread that sleeps is woken before it or on another
// processor. One look costs little more than two loads. Thread-safe.
class TakenProcessors {
 public:
  // After a yield that was too long nobody is to yield there for this many times as long: what yields can cost is a
  // tenth of the time at most.
  static constexpr int times_as_long = 10;

  // A yield of `longest` is too long.
  explicit TakenProcessors(Duration longest) noexcept : longest_(longest) {}

  // A thread that yielded on `processor` at `left_at` went on at `back_at`. True: that was too long.
  bool note_yield(std::size_t processor, TimePoint left_at, TimePoint back_at) noexcept {
    const Duration away = back_at - left_at;
    if (away < longest_) return false;
    until_[processor % places].store(back_at + times_as_long * away, std::memory_order_relaxed);
    return true;
  }

  [[nodiscard]] bool has(std::size_t processor, TimePoint now) const noexcept {
    return now < until_[processor % places].load(std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t places = 256;  // on larger machines some share one

  const Duration longest_;
  std::array<std::atomic<TimePoint>, places> until_{};
};

}  // namespace meridian::net
