// Where the program's own code answers the client: a thread of its own, because it may block. What it says comes back
// to the loop, unless the client is closed by then.
#pragma once

#include <functional>
#include <memory>

#include "io/world.hpp"

namespace meridian::io {

class UserThread {
 public:
  explicit UserThread(World& world);
  UserThread(const UserThread&) = delete;
  UserThread& operator=(const UserThread&) = delete;
  // Waits for what runs, unless it is that which destroys this. REQUIRES: closed; not inside a turn, for which the
  // program's code may be waiting.
  ~UserThread();

  // Runs `work` there, and what it returns on the loop. One after another, in order. `work` catches what the program's
  // code throws.
  void run(std::function<Task()> work);

  // Nothing comes back after this. On the loop.
  void close() noexcept;

 private:
  struct Desk;
  std::shared_ptr<Desk> desk_;  // the thread's, too, which may outlive this
  std::unique_ptr<Executor> executor_;
};

}  // namespace meridian::io
