// A few threads that call at a steady pace, and the running count of how their calls ended.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include <meridian/meridian.hpp>

namespace meridian::demo {

// How calls ended. Thread-safe.
class Tally {
 public:
  void answered() noexcept { answered_.fetch_add(1, std::memory_order_relaxed); }
  // `delivery` is `answered` when the server answered with an error.
  void failed(Delivery delivery) noexcept {
    failed_[static_cast<std::size_t>(delivery)].fetch_add(1, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t calls_answered() const noexcept { return answered_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t calls_failed(Delivery delivery) const noexcept {
    return failed_[static_cast<std::size_t>(delivery)].load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t calls_failed() const noexcept;
  [[nodiscard]] std::uint64_t calls() const noexcept { return calls_answered() + calls_failed(); }

 private:
  std::atomic<std::uint64_t> answered_ = 0;
  std::array<std::atomic<std::uint64_t>, 4> failed_{};  // by Delivery
};

// About 800 calls a second in all: enough to notice every failure at once, little enough for a machine of two cores
// that also runs three servers which sync each write to disk.
inline constexpr std::size_t workers = 4;
inline constexpr Duration pace = std::chrono::milliseconds(5);

class Workload {
 public:
  // One call, the `n`th of `worker`, run on the worker's thread.
  using Step = std::function<void(std::size_t worker, std::uint64_t n)>;

  explicit Workload(Step step);
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;
  ~Workload();

  // Returns when the last call has ended.
  void stop();

 private:
  void work(const std::stop_token& stop, std::size_t worker);

  Step step_;
  std::vector<std::jthread> threads_;
};

}  // namespace meridian::demo
