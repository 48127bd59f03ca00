// Calls from callbacks and coroutines.
#include "stress/chain_caller.hpp"

#include <coroutine>
#include <exception>
#include <utility>

namespace meridian::stress {
namespace {

// A coroutine that nobody waits for.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

template <class Front, class T, class Done>
Detached await_call(Front& client, Command<T> command, Done done, CallOptions options) {
  Result<T> result = co_await client.execute(command, options);
  done(std::move(result));
}

}  // namespace

void ChainCaller::go_on() {
  if (common_.is_over()) {
    over_ = true;
    return;
  }
  if (const Site::Handle client = site_.client_or([self = shared_from_this()] { self->go_on(); })) make_call(client);
}

void ChainCaller::make_call(const Site::Handle& handle) {
  Operation operation = caller.issue_any(dice_);
  with_command(caller, operation, [&]<class T>(Command<T> command) {
    const CallOptions options = call.begin(dice_);
    // The callback keeps the client: when the others let go of it, it is destroyed in there.
    auto done = [self = shared_from_this(), handle = Site::Handle(handle),
                 operation = std::move(operation)](Result<T> result) mutable {
      const InCallback here;
      const Site::Handle last = std::move(handle);
      self->after(operation, result);
    };
    std::visit(
        [&]<class Front>(Front& client) {
          if (!blocks<Front> && dice_.chance(0.8)) {
            if constexpr (!blocks<Front>) await_call(client, std::move(command), std::move(done), options);
          } else {
            client.submit(std::move(command), std::move(done), options);
          }
        },
        *handle);
  });
}

template <class T>
void ChainCaller::after(const Operation& operation, const Result<T>& result) {
  call.end();
  caller.judge(operation, result);
  caller.settle();
  if (dice_.chance(0.0002)) site_.close_in_callback();
  else if (dice_.chance(0.0002)) site_.let_go();
  go_on();
}

}  // namespace meridian::stress
