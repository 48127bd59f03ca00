// Making and sharing I/O threads.
#include "net/io_pool.hpp"

#include <mutex>

namespace meridian::detail {

IoPool::IoPool(int threads) : own_(threads > 0) {
  using Whose = net::IoThread::Whose;
  if (!own_) threads_.push_back(std::make_shared<net::IoThread>(Whose::program));
  for (int i = 0; i < threads; ++i) threads_.push_back(std::make_shared<net::IoThread>(Whose::mine));
}

std::shared_ptr<net::IoThread> IoPool::next() noexcept {
  return threads_[clients_.fetch_add(1, std::memory_order_relaxed) % threads_.size()];
}

std::shared_ptr<net::IoThread> IoPool::shared_thread() {
  static std::mutex mutex;
  static std::weak_ptr<net::IoThread> weak;
  const std::lock_guard lock(mutex);
  std::shared_ptr<net::IoThread> thread = weak.lock();
  if (!thread) weak = thread = std::make_shared<net::IoThread>();
  return thread;
}

}  // namespace meridian::detail
