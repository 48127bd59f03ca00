// Runs another program and takes what it says; also the one place that knows of Ctrl-C.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace meridian::bench {

class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

// From now on SIGINT and SIGTERM end what runs with `Interrupted`, so that servers are stopped and folders removed.
void catch_interruptions();

struct ChildResult {
  int exit_code = 0;  // 128 + n after signal n
  std::string output;
  double cpu_seconds = 0;  // user and system, with that of its own children
};

// Waits for the program, which inherits standard error. Killed after `limit`: std::runtime_error, as when it cannot be
// started.
[[nodiscard]] ChildResult run_child(const std::vector<std::string>& words, std::chrono::milliseconds limit);

// True if there is such a program in PATH.
[[nodiscard]] bool is_installed(const std::string& program);

}  // namespace meridian::bench
