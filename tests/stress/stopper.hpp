// Fires stop tokens a little later, on a thread of its own.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>

#include "stress/dice.hpp"
#include "stress/tally.hpp"

namespace meridian::stress {

// Thread-safe.
class LateStopper {
 public:
  explicit LateStopper(Tally& tally) : tally_(tally), thread_([this] { run(); }) {}
  LateStopper(const LateStopper&) = delete;
  LateStopper& operator=(const LateStopper&) = delete;
  // Fires what is left.
  ~LateStopper() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void fire(std::stop_source source, Clock::duration in) {
    const std::lock_guard lock(mutex_);
    const auto at = due_.emplace(Clock::now() + in, std::move(source));
    if (at == due_.begin()) changed_.notify_all();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!ending_ || !due_.empty()) {
      if (due_.empty()) {
        changed_.wait(lock);
      } else if (!ending_ && due_.begin()->first > Clock::now()) {
        changed_.wait_until(lock, due_.begin()->first);
      } else {
        std::stop_source source = std::move(due_.extract(due_.begin()).mapped());
        lock.unlock();
        ++tally_.stops;
        source.request_stop();
        lock.lock();
      }
    }
  }

  Tally& tally_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Clock::time_point, std::stop_source> due_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace meridian::stress
