// A thread that runs an Asio context. Clients share them: each client's loop has its turns on one.
#pragma once

#include <memory>
#include <thread>

#include "net/asio_compat.hpp"

namespace meridian::net {

class IoThread {
 public:
  // Starts the thread. Throws std::system_error if the system has no thread or descriptor left.
  IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;
  // Ends the thread; handlers that have not run are dropped. REQUIRES: not on the thread.
  ~IoThread();

  // The one that all clients of the process share, for as long as there are any. Any thread.
  [[nodiscard]] static std::shared_ptr<IoThread> shared();

  [[nodiscard]] Context& context() noexcept { return context_; }

  // This is that thread.
  [[nodiscard]] bool inside() const noexcept;

 private:
  Context context_;
  WorkGuard keep_running_;
  std::thread thread_;
};

}  // namespace meridian::net
