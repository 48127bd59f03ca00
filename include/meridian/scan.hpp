/// \file
/// Everything that SCAN, HSCAN, SSCAN and ZSCAN find, page by page.
///
/// \code
/// for (const std::string& key : client.scan_all({.match = "user:*", .count = 1000})) { … }   // throws meridian::Error
///
/// auto pages = async_client.hscan_all("hash");
/// while (auto page = co_await pages.next()) {
///   for (const auto& [field, value] : *page) { … }
/// }
/// \endcode
///
/// A cursor belongs to its database: when the client switches to another one in between, the next page fails with
/// `ErrorCode::database_changed` (SCAN-1), and the scan has to begin anew. What SCAN promises holds: everything that is
/// there from the beginning to the end comes at least once, and perhaps more often.
/// https://redis.io/docs/latest/commands/scan/
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <meridian/commands.hpp>
#include <meridian/detail/awaitable.hpp>
#include <meridian/detail/outcome.hpp>

namespace meridian {

namespace detail {

/// Where a scan stands, and what asks for its next page.
template <class T>
class ScanState {
 public:
  using Page = Command<ScanPage<T>> (*)(const std::string& key, std::uint64_t cursor, const ScanOptions& options);

  ScanState(Page page, std::string_view key, const ScanOptions& options, const CallOptions& call)
      : page_(page), key_(key), options_(options), call_(call) {
    if (options.match) match_ = *options.match;
    if (options.type) type_ = *options.type;
  }

  [[nodiscard]] bool is_over() const noexcept { return over_; }

  [[nodiscard]] Command<ScanPage<T>> next_page() const {
    ScanOptions options = options_;
    if (options.match) options.match = match_;
    if (options.type) options.type = type_;
    return page_(key_, cursor_, options);
  }

  /// Those of the next page; `info` is filled by the call.
  [[nodiscard]] CallOptions call_options(CallInfo& info) const {
    CallOptions options = call_;
    options.info = &info;
    if (begun_) options.epoch = epoch_;
    return options;
  }

  std::vector<T> take(ScanPage<T> page, const CallInfo& info) {
    begun_ = true;
    epoch_ = info.epoch;
    cursor_ = page.cursor;
    over_ = cursor_ == 0;
    return std::move(page.items);
  }

 private:
  Page page_;
  std::string key_;
  ScanOptions options_;
  std::string match_;
  std::string type_;
  CallOptions call_;
  std::uint64_t cursor_ = 0;
  std::uint64_t epoch_ = 0;
  bool begun_ = false;
  bool over_ = false;
};

}  // namespace detail

/// What a scan finds, as a range to be gone through once. Asks for the next page when it is reached; the iteration
/// throws `Error`. Not thread-safe; its client must outlive it.
template <class T>
class ScanRange {
 public:
  ScanRange(detail::Engine& engine, detail::ScanState<T> state) : engine_(&engine), state_(std::move(state)) {}

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = const T&;

    Iterator() = default;
    [[nodiscard]] const T& operator*() const { return range_->items_[range_->at_]; }
    [[nodiscard]] const T* operator->() const { return &**this; }
    Iterator& operator++() {
      ++range_->at_;
      range_->reach_item();
      return *this;
    }
    void operator++(int) { ++*this; }
    [[nodiscard]] bool is_at_end() const noexcept { return range_->is_at_end(); }
    friend bool operator==(const Iterator& one, std::default_sentinel_t) noexcept { return one.is_at_end(); }

   private:
    friend class ScanRange;
    explicit Iterator(ScanRange& range) : range_(&range) {}
    ScanRange* range_ = nullptr;
  };

  /// REQUIRES: once.
  [[nodiscard]] Iterator begin() {
    reach_item();
    return Iterator(*this);
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  [[nodiscard]] bool is_at_end() const noexcept { return at_ == items_.size() && state_.is_over(); }

  // A page may be empty although others follow.
  void reach_item() {
    while (at_ == items_.size() && !state_.is_over()) {
      CallInfo info;
      const CallOptions options = state_.call_options(info);
      items_ = state_.take(value_or_throw(detail::execute(*engine_, state_.next_page(), options)), info);
      at_ = 0;
    }
  }

  detail::Engine* engine_;
  detail::ScanState<T> state_;
  std::vector<T> items_;
  std::size_t at_ = 0;
};

/// The same for coroutines: `co_await next()` gives the next page, which may be empty, or nothing behind the last one;
/// it throws `Error`. Neither copyable nor movable; its client must outlive it.
template <class T>
class AsyncScan {
 public:
  AsyncScan(detail::Engine& engine, detail::ScanState<T> state) : engine_(&engine), state_(std::move(state)) {}
  AsyncScan(const AsyncScan&) = delete;
  AsyncScan& operator=(const AsyncScan&) = delete;

  class [[nodiscard]] Next {
   public:
    Next(const Next&) = delete;
    Next& operator=(const Next&) = delete;
    [[nodiscard]] bool await_ready() const noexcept { return scan_->state_.is_over(); }
    /// Not inlined, as in `CallAwaiter`.
    [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> coroutine) {
      call_.emplace(*scan_->engine_, command_, options_);
      return call_->await_suspend(coroutine);
    }
    std::optional<std::vector<T>> await_resume() {
      if (!call_) return std::nullopt;
      return scan_->state_.take(call_->await_resume(), info_);
    }

   private:
    friend class AsyncScan;
    explicit Next(AsyncScan& scan)
        : scan_(&scan), command_(scan.state_.next_page()), options_(scan.state_.call_options(info_)) {}
    AsyncScan* scan_;
    CallInfo info_;
    Command<ScanPage<T>> command_;
    CallOptions options_;
    std::optional<detail::CallAwaiter<ScanPage<T>, ScanPage<T>>> call_;
  };

  /// REQUIRES: the one before is over.
  [[nodiscard]] Next next() { return Next(*this); }

 private:
  detail::Engine* engine_;
  detail::ScanState<T> state_;
};

namespace detail {

// What asks for a page of each kind.
[[nodiscard]] inline Command<ScanPage<std::string>> keys_page(const std::string&, std::uint64_t cursor,
                                                              const ScanOptions& options) {
  return cmd::scan(cursor, options);
}
[[nodiscard]] inline Command<ScanPage<std::string>> set_page(const std::string& key, std::uint64_t cursor,
                                                             const ScanOptions& options) {
  return cmd::sscan(key, cursor, options);
}
[[nodiscard]] inline Command<ScanPage<std::pair<std::string, std::string>>> hash_page(const std::string& key,
                                                                                      std::uint64_t cursor,
                                                                                      const ScanOptions& options) {
  return cmd::hscan(key, cursor, options);
}
[[nodiscard]] inline Command<ScanPage<ScoredMember>> sorted_set_page(const std::string& key, std::uint64_t cursor,
                                                                     const ScanOptions& options) {
  return cmd::zscan(key, cursor, options);
}

}  // namespace detail

}  // namespace meridian
