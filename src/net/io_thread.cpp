// Starting, sharing and ending the I/O threads.
#include "net/io_thread.hpp"

#include <mutex>

#include "net/thread.hpp"

namespace meridian::net {
namespace {

thread_local const IoThread* current_io_thread = nullptr;

}  // namespace

IoThread::IoThread() : keep_running_(context_.get_executor()) {
  // Asio opens its own descriptors with the first socket. Here a lack of them can still be reported; later it would
  // come as an exception in the middle of connecting.
  { const TcpSocket first(context_); }
  thread_ = start_thread("meridian-io", [this] {
    current_io_thread = this;
    context_.run();
  });
}

IoThread::~IoThread() {
  context_.stop();
  thread_.join();
}

bool IoThread::inside() const noexcept { return current_io_thread == this; }

std::shared_ptr<IoThread> IoThread::shared() {
  static std::mutex mutex;
  static std::weak_ptr<IoThread> weak;
  const std::lock_guard lock(mutex);
  std::shared_ptr<IoThread> thread = weak.lock();
  if (!thread) weak = thread = std::make_shared<IoThread>();
  return thread;
}

}  // namespace meridian::net
