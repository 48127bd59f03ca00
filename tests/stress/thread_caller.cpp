// Every blocking way to make calls.
#include "stress/thread_caller.hpp"

#include <functional>
#include <future>
#include <utility>
#include <vector>

#include "stress/texts.hpp"

namespace meridian::stress {

void ThreadCaller::run() {
  while (!common_.is_over()) {
    const Site::Handle client = site_.wait_for_client();
    if (!client) return;
    // Several calls on the same one, as programs do, before looking whether there is another.
    for (auto calls = dice_.between(1, 5); calls > 0 && !common_.is_over(); --calls) make_call(*client);
  }
}

void ThreadCaller::make_call(AnyClient& any) {
  std::visit(
      [this]<class Front>(Front& client) {
        if constexpr (blocks<Front>) make_call_on(client);
      },
      any);
  caller.settle();
}

template <class Front>
void ThreadCaller::make_call_on(Front& client) {
  const std::uint64_t which = dice_.below(100);
  if (which < 40) pipeline(client);
  else if (which < 70) one(client);
  else if (which < 75) one_that_throws(client);
  else if (which < 80) three(client);
  else if (which < 85) futures(client);
  else if (which < 92) transaction(client);
  else if (which < 97) watched_transaction(client);
  else wait_in_vain(client);
}

template <class Front>
void ThreadCaller::one(Front& client) {
  const Operation operation = caller.issue_any(dice_);
  with_command(caller, operation, [&](const auto& command) {
    const CallOptions options = call.begin(dice_);
    const auto result = client.execute(command, options);
    call.end();
    caller.judge(operation, result);
  });
}

template <class Front>
void ThreadCaller::one_that_throws(Front& client) {
  const Operation operation = caller.issue_any(dice_);
  with_command(caller, operation, [&]<class T>(const Command<T>& command) {
    call.begin_plain();
    const Result<T> result = [&]() -> Result<T> {
      try {
        return client.run(command);
      } catch (const Error& error) {
        return Unexpected(error);
      }
    }();
    call.end();
    caller.judge(operation, result);
  });
}

template <class Front>
void ThreadCaller::three(Front& client) {
  const Operation echo = caller.issue(Kind::echo, dice_.below(100));
  const Operation set = caller.issue(Kind::set, dice_.below(100));
  const Operation incr = caller.issue(Kind::incr, 0);
  call.begin_plain();
  const auto [echoed, was_set, counted] =
      client.pipeline(cmd::echo(echo.text), cmd::set(caller.value_key(), set.text), cmd::incr(caller.counter_key()));
  call.end();
  caller.judge(echo, echoed);
  caller.judge(set, was_set);
  caller.judge(incr, counted);
}

std::vector<Operation> ThreadCaller::issue_pipeline() {
  std::vector<Operation> operations;
  // Now and then more than any socket takes at once.
  const bool flood = dice_.chance(0.001);
  for (auto left = flood ? 200 : dice_.magnitude(1, 200); left > 0; --left) {
    if (flood)
      operations.push_back(caller.issue(dice_.chance(0.5) ? Kind::set : Kind::echo, dice_.below(longest_text)));
    else operations.push_back(caller.issue_any(dice_));
  }
  return operations;
}

template <class Front>
void ThreadCaller::pipeline(Front& client) {
  run_together(client.pipeline(), issue_pipeline());
}

template <class Front>
void ThreadCaller::transaction(Front& client) {
  std::vector<Operation> operations;
  for (auto left = dice_.magnitude(1, 30); left > 0; --left) operations.push_back(caller.issue_any(dice_));
  run_together(client.transaction(), operations);
}

// A pipeline or a transaction.
template <class Together>
void ThreadCaller::run_together(Together together, const std::vector<Operation>& operations) {
  std::vector<std::function<void()>> judgements;
  judgements.reserve(operations.size());
  for (const Operation& operation : operations) {
    with_command(caller, operation, [&]<class T>(Command<T> command) {
      judgements.emplace_back([this, &operation, result = together.run(std::move(command))]() mutable {
        caller.judge(operation, result.result());
      });
    });
  }
  static_cast<void>(together.execute(call.begin(dice_)));
  call.end();
  for (const auto& judge : judgements) judge();
}

template <class Front>
void ThreadCaller::watched_transaction(Front& client) {
  const Operation incr = caller.issue(Kind::incr, 0);
  const CallOptions options = call.begin(dice_);
  const Result<std::int64_t> counted = [&]() -> Result<std::int64_t> {
    try {
      return client.transaction(
          [this](WatchedTransaction& watched) {
            static_cast<void>(watched.now().get(caller.value_key()));
            return watched.incr(caller.counter_key());
          },
          caller.value_key(), {.call = options});
    } catch (const Error& error) {
      return Unexpected(error);
    }
  }();
  call.end();
  caller.judge(incr, counted);
}

template <class Front>
void ThreadCaller::wait_in_vain(Front& client) {
  const Operation pop = caller.issue(Kind::pop, 0);
  CallOptions options = call.begin(dice_);
  if (!options.deadline) options.deadline = site_.spec().deadline;
  const auto popped = client.execute(cmd::blpop(caller.list_key(), milliseconds(dice_.magnitude(1, 50))), options);
  call.end();
  caller.judge(pop, popped);
}

template <class Front>
void ThreadCaller::futures(Front& client) {
  const std::uint64_t count = dice_.magnitude(1, 40);
  const CallOptions options = call.begin(dice_);
  std::vector<std::function<void()>> judgements;
  std::vector<Operation> operations(count);
  for (Operation& operation : operations) {
    operation = caller.issue_any(dice_);
    with_command(caller, operation, [&]<class T>(Command<T> command) {
      auto future = std::make_shared<std::future<T>>(client.submit(std::move(command), options));
      judgements.emplace_back([this, &operation, future] {
        try {
          caller.judge(operation, Result<T>(future->get()));
        } catch (const Error& error) {
          caller.judge(operation, Result<T>(Unexpected(error)));
        }
      });
    });
  }
  for (const auto& judge : judgements) judge();
  call.end();
}

}  // namespace meridian::stress
