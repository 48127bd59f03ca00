// Where listeners run: user code, which may block, and may call or even destroy the client.
#pragma once

#include <memory>

#include "io/executor.hpp"

namespace meridian::net {

// One thread, started by the first post: a client without listeners has none. Whoever posts user code catches what it
// throws; an exception that leaves a task ends the program.
class ListenerThread final : public io::Executor {
 public:
  ListenerThread();
  ListenerThread(const ListenerThread&) = delete;
  ListenerThread& operator=(const ListenerThread&) = delete;
  // Stops.
  ~ListenerThread() override;

  // Drops what is queued and waits for the running task; called from within that task it returns at once, and the
  // thread ends with the task. Idempotent.
  void stop() noexcept;

  void post(io::Task task) override;
  [[nodiscard]] bool inside() const noexcept override;

  // Throws std::logic_error: nothing of the client times user code.
  [[nodiscard]] std::unique_ptr<io::Timer> make_timer() override;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // the thread's too, which may outlive this object
};

}  // namespace meridian::net
