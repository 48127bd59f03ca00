// Where work runs: one task after another, never two at once. A client has two: its loop (connections, decisions)
// and the one for listeners (user code).
#pragma once

#include <functional>
#include <memory>

#include <meridian/time.hpp>

namespace meridian::io {

using Task = std::function<void()>;

// One timer, armed again and again. Lives on its executor: create, arm, cancel and destroy it there.
class Timer {
 public:
  // Cancels.
  virtual ~Timer() = default;

  // Runs `task` once, at or after `due`. Replaces what was armed before. The task is never run inside this call.
  virtual void arm(TimePoint due, Task task) = 0;

  // After this the task is not run, even if its time had come.
  virtual void cancel() noexcept = 0;
};

class Executor {
 public:
  virtual ~Executor() = default;

  // Queues `task`; callable from any thread. Tasks run in the order of their posts. After the executor was stopped,
  // tasks are dropped.
  virtual void post(Task task) = 0;

  // True inside a task of this executor.
  [[nodiscard]] virtual bool inside() const noexcept = 0;

  // Called on this executor, or before it runs anything.
  [[nodiscard]] virtual std::unique_ptr<Timer> make_timer() = 0;
};

}  // namespace meridian::io
