// Bytes in order: appended at the end, taken from the front.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace meridian::simulation {

class ByteQueue {
 public:
  // Valid until the next change.
  [[nodiscard]] std::string_view view() const noexcept { return std::string_view(bytes_).substr(taken_); }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() - taken_; }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

  void append(std::string_view bytes) { bytes_.append(bytes); }

  // REQUIRES: count ≤ size().
  void consume(std::size_t count) {
    taken_ += count;
    if (taken_ == bytes_.size()) {
      bytes_.clear();
      taken_ = 0;
    } else if (taken_ >= 4096 && taken_ >= bytes_.size() / 2) {
      bytes_.erase(0, taken_);
      taken_ = 0;
    }
  }
  void clear() noexcept {
    bytes_.clear();
    taken_ = 0;
  }

 private:
  std::string bytes_;
  std::size_t taken_ = 0;
};

}  // namespace meridian::simulation
