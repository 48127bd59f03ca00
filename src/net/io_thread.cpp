// Starting and ending I/O threads.
#include "net/io_thread.hpp"

#include <utility>

#include "net/thread.hpp"

namespace meridian::net {

constinit thread_local const IoThread* IoThread::of_this_thread = nullptr;

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
  const IoThread* const before = std::exchange(of_this_thread, this);
  attended_ = true;
  // A stop that came first has stopped the context already, or does so before it runs anything.
  if (!stop_wanted_) context_.run();
  stop_wanted_ = false;
  context_.restart();
  attended_ = false;
  // Who saw us here and waits for what it had posted before is not to wait for ever (`poll`).
  run_ready();
  of_this_thread = before;
}

// Somebody waits for what is ready. A stop that comes meanwhile is for who is in `run`, and stays wanted.
void IoThread::run_ready() {
  do {
    if (context_.stopped()) context_.restart();
    context_.poll();
  } while (context_.stopped());
}

bool IoThread::poll() {
  for (;;) {
    const std::unique_lock lock(running_, std::try_to_lock);
    if (lock) {
      const IoThread* const before = std::exchange(of_this_thread, this);
      run_ready();
      of_this_thread = before;
      return true;
    }
    if (attended_) return false;
    std::this_thread::yield();  // somebody else polls, or is about to run
  }
}

void IoThread::stop() {
  stop_wanted_ = true;
  context_.stop();
}

}  // namespace meridian::net
