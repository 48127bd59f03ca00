// The loop of a client: one Asio context, run by one thread of its own. Connections, timers and decisions live here.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "io/executor.hpp"
#include "net/asio_compat.hpp"

namespace meridian::net {

// Timers, streams and attempts of a loop are destroyed on it, or after `stop`, and in any case before it.
class Loop final : public io::Executor {
 public:
  // Starts the thread. Throws std::system_error if the system has no thread or descriptor left.
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  // Stops. REQUIRES: not on the loop.
  ~Loop() override;

  // An exception that leaves a task is a bug and ends the program.
  void post(io::Task task) override;
  [[nodiscard]] bool inside() const noexcept override;
  [[nodiscard]] std::unique_ptr<io::Timer> make_timer() override;

  // Lets the running task finish, drops all others and joins the thread: nothing runs afterwards. Idempotent.
  // REQUIRES: not on the loop.
  void stop();

  // For the parts of this floor that wait on sockets.
  [[nodiscard]] Context& context() noexcept { return context_; }

 private:
  void run();
  void run_posted();

  Context context_;
  WorkGuard keep_running_;
  std::mutex mutex_;
  std::vector<io::Task> posted_;  // under mutex_
  bool turn_is_due_ = false;      // under mutex_: run_posted is queued or running
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

}  // namespace meridian::net
