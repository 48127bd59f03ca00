// How a test talks with a loop, and how long it is ready to wait for what must happen.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <utility>

#include "io/executor.hpp"

namespace meridian::net {

// Far above everything that is waited for: only a failing test comes near it.
constexpr std::chrono::seconds patience{20};

template <class T>
T await(std::future<T> future) {
  if (future.wait_for(patience) != std::future_status::ready) throw std::runtime_error("it did not happen");
  return future.get();
}

// Runs `work` on the executor and gives what it returned.
template <class Work>
auto on(io::Executor& executor, Work work) {
  // Shared: the waiter may be gone before the executor has come back from the task.
  const auto task = std::make_shared<std::packaged_task<decltype(work())()>>(std::move(work));
  auto future = task->get_future();
  executor.post([task] { (*task)(); });
  return await(std::move(future));
}

// Something that happens once, on another thread.
template <class T>
class Happening {
 public:
  void happened(T value) {
    const auto promise = promise_;
    promise->set_value(std::move(value));
  }
  T await() { return net::await(promise_->get_future()); }

 private:
  std::shared_ptr<std::promise<T>> promise_ = std::make_shared<std::promise<T>>();  // see above
};

}  // namespace meridian::net
