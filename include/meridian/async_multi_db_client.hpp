/// \file
/// `AsyncMultiDbClient`: one client over several databases, with failover and failback, without waiting threads.
///
/// \code
/// my::Task<> serve(meridian::MultiDbConfig config) {
///   meridian::Result<meridian::AsyncMultiDbClient> client = co_await meridian::AsyncMultiDbClient::connect(config);
///   if (!client) throw client.error();
///   co_await client->set("key", "value");
/// }
/// \endcode
///
/// Threads and lifetimes are those of `AsyncClient` (`<meridian/async_client.hpp>`).
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <meridian/detail/awaitable.hpp>
#include <meridian/multi_db_front_end.hpp>

namespace meridian {

class AsyncMultiDbClient;

namespace detail {

/// Where a client goes when it is ready.
class ConnectOutcome {
 public:
  ConnectOutcome() noexcept = default;
  ConnectOutcome(const ConnectOutcome&) = delete;
  ConnectOutcome& operator=(const ConnectOutcome&) = delete;

  /// Once, on the client's I/O thread where user code may run; in the calling thread for what does not even begin.
  virtual void on_connected(Result<AsyncMultiDbClient> client) noexcept = 0;

 protected:
  virtual ~ConnectOutcome() = default;
};

MERIDIAN_EXPORT void connect(const MultiDbConfig& config, ConnectOutcome& outcome);

class LazyConnect;

}  // namespace detail

/// A client of the heaviest database that is well, with the same commands as `MultiDbClient`. Thread-safe; movable, not
/// copyable. A moved-from client may only be destroyed or assigned to. Not fork-safe: use it only in the process that
/// made it.
class MERIDIAN_EXPORT AsyncMultiDbClient : public MultiDbFrontEnd<AsyncMultiDbClient, detail::AwaitableForms> {
 public:
  /// Validates everything (INIT-4) and runs the first round of checks; `co_await` gives a `Result<AsyncMultiDbClient>`
  /// when the initial policy is decided (INIT-5), and blocks nobody. Errors: `invalid_argument` names field and value;
  /// `initial_health_check_failed` names each database and why (INIT-3), and nothing is left running; `local_resource`:
  /// no threads or descriptors left. The configuration has a name, for the reason that `NamedOptions` gives.
  [[nodiscard]] static detail::LazyConnect connect(const MultiDbConfig& config);
  static detail::LazyConnect connect(const MultiDbConfig&& config) = delete;

  /// The same for callbacks: calls `callback(Result<AsyncMultiDbClient>)` once, on the client's I/O thread, or in the
  /// calling thread if the configuration is wrong. What it throws is dropped.
  template <class Callback>
    requires std::is_invocable_v<Callback&, Result<AsyncMultiDbClient>>
  static void connect(const MultiDbConfig& config, Callback callback);

  /// These block until the initial policy is decided, as those of `MultiDbClient` do.
  explicit AsyncMultiDbClient(const MultiDbConfig& config);
  [[nodiscard]] static Result<AsyncMultiDbClient> create(const MultiDbConfig& config);

  /// On a ready engine. For the library and its tests.
  explicit AsyncMultiDbClient(std::shared_ptr<detail::MultiDbEngine> engine) noexcept;
};

namespace detail {

class ConnectAwaiter final : public ConnectOutcome {
 public:
  explicit ConnectAwaiter(const MultiDbConfig& config) noexcept : config_(config) {}
  ~ConnectAwaiter() override = default;

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> coroutine) {
    suspension_.begin(coroutine);
    connect(config_, *this);
    return suspension_.stays();
  }
  [[nodiscard]] Result<AsyncMultiDbClient> await_resume() noexcept {
    suspension_.end();
    return std::move(*client_);
  }

 private:
  void on_connected(Result<AsyncMultiDbClient> client) noexcept override {
    client_.emplace(std::move(client));
    suspension_.resume();
  }

  const MultiDbConfig& config_;
  std::optional<Result<AsyncMultiDbClient>> client_;
  Suspension suspension_;
};

/// A start that begins when it is awaited.
class [[nodiscard]] LazyConnect {
 public:
  explicit LazyConnect(MultiDbConfig config) : config_(std::move(config)) {}
  LazyConnect(LazyConnect&&) = default;
  LazyConnect& operator=(LazyConnect&&) = default;
  LazyConnect(const LazyConnect&) = delete;
  LazyConnect& operator=(const LazyConnect&) = delete;
  ~LazyConnect() = default;

  [[nodiscard]] ConnectAwaiter operator co_await() const noexcept { return ConnectAwaiter(config_); }

 private:
  MultiDbConfig config_;
};

/// A start that nobody awaits: owns itself.
template <class Callback>
class ConnectSubmission final : public ConnectOutcome {
 public:
  static void start(const MultiDbConfig& config, Callback callback) {
    connect(config, *new ConnectSubmission(std::move(callback)));
  }

 private:
  explicit ConnectSubmission(Callback callback) : callback_(std::move(callback)) {}

  void on_connected(Result<AsyncMultiDbClient> client) noexcept override {
    const std::unique_ptr<ConnectSubmission> self(this);
    try {
      callback_(std::move(client));
    } catch (...) {  // NOLINT(bugprone-empty-catch): a callback's failure is the callback's own
    }
  }

  Callback callback_;
};

}  // namespace detail

inline detail::LazyConnect AsyncMultiDbClient::connect(const MultiDbConfig& config) {
  return detail::LazyConnect(config);
}

template <class Callback>
  requires std::is_invocable_v<Callback&, Result<AsyncMultiDbClient>>
void AsyncMultiDbClient::connect(const MultiDbConfig& config, Callback callback) {
  detail::ConnectSubmission<Callback>::start(config, std::move(callback));
}

}  // namespace meridian
