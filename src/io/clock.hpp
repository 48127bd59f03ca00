// The time, as told to everything below the facade. The real one is in src/net, the virtual one in the simulator.
#pragma once

#include <meridian/time.hpp>

namespace meridian::io {

class Clock {
 public:
  virtual ~Clock() = default;

  // Monotonic; callable from any thread.
  [[nodiscard]] virtual TimePoint now() const noexcept = 0;
};

}  // namespace meridian::io
