// Executors for user code that answers the client: checks, strategies, detectors, rules. One of its own for each that
// may block, so that one that does holds up nobody else.
#pragma once

#include <memory>

#include "io/executor.hpp"

namespace meridian::io {

class Executors {
 public:
  virtual ~Executors() = default;

  // Costs nothing before its first task. Its tasks may block. Destroyed, it drops what is queued and waits for the task
  // that runs, unless it is that task that destroys it.
  [[nodiscard]] virtual std::unique_ptr<Executor> make() = 0;
};

}  // namespace meridian::io
