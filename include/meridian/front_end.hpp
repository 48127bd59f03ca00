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
/// | `client.into(text).get("k")` | whether there is a value, which is in `text` | – | throws `Error` |
/// | `client.execute_into(text, cmd::get("k"))` | the same as a `Result` | – | holds the `Error` |
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
#include <meridian/detail/into_outcome.hpp>
#include <meridian/detail/outcome.hpp>
#include <meridian/pipeline.hpp>
#include <meridian/scan.hpp>
#include <meridian/subscriber.hpp>
#include <meridian/transaction.hpp>

namespace meridian {

namespace detail {

/// What running a command returns: each form has a `run(engine, command, options)`.
struct ValueForm {
  template <class T>
  static T run(Engine& engine, const Command<T>& command, const CallOptions& options) {
    return value_or_throw(detail::execute(engine, command, options));
  }
  template <class T>
  static T run(Engine& engine, const Command<T>& command) {
    return value_or_throw(detail::execute(engine, command));
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
  using Pipeline = meridian::Pipeline;
  using Transaction = meridian::Transaction;
  template <class T>
  using Scan = ScanRange<T>;
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
  [[nodiscard]] const std::shared_ptr<Engine>& share() const noexcept { return engine_; }

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

/// The named commands that give a string, which goes into one of the caller's. A light handle on that string and on its
/// client, which must outlive it. Not for several threads, because of the string.
class IntoCommands : public Commands<IntoCommands> {
 public:
  IntoCommands(detail::Engine& engine, std::string& target) noexcept : engine_(&engine), target_(&target) {}

  template <class T>
  bool run(const Command<T>& command) const {
    static_assert(detail::TextValue<T>, "into() runs commands that give a std::string, or an optional one");
    return value_or_throw(detail::execute_into(*engine_, command, *target_));
  }

 private:
  detail::Engine* engine_;
  std::string* target_;
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

  /// The named commands that give a `std::string`, or an optional one: it goes into `target`, whose memory is used
  /// again, so that a steady load allocates nothing. They return whether there is a value; if there is none, and if
  /// they throw, `target` is as it was.
  ///
  /// \code
  /// std::string value;
  /// for (const std::string& key : keys) {
  ///   if (client.into(value).get(key)) use(value);
  /// }
  /// \endcode
  [[nodiscard]] IntoCommands into(std::string& target) requires(std::is_same_v<Forms, detail::BlockingForms>) {
    return IntoCommands(*engine_, target);
  }
  /// The same with options, and a `Result` instead of exceptions.
  template <detail::TextValue T>
    requires(std::is_same_v<Forms, detail::BlockingForms>)
  [[nodiscard]] Result<bool> execute_into(std::string& target, const Command<T>& command,
                                          const CallOptions& options = {}) {
    return detail::execute_into(*engine_, command, target, &options);
  }

  /// Runs the commands together and waits; see meridian/pipeline.hpp.
  template <class... T>
    requires(sizeof...(T) > 0 && std::is_same_v<Forms, detail::BlockingForms>)
  [[nodiscard]] std::tuple<Result<T>...> pipeline(const Command<T>&... commands) {
    return detail::execute_pipeline(*engine_, {}, commands...);
  }

  /// An empty pipeline, to be filled and executed: a `Pipeline`, or an `AsyncPipeline`.
  [[nodiscard]] auto pipeline() { return typename Forms::Pipeline(*engine_); }

  /// Runs the commands as one and waits; see meridian/transaction.hpp.
  template <class... T>
    requires(sizeof...(T) > 0 && std::is_same_v<Forms, detail::BlockingForms>)
  [[nodiscard]] std::tuple<Result<T>...> transaction(const Command<T>&... commands) {
    return detail::execute_transaction(*engine_, {}, commands...);
  }

  /// An empty transaction, to be filled and executed: a `Transaction`, or an `AsyncTransaction`.
  [[nodiscard]] auto transaction() { return typename Forms::Transaction(*engine_); }

  /// A transaction with WATCH for coroutines; blocking clients pass a function to `transaction` instead.
  [[nodiscard]] auto watched_transaction(const CallOptions& options = {}) requires(
      !std::is_same_v<Forms, detail::BlockingForms>) {
    return typename Forms::WatchedTransaction(*engine_, options);
  }

  /// Watches `keys`, calls `function(WatchedTransaction&)` and commits what it collected; again from the beginning if
  /// somebody changed a key meanwhile (TX-3). Returns what `function` returns; of a `PipelineResult`, or a tuple of
  /// them, the values. Throws `Error`: `transaction_aborted` if the connection was lost or a switch came (TX-2: nothing
  /// was committed), `transaction_conflict`, and whatever a call throws. What `function` throws ends it with nothing
  /// committed. The client must not be closed in it.
  template <class Function>
    requires(std::is_invocable_v<Function&, WatchedTransaction&>&& std::is_same_v<Forms, detail::BlockingForms>)
  auto transaction(Function function, const StringArgs& keys, const TransactionOptions& options = {}) {
    return detail::run_watched(*engine_, function, keys, options);
  }

  /// A new subscriber, see meridian/subscriber.hpp. It connects when it is first asked to subscribe. Throws `Error`
  /// (`invalid_argument`) for bounds of 0.
  [[nodiscard]] Subscriber subscriber(SubscriberOptions options = {}) {
    return detail::make_subscriber(engine_.share(), std::move(options));
  }

  /// All keys, or all that a hash, a set or a sorted set holds, page by page: a `ScanRange` to iterate over, or an
  /// `AsyncScan`; see meridian/scan.hpp.
  [[nodiscard]] auto scan_all(const ScanOptions& options = {}, const CallOptions& call = {}) {
    return scan_with(&detail::keys_page, {}, options, call);
  }
  [[nodiscard]] auto hscan_all(std::string_view key, const ScanOptions& options = {}, const CallOptions& call = {}) {
    return scan_with(&detail::hash_page, key, options, call);
  }
  [[nodiscard]] auto sscan_all(std::string_view key, const ScanOptions& options = {}, const CallOptions& call = {}) {
    return scan_with(&detail::set_page, key, options, call);
  }
  [[nodiscard]] auto zscan_all(std::string_view key, const ScanOptions& options = {}, const CallOptions& call = {}) {
    return scan_with(&detail::sorted_set_page, key, options, call);
  }

  /// What the cache of replies did so far (`ClientOptions::cache`, `MultiDbConfig::cache`).
  [[nodiscard]] CacheStatistics cache_statistics() const { return (*engine_).cache_statistics(); }

  /// The throwing form: what the named commands of a client do.
  template <class T>
  auto run(const Command<T>& command) {
    return Forms::Values::run(*engine_, command);
  }
  template <class T>
  auto run(Command<T>&& command) {
    return Forms::Values::run(*engine_, std::move(command));
  }

  /// Ends all calls in progress with `closed`, all connections, checks and timers. Callable from any thread, from
  /// callbacks, coroutines and listeners. Idempotent; destroying the client does it, too.
  void close() noexcept { engine_.close(); }

 protected:
  explicit FrontEnd(std::shared_ptr<detail::Engine> engine) noexcept : engine_(std::move(engine)) {}

 private:
  template <class T>
  [[nodiscard]] auto scan_with(Command<ScanPage<T>> (*page)(const std::string&, std::uint64_t, const ScanOptions&),
                               std::string_view key, const ScanOptions& options, const CallOptions& call) {
    return typename Forms::template Scan<T>(*engine_, detail::ScanState<T>(page, key, options, call));
  }

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
  template <class Derived, class Forms>
  [[nodiscard]] static const std::shared_ptr<Engine>& share_of(const FrontEnd<Derived, Forms>& client) noexcept {
    return client.engine_.share();
  }
};

}  // namespace detail

}  // namespace meridian
