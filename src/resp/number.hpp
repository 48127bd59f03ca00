// The number grammar of RESP, in one place: the scanner checks lines with it, replies read values with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace meridian::resp {

// RESP numbers may begin with '+'; numbers that a program stored as strings are read without such freedom.
enum class Plus { forbidden, allowed };

// A whole text of [sign] digits that fits 64 bits, else nothing.
[[nodiscard]] std::optional<std::int64_t> parse_int64(std::string_view text, Plus plus) noexcept;

// A whole text of [sign] digits [. digits] [e [sign] digits], "inf" or "nan" (both may be signed by '-': servers up
// to 7.0 print "-nan"). Nothing for anything else, or if a double cannot hold the magnitude.
[[nodiscard]] std::optional<double> parse_double(std::string_view text, Plus plus) noexcept;

// The grammar of `parse_double` without its range.
[[nodiscard]] bool is_double(std::string_view text, Plus plus) noexcept;

// [sign] digits of any length.
[[nodiscard]] bool is_big_number(std::string_view text) noexcept;

}  // namespace meridian::resp
