// On which cores this process and what it starts may run.
#pragma once

#include <sched.h>

#include <cstddef>

#include "bench/row.hpp"

namespace meridian::bench {

// The core of the server: the last of those that we were given; the first ones get most interrupts.
[[nodiscard]] int server_core();
// How many cores we were given.
[[nodiscard]] int core_count();

// The calling thread and the threads and processes that it starts while this lives are bound to one core.
class OnCore {
 public:
  explicit OnCore(int core);
  OnCore(const OnCore&) = delete;
  OnCore& operator=(const OnCore&) = delete;
  ~OnCore();

 private:
  cpu_set_t before_;
};

// Moves the calling thread to a core of its own as far as there are enough: thread 0 beside the server, the next ones
// round about. It may go anywhere from there; but it does not begin where some accident left it.
void spread_out(std::size_t thread);

}  // namespace meridian::bench
