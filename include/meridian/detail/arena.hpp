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
        large_(std::move(other.large_)),
        next_(std::exchange(other.next_, 0)),
        at_(std::exchange(other.at_, nullptr)),
        left_(std::exchange(other.left_, 0)) {}
  Arena& operator=(Arena&&) = delete;
  ~Arena() = default;

  /// Memory for a `T`, which the caller makes and destroys.
  template <class T>
  [[nodiscard]] void* take() {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    return take(sizeof(T));
  }

  /// Memory for so many bytes; none need none.
  [[nodiscard]] void* take(std::size_t bytes) {
    constexpr std::size_t step = alignof(std::max_align_t);
    if (bytes > left_) return take_more(bytes);
    const std::size_t size = std::min((bytes + step - 1) / step * step, left_);
    left_ -= size;
    return std::exchange(at_, at_ + size);
  }

  /// Everything is free again, for the next round. Only what large pieces took is given back before the end.
  void clear() noexcept {
    next_ = 0;
    left_ = 0;
    if (!large_.empty()) large_.clear();
  }

 private:
  static constexpr std::size_t smallest_chunk = 1024;
  static constexpr std::size_t largest_chunk = std::size_t{64} << 10;

  struct Chunk {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size;
  };

  [[nodiscard]] void* take_more(std::size_t bytes) {
    // It would leave too much of a chunk unused.
    if (bytes > largest_chunk / 4) {
      return large_.emplace_back(std::make_unique_for_overwrite<std::byte[]>(bytes)).get();
    }
    while (next_ < chunks_.size() && chunks_[next_].size < bytes) ++next_;
    if (next_ == chunks_.size()) {
      const std::size_t last = chunks_.empty() ? 0 : chunks_.back().size;
      const std::size_t size = std::clamp(std::max(bytes, 2 * last), smallest_chunk, largest_chunk);
      chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
    }
    at_ = chunks_[next_].memory.get();
    left_ = chunks_[next_].size;
    ++next_;
    return take(bytes);
  }

  std::vector<Chunk> chunks_;
  std::vector<std::unique_ptr<std::byte[]>> large_;
  std::size_t next_ = 0;  // the chunk after the one that is being given out
  std::byte* at_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace meridian::detail
