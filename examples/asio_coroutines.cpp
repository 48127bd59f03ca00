// Asio on the program's own io_context: two regions, a call against a timer, errors as values.
//   asio_coroutines redis://localhost:6379 redis://localhost:6380
#include <chrono>
#include <exception>
#include <iostream>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <meridian/asio.hpp>
#include <meridian/meridian.hpp>

namespace {

using asio::use_awaitable;
using meridian::async_connect;
using meridian::async_execute;
using meridian::value_or_throw;

asio::awaitable<void> greet(const meridian::MultiDbConfig& config) {
  using namespace asio::experimental::awaitable_operators;
  auto client = value_or_throw(co_await async_connect(config, use_awaitable));

  value_or_throw(co_await async_execute(client, meridian::cmd::set("greeting", "hello"), use_awaitable));

  // Whichever is first cancels the other: the call, or 200 ms.
  asio::steady_timer patience(co_await asio::this_coro::executor, std::chrono::milliseconds(200));
  auto first = co_await (async_execute(client, meridian::cmd::get("greeting"), use_awaitable) ||
                         patience.async_wait(use_awaitable));
  if (auto* greeting = std::get_if<0>(&first)) {
    std::cout << value_or_throw(std::move(*greeting)).value_or("(nothing)") << '\n';
  } else {
    std::cout << "too late\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: asio_coroutines EAST-URI WEST-URI\n";
    return 2;
  }
  int status = 0;
  const meridian::MultiDbConfig config{
      .databases =
          {
              {.uri = argv[1], .name = "east", .weight = 1.0},
              {.uri = argv[2], .name = "west", .weight = 0.5},
          },
  };
  asio::io_context context;
  co_spawn(context, greet(config), [&status](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      std::cerr << error.what() << '\n';
      status = 1;
    }
  });
  context.run();
  return status;
}
