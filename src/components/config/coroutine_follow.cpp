// A file that an asynchronous client follows.
#include <future>
#include <memory>
#include <utility>

#include <meridian/async_multi_db_client.hpp>
#include <meridian/config_file.hpp>

namespace meridian {
namespace {

// A coroutine that nobody awaits: it ends by itself.
struct Detached {
  struct promise_type {  // NOLINT(readability-identifier-naming): the name is the language's
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }  // `operate` gives its errors as values
  };
};

// `done` is shared: who waits may go before `set_value` has returned.
Detached carry_out(AsyncMultiDbClient& client, const op::Operation& operation,
                   std::shared_ptr<std::promise<Result<void>>> done) {
  Result<void> result = co_await client.operate(operation);
  done->set_value(std::move(result));
}

}  // namespace

void ConfigFile::follow(AsyncMultiDbClient& client) {
  follow(Operate([&client](const op::Operation& operation) {
    auto done = std::make_shared<std::promise<Result<void>>>();
    std::future<Result<void>> result = done->get_future();
    carry_out(client, operation, done);
    return result.get();
  }));
}

}  // namespace meridian
