// Awaitables over an engine that does what the test says, on the threads that the test chooses.
#include <gtest/gtest.h>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <meridian/async_client.hpp>

namespace meridian {
namespace {

// Ends calls when it is told to, where it is told to.
class ManualEngine final : public detail::Engine {
 public:
  struct Started {
    std::string name;
    detail::Outcome* outcome;
  };

  void execute(std::span<const detail::EngineCall>, const CallOptions*) override { FAIL() << "nobody waits here"; }
  void start(std::span<const detail::EngineCall> calls, const CallOptions&) override {
    for (const detail::EngineCall& call : calls) {
      started.push_back({call.request.name(), call.outcome});
      if (at_start) at_start(*call.outcome);
    }
  }
  std::unique_ptr<detail::Session> make_session() override { return std::make_unique<detail::Session>(); }
  void end_session(std::unique_ptr<detail::Session>, SessionEnd) noexcept override {}
  std::shared_ptr<detail::Subscription> make_subscription(SubscriberOptions) override { return nullptr; }
  CacheStatistics cache_statistics() override { return {}; }
  void cancel(detail::Outcome& outcome) noexcept override { cancelled.push_back(&outcome); }
  void close() noexcept override { ++closed; }

  static void answer(detail::Outcome& outcome, std::string_view wire) {
    outcome.on_reply(ReplyView(wire));
    outcome.on_done();
  }
  static void end(detail::Outcome& outcome, ErrorCode code) {
    outcome.on_error(Error(code, Delivery::in_doubt, "as the test said"));
    outcome.on_done();
  }

  std::function<void(detail::Outcome&)> at_start;
  std::vector<Started> started;
  std::vector<detail::Outcome*> cancelled;
  int closed = 0;
};

// Holds the frame until the test lets go of it.
struct Held {
  struct promise_type {
    Held get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> frame;
};

class FrameHolder {
 public:
  explicit FrameHolder(Held held) noexcept : frame_(held.frame) {}
  FrameHolder(const FrameHolder&) = delete;
  FrameHolder& operator=(const FrameHolder&) = delete;
  ~FrameHolder() { frame_.destroy(); }
  [[nodiscard]] bool is_done() const noexcept { return frame_.done(); }

 private:
  std::coroutine_handle<Held::promise_type> frame_;
};

using Value = std::optional<std::string>;

// Temporaries of options in a `co_await` are what g++ 12 destroys twice: they must not compile.
static_assert(std::is_constructible_v<NamedOptions, const CallOptions&>);
static_assert(!std::is_constructible_v<NamedOptions, CallOptions>);
static_assert(!std::is_aggregate_v<NamedOptions>);

Held get_by_result(AsyncClient& client, CallOptions options, std::optional<Result<Value>>& got) {
  got = co_await client.execute(cmd::get("k"), options);
}

class AsyncAwaitable : public ::testing::Test {
 protected:
  std::shared_ptr<ManualEngine> engine = std::make_shared<ManualEngine>();
  AsyncClient client{engine};
  std::optional<Result<Value>> got;
};

TEST_F(AsyncAwaitable, Nothing_happens_before_it_is_awaited) {
  { const auto call = client.get("k"); }
  EXPECT_TRUE(engine->started.empty());
}

TEST_F(AsyncAwaitable, Can_be_moved_but_not_copied) {
  EXPECT_TRUE(std::is_move_constructible_v<Awaitable<Value>>);
  EXPECT_FALSE(std::is_copy_constructible_v<Awaitable<Value>>);
}

TEST_F(AsyncAwaitable, The_coroutine_goes_on_when_the_call_is_over) {
  const FrameHolder coroutine(get_by_result(client, {}, got));
  ASSERT_EQ(engine->started.size(), 1U);
  EXPECT_FALSE(coroutine.is_done());
  ManualEngine::answer(*engine->started[0].outcome, "$1\r\nv\r\n");
  EXPECT_TRUE(coroutine.is_done());
  EXPECT_EQ(got.value().value(), "v");
}

TEST_F(AsyncAwaitable, A_call_that_is_over_before_start_returns_does_not_suspend) {
  engine->at_start = [](detail::Outcome& outcome) { ManualEngine::end(outcome, ErrorCode::closed); };
  const FrameHolder coroutine(get_by_result(client, {}, got));
  EXPECT_TRUE(coroutine.is_done());
  EXPECT_EQ(got.value().error().code(), ErrorCode::closed);
}

TEST_F(AsyncAwaitable, Thousands_of_calls_that_are_over_at_once_need_no_stack) {
  engine->at_start = [](detail::Outcome& outcome) { ManualEngine::end(outcome, ErrorCode::closed); };
  int ended = 0;
  const auto body = [&]() -> Held {
    for (int i = 0; i < 50'000; ++i) {
      if (!co_await client.execute(cmd::get("k"))) ++ended;
    }
  };
  const FrameHolder coroutine(body());
  EXPECT_EQ(ended, 50'000);
}

TEST_F(AsyncAwaitable, A_call_may_be_over_on_another_thread_before_start_returns) {
  // The other thread is waited for inside `start`, so its end comes first for certain.
  engine->at_start = [](detail::Outcome& outcome) {
    std::thread([&outcome] { ManualEngine::answer(outcome, "$1\r\nv\r\n"); }).join();
  };
  std::thread::id resumed_on;
  const auto body = [&]() -> Held {
    got = co_await client.execute(cmd::get("k"));
    resumed_on = std::this_thread::get_id();
  };
  const FrameHolder coroutine(body());
  EXPECT_EQ(got.value().value(), "v");
  EXPECT_EQ(resumed_on, std::this_thread::get_id());
}

TEST_F(AsyncAwaitable, Starting_and_ending_may_race) {
  for (int i = 0; i < 500; ++i) {
    std::thread io;
    engine->at_start = [&io](detail::Outcome& outcome) {
      io = std::thread([&outcome] { ManualEngine::answer(outcome, "$1\r\nv\r\n"); });
    };
    got.reset();
    const FrameHolder coroutine(get_by_result(client, {}, got));
    io.join();
    ASSERT_EQ(got.value().value(), "v");
  }
}

TEST_F(AsyncAwaitable, A_named_awaitable_runs_the_command_each_time_that_it_is_awaited) {
  engine->at_start = [](detail::Outcome& outcome) { ManualEngine::answer(outcome, ":7\r\n"); };
  std::int64_t sum = 0;
  const auto body = [&]() -> Held {
    auto incr = client.incr("n");
    sum += co_await incr;
    sum += co_await incr;
  };
  const FrameHolder coroutine(body());
  EXPECT_EQ(sum, 14);
  ASSERT_EQ(engine->started.size(), 2U);
  EXPECT_EQ(engine->started[1].name, "INCR");
}

TEST_F(AsyncAwaitable, The_named_commands_throw_what_the_results_hold) {
  engine->at_start = [](detail::Outcome& outcome) { ManualEngine::end(outcome, ErrorCode::wrong_type); };
  std::optional<ErrorCode> thrown;
  std::optional<ErrorCode> held;
  const auto body = [&]() -> Held {
    try {
      static_cast<void>(co_await client.get("k"));
    } catch (const Error& error) {
      thrown = error.code();
    }
    held = (co_await client.results().get("k")).error().code();
  };
  const FrameHolder coroutine(body());
  EXPECT_EQ(thrown, ErrorCode::wrong_type);
  EXPECT_EQ(held, ErrorCode::wrong_type);
}

TEST_F(AsyncAwaitable, A_stop_token_cancels_while_the_call_is_under_way_and_not_afterwards) {
  std::stop_source stop;
  const FrameHolder coroutine(get_by_result(client, {.stop = stop.get_token()}, got));
  const FrameHolder unaffected(get_by_result(client, {}, got));
  stop.request_stop();
  EXPECT_EQ(engine->cancelled, std::vector<detail::Outcome*>{engine->started[0].outcome});
  ManualEngine::end(*engine->started[0].outcome, ErrorCode::cancelled);
  EXPECT_EQ(got.value().error().code(), ErrorCode::cancelled);
  ManualEngine::answer(*engine->started[1].outcome, "$1\r\nv\r\n");
  EXPECT_EQ(got.value().value(), "v");

  std::stop_source late;
  engine->at_start = [](detail::Outcome& outcome) { ManualEngine::answer(outcome, "$1\r\nv\r\n"); };
  const FrameHolder answered(get_by_result(client, {.stop = late.get_token()}, got));
  late.request_stop();
  EXPECT_EQ(engine->cancelled.size(), 1U);
}

TEST_F(AsyncAwaitable, A_moved_client_goes_on_and_closes_once) {
  engine->at_start = [](detail::Outcome& outcome) { ManualEngine::answer(outcome, "$1\r\nv\r\n"); };
  {
    AsyncClient moved(std::move(client));
    const FrameHolder coroutine(get_by_result(moved, {}, got));
    EXPECT_EQ(got.value().value(), "v");
    EXPECT_EQ(engine->closed, 0);
    client = std::move(moved);
    EXPECT_EQ(engine->closed, 0);
  }
  client.close();
  EXPECT_EQ(engine->closed, 1);
}

TEST_F(AsyncAwaitable, Destroying_a_coroutine_that_is_suspended_in_a_call_ends_the_program) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const Held coroutine = get_by_result(client, {}, got);
  EXPECT_DEATH(coroutine.frame.destroy(), "terminate");
  ManualEngine::answer(*engine->started[0].outcome, "$1\r\nv\r\n");
  coroutine.frame.destroy();
}

TEST_F(AsyncAwaitable, Destroying_one_that_was_never_awaited_or_is_over_does_no_harm) {
  auto call = client.get("k");
  auto moved = std::move(call);
  engine->at_start = [](detail::Outcome& outcome) { ManualEngine::answer(outcome, "$1\r\nv\r\n"); };
  const FrameHolder coroutine(get_by_result(client, {}, got));
  EXPECT_TRUE(coroutine.is_done());
}

// A call that nobody waits for takes the memory of the one before it on its thread.
TEST_F(AsyncAwaitable, Submitted_calls_follow_each_other_from_inside_their_callbacks) {
  std::vector<std::string> told;
  std::function<void(int)> call = [&](int left) {
    client.submit(cmd::get("k"), [&told, &call, left](const Result<Value>& value) {
      told.push_back(value->value());
      if (left == 0) return;
      call(left - 1);
      call(0);
    });
  };
  call(3);
  for (std::size_t next = 0; next < engine->started.size(); ++next) {
    const std::string text = "n" + std::to_string(next);
    ManualEngine::answer(*engine->started[next].outcome, "$2\r\n" + text + "\r\n");
  }
  EXPECT_EQ(told, (std::vector<std::string>{"n0", "n1", "n2", "n3", "n4", "n5", "n6"}));
}

struct alignas(128) Wide {
  std::size_t length = 0;
};

TEST_F(AsyncAwaitable, A_submitted_calls_result_may_be_aligned_to_more_than_new_promises) {
  RequestBuilder get("GET", {.repeat = Repeat::read_only});
  get.key("k");
  const Command<Wide> command{std::move(get).build(), [](ReplyView reply) -> Result<Wide> {
                                return Wide{reply.as_string().value_or("").size()};
                              }};
  int told = 0;
  for (int i = 0; i < 3; ++i) {
    client.submit(command, [&told](const Result<Wide>& wide) {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&*wide) % alignof(Wide), 0U);
      EXPECT_EQ(wide->length, 5U);
      ++told;
    });
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(engine->started.back().outcome) % alignof(Wide), 0U);
    ManualEngine::answer(*engine->started.back().outcome, "$5\r\nvalue\r\n");
  }
  EXPECT_EQ(told, 3);
}

}  // namespace
}  // namespace meridian
