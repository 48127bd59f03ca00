// The real world of one client: everything behind `io::World`, with the right order of ends. No Asio in this header:
// the facade includes it.
#pragma once

#include <memory>

#include "io/world.hpp"

namespace meridian::net {

class IoThread;

class Runtime {
 public:
  // On an I/O thread that others may share. Throws std::system_error if the system has no descriptor left.
  explicit Runtime(std::shared_ptr<IoThread> thread);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  // Stops. REQUIRES: not on the loop; timers, streams and attempts are gone. A listener may be the one who calls it.
  ~Runtime();

  [[nodiscard]] io::World& world() noexcept;

  // Ends both executors: the running tasks finish, the others are dropped, nothing runs afterwards, except that a
  // listener that calls this goes on to its own end. What lived on the loop may then be destroyed on any thread.
  // Idempotent. REQUIRES: not on the loop or its I/O thread.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace meridian::net
