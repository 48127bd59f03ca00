// The workers and their pace.
#include "demo/workload.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace meridian::demo {

std::uint64_t Tally::calls_failed() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& count : failed_) sum += count.load(std::memory_order_relaxed);
  return sum;
}

Workload::Workload(Step step) : step_(std::move(step)) {
  for (std::size_t worker = 0; worker < workers; ++worker) {
    threads_.emplace_back([this, worker](const std::stop_token& stop) { work(stop, worker); });
  }
}

Workload::~Workload() { stop(); }

void Workload::stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

void Workload::work(const std::stop_token& stop, std::size_t worker) {
  using Clock = std::chrono::steady_clock;
  std::mutex mutex;
  std::condition_variable_any nothing_but_the_stop;
  std::unique_lock lock(mutex);
  // The workers take turns within the pace.
  Clock::time_point next =
      Clock::now() + pace * static_cast<Duration::rep>(worker) / static_cast<Duration::rep>(workers);
  for (std::uint64_t n = 0; !stop.stop_requested(); ++n) {
    nothing_but_the_stop.wait_until(lock, stop, next, [] { return false; });
    if (stop.stop_requested()) return;
    step_(worker, n);
    // Time lost in a slow call is not made up for by a burst.
    next = std::max(next + pace, Clock::now());
  }
}

}  // namespace meridian::demo
