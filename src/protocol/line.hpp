// Those who stand in line, in order: each has a number that it keeps. Memory is used again, so that a steady load
// allocates nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace meridian::protocol {

template <class T>
class Line {
 public:
  static_assert(std::is_trivially_copyable_v<T>);

  // Goes from front to back. Anything but a look at what is there ends its life.
  class Iterator {
   public:
    Iterator(const Line& line, std::uint64_t number) noexcept : line_(&line), number_(number) {}
    [[nodiscard]] const T& operator*() const noexcept { return (*line_)[number_]; }
    Iterator& operator++() noexcept {
      ++number_;
      return *this;
    }
    [[nodiscard]] bool operator==(const Iterator& other) const noexcept { return number_ == other.number_; }

   private:
    const Line* line_;
    std::uint64_t number_;
  };

  [[nodiscard]] bool empty() const noexcept { return first_ == end_; }
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - first_); }

  // The number of the one at the front, and the one that the next at the back is given.
  [[nodiscard]] std::uint64_t first_number() const noexcept { return first_; }
  [[nodiscard]] std::uint64_t end_number() const noexcept { return end_; }

  // REQUIRES: it stands in line.
  [[nodiscard]] T& operator[](std::uint64_t number) noexcept { return places_[number & (capacity_ - 1)]; }
  [[nodiscard]] const T& operator[](std::uint64_t number) const noexcept { return places_[number & (capacity_ - 1)]; }
  [[nodiscard]] T& front() noexcept { return (*this)[first_]; }
  [[nodiscard]] const T& front() const noexcept { return (*this)[first_]; }

  void push_back(const T& value) { add_back() = value; }

  // A place at the back that is to be filled at once: member by member that is quicker than copying a whole, which the
  // processor would have to read back in other pieces than it was written in.
  [[nodiscard]] T& add_back() {
    if (size() == capacity_) enlarge();
    return (*this)[end_++];
  }

  void pop_front() noexcept {
    ++first_;
    if (first_ == end_ && capacity_ > most_kept) give_back();
  }

  // Those from `number` on leave.
  void cut(std::uint64_t number) noexcept { end_ = number; }

  [[nodiscard]] Iterator begin() const noexcept { return {*this, first_}; }
  [[nodiscard]] Iterator end() const noexcept { return {*this, end_}; }

 private:
  // What an empty line may keep: more than this was a rare load.
  static constexpr std::size_t most_kept = 4096;

  void enlarge() {
    const std::size_t capacity = std::max<std::size_t>(16, 2 * capacity_);
    auto places = std::make_unique_for_overwrite<T[]>(capacity);
    for (std::uint64_t number = first_; number != end_; ++number) places[number & (capacity - 1)] = (*this)[number];
    places_ = std::move(places);
    capacity_ = capacity;
  }
  void give_back() noexcept {
    places_.reset();
    capacity_ = 0;
  }

  std::unique_ptr<T[]> places_;
  std::size_t capacity_ = 0;  // a power of two, or 0
  std::uint64_t first_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace meridian::protocol
