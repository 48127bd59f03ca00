/// \file
/// How a command is run. The named methods (`client.get("k")`) come from one mixin, `Commands`; the front ends differ
/// only in what running a command returns:
///
/// | call | returns | on failure |
/// |---|---|---|
/// | `client.get("k")` | the value | throws `Error` |
/// | `client.execute(cmd::get("k"))` | `Result<value>` | holds the `Error` |
/// | `client.results().get("k")` | the same, by name | holds the `Error` |
/// | `client.futures().get("k")` | `std::future<value>` | the future throws `Error` |
/// | `client.submit(cmd::get("k"), callback)` | nothing; `callback(Result<value>)` | holds the `Error` |
#pragma once

#include <future>
#include <memory>
#include <type_traits>
#include <utility>

#include <meridian/commands.hpp>
#include <meridian/detail/outcome.hpp>
#include <meridian/pipeline.hpp>

namespace meridian {

/// The named commands, each returning `Result<T>`. A light handle on its client, which must outlive it. Thread-safe.
class ResultCommands : public Commands<ResultCommands> {
 public:
  explicit ResultCommands(detail::Engine& engine, CallOptions options) : engine_(&engine), options_(options) {}

  template <class T>
  [[nodiscard]] Result<T> run(const Command<T>& command) const {
    return detail::execute(*engine_, command, options_);
  }

 private:
  detail::Engine* engine_;
  CallOptions options_;
};

/// The named commands, each returning `std::future<T>`. A light handle on its client, which must outlive it. The
/// futures may outlive the client: closing it completes them. Thread-safe.
class FutureCommands : public Commands<FutureCommands> {
 public:
  explicit FutureCommands(detail::Engine& engine, CallOptions options) : engine_(&engine), options_(options) {}

  template <class T>
  [[nodiscard]] std::future<T> run(Command<T> command) const {
    return detail::submit_for_future(*engine_, std::move(command), options_);
  }

 private:
  detail::Engine* engine_;
  CallOptions options_;
};

/// What `Client` and `MultiDbClient` share: every way to run a command. Thread-safe.
template <class Derived>
class FrontEnd : public Commands<Derived> {
 public:
  /// Runs `command` and waits. Never throws for what happens to the command.
  template <class T>
  [[nodiscard]] Result<T> execute(const Command<T>& command, const CallOptions& options = {}) {
    return detail::execute(*engine_, command, options);
  }

  /// Runs `command`; the future throws `Error` on failure. Do not wait for it inside a callback.
  template <class T>
  [[nodiscard]] std::future<T> submit(Command<T> command, const CallOptions& options = {}) {
    return detail::submit_for_future(*engine_, std::move(command), options);
  }

  /// Runs `command` and calls `callback(Result<T>)` once, on the client's I/O thread: it must not block, and what it
  /// throws is dropped. A blocking call on the client inside it fails with `would_deadlock`. A call that does not even
  /// begin (wrong options, a command that is refused, a closed client) calls back in the calling thread, before this
  /// returns.
  template <class T, class Callback>
    requires std::is_invocable_v<Callback&, Result<T>>
  void submit(Command<T> command, Callback callback, const CallOptions& options = {}) {
    detail::submit(
        *engine_, std::move(command), options,
        [callback = std::move(callback)](detail::TypedOutcome<T>& outcome) mutable { callback(outcome.take()); });
  }

  /// The named commands with `Result` instead of exceptions.
  [[nodiscard]] ResultCommands results(const CallOptions& options = {}) { return ResultCommands(*engine_, options); }

  /// The named commands with futures.
  [[nodiscard]] FutureCommands futures(const CallOptions& options = {}) { return FutureCommands(*engine_, options); }

  /// Runs the commands together and waits; see meridian/pipeline.hpp.
  template <class... T>
    requires(sizeof...(T) > 0)
  [[nodiscard]] std::tuple<Result<T>...> pipeline(const Command<T>&... commands) {
    return detail::execute_pipeline(*engine_, {}, commands...);
  }

  /// An empty pipeline, to be filled and executed.
  [[nodiscard]] Pipeline pipeline() { return Pipeline(*engine_); }

  /// The throwing form: what the named commands of a client do.
  template <class T>
  T run(const Command<T>& command) {
    return value_or_throw(execute(command));
  }

 protected:
  explicit FrontEnd(std::shared_ptr<detail::Engine> engine) noexcept : engine_(std::move(engine)) {}
  std::shared_ptr<detail::Engine> engine_;
};

}  // namespace meridian
