// Starting and ending I/O threads.
#include "net/io_thread.hpp"

#include <utility>

#include "net/thread.hpp"

namespace meridian::net {
namespace {

thread_local const IoThread* current_io_thread = nullptr;

}  // namespace

IoThread::IoThread(Whose whose) : keep_running_(context_.get_executor()) {
  // Asio opens its own descriptors with the first socket. Here a lack of them can still be reported; later it would
  // come as an exception in the middle of connecting.
  { const TcpSocket first(context_); }
  if (whose == Whose::program) return;
  thread_ = start_thread("meridian-io", [this] { run(); });
}

IoThread::~IoThread() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void IoThread::run() {
  const std::lock_guard lock(running_);
  const IoThread* const before = std::exchange(current_io_thread, this);
  context_.run();
  context_.restart();  // this stop has been obeyed
  current_io_thread = before;
}

bool IoThread::poll() {
  const std::unique_lock lock(running_, std::try_to_lock);
  if (!lock) return false;
  const IoThread* const before = std::exchange(current_io_thread, this);
  context_.poll();
  current_io_thread = before;
  return true;
}

void IoThread::stop() { context_.stop(); }

bool IoThread::inside() const noexcept { return current_io_thread == this; }

}  // namespace meridian::net
