/// \file
/// Commands that are collected and run together. Not for programs.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

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
        bytes_(std::move(other.bytes_)),
        capacity_(std::exchange(other.capacity_, 0)),
        size_(std::exchange(other.size_, 0)),
        memory_(std::move(other.memory_)) {}
  CommandList& operator=(CommandList&&) = delete;
  ~CommandList() { destroy(); }

  template <class T>
  TypedOutcome<T>& add(const Command<T>& command) {
    using Listed = ListedOutcome<T>;
    auto* outcome = ::new (memory_.take<Listed>()) Listed(command.decode, group_);
    if (command.request.script == nullptr) append(command.request.view(), *outcome);
    else append(RequestInCompany(command.request).view(), *outcome);
    return *outcome;
  }

  /// The calls, ready to be sent. Valid until something is added.
  [[nodiscard]] std::span<const EngineCall> calls() noexcept {
    const char* at = bytes_.get();
    for (EngineCall& call : calls_) {
      call.request.bytes = {at, call.request.bytes.size()};
      at += call.request.bytes.size();
    }
    return calls_;
  }

  [[nodiscard]] std::string_view bytes() const noexcept { return {bytes_.get(), size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return calls_.size(); }

  void clear() noexcept {
    destroy();
    calls_.clear();
    size_ = 0;
    memory_.clear();
  }

 private:
  // Its bytes may move until they are sent.
  void append(const RequestView& request, Outcome& outcome) {
    if (request.bytes.size() > capacity_ - size_) enlarge(request.bytes.size());
    copy_short(bytes_.get() + size_, request.bytes.data(), request.bytes.size());
    size_ += request.bytes.size();
    calls_.push_back({request, &outcome});
  }

  void enlarge(std::size_t bytes) {
    const std::size_t capacity = std::max({size_ + bytes, 2 * capacity_, std::size_t{1024}});
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
    capacity_ = capacity;
  }

  void destroy() noexcept {
    for (const EngineCall& call : calls_) call.outcome->~Outcome();
  }

  CallGroup* group_;
  std::vector<EngineCall> calls_;
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  Arena memory_;
};

}  // namespace meridian::detail
