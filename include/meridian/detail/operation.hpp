/// \file
/// How an operation of an operator is waited for. Not for programs.
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include <meridian/detail/awaitable.hpp>
#include <meridian/multi_db_config.hpp>
#include <meridian/operations.hpp>

namespace meridian::detail {

/// Who is told the end of an operation: once, on the I/O thread outside the engine, or in the calling thread.
class OperationOutcome {
 public:
  virtual void on_done(std::optional<Error> error) noexcept = 0;

 protected:
  ~OperationOutcome() = default;
};

/// An engine over several databases.
class MERIDIAN_EXPORT MultiDbEngine : public Engine {
 public:
  [[nodiscard]] virtual ClientStatus describe() = 0;
  virtual void add_listener(EventListener listener) = 0;

  /// Any thread. `outcome` stays until it is told.
  virtual void operate(op::Operation operation, OperationOutcome& outcome) = 0;
  /// Blocks until it is done. On an I/O thread: `would_deadlock`.
  [[nodiscard]] virtual Result<void> operate_and_wait(op::Operation operation) = 0;
};

template <class Value>
class OperationAwaiter final : public OperationOutcome {
 public:
  OperationAwaiter(MultiDbEngine& engine, const op::Operation& operation) noexcept
      : engine_(engine), operation_(operation) {}

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> coroutine) {
    suspension_.begin(coroutine);
    engine_.operate(operation_, *this);
    return suspension_.stays();
  }
  Value await_resume() {
    suspension_.end();
    if constexpr (std::is_void_v<Value>) {
      if (error_) throw std::move(*error_);
    } else {
      if (error_) return Unexpected(std::move(*error_));
      return {};
    }
  }

 private:
  void on_done(std::optional<Error> error) noexcept override {
    error_ = std::move(error);
    suspension_.resume();
  }

  MultiDbEngine& engine_;
  const op::Operation& operation_;
  std::optional<Error> error_;
  Suspension suspension_;
};

/// An operation that begins when it is awaited.
template <class Value>
class [[nodiscard]] LazyOperation {
 public:
  LazyOperation(MultiDbEngine& engine, op::Operation operation) : engine_(&engine), operation_(std::move(operation)) {}
  LazyOperation(LazyOperation&&) = default;
  LazyOperation& operator=(LazyOperation&&) = default;
  LazyOperation(const LazyOperation&) = delete;
  LazyOperation& operator=(const LazyOperation&) = delete;
  ~LazyOperation() = default;

  [[nodiscard]] OperationAwaiter<Value> operator co_await() const noexcept { return {*engine_, operation_}; }

 private:
  MultiDbEngine* engine_;
  op::Operation operation_;
};

}  // namespace meridian::detail
