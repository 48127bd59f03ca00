/// \file
/// Transactions: MULTI … EXEC goes out as one unit, at most once (TX-1). Either all of its commands ran, in their order
/// and with nothing in between, or none did, or the error says that this is not known (`Delivery::in_doubt`); it is
/// never repeated in that case, and never split over two databases.
///
/// \code
/// auto [balance, log] = client.transaction(cmd::decrby("balance", 5), cmd::rpush("log", "5"));   // Results
///
/// meridian::Transaction transaction = client.transaction();                       // as many as you like
/// auto balance = transaction.decrby("balance", 5);
/// transaction.rpush("log", "5");
/// transaction.execute();
/// std::int64_t left = balance.value();                                            // throws meridian::Error
///
/// std::int64_t left = client.transaction(                                         // with WATCH (TX-2, TX-3)
///     [](meridian::WatchedTransaction& transaction) {
///       const auto balance = transaction.now().command<std::int64_t>("GET", "balance");  // reads now
///       if (balance < 5) throw NotEnough();                                       // commits nothing
///       return transaction.decrby("balance", 5);                                  // runs at the end
///     },
///     {"balance"});
/// \endcode
///
/// A command that fails inside a transaction (WRONGTYPE …) has its own error; the others ran all the same, as the
/// server does it. A command that the server does not even take has its own error, and the others
/// `ErrorCode::exec_abort`: nothing ran. https://redis.io/docs/latest/develop/using-commands/transactions/
#pragma once

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <meridian/commands.hpp>
#include <meridian/detail/awaitable.hpp>
#include <meridian/detail/command_list.hpp>
#include <meridian/detail/transaction_call.hpp>
#include <meridian/pipeline.hpp>

namespace meridian {

namespace detail {

/// WATCH changes nothing that others see, and may be sent again as long as nothing is watched.
inline constexpr CommandTraits watch_traits{.repeat = Repeat::read_only, .needs_own_connection = true};

/// A command that concerns its connection has no place between MULTI and EXEC. Throws `Error`.
inline void require_transactional(const Request& request) {
  if (!request.traits.needs_own_connection || request.blocks_for != Duration::zero()) return;
  throw Error(ErrorCode::invalid_argument, Delivery::not_sent,
              request.name() + " concerns the connection and cannot be part of a transaction");
}

[[nodiscard]] inline Result<void> result_of(const TransactionCall& transaction) {
  if (transaction.error()) return Unexpected(*transaction.error());
  return {};
}

}  // namespace detail

/// Commands to be run as one. Has the named commands, each returning a `PipelineResult`. Not thread-safe; its client
/// must outlive it.
class Transaction : public Commands<Transaction> {
 public:
  explicit Transaction(detail::Engine& engine) noexcept : engine_(&engine) {}

  /// Adds a command. Throws `Error` (`invalid_argument`) for one that concerns the connection, such as WATCH.
  /// REQUIRES: not executed yet, or cleared.
  template <class T>
  PipelineResult<T> run(const Command<T>& command) {
    detail::require_transactional(command.request);
    return PipelineResult<T>(list_.add(command));
  }

  /// Sends everything and waits. The error, if nothing was committed or nobody knows, is also that of each command.
  Result<void> execute(const CallOptions& options = {}) {
    if (list_.size() == 0) return {};
    detail::TransactionCall transaction(list_.bytes(), list_.calls());
    const detail::EngineCall call{transaction.request(), &transaction};
    const detail::Stopper stopper(*engine_, transaction, options.stop);
    engine_->execute({&call, 1}, &options);
    return detail::result_of(transaction);
  }

  /// Forgets all commands and results, for the next round.
  void clear() noexcept { list_.clear(); }

  [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }

 private:
  detail::Engine* engine_;
  detail::CommandList list_;
};

/// A transaction of an asynchronous client: `co_await transaction.execute();`. Not movable; otherwise as `Transaction`.
class AsyncTransaction : public Commands<AsyncTransaction> {
 public:
  explicit AsyncTransaction(detail::Engine& engine) noexcept : engine_(&engine) {}
  AsyncTransaction(const AsyncTransaction&) = delete;
  AsyncTransaction& operator=(const AsyncTransaction&) = delete;

  /// As `Transaction::run`.
  template <class T>
  PipelineResult<T> run(const Command<T>& command) {
    detail::require_transactional(command.request);
    return PipelineResult<T>(list_.add(command));
  }

  /// Sends everything; `co_await` returns when it is over. Each command has its result then.
  [[nodiscard]] detail::GroupAwaiter execute(const NamedOptions& options = NamedOptions()) {
    call_.emplace(list_.bytes(), list_.calls(), &group_);
    engine_call_ = {call_->request(), &*call_};
    return {group_, *engine_, {&engine_call_, list_.size() == 0 ? 0U : 1U}, options};
  }

  /// As in `Transaction`.
  void clear() noexcept { list_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }

 private:
  detail::Engine* engine_;
  detail::SuspendedGroup group_;
  detail::CommandList list_;
  std::optional<detail::TransactionCall> call_;
  detail::EngineCall engine_call_{};
};

/// How a watched transaction is tried.
struct TransactionOptions {
  /// So often it is begun when others change what it watches, ≥ 1; then it fails with `transaction_conflict` (TX-3).
  int attempts = 32;
  /// For each call that it makes: the deadline, a stop token.
  CallOptions call{};
};

namespace detail {

/// A session and its end.
class SessionHandle {
 public:
  explicit SessionHandle(Engine& engine) : engine_(&engine), session_(engine.make_session()) {}
  SessionHandle(const SessionHandle&) = delete;
  SessionHandle& operator=(const SessionHandle&) = delete;
  ~SessionHandle() { end(); }

  /// Begins anew, wherever that is possible now: nothing is watched any more.
  void renew() {
    end();
    session_ = engine_->make_session();
    clean_ = false;
  }

  template <class T>
  [[nodiscard]] Result<T> execute(const Command<T>& command, const CallOptions& options) {
    TypedOutcome<T> outcome(command.decode);
    run({command.request.view(), &outcome, session_.get()}, options);
    return outcome.take();
  }

  void run(const EngineCall& call, const CallOptions& options) {
    const Stopper stopper(*engine_, *call.outcome, options.stop);
    engine_->execute({&call, 1}, &options);
  }

  [[nodiscard]] Session* get() const noexcept { return session_.get(); }
  /// Nothing is watched there any more.
  void set_clean(bool clean) noexcept { clean_ = clean; }

 private:
  void end() noexcept {
    engine_->end_session(std::move(session_), clean_ ? Engine::SessionEnd::clean : Engine::SessionEnd::unclean);
  }

  Engine* engine_;
  std::unique_ptr<Session> session_;
  bool clean_ = false;
};

}  // namespace detail

/// Inside `client.transaction(function, keys)`: the named commands are collected and run together at the end, if nobody
/// changed a watched key; those of `now()` run at once.
class WatchedTransaction : public Commands<WatchedTransaction> {
 public:
  /// Commands that run at once, on the transaction's own connection, and throw `Error`: to read what the transaction is
  /// to be decided on.
  class Now : public Commands<Now> {
   public:
    template <class T>
    T run(const Command<T>& command) {
      detail::require_transactional(command.request);
      return value_or_throw(session_->execute(command, *options_));
    }

   private:
    friend class WatchedTransaction;
    Now(detail::SessionHandle& session, const CallOptions& options) : session_(&session), options_(&options) {}
    detail::SessionHandle* session_;
    const CallOptions* options_;
  };

  WatchedTransaction(detail::SessionHandle& session, const CallOptions& options)
      : session_(&session), options_(&options) {}
  WatchedTransaction(const WatchedTransaction&) = delete;
  WatchedTransaction& operator=(const WatchedTransaction&) = delete;

  [[nodiscard]] Now now() noexcept { return {*session_, *options_}; }

  /// As `Transaction::run`.
  template <class T>
  PipelineResult<T> run(const Command<T>& command) {
    detail::require_transactional(command.request);
    return PipelineResult<T>(list_.add(command));
  }

  [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }

  /// EXEC. The library's own part: `client.transaction` does it. Nothing if a watched key was changed.
  [[nodiscard]] bool commit() {
    if (list_.size() == 0) {
      value_or_throw(session_->execute(Command<void>{{"UNWATCH", detail::read_only}, decode<void>}, *options_));
      session_->set_clean(true);
      return true;
    }
    detail::TransactionCall transaction(list_.bytes(), list_.calls());
    session_->run({transaction.request(), &transaction, session_->get()}, *options_);
    session_->set_clean(!transaction.error() || transaction.is_conflict());
    if (transaction.is_conflict()) return false;
    value_or_throw(detail::result_of(transaction));
    return true;
  }

 private:
  detail::SessionHandle* session_;
  const CallOptions* options_;
  detail::CommandList list_;
};

/// A watched transaction for coroutines, step by step, on a connection of its own; conflict retries are the
/// coroutine's:
///
/// \code
/// auto transaction = client.watched_transaction();
/// do {
///   co_await transaction.watch(keys);
///   const std::int64_t balance = co_await transaction.now().command<std::int64_t>("GET", "balance");
///   transaction.set("balance", std::to_string(balance - 5));
/// } while (!co_await transaction.commit());
/// \endcode
///
/// Not movable, not thread-safe; its client must outlive it.
class AsyncWatchedTransaction : public Commands<AsyncWatchedTransaction> {
 public:
  explicit AsyncWatchedTransaction(detail::Engine& engine, const CallOptions& options = {})
      : engine_(&engine), session_(engine), options_(options) {}
  AsyncWatchedTransaction(const AsyncWatchedTransaction&) = delete;
  AsyncWatchedTransaction& operator=(const AsyncWatchedTransaction&) = delete;

  /// Commands that run at once, on the transaction's own connection.
  class Now : public Commands<Now> {
   public:
    template <class T>
    [[nodiscard]] Awaitable<T> run(Command<T> command) {
      detail::require_transactional(command.request);
      return {*owner_->engine_, std::move(command), owner_->options_, owner_->session_.get()};
    }

   private:
    friend class AsyncWatchedTransaction;
    explicit Now(AsyncWatchedTransaction& owner) noexcept : owner_(&owner) {}
    AsyncWatchedTransaction* owner_;
  };

  /// Begins it, anew if it was begun before: `co_await` throws `Error`.
  [[nodiscard]] Awaitable<void> watch(const StringArgs& keys) {
    list_.clear();
    session_.renew();
    Command<void> command{{"WATCH", detail::watch_traits, detail::Keys{keys}}, decode<void>};
    return {*engine_, std::move(command), options_, session_.get()};
  }

  [[nodiscard]] Now now() noexcept { return Now(*this); }

  /// As `Transaction::run`. REQUIRES: begun, and not committed yet.
  template <class T>
  PipelineResult<T> run(const Command<T>& command) {
    detail::require_transactional(command.request);
    return PipelineResult<T>(list_.add(command));
  }

  class [[nodiscard]] Commit {
   public:
    Commit(const Commit&) = delete;
    Commit& operator=(const Commit&) = delete;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> coroutine) { return waiting_.await_suspend(coroutine); }
    bool await_resume() {
      waiting_.await_resume();
      owner_->session_.set_clean(!call_.error() || call_.is_conflict());
      if (call_.is_conflict()) return false;
      value_or_throw(detail::result_of(call_));
      return true;
    }

   private:
    friend class AsyncWatchedTransaction;
    explicit Commit(AsyncWatchedTransaction& owner)
        : owner_(&owner),
          call_(owner.list_.bytes(), owner.list_.calls(), &owner.group_),
          engine_call_{call_.request(), &call_, owner.session_.get()},
          waiting_(owner.group_, *owner.engine_, {&engine_call_, 1}, owner.options_) {}
    AsyncWatchedTransaction* owner_;
    detail::TransactionCall call_;
    detail::EngineCall engine_call_;
    detail::GroupAwaiter waiting_;
  };

  /// EXEC: `co_await` gives true if it was committed, false if a watched key had been changed by others; throws `Error`
  /// (`transaction_aborted`: nothing was committed, TX-2). An empty transaction only stops watching.
  [[nodiscard]] Commit commit() { return Commit(*this); }

 private:
  detail::Engine* engine_;
  detail::SessionHandle session_;
  CallOptions options_;
  detail::SuspendedGroup group_;
  detail::CommandList list_;
};

namespace detail {

template <class T>
T committed_value(PipelineResult<T>&& result) {
  static_assert(!View<T>, "the view would outlive the transaction that keeps its bytes: take a std::string");
  return result.value();
}
template <class... T>
std::tuple<T...> committed_value(std::tuple<PipelineResult<T>...>&& results) {
  static_assert(!(View<T> || ...), "a view would outlive the transaction that keeps its bytes: take a std::string");
  return std::apply([](PipelineResult<T>&... each) { return std::tuple<T...>{each.value()...}; }, results);
}
template <class Other>
Other committed_value(Other&& other) {
  return std::forward<Other>(other);
}

/// WATCH, the function, EXEC; again on conflict.
template <class Function>
auto run_watched(Engine& engine, Function& function, const StringArgs& keys, const TransactionOptions& options) {
  if (options.attempts < 1) {
    throw Error(ErrorCode::invalid_argument, Delivery::not_sent,
                "TransactionOptions::attempts is " + std::to_string(options.attempts) + ": must be at least 1");
  }
  SessionHandle session(engine);
  const Command<void> watch{{"WATCH", watch_traits, Keys{keys}}, decode<void>};
  for (int attempt = 1; attempt <= options.attempts; ++attempt) {
    if (attempt > 1) session.renew();
    value_or_throw(session.execute(watch, options.call));
    session.set_clean(false);
    WatchedTransaction transaction(session, options.call);
    if constexpr (std::is_void_v<std::invoke_result_t<Function&, WatchedTransaction&>>) {
      function(transaction);
      if (transaction.commit()) return;
    } else {
      auto outcome = function(transaction);
      if (transaction.commit()) return committed_value(std::move(outcome));
    }
  }
  throw Error(ErrorCode::transaction_conflict, Delivery::rejected,
              "a watched key was changed by others in each of " + std::to_string(options.attempts) +
                  " attempts: nothing was committed");
}

/// Runs a transaction of a fixed shape.
template <class... T>
[[nodiscard]] std::tuple<Result<T>...> execute_transaction(Engine& engine, const CallOptions& options,
                                                           const Command<T>&... commands) {
  (require_transactional(commands.request), ...);
  const RequestInCompany requests[] = {RequestInCompany(commands.request)...};
  std::string bytes;
  for (const RequestInCompany& request : requests) bytes.append(request.view().bytes);
  std::tuple<TypedOutcome<T>...> outcomes(commands.decode...);
  return std::apply(
      [&](TypedOutcome<T>&... outcome) {
        const RequestInCompany* request = requests;
        const EngineCall calls[] = {{(request++)->view(), &outcome}...};
        TransactionCall transaction(bytes, calls);
        const EngineCall call{transaction.request(), &transaction};
        const Stopper stopper(engine, transaction, options.stop);
        engine.execute({&call, 1}, &options);
        return std::tuple<Result<T>...>{outcome.take()...};
      },
      outcomes);
}

}  // namespace detail

}  // namespace meridian
