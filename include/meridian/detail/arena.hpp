/// \file
/// Memory that is given out piece by piece and taken back at once. Not for programs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace meridian::detail {

class Arena {
 public:
  Arena() noexcept = default;
  Arena(Arena&& other) noexcept
      : chunks_(std::move(other.chunks_)),
        next_(std::exchange(other.next_, 0)),
        at_(std::exchange(other.at_, nullptr)),
        left_(std::exchange(other.left_, 0)) {}
  Arena& operator=(Arena&&) = delete;
  ~Arena() = default;

  /// Memory for a `T`, which the caller makes and destroys.
  template <class T>
  [[nodiscard]] void* take() {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    constexpr std::size_t step = alignof(std::max_align_t);
    constexpr std::size_t size = (sizeof(T) + step - 1) / step * step;
    if (size > left_) go_on(size);
    left_ -= size;
    return std::exchange(at_, at_ + size);
  }

  /// Everything is free again, for the next round: nothing is given back to the system before the end.
  void clear() noexcept {
    next_ = 0;
    left_ = 0;
  }

 private:
  struct Chunk {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size;
  };

  void go_on(std::size_t least) {
    while (next_ < chunks_.size() && chunks_[next_].size < least) ++next_;
    if (next_ == chunks_.size()) {
      const std::size_t last = chunks_.empty() ? 0 : chunks_.back().size;
      const std::size_t size = std::max(least, std::clamp<std::size_t>(2 * last, 1024, 64 * 1024));
      chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
    }
    at_ = chunks_[next_].memory.get();
    left_ = chunks_[next_].size;
    ++next_;
  }

  std::vector<Chunk> chunks_;
  std::size_t next_ = 0;  // the chunk after the one that is being given out
  std::byte* at_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace meridian::detail
