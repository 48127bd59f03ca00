// A thread that runs an Asio context. Clients share them: each client's loop has its turns on one.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

#include "net/asio_compat.hpp"

namespace meridian::net {

class IoThread {
 public:
  enum class Whose { mine, program };

  // With a thread of its own, or for the program to call `run`. Throws std::system_error if the system has no thread or
  // descriptor left.
  explicit IoThread(Whose whose = Whose::mine);
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;
  // Ends its thread; handlers that have not run are dropped. REQUIRES: not on the thread.
  ~IoThread();

  // Runs handlers on the calling thread until `stop`, which any thread may call. REQUIRES: no thread of its own.
  void run();
  void stop();

  // Runs what is ready, if nobody is in `run`; false if somebody is, who then also runs whatever was posted before this
  // call. For those who wait for something to be told.
  bool poll();

  [[nodiscard]] Context& context() noexcept { return context_; }

  // The calling thread runs the handlers.
  [[nodiscard]] bool inside() const noexcept { return of_this_thread == this; }
  // … of some IoThread.
  [[nodiscard]] static bool inside_any() noexcept { return of_this_thread != nullptr; }

 private:
  void run_ready();

  static constinit thread_local const IoThread* of_this_thread;  // whose handlers this thread runs

  Context context_;
  WorkGuard keep_running_;
  std::mutex running_;                    // held by who runs handlers
  std::atomic<bool> attended_{false};     // that one is in `run`
  std::atomic<bool> stop_wanted_{false};  // and not obeyed yet
  std::thread thread_;
};

}  // namespace meridian::net
