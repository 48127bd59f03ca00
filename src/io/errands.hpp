// Work that may block for as long as it likes, such as a program's own code that a connection has to wait for.
#pragma once

#include <functional>

#include "io/executor.hpp"

namespace meridian::io {

class Errands {
 public:
  virtual ~Errands() = default;

  // Runs `work` beside everything else, then what it returned on the loop, unless the loop is gone by then. Nobody
  // waits for `work`. Called on the loop. False: the machine is out of threads, nothing is run.
  [[nodiscard]] virtual bool run(std::function<Task()> work) = 0;
};

}  // namespace meridian::io
