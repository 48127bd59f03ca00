/// \file
/// What `co_await client.get("k")` awaits. Programs name `Awaitable<T>` at most.
#pragma once

#include <atomic>
#include <coroutine>
#include <exception>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include <meridian/detail/command_list.hpp>
#include <meridian/detail/outcome.hpp>

namespace meridian {

class AsyncPipeline;
class AsyncTransaction;
class AsyncWatchedTransaction;
template <class T>
class AsyncScan;

/// `CallOptions` that have a name: `CallOptions options{.deadline = 50ms}; co_await client.execute(command, options);`.
/// Temporary ones are not taken, because g++ 12 destroys temporary aggregates in a `co_await` expression twice.
class NamedOptions {
 public:
  NamedOptions() = default;
  NamedOptions(const CallOptions& options) : options_(options) {}  // NOLINT(google-explicit-constructor): a parameter
  NamedOptions(const CallOptions&& options) = delete;

  operator const CallOptions&() const noexcept { return options_; }  // NOLINT(google-explicit-constructor)

 private:
  CallOptions options_;
};

namespace detail {

/// The one who begins something and the one who ends it, perhaps on another thread and perhaps sooner than the first
/// knows that it has begun. Each comes by once; who comes second goes on, and the first touches nothing any more.
class Meeting {
 public:
  [[nodiscard]] bool come_second() noexcept { return first_came_.exchange(true, std::memory_order_acq_rel); }

 private:
  std::atomic<bool> first_came_{false};
};

/// A coroutine that waits for an end that may come on another thread. Lives in the coroutine's frame.
class Suspension {
 public:
  Suspension() noexcept = default;
  Suspension(const Suspension&) = delete;
  Suspension& operator=(const Suspension&) = delete;
  /// A frame that goes now would take the place of the reply along. Better here than in somebody else's memory.
  ~Suspension() {
    if (under_way_) std::terminate();
  }

  /// Before anything begins.
  void begin(std::coroutine_handle<> coroutine) noexcept {
    coroutine_ = coroutine;
    under_way_ = true;
  }
  /// The last thing of `await_suspend`, which returns this: false if the end has come already.
  [[nodiscard]] bool stays() noexcept { return !meeting_.come_second(); }
  /// The last thing of the one who ends it.
  void resume() noexcept {
    if (meeting_.come_second()) coroutine_.resume();
  }
  /// In `await_resume`.
  void end() noexcept { under_way_ = false; }

 private:
  std::coroutine_handle<> coroutine_;
  Meeting meeting_;
  bool under_way_ = false;
};

/// One call of a coroutine: everything that it needs while it is under way, in the coroutine's frame.
template <class T, class Value>
class CallAwaiter final : public TypedOutcome<T> {
 public:
  CallAwaiter(Engine& engine, const Command<T>& command, const CallOptions& options,
              Session* session = nullptr) noexcept
      : TypedOutcome<T>(command.decode),
        engine_(engine),
        request_(command.request),
        options_(options),
        session_(session) {}
  ~CallAwaiter() override = default;

  [[nodiscard]] bool await_ready() const noexcept { return false; }

  /// Not inlined: some compilers keep what is inlined here in the frame, which may be gone when `start` returns.
  [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> coroutine) {
    suspension_.begin(coroutine);
    stopper_.emplace(engine_, *this, options_.stop);
    const EngineCall call{request_.view(), this, session_};
    engine_.start({&call, 1}, options_);
    return suspension_.stays();
  }

  Value await_resume() {
    suspension_.end();
    stopper_.reset();
    if constexpr (std::is_same_v<Value, Result<T>>) return this->take();
    else return value_or_throw(this->take());
  }

 private:
  void on_done() noexcept override { suspension_.resume(); }

  Engine& engine_;
  const Request& request_;
  const CallOptions& options_;
  Session* session_;
  Suspension suspension_;
  std::optional<Stopper> stopper_;
};

/// Calls that a coroutine waits for together.
class SuspendedGroup final : public CallGroup {
 public:
  [[nodiscard]] Suspension& suspension() noexcept { return *suspension_; }
  void prepare() { suspension_.emplace(); }

 private:
  void on_all_over() noexcept override { suspension_->resume(); }
  std::optional<Suspension> suspension_;
};

/// Awaits them all.
class [[nodiscard]] GroupAwaiter {
 public:
  GroupAwaiter(SuspendedGroup& group, Engine& engine, std::span<const EngineCall> calls, const CallOptions& options)
      : group_(group), engine_(engine), calls_(calls), options_(options) {}
  GroupAwaiter(const GroupAwaiter&) = delete;
  GroupAwaiter& operator=(const GroupAwaiter&) = delete;
  ~GroupAwaiter() = default;

  [[nodiscard]] bool await_ready() const noexcept { return calls_.empty(); }

  [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> coroutine) {
    group_.prepare();
    Suspension& suspension = group_.suspension();
    suspension.begin(coroutine);
    group_.begin(calls_.size());
    stoppers_.emplace(engine_, calls_, options_.stop);
    engine_.start(calls_, options_);
    return suspension.stays();
  }

  void await_resume() noexcept {
    if (calls_.empty()) return;
    group_.suspension().end();
    stoppers_.reset();
  }

 private:
  SuspendedGroup& group_;
  Engine& engine_;
  std::span<const EngineCall> calls_;
  CallOptions options_;
  std::optional<Stoppers> stoppers_;
};

/// A call that begins when it is awaited.
template <class T, class Value>
class [[nodiscard]] LazyCall {
 public:
  LazyCall(Engine& engine, Command<T> command, const CallOptions& options, Session* session = nullptr)
      : engine_(&engine), command_(std::move(command)), options_(options), session_(session) {}
  LazyCall(LazyCall&&) noexcept = default;
  LazyCall& operator=(LazyCall&&) noexcept = default;
  LazyCall(const LazyCall&) = delete;
  LazyCall& operator=(const LazyCall&) = delete;
  ~LazyCall() = default;

  /// The awaiter refers to this object, which stays until the coroutine goes on: as a temporary of the `co_await`, or
  /// under its name. Awaited again, it runs the command again.
  [[nodiscard]] CallAwaiter<T, Value> operator co_await() const noexcept {
    return {*engine_, command_, options_, session_};
  }

 private:
  Engine* engine_;
  Command<T> command_;
  CallOptions options_;
  Session* session_;
};

}  // namespace detail

/// What the named commands of an asynchronous client return: nothing happens until it is awaited; `co_await` gives the
/// value or throws `Error`. Movable, not copyable; must not outlive the client.
template <class T>
using Awaitable = detail::LazyCall<T, T>;

/// The same; `co_await` gives a `Result<T>`.
template <class T>
using ResultAwaitable = detail::LazyCall<T, Result<T>>;

namespace detail {

struct AwaitableForm {
  template <class T>
  [[nodiscard]] static Awaitable<T> run(Engine& engine, Command<T> command, const CallOptions& options = {}) {
    return {engine, std::move(command), options};
  }
};

struct ResultAwaitableForm {
  template <class T>
  [[nodiscard]] static ResultAwaitable<T> run(Engine& engine, Command<T> command, const CallOptions& options = {}) {
    return {engine, std::move(command), options};
  }
};

/// The forms of the clients that do not wait.
struct AwaitableForms {
  using Pipeline = AsyncPipeline;
  using Transaction = AsyncTransaction;
  using WatchedTransaction = AsyncWatchedTransaction;
  template <class T>
  using Scan = AsyncScan<T>;
  using Options = NamedOptions;
  using Values = AwaitableForm;
  using Results = ResultAwaitableForm;
};

}  // namespace detail

}  // namespace meridian
