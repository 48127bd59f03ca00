// How a thread gets its name and its signal mask.
#include "net/thread.hpp"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace meridian::net {
namespace {

// A thread inherits the mask of the one who starts it: set here for the moment of the start.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t blocked;
    sigfillset(&blocked);
    // Blocked, a fault would kill the program without its handler (or the sanitizer's) having a say.
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS}) sigdelset(&blocked, fault);
    pthread_sigmask(SIG_SETMASK, &blocked, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

std::thread start_thread(const char* name, std::function<void()> body) {
  const SignalsBlocked blocked;
  return std::thread([name, body = std::move(body)]() noexcept {
    pthread_setname_np(pthread_self(), name);
    body();
  });
}

}  // namespace meridian::net
