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
  /// Memory for a `T`, which the caller makes and destroys.
  template <class T>
  [[nodiscard]] void* take() {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    constexpr std::size_t step = alignof(std::max_align_t);
    constexpr std::size_t size = (sizeof(T) + step - 1) / step * step;
    if (size > left_) add(size);
    left_ -= size;
    return std::exchange(at_, at_ + size);
  }

  /// Everything is free again; the largest chunk is kept.
  void clear() noexcept {
    if (chunks_.empty()) return;
    chunks_.erase(chunks_.begin(), chunks_.end() - 1);
    at_ = chunks_.back().get();
    left_ = last_size_;
  }

 private:
  void add(std::size_t least) {
    last_size_ = std::max(least, std::clamp<std::size_t>(2 * last_size_, 1024, 64 * 1024));
    chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(last_size_));
    at_ = chunks_.back().get();
    left_ = last_size_;
  }

  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::byte* at_ = nullptr;
  std::size_t left_ = 0;
  std::size_t last_size_ = 0;
};

}  // namespace meridian::detail
