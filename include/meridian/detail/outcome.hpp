/// \file
/// Outcomes that turn replies into the caller's types. Not for programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <future>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <type_traits>
#include <utility>

#include <meridian/detail/engine.hpp>

namespace meridian::detail {

/// What looks at bytes that somebody else keeps.
template <class T>
concept View = std::is_same_v<T, std::string_view> || std::is_same_v<T, std::optional<std::string_view>>;

/// Holds the `T` of one call: parsed straight from the bytes that were read.
template <class T>
class TypedOutcome : public Outcome {
 public:
  static_assert(!View<T>,
                "nobody keeps the bytes that this result would look at: a pipeline() that is filled and executed does "
                "(Pipeline::views); everywhere else take a std::string");

  explicit TypedOutcome(Decoder<T> decode) noexcept : decode_(decode) {}
  ~TypedOutcome() override { forget(); }

  void on_reply(const ReplyView& reply) noexcept override {
    forget();
    try {
      ::new (&result_) Result<T>(decode_(reply));
      holds_ = Holds::result;
    } catch (...) {  // a decoder of the program's own, or no memory: whoever takes the result is told
      ::new (&thrown_) std::exception_ptr(std::current_exception());
      holds_ = Holds::thrown;
    }
  }
  void on_error(Error error) noexcept override {
    forget();
    ::new (&result_) Result<T>(Unexpected(std::move(error)));
    holds_ = Holds::result;
  }

  /// Throws only what the decoder threw. REQUIRES: over; once.
  [[nodiscard]] Result<T> take() {
    if (holds_ == Holds::thrown) std::rethrow_exception(thrown_);
    return std::move(result_);
  }

  /// The value; throws the error, too.
  T take_value() {
    if (holds_ == Holds::thrown) std::rethrow_exception(thrown_);
    if (!result_) throw Error(result_.error());
    if constexpr (!std::is_void_v<T>) return std::move(*result_);
  }

 private:
  void forget() noexcept {
    if (holds_ == Holds::result) result_.~Result<T>();
    else if (holds_ == Holds::thrown) thrown_.~exception_ptr();
    holds_ = Holds::nothing;
  }

  Decoder<T> decode_;
  enum class Holds : std::uint8_t { nothing, result, thrown } holds_ = Holds::nothing;
  union {  // made in its place, from what the decoder returns
    Result<T> result_;
    std::exception_ptr thrown_;
  };
};

/// Passes the wish of a stop token on. Made before the call begins, destroyed when it is over and not inside the
/// engine.
class Stopper {
 public:
  Stopper(Engine& engine, Outcome& outcome, const std::stop_token& token) {
    if (token.stop_possible()) callback_.emplace(token, Cancel{&engine, &outcome});
  }
  void reset() noexcept { callback_.reset(); }

 private:
  struct Cancel {
    Engine* engine;
    Outcome* outcome;
    void operator()() const noexcept { engine->cancel(*outcome); }
  };
  std::optional<std::stop_callback<Cancel>> callback_;
};

/// The same for several calls.
class Stoppers {
 public:
  Stoppers(Engine& engine, std::span<const EngineCall> calls, const std::stop_token& token) {
    if (!token.stop_possible()) return;
    for (const EngineCall& call : calls) each_.emplace_back(engine, *call.outcome, token);
  }
  void reset() noexcept { each_.clear(); }

 private:
  std::deque<Stopper> each_;
};

/// Blocks until `outcome` has what it is there for. `options` may be null, as in `Engine::execute`.
inline void await_outcome(Engine& engine, const Request& request, Outcome& outcome, const CallOptions* options) {
  const EngineCall call{request.view(), &outcome};
  if (options == nullptr) return engine.execute({&call, 1}, options);
  const Stopper stopper(engine, outcome, options->stop);
  engine.execute({&call, 1}, options);
}

/// Runs a command and waits.
template <class T>
[[nodiscard]] Result<T> execute(Engine& engine, const Command<T>& command, const CallOptions* options = nullptr) {
  TypedOutcome<T> outcome(command.decode);
  await_outcome(engine, command.request, outcome, options);
  return outcome.take();
}
template <class T>
[[nodiscard]] Result<T> execute(Engine& engine, const Command<T>& command, const CallOptions& options) {
  return execute(engine, command, &options);
}

/// Memory for one object, given back by one owner and taken by the next on the same thread.
template <std::size_t size, std::size_t alignment>
class SpareBlock {
 public:
  SpareBlock() noexcept = default;
  SpareBlock(const SpareBlock&) = delete;
  SpareBlock& operator=(const SpareBlock&) = delete;
  ~SpareBlock() {
    if (memory_ != nullptr) free(std::exchange(memory_, nullptr));
  }

  [[nodiscard]] static SpareBlock& of_thread() noexcept {
    static thread_local SpareBlock block;
    return block;
  }

  [[nodiscard]] void* take() { return memory_ != nullptr ? std::exchange(memory_, nullptr) : allocate(); }
  void give(void* memory) noexcept {
    if (memory_ == nullptr) memory_ = memory;
    else free(memory);
  }

 private:
  static constexpr bool is_over_aligned = alignment > __STDCPP_DEFAULT_NEW_ALIGNMENT__;

  [[nodiscard]] static void* allocate() {
    if constexpr (is_over_aligned) return ::operator new(size, std::align_val_t(alignment));
    else return ::operator new(size);
  }
  static void free(void* memory) noexcept {
    if constexpr (is_over_aligned) ::operator delete(memory, std::align_val_t(alignment));
    else ::operator delete(memory);
  }

  void* memory_ = nullptr;
};

/// A call that nobody waits for: owns everything that it needs, and itself. `Finish` is called with the outcome.
template <class T, class Finish>
class Submission final : public TypedOutcome<T> {
 public:
  static void start(Engine& engine, Command<T>&& command, const CallOptions& options, Finish&& finish) {
    auto* self = new Submission(std::move(command), std::move(finish));
    self->stopper_.emplace(engine, *self, options.stop);
    const EngineCall call{self->request_.view(), self};
    engine.start({&call, 1}, options);
  }

  // A callback that calls again does so before its own call goes: each takes the place of the one before, so that a
  // steady load allocates nothing.
  static void* operator new(std::size_t) { return spare().take(); }
  static void operator delete(void* memory) noexcept { spare().give(memory); }

 private:
  [[nodiscard]] static auto& spare() noexcept {
    return SpareBlock<sizeof(Submission), alignof(Submission)>::of_thread();
  }

  Submission(Command<T>&& command, Finish&& finish)
      : TypedOutcome<T>(command.decode), request_(std::move(command.request)), finish_(std::move(finish)) {}

  void on_done() noexcept override {
    const std::unique_ptr<Submission> self(this);
    stopper_->reset();
    try {
      finish_(static_cast<TypedOutcome<T>&>(*this));
    } catch (...) {  // NOLINT(bugprone-empty-catch): a callback's failure is the callback's own
    }
  }

  Request request_;
  Finish finish_;
  std::optional<Stopper> stopper_;
};

template <class T, class Finish>
void submit(Engine& engine, Command<T>&& command, const CallOptions& options, Finish finish) {
  Submission<T, Finish>::start(engine, std::move(command), options, std::move(finish));
}

/// The result as a future, which throws on failure.
template <class T>
[[nodiscard]] std::future<T> submit_for_future(Engine& engine, Command<T>&& command, const CallOptions& options) {
  std::promise<T> promise;
  std::future<T> future = promise.get_future();
  submit(engine, std::move(command), options, [promise = std::move(promise)](TypedOutcome<T>& outcome) mutable {
    try {
      Result<T> value = outcome.take();
      if (!value) promise.set_exception(std::make_exception_ptr(value.error()));
      else if constexpr (std::is_void_v<T>) promise.set_value();
      else promise.set_value(std::move(*value));
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
  });
  return future;
}

}  // namespace meridian::detail
