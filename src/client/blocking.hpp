// What a calling thread does to the loop, and how it waits for it.
#pragma once

#include <memory>

#include "io/world.hpp"

namespace meridian::client {

// Runs `task` in a turn on this thread.
template <class Task>
void in_a_turn(io::World& world, Task task) {
  const io::Turn turn(world.loop);
  task();
}

// Returns when the I/O thread has told what was announced before; at once on an I/O thread, which must not wait for
// itself, nor for another that may be waiting for it. REQUIRES: not inside a turn.
inline void wait_until_told(io::World& world) {
  if (world.loop.on_any_io_thread()) return;
  const std::shared_ptr<io::Parker> parker = world.parking.make_parker();
  // Two hops: what was announced is told at the end of the turn of the first.
  world.loop.post([&loop = world.loop, parker] { loop.post([parker] { parker->unpark(); }); });
  world.loop.tell_unattended();
  parker->park();
}

}  // namespace meridian::client
