// A mutex and a condition variable for each sleeper.
#include "net/parking.hpp"

#include <condition_variable>
#include <mutex>

namespace meridian::net {
namespace {

class Parker final : public io::Parker {
 public:
  void park() override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return unparked_; });
  }

  void unpark() override {
    {
      const std::lock_guard lock(mutex_);
      unparked_ = true;
    }
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool unparked_ = false;
};

}  // namespace

std::shared_ptr<io::Parker> ParkingLot::make_parker() { return std::make_shared<Parker>(); }

}  // namespace meridian::net
