// Sees everything that happens in a run: the library's events, the first answer of each server, every failed call. The
// story waits on it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/meridian.hpp>

#include "demo/report.hpp"
#include "demo/screen.hpp"

namespace meridian::demo {

// Thread-safe.
class Witness {
 public:
  using Clock = std::chrono::steady_clock;

  struct Answer {
    std::string server;
    Clock::time_point when;
  };
  struct Switch {
    ActiveDatabaseChanged event;
    Clock::time_point when;
  };

  explicit Witness(Screen& screen) : screen_(screen) {}

  // Also tells the screen.
  void on_event(const Event& event);
  // `server` itself answered a call that ended at `when`.
  void on_answer(std::string_view server, Clock::time_point when);
  void on_failed_call(Delivery delivery, Clock::time_point when);

  // From now on the first answer of each server is a new one.
  void forget_answers();

  // Each waits until `until` at most, and throws Interrupted when stopped.
  [[nodiscard]] std::optional<Answer> await_answer(const std::function<bool(const std::string& server)>& wanted,
                                                   Clock::time_point until, const std::stop_token& stop);
  // The first switch after `since` that is wanted.
  [[nodiscard]] std::optional<Switch> await_switch(const std::function<bool(const ActiveDatabaseChanged&)>& wanted,
                                                   Clock::time_point since, Clock::time_point until,
                                                   const std::stop_token& stop);

  // Calls that ended within [`from`, `to`).
  [[nodiscard]] FailedCalls failed_between(Clock::time_point from, Clock::time_point to) const;
  [[nodiscard]] std::size_t switches() const;

 private:
  struct FailedCall {
    Delivery delivery;
    Clock::time_point when;
  };

  Screen& screen_;
  mutable std::mutex mutex_;
  std::condition_variable_any news_;
  std::map<std::string, Clock::time_point, std::less<>> first_answers_;
  std::vector<Switch> switches_;
  std::vector<FailedCall> failed_;
};

}  // namespace meridian::demo
