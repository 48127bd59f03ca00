// The bytes that a connection has read and not yet consumed. Never reserves what a header announces: its heap follows
// what really came (faults.md, section 4).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace meridian::resp {

// At every moment, growing included, the heap is at most 64 KiB + 3 × `data().size()`; only while a large buffer is
// given back after its reply was consumed do the old and the small new one exist together. Not thread-safe.
class InputBuffer {
 public:
  static constexpr std::size_t initial_capacity = std::size_t{16} << 10;
  static constexpr std::size_t free_heap = std::size_t{64} << 10;  // what a buffer may hold whatever came

  InputBuffer() noexcept = default;
  InputBuffer(InputBuffer&& other) noexcept;
  InputBuffer& operator=(InputBuffer&& other) noexcept;

  // Where to read into: uninitialised and never empty. Valid until the next call of any non-const member; ends the
  // life of earlier `data()` views.
  [[nodiscard]] std::span<char> space() {
    if (capacity_ - end_ < small_room) make_room();
    return {memory_.get() + end_, capacity_ - end_};
  }

  // The first `count` bytes of `space()` have been filled.
  void commit(std::size_t count) noexcept { end_ += count; }

  // What came and is not consumed. Valid until `space` or `consume`.
  [[nodiscard]] std::string_view data() const noexcept { return {memory_.get() + begin_, end_ - begin_}; }

  // Drops the first `count` bytes of `data()`. Moves nothing, except when a large buffer is given back.
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
    if (capacity_ > free_heap + 3 * (end_ - begin_)) give_back();
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  // Below this much room at the end it is worth moving a small rest to the front, so that reads stay large.
  static constexpr std::size_t small_room = std::size_t{4} << 10;

  void make_room();
  void move_to(std::size_t capacity);
  void give_back();

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace meridian::resp
