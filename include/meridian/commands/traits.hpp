/// \file
/// What the library knows of commands by name: the table behind `cmd::custom`.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <meridian/command.hpp>
#include <meridian/export.hpp>

namespace meridian {

/// What is known of a command given as its words, the name first: its traits, where its keys are, and how long it may
/// block. `{"SET", "k", "v", "NX"}` is `conditional`, with one key. Names are not case-sensitive. A name that the
/// library does not know is `Repeat::never`, without keys. Never allocates; thread-safe.
[[nodiscard]] MERIDIAN_EXPORT RequestFacts describe_command(std::span<const std::string_view> words) noexcept;

/// Its traits alone.
[[nodiscard]] MERIDIAN_EXPORT CommandTraits traits_of(std::span<const std::string_view> words) noexcept;

namespace detail {

/// LTRIM is harmless to repeat where the elements it kept are all kept again: from the start to an index counted from
/// the start, or from an index counted from the end to the end. `LTRIM key 1 -1` drops one element with every run.
[[nodiscard]] constexpr Repeat ltrim_grade(std::int64_t first, std::int64_t last) noexcept {
  const bool keeps_a_head = first == 0 && last >= 0;
  const bool keeps_a_tail = first <= 0 && last == -1;
  return keeps_a_head || keeps_a_tail ? Repeat::overwrite : Repeat::accumulate;
}

}  // namespace detail

}  // namespace meridian
