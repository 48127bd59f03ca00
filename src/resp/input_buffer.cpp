// Implements growing, compacting and shrinking of a connection's input.
#include "resp/input_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace meridian::resp {

InputBuffer::InputBuffer(InputBuffer&& other) noexcept
    : memory_(std::move(other.memory_)),
      capacity_(std::exchange(other.capacity_, 0)),
      begin_(std::exchange(other.begin_, 0)),
      end_(std::exchange(other.end_, 0)) {}

InputBuffer& InputBuffer::operator=(InputBuffer&& other) noexcept {
  memory_ = std::move(other.memory_);
  capacity_ = std::exchange(other.capacity_, 0);
  begin_ = std::exchange(other.begin_, 0);
  end_ = std::exchange(other.end_, 0);
  return *this;
}

// REQUIRES: there is only a small room at the end.
void InputBuffer::make_room() {
  const std::size_t size = end_ - begin_;
  if (capacity_ == 0) {
    move_to(initial_capacity);
  } else if (begin_ > 0 && begin_ >= size / 2) {
    // At least half as much was consumed as is moved: that pays for it.
    std::memmove(memory_.get(), memory_.get() + begin_, size);
    begin_ = 0;
    end_ = size;
  } else if (end_ == capacity_) {
    // Here capacity < 1.5 × size + 1, so both terms leave room for more than half of what is copied.
    move_to(std::min(2 * capacity_, free_heap + 3 * size - capacity_));
  }
}

// A large buffer is not needed any more.
void InputBuffer::give_back() {
  const std::size_t size = end_ - begin_;
  if (size == 0) {
    memory_.reset();
    capacity_ = 0;
  } else {
    move_to(std::max(initial_capacity, 2 * size));
  }
}

void InputBuffer::move_to(std::size_t capacity) {
  auto memory = std::make_unique_for_overwrite<char[]>(capacity);
  const std::size_t size = end_ - begin_;
  if (size > 0) std::memcpy(memory.get(), memory_.get() + begin_, size);
  memory_ = std::move(memory);
  capacity_ = capacity;
  begin_ = 0;
  end_ = size;
}

}  // namespace meridian::resp
