// A wait for somebody else's answer that does not blame them for our own stall (rule DET-5): a timer that fired late by
// more than 50 ms + 25 % of the wait starts its wait again, at most twice.
#pragma once

#include <meridian/time.hpp>

namespace meridian::core {

class Patience {
 public:
  Patience() noexcept = default;
  Patience(TimePoint now, Duration wait) noexcept : due_(now + wait), wait_(wait) {}

  [[nodiscard]] TimePoint due() const noexcept { return due_; }

  // True if the wait is over and may be held against the one who was waited for. REQUIRES: the socket was read once
  // more before asking.
  [[nodiscard]] bool is_over(TimePoint now) noexcept {
    if (now < due_) return false;
    const bool we_were_stalled = now - due_ > std::chrono::milliseconds(50) + wait_ / 4;
    if (!we_were_stalled || restarts_ == 2) return true;
    ++restarts_;
    due_ = now + wait_;
    return false;
  }

 private:
  TimePoint due_{};
  Duration wait_{};
  int restarts_ = 0;
};

}  // namespace meridian::core
