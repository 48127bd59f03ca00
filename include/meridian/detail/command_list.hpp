/// \file
/// Commands that are collected and run together. Not for programs.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

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
        memory_(std::move(other.memory_)) {}
  CommandList& operator=(CommandList&&) = delete;
  ~CommandList() { destroy(); }

  template <class T>
  TypedOutcome<T>& add(const Command<T>& command) {
    using Listed = ListedOutcome<T>;
    auto* outcome = ::new (memory_.take<Listed>()) Listed(command.decode, group_);
    if (command.request.script == nullptr) append(command.request, command.request.bytes, *outcome);
    else append_script(command.request, *outcome);
    return *outcome;
  }

  /// The calls, ready to be sent. Valid until something is added.
  [[nodiscard]] std::span<const EngineCall> calls() noexcept {
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
  }

 private:
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

  void destroy() noexcept {
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
};

}  // namespace meridian::detail
