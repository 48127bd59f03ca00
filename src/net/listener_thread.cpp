// A queue and its thread, which may outlive the executor when user code destroys it.
#include "net/listener_thread.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "net/thread.hpp"

namespace meridian::net {
namespace {

// Whose thread this is, if anybody's: the address of the executor's shared state.
thread_local const void* current_listener = nullptr;

}  // namespace

struct ListenerThread::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<io::Task> queue;  // under mutex
  bool stopped = false;        // under mutex
  std::thread thread;          // under mutex until stopped, then the stopper's

  void run() {
    current_listener = this;
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return stopped || !queue.empty(); });
      if (stopped) return;
      io::Task task = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      std::exchange(task, nullptr)();
      lock.lock();
    }
  }
};

ListenerThread::ListenerThread() : shared_(std::make_shared<Shared>()) {}

ListenerThread::~ListenerThread() { stop(); }

void ListenerThread::stop() noexcept {
  std::deque<io::Task> dropped;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->stopped = true;
    dropped.swap(shared_->queue);
  }
  shared_->changed.notify_one();
  dropped.clear();
  if (!shared_->thread.joinable()) return;
  if (inside()) {
    shared_->thread.detach();
  } else {
    shared_->thread.join();
  }
}

void ListenerThread::post(io::Task task) {
  // A hold of its own: the task may run, and destroy this object, before this call has returned.
  const std::shared_ptr<Shared> shared = shared_;
  {
    const std::lock_guard lock(shared->mutex);
    if (shared->stopped) return;
    shared->queue.push_back(std::move(task));
    if (!shared->thread.joinable()) {
      try {
        shared->thread = start_thread("meridian-listen", [shared] { shared->run(); });
      } catch (const std::system_error&) {
        // The machine is out of threads. The task stays in line, and the next post tries again.
        return;
      }
    }
  }
  shared->changed.notify_one();
}

bool ListenerThread::inside() const noexcept { return current_listener == shared_.get(); }

std::unique_ptr<io::Timer> ListenerThread::make_timer() {
  throw std::logic_error("the executor of listeners has no timers");
}

}  // namespace meridian::net
