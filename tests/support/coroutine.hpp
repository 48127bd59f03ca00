// Coroutines for tests: a lazy task, and a way to start one from a thread that waits for its end.
#pragma once

#include <coroutine>
#include <exception>
#include <future>
#include <utility>

namespace meridian::testing {

// Runs when it is awaited, and takes its frame along.
class Task {
 public:
  struct promise_type {
    struct Continue {
      [[nodiscard]] bool await_ready() const noexcept { return false; }
      [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) const noexcept {
        return ended.promise().continuation;
      }
      void await_resume() const noexcept {}
    };
    [[nodiscard]] Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] Continue final_suspend() const noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { thrown = std::current_exception(); }
    std::coroutine_handle<> continuation;
    std::exception_ptr thrown;
  };

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<> continuation) const noexcept {
    frame_.promise().continuation = continuation;
    return frame_;
  }
  void await_resume() const {
    if (frame_.promise().thrown) std::rethrow_exception(frame_.promise().thrown);
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};

struct Detached {
  struct promise_type {
    [[nodiscard]] Detached get_return_object() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

template <class Body>
Detached drive(Body body, std::promise<void> over) {
  std::exception_ptr thrown;
  try {
    co_await body();
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown) over.set_exception(std::move(thrown));
  else over.set_value();
}

// Starts `body()`, a `Task`, on the calling thread. The coroutine keeps the body, and with it what its lambda captured.
template <class Body>
[[nodiscard]] std::future<void> start(Body body) {
  std::promise<void> over;
  std::future<void> future = over.get_future();
  drive(std::move(body), std::move(over));
  return future;
}

}  // namespace meridian::testing
