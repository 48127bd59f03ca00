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
  else if (which < 80) one(client);
  else if (which < 85) one_that_throws(client);
  else if (which < 92) three(client);
  else futures(client);
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
  const std::vector<Operation> operations = issue_pipeline();
  Pipeline pipeline = client.pipeline();
  std::vector<std::function<void()>> judgements;
  judgements.reserve(operations.size());
  for (const Operation& operation : operations) {
    with_command(caller, operation, [&]<class T>(Command<T> command) {
      judgements.emplace_back([this, &operation, result = pipeline.run(std::move(command))]() mutable {
        caller.judge(operation, result.result());
      });
    });
  }
  pipeline.execute(call.begin(dice_));
  call.end();
  for (const auto& judge : judgements) judge();
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
