// Calls from callbacks and coroutines.
#include "stress/chain_caller.hpp"

#include <functional>
#include <utility>
#include <vector>

namespace meridian::stress {
namespace {

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

// Several that go together in a coroutine: an AsyncPipeline or an AsyncTransaction.
template <class Together, class Front>
Detached ChainCaller::await_together(std::shared_ptr<ChainCaller> self, Site::Handle handle, Front& client) {
  Together together = [&client] {
    if constexpr (std::is_same_v<Together, AsyncPipeline>) return client.pipeline();
    else return client.transaction();
  }();
  std::vector<Operation> operations(self->dice_.magnitude(1, 30));
  std::vector<std::function<void()>> judgements;
  for (Operation& operation : operations) {
    operation = self->caller.issue_any(self->dice_);
    with_command(self->caller, operation, [&]<class T>(const Command<T>& command) {
      judgements.emplace_back([&self, &operation, result = together.run(command)]() mutable {
        self->caller.judge(operation, result.result());
      });
    });
  }
  const CallOptions options = self->call.begin(self->dice_);
  co_await together.execute(options);
  const InCallback here;
  const Site::Handle last = std::move(handle);
  self->call.end();
  for (const auto& judge : judgements) judge();
  self->after_call();
}

void ChainCaller::make_call(const Site::Handle& handle) {
  const bool together = std::visit(
      [&]<class Front>(Front& client) {
        if constexpr (!blocks<Front>) {
          const std::uint64_t which = dice_.below(10);
          if (which == 0) await_together<AsyncPipeline>(shared_from_this(), handle, client);
          if (which == 1) await_together<AsyncTransaction>(shared_from_this(), handle, client);
          return which < 2;
        }
        return false;
      },
      *handle);
  if (together) return;
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
  after_call();
}

void ChainCaller::after_call() {
  caller.settle();
  if (dice_.chance(0.0002)) site_.close_in_callback();
  else if (dice_.chance(0.0002)) site_.let_go();
  go_on();
}

}  // namespace meridian::stress
