#include "bench/threaded_load.hpp"

#include <exception>
#include <stdexcept>

#include "bench/placement.hpp"

namespace meridian::bench {
namespace {

std::size_t threads_for(const Row& row) { return row.shape == Shape::sync ? row.width : 1; }

}  // namespace

// A clock read costs 25 ns: nothing beside a batch, and every fourth time nothing beside a round trip.
ThreadedLoad::ThreadedLoad(const Row& row, const MakeWorker& make_worker)
    : Load(threads_for(row), std::size_t{1} << 15),
      operations_per_step_(row.shape == Shape::sync ? 1 : row.width),
      sample_every_(row.shape == Shape::sync ? 4 : 1) {
  for (std::size_t i = 0; i < threads_for(row); ++i) workers_.push_back(make_worker(i));
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    threads_.emplace_back([this, i](const std::stop_token& ending) { run_thread(ending, i); });
  }
}

ThreadedLoad::~ThreadedLoad() {
  running_.store(false, std::memory_order_relaxed);
  threads_.clear();
}

void ThreadedLoad::start() {
  const std::lock_guard lock(mutex_);
  running_.store(true, std::memory_order_relaxed);
  busy_ = workers_.size();
  ++slice_;
  changed_.notify_all();
}

void ThreadedLoad::stop() {
  running_.store(false, std::memory_order_relaxed);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return busy_ == 0; });
  if (!failure_.empty()) throw std::runtime_error(failure_);
}

void ThreadedLoad::run_thread(const std::stop_token& ending, std::size_t index) {
  for (std::uint64_t done = 0;; ++done) {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, ending, [&] { return slice_ != done; })) return;
    }
    std::string failure;
    try {
      run_slice(index);
    } catch (const std::exception& error) {
      failure = error.what();
      running_.store(false, std::memory_order_relaxed);
    }
    const std::lock_guard lock(mutex_);
    if (failure_.empty()) failure_ = failure;
    if (--busy_ == 0) changed_.notify_all();
  }
}

void ThreadedLoad::run_slice(std::size_t index) {
  spread_out(index);
  Worker& worker = *workers_[index];
  Lane& lane = lanes_[index];
  for (std::uint64_t step = 0; running_.load(std::memory_order_relaxed); ++step) {
    if (step % sample_every_ == 0 && is_sampling()) {
      const auto begin = Clock::now();
      worker.step();
      lane.add_sample(Clock::now() - begin);
    } else {
      worker.step();
    }
    lane.count(operations_per_step_);
  }
}

}  // namespace meridian::bench
