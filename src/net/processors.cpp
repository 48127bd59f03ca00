// Asking the kernel.
#include "net/processors.hpp"

#include <sched.h>

#include <algorithm>
#include <ctime>
#include <thread>

namespace meridian::net {

unsigned processor_count() noexcept {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  // It fails on machines with more processors than the set has places for.
  const bool known = ::sched_getaffinity(0, sizeof allowed, &allowed) == 0;
  const unsigned count = known ? static_cast<unsigned>(CPU_COUNT(&allowed)) : std::thread::hardware_concurrency();
  return std::max(1U, count);
}

std::size_t processor_here() noexcept {
  const int processor = ::sched_getcpu();
  return processor < 0 ? 0 : static_cast<std::size_t>(processor);
}

Duration longest_yield(Duration tick) noexcept {
  return std::max<Duration>(std::chrono::microseconds(1500), tick * 6 / 10);
}

Duration scheduler_tick() noexcept {
  timespec tick{};
  ::clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
  return std::chrono::seconds(tick.tv_sec) + std::chrono::nanoseconds(tick.tv_nsec);
}

}  // namespace meridian::net
