// One thread waits for the signals; all others have them blocked.
#include "demo/interruption.hpp"

#include <pthread.h>

#include <csignal>

namespace meridian::demo {
namespace {

// Ends the listener when nobody interrupted anything.
constexpr int our_own_signal = SIGUSR1;

sigset_t signals_of_interest() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, our_own_signal}) sigaddset(&set, signal);
  return set;
}

}  // namespace

Interruption::Interruption() {
  const sigset_t set = signals_of_interest();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A reader that goes away (`| head`) must not end us before the servers are.
  ::signal(SIGPIPE, SIG_IGN);
  listener_ = std::jthread([stop = stop_, set]() mutable {
    int signal = 0;
    while (::sigwait(&set, &signal) == 0 && signal != our_own_signal) stop.request_stop();
  });
}

Interruption::~Interruption() { ::pthread_kill(listener_.native_handle(), our_own_signal); }

void throw_if_interrupted(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Interrupted{};
}

void pause(std::chrono::steady_clock::duration length, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any nothing_but_the_stop;
  std::unique_lock lock(mutex);
  nothing_but_the_stop.wait_for(lock, stop, length, [] { return false; });
  throw_if_interrupted(stop);
}

}  // namespace meridian::demo
