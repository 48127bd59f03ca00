// Asio completion tokens over real servers: executors, allocators, cancellation, and every way to end.
#if defined(__SANITIZE_THREAD__) && !defined(ASIO_DISABLE_FENCED_BLOCK)
#define ASIO_DISABLE_FENCED_BLOCK  // ThreadSanitizer does not understand fences
#endif

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>
#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>
#include <asio/version.hpp>
#if ASIO_VERSION >= 102400
#include <asio/deferred.hpp>
#else
#include <asio/experimental/deferred.hpp>
#endif

#include <meridian/asio.hpp>

#include "integration/multi_db_fixture.hpp"

namespace meridian::testing {
namespace {

using asio::use_awaitable;

#if ASIO_VERSION >= 102400
using asio::deferred;
#else
using asio::experimental::deferred;
#endif

class AsioTokens : public ::testing::Test {
 protected:
  // Runs it on this thread until it is over.
  void run(asio::awaitable<void> coroutine) {
    std::exception_ptr thrown;
    co_spawn(context, std::move(coroutine), [&thrown](std::exception_ptr error) { thrown = std::move(error); });
    context.restart();
    context.run();
    if (thrown) std::rethrow_exception(thrown);
  }

  RedisServer server;
  asio::io_context context;
  AsyncClient client{server.uri()};
};

// --- Tokens ----------------------------------------------------------------------------------------------------------

TEST_F(AsioTokens, An_awaitable_goes_on_on_the_executor_of_its_own) {
  run([](AsyncClient& db) -> asio::awaitable<void> {
    const std::thread::id here = std::this_thread::get_id();
    EXPECT_TRUE((co_await async_execute(db, cmd::set("key", "value"), use_awaitable)).value());
    EXPECT_EQ(value_or_throw(co_await async_execute(db, cmd::get("key"), use_awaitable)), "value");
    const auto wrong = co_await async_execute(db, cmd::lpush("key", "x"), use_awaitable);
    EXPECT_EQ(wrong.error().code(), ErrorCode::wrong_type);
    EXPECT_EQ(std::this_thread::get_id(), here);
  }(client));
}

TEST_F(AsioTokens, A_future_holds_the_result) {
  std::future<Result<std::string>> future = async_execute(client, cmd::echo("text"), asio::use_future);
  EXPECT_EQ(future.get().value(), "text");
}

TEST_F(AsioTokens, A_handler_runs_on_its_associated_executor_which_has_work_until_then) {
  std::optional<std::thread::id> on;
  std::optional<std::string> text;
  async_execute(client, cmd::echo("text"), asio::bind_executor(context, [&](Result<std::string> result) {
                  on = std::this_thread::get_id();
                  text = result.value();
                }));
  context.run();  // returns when there is no work left
  EXPECT_EQ(text, "text");
  EXPECT_EQ(on, std::this_thread::get_id());
}

TEST_F(AsioTokens, A_handler_without_an_executor_is_called_like_a_callback) {
  std::promise<Result<std::string>> called;
  async_execute(client, cmd::echo("text"), [&](Result<std::string> result) { called.set_value(std::move(result)); });
  EXPECT_EQ(called.get_future().get().value(), "text");
}

TEST_F(AsioTokens, Nothing_is_completed_inside_the_initiating_function) {
  client.close();
  bool inside = true;
  std::optional<ErrorCode> code;
  async_execute(client, cmd::ping(), asio::bind_executor(context, [&](const Result<std::string>& result) {
                  EXPECT_FALSE(inside);
                  code = result.error().code();
                }));
  EXPECT_EQ(code, std::nullopt);
  inside = false;
  context.run();
  EXPECT_EQ(code, ErrorCode::closed);

  // Not even on the executor itself, where a dispatch would run at once.
  code.reset();
  asio::post(context, [&] {
    inside = true;
    async_execute(client, cmd::ping(), asio::bind_executor(context, [&](const Result<std::string>& result) {
                    EXPECT_FALSE(inside);
                    code = result.error().code();
                  }));
    inside = false;
  });
  context.restart();
  context.run();
  EXPECT_EQ(code, ErrorCode::closed);
}

TEST_F(AsioTokens, Deferred_operations_begin_when_they_are_started) {
  auto operation = async_execute(client, cmd::incr("n"), deferred);
  std::optional<std::int64_t> value;
  std::move(operation)(asio::bind_executor(context, [&](Result<std::int64_t> result) { value = result.value(); }));
  context.run();
  EXPECT_EQ(value, 1);
}

TEST_F(AsioTokens, Handlers_on_a_strand_never_overlap) {
  constexpr int calls = 2000;
  auto strand = asio::make_strand(context);
  int unguarded = 0;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < calls; ++i) {
    const std::string text = std::to_string(i);
    async_execute(client, cmd::echo(text), asio::bind_executor(strand, [&, text](const Result<std::string>& result) {
                    ++unguarded;
                    if (result != text) ++wrong;
                  }));
  }
  std::thread other([this] { context.run(); });
  context.run();
  other.join();
  EXPECT_EQ(unguarded, calls);
  EXPECT_EQ(wrong, 0);
}

// Counts what is out; not thread-safe on purpose: ThreadSanitizer sees a use off the executor.
template <class T>
struct CountingAllocator {
  using value_type = T;
  int* out;
  explicit CountingAllocator(int& counter) noexcept : out(&counter) {}
  template <class U>
  CountingAllocator(const CountingAllocator<U>& other) noexcept : out(other.out) {}  // NOLINT
  T* allocate(std::size_t n) {
    ++*out;
    return std::allocator<T>().allocate(n);
  }
  void deallocate(T* memory, std::size_t n) {
    --*out;
    std::allocator<T>().deallocate(memory, n);
  }
  template <class U>
  bool operator==(const CountingAllocator<U>& other) const noexcept {
    return out == other.out;
  }
};

struct AllocatingHandler {
  using allocator_type = CountingAllocator<void>;
  using executor_type = asio::io_context::executor_type;
  int& out;
  executor_type executor;
  std::optional<int>& out_when_called;
  [[nodiscard]] allocator_type get_allocator() const noexcept { return allocator_type(out); }
  [[nodiscard]] executor_type get_executor() const noexcept { return executor; }
  void operator()(const Result<std::string>&) const { out_when_called = out; }
};

TEST_F(AsioTokens, The_associated_allocator_is_used_and_has_its_memory_back_before_the_handler_runs) {
  int out = 0;
  std::optional<int> out_when_called;
  async_execute(client, cmd::ping(), AllocatingHandler{out, context.get_executor(), out_when_called});
  EXPECT_EQ(out, 1);
  context.run();
  EXPECT_EQ(out_when_called, 0);
  EXPECT_EQ(out, 0);
}

// --- Cancellation ----------------------------------------------------------------------------------------------------

TEST_F(AsioTokens, CMD_2_every_type_of_cancellation_ends_the_call_and_says_whether_it_may_have_run) {
  for (const asio::cancellation_type type :
       {asio::cancellation_type::total, asio::cancellation_type::partial, asio::cancellation_type::terminal}) {
    ASSERT_EQ(client.futures().ping().get(), "PONG");
    server.stop();
    asio::cancellation_signal signal;
    std::optional<Error> error;
    async_execute(client, cmd::incr("n"),
                  asio::bind_cancellation_slot(signal.slot(),
                                               asio::bind_executor(context, [&](const Result<std::int64_t>& result) {
                                                 error = result.error();
                                               })));
    signal.emit(type);
    context.restart();
    context.run();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::cancelled);
    EXPECT_EQ(error->delivery(), Delivery::in_doubt);
    signal.emit(type);  // too late: nobody is hurt
    server.resume();
  }
}

TEST_F(AsioTokens, CMD_2_stop_tokens_and_slots_both_cancel) {
  server.kill();
  for (const bool by_token : {true, false}) {
    std::stop_source stop;
    const CallOptions options{.deadline = 20s, .stop = stop.get_token()};
    asio::cancellation_signal signal;
    std::optional<Error> error;
    async_execute(client, cmd::incr("n"), options,
                  asio::bind_cancellation_slot(signal.slot(),
                                               asio::bind_executor(context, [&](const Result<std::int64_t>& result) {
                                                 error = result.error();
                                               })));
    if (by_token) stop.request_stop();
    else signal.emit(asio::cancellation_type::total);
    context.restart();
    context.run();
    EXPECT_EQ(error.value().code(), ErrorCode::cancelled);
    EXPECT_EQ(error.value().delivery(), Delivery::not_sent);
  }
}

TEST_F(AsioTokens, A_timer_may_win_against_a_call) {
  run([](AsyncClient& db, RedisServer& slow) -> asio::awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    EXPECT_TRUE((co_await async_execute(db, cmd::ping(), use_awaitable)).has_value());
    slow.stop();
    asio::steady_timer timer(co_await asio::this_coro::executor, 20ms);
    const auto first =
        co_await (async_execute(db, cmd::echo("late"), use_awaitable) || timer.async_wait(use_awaitable));
    EXPECT_EQ(first.index(), 1U);
    slow.resume();
    EXPECT_EQ((co_await async_execute(db, cmd::echo("next"), use_awaitable)).value(), "next");
  }(client, server));
}

TEST_F(AsioTokens, I1_many_coroutines_with_random_cancels_on_two_threads_get_their_own_values) {
  constexpr int coroutines = 32;
  constexpr int calls = 200;
  std::atomic<int> answered = 0;
  std::atomic<int> cancelled = 0;
  std::atomic<int> wrong = 0;
  const auto body = [&](int number) -> asio::awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (int i = 0; i < calls; ++i) {
      const std::string text = std::to_string(number) + "/" + std::to_string(i);
      timer.expires_after(std::chrono::microseconds((i * 37 + number * 11) % 600));
      auto first = co_await (async_execute(client, cmd::echo(text), use_awaitable) || timer.async_wait(use_awaitable));
      if (first.index() == 1) ++cancelled;
      else ++(std::get<0>(first) == text ? answered : wrong);
    }
  };
  for (int number = 0; number < coroutines; ++number) {
    co_spawn(asio::make_strand(context), body(number), asio::detached);
  }
  std::thread other([this] { context.run(); });
  context.run();
  other.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(answered + cancelled, coroutines * calls);
}

// --- Starting and ending ---------------------------------------------------------------------------------------------

TEST_F(AsioTokens, I9_a_handler_may_destroy_the_client_under_others) {
  auto mine = std::make_unique<AsyncClient>(server.uri());
  ASSERT_EQ(mine->futures().ping().get(), "PONG");
  server.stop();
  std::optional<ErrorCode> other;
  async_execute(*mine, cmd::ping(), asio::bind_executor(context, [&](const Result<std::string>&) { mine.reset(); }));
  async_execute(*mine, never_answered(),
                asio::bind_executor(context, [&](const Result<Reply>& result) { other = result.error().code(); }));
  server.resume();
  context.run();
  EXPECT_EQ(mine, nullptr);
  EXPECT_EQ(other, ErrorCode::closed);
}

TEST_F(AsioTokens, I9_a_handler_on_the_I_O_thread_may_destroy_the_client) {
  auto mine = std::make_unique<AsyncClient>(server.uri());
  std::promise<void> destroyed;
  async_execute(*mine, cmd::ping(), [&](const Result<std::string>&) {
    mine.reset();
    destroyed.set_value();
  });
  destroyed.get_future().get();
  EXPECT_EQ(mine, nullptr);
}

TEST_F(AsioTokens, A_context_that_goes_with_completions_that_never_ran_takes_them_along) {
  auto shorter = std::make_unique<asio::io_context>();
  const auto kept = std::make_shared<int>();
  for (int i = 0; i < 10; ++i) {
    async_execute(client, cmd::ping(), asio::bind_executor(*shorter, [kept](const Result<std::string>&) {}));
  }
  EXPECT_GT(kept.use_count(), 1);
  client.close();
  shorter.reset();
  EXPECT_EQ(kept.use_count(), 1);
}

class AsioConnect : public TwoDatabases {};

TEST_F(AsioConnect, INIT_5_an_awaitable_can_connect_and_use_the_client) {
  asio::io_context context;
  const MultiDbConfig both = config();
  std::exception_ptr thrown;
  co_spawn(
      context,
      [](const MultiDbConfig& databases) -> asio::awaitable<void> {
        auto client = value_or_throw(co_await async_connect(databases, use_awaitable));
        EXPECT_EQ((co_await async_execute(client, cmd::incr("n"), use_awaitable)).value(), 1);
        const MultiDbConfig empty;
        EXPECT_EQ((co_await async_connect(empty, use_awaitable)).error().code(), ErrorCode::invalid_argument);
      }(both),
      [&thrown](std::exception_ptr error) { thrown = std::move(error); });
  context.run();
  EXPECT_EQ(thrown, nullptr);
  EXPECT_EQ(count_on(east, "n"), 1);
}

}  // namespace
}  // namespace meridian::testing
