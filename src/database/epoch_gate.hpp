// The published epoch of one client, and the question every connection asks before it hands user commands to a socket.
#pragma once

#include <atomic>
#include <cstdint>

namespace meridian::database {

// Written by the client's loop only; read wherever a connection writes.
class EpochGate {
 public:
  void publish(std::uint64_t epoch) noexcept { published_.store(epoch, std::memory_order_release); }
  [[nodiscard]] std::uint64_t published() const noexcept { return published_.load(std::memory_order_acquire); }

  // May a connection that was opened or adopted under `epoch` still send user commands? (FO-4, invariant I5)
  [[nodiscard]] bool admits(std::uint64_t epoch) const noexcept { return epoch == published(); }

 private:
  std::atomic<std::uint64_t> published_{0};
};

}  // namespace meridian::database
