// The I/O threads of a process, or of a program's own runtime.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "net/io_thread.hpp"

namespace meridian::detail {

class IoPool {
 public:
  // `threads` of its own; 0: one that the program runs. Throws as IoThread.
  explicit IoPool(int threads);

  // What clients share that name no runtime; it lives as long as any of them. Any thread.
  [[nodiscard]] static std::shared_ptr<net::IoThread> shared_thread();

  // The thread for the next client. Any thread.
  [[nodiscard]] std::shared_ptr<net::IoThread> next() noexcept;

  // REQUIRES: made with 0.
  void run() { threads_.front()->run(); }
  void stop() { threads_.front()->stop(); }
  [[nodiscard]] bool has_own_threads() const noexcept { return own_; }

 private:
  bool own_;
  std::vector<std::shared_ptr<net::IoThread>> threads_;
  std::atomic<std::size_t> clients_{0};
};

}  // namespace meridian::detail
