/// \file
/// Copying of short pieces. Not for programs.
#pragma once

#include <cstddef>
#include <cstring>

namespace meridian::detail {

/// Two blocks that overlap, whatever of them is needed: no loop, and no count that the compiler does not know.
template <std::size_t block>
inline void copy_ends(char* to, const char* from, std::size_t size) noexcept {
  std::memcpy(to, from, block);
  std::memcpy(to + (size - block), from + (size - block), block);
}

/// As memcpy. REQUIRES: `size` is at most 64.
inline void copy_small(char* to, const char* from, std::size_t size) noexcept {
  if (size >= 32) copy_ends<32>(to, from, size);
  else if (size >= 16) copy_ends<16>(to, from, size);
  else if (size >= 8) copy_ends<8>(to, from, size);
  else if (size >= 4) copy_ends<4>(to, from, size);
  else if (size >= 2) copy_ends<2>(to, from, size);
  else if (size == 1) *to = *from;
}

/// The same, for what is mostly short: there the call of memcpy costs more than the copy.
inline void copy_short(char* to, const char* from, std::size_t size) noexcept {
  if (size > 64) std::memcpy(to, from, size);
  else copy_small(to, from, size);
}

}  // namespace meridian::detail
