// One word for each sleeping thread, and the kernel's futex under it.
#include "net/parking.hpp"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdint>

#include "net/processors.hpp"
#include "net/steady_clock.hpp"

namespace meridian::net {
namespace {

// What one thread of the process has found out, all others know.
TakenProcessors& taken_processors() noexcept {
  static TakenProcessors taken(longest_yield(scheduler_tick()));
  return taken;
}

class Parker final : public io::Parker {
 public:
  void park() override {
    let_others_run();
    // Full, empty or asleep. Taking a token that is there costs no system call.
    if (state_.exchange(asleep, std::memory_order_acquire) != full) {
      yields_ = std::max(yields_ - 1, least_yields);
      while (state_.load(std::memory_order_acquire) == asleep) {
        ::syscall(SYS_futex, word(), FUTEX_WAIT_PRIVATE, asleep, nullptr, nullptr, 0);
      }
    }
    state_.store(empty, std::memory_order_relaxed);
  }

  void unpark() override {
    // After the exchange the sleeper may go on and be gone: the kernel only compares the address then.
    if (state_.exchange(full, std::memory_order_release) == asleep) {
      ::syscall(SYS_futex, word(), FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }
  }

 private:
  // Among many callers the answer is mostly on its way: letting others run for a moment costs less than going to sleep
  // and being woken. That is dear above all where it wakes a processor: on a virtual machine of two, 8 threads made
  // 106 000 calls a second with two yields and 180 000 with sixteen. Where there are no others to run a yield is over
  // at once, and sixteen cost a few microseconds. Where they are in vain, because the server is far away, they are
  // given up: each sleep takes one away, down to two, and a token that comes in time restores them.
  //
  // All that holds among callers. Beside somebody who takes the processor for his own work 8 threads that yield made an
  // eighth of the calls that they make asleep, so there they sleep at once.
  void let_others_run() noexcept {
    TakenProcessors& taken = taken_processors();
    TimePoint left_at = clock_.now();
    for (int i = 0; i < yields_; ++i) {
      if (state_.load(std::memory_order_relaxed) == full) {
        yields_ = most_yields;
        return;
      }
      const std::size_t here = processor_here();
      if (taken.has(here, left_at)) return;
      ::sched_yield();
      const TimePoint back_at = clock_.now();
      if (taken.note_yield(here, left_at, back_at)) return;
      left_at = back_at;
    }
  }

  static constexpr int least_yields = 2;
  static constexpr int most_yields = 16;
  static constexpr std::uint32_t empty = 0;
  static constexpr std::uint32_t full = 1;
  static constexpr std::uint32_t asleep = 2;
  [[nodiscard]] std::uint32_t* word() noexcept { return reinterpret_cast<std::uint32_t*>(&state_); }
  static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

  std::atomic<std::uint32_t> state_{empty};
  int yields_ = most_yields;  // of the thread whose parker this is
  const SteadyClock clock_{};
};

}  // namespace

std::shared_ptr<io::Parker> ParkingLot::make_parker() {
  thread_local const std::shared_ptr<io::Parker> mine = std::make_shared<Parker>();
  return mine;
}

}  // namespace meridian::net
