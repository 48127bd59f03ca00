// How a calling thread waits for its answer. In production it sleeps; in the simulator waiting runs virtual time.
#pragma once

#include <memory>
#include <utility>

namespace meridian::io {

class Parker {
 public:
  Parker() noexcept = default;
  Parker(const Parker&) = delete;
  Parker& operator=(const Parker&) = delete;
  virtual ~Parker() = default;

  // Returns once `unpark` was called since the last `park`, before this call or during it. REQUIRES: not on the loop.
  virtual void park() = 0;

  // Callable from any thread.
  virtual void unpark() = 0;

 private:
  friend class WakeList;
  Parker* next_ = nullptr;
};

// Parkers to be unparked together. REQUIRES: each is added once for each time that it parks.
class WakeList {
 public:
  void add(Parker& parker) noexcept { parker.next_ = std::exchange(first_, &parker); }
  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  // A parker may be gone as soon as it is unparked.
  void unpark_all() noexcept {
    while (first_ != nullptr) std::exchange(first_, first_->next_)->unpark();
  }

 private:
  Parker* first_ = nullptr;
};

class ParkingLot {
 public:
  virtual ~ParkingLot() = default;
  // The parker of the calling thread; its `park` and `unpark` come in pairs, one pair at a time. Callable from any
  // thread. Shared, because the one who unparks may still be inside `unpark` when `park` returns.
  [[nodiscard]] virtual std::shared_ptr<Parker> make_parker() = 0;
};

}  // namespace meridian::io
