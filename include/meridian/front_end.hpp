/// \file
/// How a command is run. The named methods (`client.get("k")`) come from one mixin, `Commands`; the front ends differ
/// only in what running a command returns:
///
/// | call | `Client`, `MultiDbClient` | `AsyncClient`, `AsyncMultiDbClient` | on failure |
/// |---|---|---|---|
/// | `client.get("k")` | the value | `co_await` gives the value | throws `Error` |
/// | `client.with(options).get("k")` | the same, with `CallOptions` | the same | throws `Error` |
/// | `client.execute(cmd::get("k"))` | `Result<value>` | `co_await` gives `Result<value>` | holds the `Error` |
/// | `client.results().get("k")` | the same, by name | the same, by name | holds the `Error` |
/// | `client.futures().get("k")` | `std::future<value>` | `std::future<value>` | the future throws `Error` |
/// | `client.submit(cmd::get("k"), callback)` | calls `callback(Result<value>)` | the same | holds the `Error` |
#pragma once

#include <future>
#include <memory>
#include <stop_token>
#include <tuple>
#include <type_traits>
#include <utility>

#include <meridian/commands.hpp>
#include <meridian/detail/outcome.hpp>
#include <meridian/pipeline.hpp>

namespace meridian {

namespace detail {

/// What running a command returns: each form has a `run(engine, command, options)`.
struct ValueForm {
  template <class T>
  static T run(Engine& engine, const Command<T>& command, const CallOptions& options) {
    return value_or_throw(detail::execute(engine, command, options));
  }
};

struct ResultForm {
  template <class T>
  [[nodiscard]] static Result<T> run(Engine& engine, const Command<T>& command, const CallOptions& options) {
    return detail::execute(engine, command, options);
  }
};

struct FutureForm {
  template <class T>
  [[nodiscard]] static std::future<T> run(Engine& engine, Command<T> command, const CallOptions& options) {
    return submit_for_future(engine, std::move(command), options);
  }
};

/// The forms of the clients that wait, and what options are given as.
struct BlockingForms {
  using Options = CallOptions;
  using Values = ValueForm;
  using Results = ResultForm;
};

/// A client's share in its engine: whoever lets go of it closes it.
class EngineHandle {
 public:
  explicit EngineHandle(std::shared_ptr<Engine> engine) noexcept : engine_(std::move(engine)) {}
  EngineHandle(EngineHandle&&) noexcept = default;
  EngineHandle& operator=(EngineHandle&& other) noexcept {
    if (this == &other) return *this;
    close();
    engine_ = std::move(other.engine_);
    return *this;
  }
  ~EngineHandle() { close(); }

  void close() noexcept {
    if (engine_) engine_->close();
  }
  [[nodiscard]] Engine& operator*() const noexcept { return *engine_; }

 private:
  std::shared_ptr<Engine> engine_;
};

struct EngineAccess;

}  // namespace detail

/// The named commands in one form and with the same options for all. A light handle on its client, which must outlive
/// it. Thread-safe.
template <class Form>
class NamedCommands : public Commands<NamedCommands<Form>> {
 public:
  NamedCommands(detail::Engine& engine, const CallOptions& options) : engine_(&engine), options_(options) {}

  template <class T>
  auto run(Command<T> command) const {
    return Form::run(*engine_, std::move(command), options_);
  }

 private:
  detail::Engine* engine_;
  CallOptions options_;
};

/// What all clients share: every way to run a command, and to close. Thread-safe; movable, not copyable.
template <class Derived, class Forms = detail::BlockingForms>
class FrontEnd : public Commands<Derived> {
 public:
  /// `CallOptions`; asynchronous clients take them by name only (`NamedOptions`).
  using Options = typename Forms::Options;

  /// Runs `command`; the `Result`, or an awaitable that gives it. Never throws for what happens to the command.
  template <class T>
  [[nodiscard]] auto execute(const Command<T>& command, const Options& options = Options()) {
    return Forms::Results::run(*engine_, command, options);
  }
  template <class T>
  [[nodiscard]] auto execute(Command<T>&& command, const Options& options = Options()) {
    return Forms::Results::run(*engine_, std::move(command), options);
  }

  /// Runs `command`; the future throws `Error` on failure and may outlive the client: closing it completes it. Do not
  /// wait for it inside a callback or a coroutine.
  template <class T>
  [[nodiscard]] std::future<T> submit(Command<T> command, const CallOptions& options = {}) {
    return detail::submit_for_future(*engine_, std::move(command), options);
  }

  /// Runs `command` and calls `callback(Result<T>)` once, on the client's I/O thread: it must not block, and what it
  /// throws is dropped. It may use the client, close it and even destroy it; a blocking call on the client inside it
  /// fails with `would_deadlock`. A call that does not even begin (wrong options, a command that is refused, a closed
  /// client) calls back in the calling thread, before this returns.
  template <class T, class Callback>
    requires std::is_invocable_v<Callback&, Result<T>>
  void submit(Command<T> command, Callback callback, const CallOptions& options = {}) {
    detail::submit(
        *engine_, std::move(command), options,
        [callback = std::move(callback)](detail::TypedOutcome<T>& outcome) mutable { callback(outcome.take()); });
  }

  /// The named commands of the client itself, with options, a deadline or a stop token: `client.with(50ms).get("k")`.
  [[nodiscard]] auto with(const Options& options) { return NamedCommands<typename Forms::Values>(*engine_, options); }
  [[nodiscard]] auto with(Duration deadline) {
    return NamedCommands<typename Forms::Values>(*engine_, CallOptions{.deadline = deadline});
  }
  [[nodiscard]] auto with(std::stop_token stop) {
    return NamedCommands<typename Forms::Values>(*engine_, CallOptions{.stop = std::move(stop)});
  }

  /// The named commands with `Result` instead of exceptions.
  [[nodiscard]] auto results(const Options& options = Options()) {
    return NamedCommands<typename Forms::Results>(*engine_, options);
  }

  /// The named commands with futures.
  [[nodiscard]] auto futures(const CallOptions& options = {}) {
    return NamedCommands<detail::FutureForm>(*engine_, options);
  }

  /// Runs the commands together and waits; see meridian/pipeline.hpp. Asynchronous clients have none: calls that are
  /// begun without waiting in between go out together anyway.
  template <class... T>
    requires(sizeof...(T) > 0 && std::is_same_v<Forms, detail::BlockingForms>)
  [[nodiscard]] std::tuple<Result<T>...> pipeline(const Command<T>&... commands) {
    return detail::execute_pipeline(*engine_, {}, commands...);
  }

  /// An empty pipeline, to be filled and executed.
  [[nodiscard]] Pipeline pipeline() requires std::is_same_v<Forms, detail::BlockingForms> { return Pipeline(*engine_); }

  /// The throwing form: what the named commands of a client do.
  template <class T>
  auto run(const Command<T>& command) {
    return Forms::Values::run(*engine_, command, {});
  }
  template <class T>
  auto run(Command<T>&& command) {
    return Forms::Values::run(*engine_, std::move(command), {});
  }

  /// Ends all calls in progress with `closed`, all connections, checks and timers. Callable from any thread, from
  /// callbacks, coroutines and listeners. Idempotent; destroying the client does it, too.
  void close() noexcept { engine_.close(); }

 protected:
  explicit FrontEnd(std::shared_ptr<detail::Engine> engine) noexcept : engine_(std::move(engine)) {}

 private:
  friend struct detail::EngineAccess;
  detail::EngineHandle engine_;
};

namespace detail {

/// For what runs commands in a way of its own (`meridian/asio.hpp`).
struct EngineAccess {
  template <class Derived, class Forms>
  [[nodiscard]] static Engine& engine_of(FrontEnd<Derived, Forms>& client) noexcept {
    return *client.engine_;
  }
};

}  // namespace detail

}  // namespace meridian
