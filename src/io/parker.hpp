// How a calling thread waits for its answer. In production it sleeps; in the simulator waiting runs virtual time.
#pragma once

#include <memory>

namespace meridian::io {

class Parker {
 public:
  virtual ~Parker() = default;

  // Returns once `unpark` was called, before or after. REQUIRES: not on the loop.
  virtual void park() = 0;

  // Callable from any thread, once.
  virtual void unpark() = 0;
};

class ParkingLot {
 public:
  virtual ~ParkingLot() = default;
  // Callable from any thread. Shared, because the one who unparks may still be inside `unpark` when `park` returns.
  [[nodiscard]] virtual std::shared_ptr<Parker> make_parker() = 0;
};

}  // namespace meridian::io
