/// \file
/// Asio completion tokens for the clients, on the program's own executors. Opt-in: needs standalone Asio ≥ 1.22, or,
/// with MERIDIAN_USE_BOOST_ASIO defined, Boost.Asio ≥ 1.80; the library itself is the same for both.
///
/// \code
/// asio::awaitable<void> visit(meridian::AsyncClient& client) {
///   using meridian::async_execute, meridian::value_or_throw;
///   auto hits = co_await async_execute(client, meridian::cmd::incr("hits"), asio::use_awaitable);  // Result<int64_t>
///   auto name = value_or_throw(co_await async_execute(client, meridian::cmd::get("name"), asio::use_awaitable));
/// }
/// async_execute(client, meridian::cmd::get("k"), asio::bind_executor(strand, [](auto result) { … }));
/// \endcode
///
/// The signature of a completion is `void(Result<T>)`: an `error_code` could not say whether a command may have run.
/// `value_or_throw` makes an exception of the error where one is wanted.
///
/// Threads: the completion is dispatched to the handler's associated executor and never runs inside the initiating
/// function; the executor has outstanding work until then. A handler without an executor of its own is called on the
/// client's I/O thread, like a callback of `submit`, and what it throws ends the program. The handler's associated
/// allocator is used, in the initiating function and on the executor only.
///
/// Cancellation: every type that the handler's cancellation slot is given (total, partial, terminal) ends the call at
/// once with `ErrorCode::cancelled`; the error says whether the command may have run. `CallOptions::stop` does the
/// same.
///
/// Lifetimes: a handler may close or destroy the client. The execution context must live until the call is over: close
/// the client before the context goes.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#if defined(MERIDIAN_USE_BOOST_ASIO)
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#else
#include <asio/associated_allocator.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/dispatch.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#endif

#include <meridian/async_multi_db_client.hpp>
#include <meridian/detail/awaitable.hpp>
#include <meridian/front_end.hpp>

namespace meridian {

namespace detail {

#if defined(MERIDIAN_USE_BOOST_ASIO)
namespace used_asio = ::boost::asio;
#else
namespace used_asio = ::asio;
#endif

/// The Asio half of an operation: the handler, the work on its executor, and the memory of both halves, which comes
/// from the handler's allocator. `Operation` derives from it and has `take()`, the argument of the handler.
template <class Operation, class Handler>
class AsioOperation {
 public:
  AsioOperation(const AsioOperation&) = delete;
  AsioOperation& operator=(const AsioOperation&) = delete;

  template <class... Args>
  [[nodiscard]] static Operation& make(Handler handler, Args&&... args) {
    Allocator allocator(used_asio::get_associated_allocator(handler));
    Operation* const memory = Traits::allocate(allocator, 1);
    try {
      return *::new (static_cast<void*>(memory)) Operation(std::move(handler), std::forward<Args>(args)...);
    } catch (...) {
      Traits::deallocate(allocator, memory, 1);
      throw;
    }
  }

 protected:
  explicit AsioOperation(Handler handler)
      : handler_(std::move(handler)), work_(used_asio::get_associated_executor(handler_)) {}
  ~AsioOperation() = default;

  [[nodiscard]] Handler& handler() noexcept { return handler_; }

  /// The last thing of the initiating function. What is over already must not be completed inside it.
  void initiated() {
    if (meeting_.come_second()) used_asio::post(work_.get_executor(), Completion{own()});
  }

  /// The last thing of the one who ends the operation.
  void over() {
    if (meeting_.come_second()) used_asio::dispatch(work_.get_executor(), Completion{own()});
  }

 private:
  using Allocator = typename std::allocator_traits<
      typename used_asio::associated_allocator<Handler>::type>::template rebind_alloc<Operation>;
  using Traits = std::allocator_traits<Allocator>;
  using Executor = typename used_asio::associated_executor<Handler>::type;

  struct Delete {
    Allocator allocator;
    void operator()(Operation* operation) {
      operation->~Operation();
      Traits::deallocate(allocator, operation, 1);
    }
  };
  using Owner = std::unique_ptr<Operation, Delete>;

  /// Runs on the executor, or is destroyed with it.
  struct Completion {
    Owner operation;
    void operator()() {
      Handler handler(std::move(operation->handler_));
      auto result = operation->take();
      operation.reset();  // the handler may want the memory
      std::move(handler)(std::move(result));
    }
  };

  [[nodiscard]] Owner own() {
    operation().release();
    return Owner(&operation(), Delete{Allocator(used_asio::get_associated_allocator(handler_))});
  }
  [[nodiscard]] Operation& operation() noexcept { return static_cast<Operation&>(*this); }

  Handler handler_;
  used_asio::executor_work_guard<Executor> work_;
  Meeting meeting_;
};

/// One call with a completion handler.
template <class T, class Handler>
class AsioCall final : public TypedOutcome<T>, public AsioOperation<AsioCall<T, Handler>, Handler> {
  using Base = AsioOperation<AsioCall, Handler>;

 public:
  ~AsioCall() override = default;

  void start(Engine& engine) {
    auto slot = used_asio::get_associated_cancellation_slot(this->handler());
    if (slot.is_connected()) {
      // The signal may come on the executor's threads while the call ends on ours: a stop source sorts that out, and
      // what the slot keeps of it does no harm when the call is over.
      std::stop_source source;
      if (options_.stop.stop_possible()) link_.emplace(std::exchange(options_.stop, {}), RequestStop{source});
      options_.stop = source.get_token();
      slot.assign([source](used_asio::cancellation_type type) mutable {
        if (type != used_asio::cancellation_type::none) source.request_stop();
      });
    }
    stopper_.emplace(engine, *this, options_.stop);
    const EngineCall call{request_.view(), this};
    engine.start({&call, 1}, options_);
    this->initiated();
  }

 private:
  friend Base;

  struct RequestStop {
    std::stop_source source;
    void operator()() noexcept { source.request_stop(); }
  };

  AsioCall(Handler handler, Command<T> command, const CallOptions& options)
      : TypedOutcome<T>(command.decode),
        Base(std::move(handler)),
        request_(std::move(command.request)),
        options_(options) {}

  void on_done() noexcept override { this->over(); }

  /// Nobody cancels it any more: the engine may be gone soon.
  void release() noexcept {
    link_.reset();
    stopper_.reset();
  }

  Request request_;
  CallOptions options_;
  std::optional<std::stop_callback<RequestStop>> link_;
  std::optional<Stopper> stopper_;
};

struct InitiateCall {
  Engine* engine;
  template <class Handler, class T>
  void operator()(Handler&& handler, Command<T> command, const CallOptions& options) const {
    using Call = AsioCall<T, std::decay_t<Handler>>;
    Call::make(std::forward<Handler>(handler), std::move(command), options).start(*engine);
  }
};

/// One start of a client with a completion handler.
template <class Handler>
class AsioConnect final : public ConnectOutcome, public AsioOperation<AsioConnect<Handler>, Handler> {
  using Base = AsioOperation<AsioConnect, Handler>;

 public:
  ~AsioConnect() override = default;

  void start(const MultiDbConfig& config) {
    connect(config, *this);
    this->initiated();
  }

 private:
  friend Base;

  explicit AsioConnect(Handler handler) : Base(std::move(handler)) {}

  void on_connected(Result<AsyncMultiDbClient> client) noexcept override {
    client_.emplace(std::move(client));
    this->over();
  }
  void release() noexcept {}
  [[nodiscard]] Result<AsyncMultiDbClient> take() noexcept { return std::move(*client_); }

  std::optional<Result<AsyncMultiDbClient>> client_;
};

struct InitiateConnect {
  template <class Handler>
  void operator()(Handler&& handler, const MultiDbConfig& config) const {
    AsioConnect<std::decay_t<Handler>>::make(std::forward<Handler>(handler)).start(config);
  }
};

}  // namespace detail

/// Runs `command` on any client, which must outlive the call or be closed; completes with `Result<T>`. Thread-safe.
/// Options have a name: see `NamedOptions`.
template <class Derived, class Forms, class T, class CompletionToken>
auto async_execute(FrontEnd<Derived, Forms>& client, Command<T> command, const NamedOptions& options,
                   CompletionToken&& token) {
  return detail::used_asio::async_initiate<CompletionToken, void(Result<T>)>(
      detail::InitiateCall{&detail::EngineAccess::engine_of(client)}, token, std::move(command),
      static_cast<const CallOptions&>(options));
}

template <class Derived, class Forms, class T, class CompletionToken>
auto async_execute(FrontEnd<Derived, Forms>& client, Command<T> command, CompletionToken&& token) {
  return async_execute(client, std::move(command), NamedOptions(), std::forward<CompletionToken>(token));
}

/// `AsyncMultiDbClient::connect` for completion tokens; completes with `Result<AsyncMultiDbClient>`. Cancellation slots
/// are not looked at: the health checks' time limits end it. The configuration has a name, too.
template <class CompletionToken>
auto async_connect(const MultiDbConfig&& config, CompletionToken&& token) = delete;
template <class CompletionToken>
auto async_connect(const MultiDbConfig& config, CompletionToken&& token) {
  return detail::used_asio::async_initiate<CompletionToken, void(Result<AsyncMultiDbClient>)>(detail::InitiateConnect{},
                                                                                              token, config);
}

}  // namespace meridian
