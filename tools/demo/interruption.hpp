// Ctrl-C and its relatives as a stop token, so that everything that was started ends in the ordinary way.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace meridian::demo {

// Thrown by waits when the user wants to stop.
struct Interrupted {};

// Takes SIGINT, SIGTERM and SIGHUP for the whole process. Make it before any other thread: they inherit its mask.
class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::jthread listener_;
};

void throw_if_interrupted(const std::stop_token& stop);

// Throws Interrupted if the wait was cut short.
void pause(std::chrono::steady_clock::duration length, const std::stop_token& stop);

}  // namespace meridian::demo
