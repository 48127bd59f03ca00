/// \file
/// Commands that are collected and run together. Not for programs.
#pragma once

#include <atomic>
#include <cstddef>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/detail/arena.hpp>
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
  CommandList(CommandList&&) noexcept = default;
  CommandList& operator=(CommandList&&) = delete;
  ~CommandList() { destroy(); }

  template <class T>
  TypedOutcome<T>& add(const Command<T>& command) {
    using Listed = ListedOutcome<T>;
    auto* outcome = ::new (memory_.take<Listed>()) Listed(command.decode, group_);
    const RequestInCompany request(command.request);
    bytes_.append(request.view().bytes);  // which may move until they are sent
    calls_.push_back({request.view(), outcome});
    return *outcome;
  }

  /// The calls, ready to be sent. Valid until something is added.
  [[nodiscard]] std::span<const EngineCall> calls() noexcept {
    const char* at = bytes_.data();
    for (EngineCall& call : calls_) {
      call.request.bytes = {at, call.request.bytes.size()};
      at += call.request.bytes.size();
    }
    return calls_;
  }

  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t size() const noexcept { return calls_.size(); }

  void clear() noexcept {
    destroy();
    calls_.clear();
    bytes_.clear();
    memory_.clear();
  }

 private:
  void destroy() noexcept {
    for (const EngineCall& call : calls_) call.outcome->~Outcome();
  }

  CallGroup* group_;
  std::vector<EngineCall> calls_;
  std::string bytes_;
  Arena memory_;
};

}  // namespace meridian::detail
