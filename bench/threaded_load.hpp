// A load of threads that each do one step after the other: an operation, or a batch of them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "bench/load.hpp"

namespace meridian::bench {

// What one thread does.
class Worker {
 public:
  virtual ~Worker() = default;
  // Throws std::runtime_error if anything is not as it must be.
  virtual void step() = 0;
};

// Threads are there from the beginning and wait between slices.
class ThreadedLoad final : public Load {
 public:
  // Makes the worker of thread `index`; called in the constructor.
  using MakeWorker = std::function<std::unique_ptr<Worker>(std::size_t index)>;

  // As the row wants it: a thread for each synchronous caller, or one thread for batches.
  ThreadedLoad(const Row& row, const MakeWorker& make_worker);
  ~ThreadedLoad() override;

  void start() override;
  void stop() override;

 private:
  void run_thread(const std::stop_token& ending, std::size_t index);
  void run_slice(std::size_t index);

  std::size_t operations_per_step_;
  std::uint64_t sample_every_;  // steps
  std::vector<std::unique_ptr<Worker>> workers_;

  std::atomic<bool> running_ = false;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t slice_ = 0;
  std::size_t busy_ = 0;
  std::string failure_;

  std::vector<std::jthread> threads_;
};

}  // namespace meridian::bench
