/// \file
/// Commands that are collected and run together. Not for programs.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <meridian/decode.hpp>

#include <meridian/detail/arena.hpp>
#include <meridian/detail/copy.hpp>
#include <meridian/detail/outcome.hpp>

namespace meridian::detail {

/// Calls that nobody waits for on a thread: tells when the last of them is over.
class CallGroup {
 public:
  virtual ~CallGroup() = default;

  void begin(std::size_t calls) noexcept { left_.store(calls, std::memory_order_relaxed); }
  void one_is_over() noexcept {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) on_all_over();
  }

 private:
  virtual void on_all_over() noexcept = 0;
  std::atomic<std::size_t> left_{0};
};

/// The outcome of a command in a list.
template <class T>
class ListedOutcome final : public TypedOutcome<T> {
 public:
  ListedOutcome(Decoder<T> decode, CallGroup* group) noexcept : TypedOutcome<T>(decode), group_(group) {}

 private:
  void on_done() noexcept override {
    if (group_ != nullptr) group_->one_is_over();
  }
  CallGroup* group_;
};

/// What a list keeps for its views: the texts that they look at. Stays where it is when the list moves.
struct KeptForViews {
  CallGroup* group = nullptr;
  bool has_errors = false;  // some outcome holds what has to be destroyed
  Arena texts{};
};

/// The same for a view.
template <View T>
class ListedOutcome<T> final : public Outcome {
 public:
  using Owning = std::conditional_t<std::is_same_v<T, std::string_view>, std::string, std::optional<std::string>>;

  ListedOutcome(Decoder<T> decode, KeptForViews& kept) noexcept
      : kept_(kept), decode_(decode), reads_(decode == &meridian::decode<T> ? Reads::any_text : Reads::view) {}
  /// Of a command whose result is a string otherwise.
  ListedOutcome(Decoder<Owning> decode, KeptForViews& kept) noexcept : kept_(kept), decode_(&meridian::decode<T>) {
    if (decode == &meridian::decode<Owning>) return;
    reads_ = Reads::string;
    decode_string_ = decode;
  }
  ~ListedOutcome() override { forget(); }

  void on_reply(const ReplyView& reply) noexcept override {
    forget();
    try {
      if (reads_ == Reads::any_text && reply.type() == ReplyType::bulk_string) keep(*reply.as_string());
      else if (reads_ == Reads::string) keep(decode_string_(reply));
      else keep(decode_(reply));
    } catch (...) {  // as in TypedOutcome
      ::new (&thrown_) std::exception_ptr(std::current_exception());
      holds_ = Holds::thrown;
      kept_.has_errors = true;
    }
  }
  void on_error(Error error) noexcept override {
    forget();
    hold(std::move(error));
  }

  /// As those of TypedOutcome.
  [[nodiscard]] Result<T> take() {
    if (holds_ == Holds::value) return value_;
    if (holds_ == Holds::thrown) std::rethrow_exception(thrown_);
    return Unexpected(std::move(error_));
  }
  T take_value() {
    if (holds_ == Holds::value) return value_;
    if (holds_ == Holds::thrown) std::rethrow_exception(thrown_);
    throw Error(error_);
  }

 private:
  void on_done() noexcept override {
    if (kept_.group != nullptr) kept_.group->one_is_over();
  }

  void keep(std::string_view text) {
    char* const kept = static_cast<char*>(kept_.texts.take(text.size()));
    copy_short(kept, text.data(), text.size());
    hold(T(std::string_view(kept, text.size())));
  }
  template <class Text>
  void keep(const std::optional<Text>& text) {
    if (text) keep(std::string_view(*text));
    else hold(T());
  }
  template <class Decoded>
  void keep(Result<Decoded>&& decoded) {
    if (decoded) keep(*decoded);
    else hold(std::move(decoded.error()));
  }

  void hold(const T& value) noexcept {
    ::new (&value_) T(value);
    holds_ = Holds::value;
  }
  void hold(Error&& error) noexcept {
    ::new (&error_) Error(std::move(error));
    holds_ = Holds::error;
    kept_.has_errors = true;
  }
  void forget() noexcept {
    if (holds_ == Holds::error) error_.~Error();
    else if (holds_ == Holds::thrown) thrown_.~exception_ptr();
    holds_ = Holds::nothing;
  }

  KeptForViews& kept_;
  union {
    Decoder<T> decode_;
    Decoder<Owning> decode_string_;
  };
  enum class Reads : std::uint8_t { any_text, view, string } reads_ = Reads::any_text;
  enum class Holds : std::uint8_t { nothing, value, error, thrown } holds_ = Holds::nothing;
  union {
    T value_;
    Error error_;
    std::exception_ptr thrown_;
  };
};

/// What a list gives for a command if it is to give views.
template <class T>
struct ViewOf {
  using type = T;
};
template <>
struct ViewOf<std::string> {
  using type = std::string_view;
};
template <>
struct ViewOf<std::optional<std::string>> {
  using type = std::optional<std::string_view>;
};

/// A request that goes out together with others. A script goes whole, because what follows must not overtake it.
class RequestInCompany {
 public:
  explicit RequestInCompany(const Request& request) : view_(request.view()) {
    if (request.script != nullptr) view_ = whole_.emplace(with_whole_script(view_)).view();
  }
  RequestInCompany(const RequestInCompany&) = delete;
  RequestInCompany& operator=(const RequestInCompany&) = delete;

  [[nodiscard]] const RequestView& view() const noexcept { return view_; }

 private:
  std::optional<Request> whole_;
  RequestView view_;
};

/// Commands and the places of their results: all bytes in one piece, all outcomes in a few.
class CommandList {
 public:
  explicit CommandList(CallGroup* group = nullptr) noexcept : group_(group) {}
  CommandList(CommandList&& other) noexcept
      : group_(other.group_),
        calls_(std::move(other.calls_)),
        most_calls_(std::exchange(other.most_calls_, 0)),
        count_(std::exchange(other.count_, 0)),
        bytes_(std::move(other.bytes_)),
        most_bytes_(std::exchange(other.most_bytes_, 0)),
        bytes_end_(std::exchange(other.bytes_end_, 0)),
        memory_(std::move(other.memory_)),
        has_owners_(std::exchange(other.has_owners_, false)),
        kept_(std::move(other.kept_)) {}
  CommandList& operator=(CommandList&&) = delete;
  ~CommandList() { destroy(); }

  template <class T>
  ListedOutcome<T>& add(const Command<T>& command) {
    return add<T>(command.request, command.decode);
  }
  template <class T>
  ListedOutcome<typename ViewOf<T>::type>& add_view(const Command<T>& command) {
    return add<typename ViewOf<T>::type>(command.request, command.decode);
  }

  /// The calls, ready to be sent. Valid until something is added. What earlier results look at is gone.
  [[nodiscard]] std::span<const EngineCall> calls() noexcept {
    if (kept_) kept_->texts.clear();
    const char* at = bytes_.get();
    for (EngineCall& call : std::span(calls_.get(), count_)) {
      call.request.bytes = {at, call.request.bytes.size()};
      at += call.request.bytes.size();
    }
    return {calls_.get(), count_};
  }

  [[nodiscard]] std::string_view bytes() const noexcept { return {bytes_.get(), bytes_end_}; }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }

  void clear() noexcept {
    destroy();
    count_ = 0;
    bytes_end_ = 0;
    memory_.clear();
    if (kept_) kept_->texts.clear();
  }

 private:
  template <class T, class Decode>
  ListedOutcome<T>& add(const Request& request, Decode decode) {
    using Listed = ListedOutcome<T>;
    void* const place = memory_.take<Listed>();
    Listed* outcome = nullptr;
    if constexpr (View<T>) {
      if (!kept_) kept_ = std::make_unique<KeptForViews>(KeptForViews{.group = group_});
      outcome = ::new (place) Listed(decode, *kept_);
    } else {
      outcome = ::new (place) Listed(decode, group_);
      has_owners_ = true;
    }
    if (request.script == nullptr) append(request, request.bytes, *outcome);
    else append_script(request, *outcome);
    return *outcome;
  }

  // The bytes may move until they are sent.
  void append(const RequestFacts& facts, std::string_view bytes, Outcome& outcome) {
    if (count_ == most_calls_ || bytes.size() > most_bytes_ - bytes_end_)
      return append_with_more_room(facts, bytes, outcome);
    copy_short(bytes_.get() + bytes_end_, bytes.data(), bytes.size());
    bytes_end_ += bytes.size();
    EngineCall& call = calls_[count_++];
    static_cast<RequestFacts&>(call.request) = facts;
    call.request.bytes = bytes;
    call.outcome = &outcome;
  }
  void append_with_more_room(const RequestFacts& facts, std::string_view bytes, Outcome& outcome) {
    if (count_ == most_calls_) {
      const std::size_t most = std::max<std::size_t>(16, 2 * most_calls_);
      auto more = std::make_unique<EngineCall[]>(most);
      std::copy_n(calls_.get(), count_, more.get());
      calls_ = std::move(more);
      most_calls_ = most;
    }
    if (bytes.size() > most_bytes_ - bytes_end_) {
      const std::size_t most = std::max({bytes_end_ + bytes.size(), 2 * most_bytes_, std::size_t{1024}});
      auto more = std::make_unique_for_overwrite<char[]>(most);
      std::copy_n(bytes_.get(), bytes_end_, more.get());
      bytes_ = std::move(more);
      most_bytes_ = most;
    }
    append(facts, bytes, outcome);
  }
  void append_script(const Request& request, Outcome& outcome) {
    const RequestInCompany whole(request);
    append(whole.view(), whole.view().bytes, outcome);
  }

  // Views and what is kept for them need none.
  void destroy() noexcept {
    if (!std::exchange(has_owners_, false) && !(kept_ && std::exchange(kept_->has_errors, false))) return;
    for (const EngineCall& call : std::span(calls_.get(), count_)) call.outcome->~Outcome();
  }

  CallGroup* group_;
  // Both are used again in the next round.
  std::unique_ptr<EngineCall[]> calls_;
  std::size_t most_calls_ = 0;
  std::size_t count_ = 0;
  std::unique_ptr<char[]> bytes_;
  std::size_t most_bytes_ = 0;
  std::size_t bytes_end_ = 0;
  Arena memory_;
  bool has_owners_ = false;             // of outcomes, some are not views
  std::unique_ptr<KeptForViews> kept_;  // null as long as there are no views
};

}  // namespace meridian::detail
