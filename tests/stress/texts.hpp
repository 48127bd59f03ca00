// Texts that nobody else has: the one who made it can tell from every byte whether it got its own back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meridian::stress {

inline constexpr std::size_t longest_text = 100 << 10;

// "<caller>:<number>:<size>|" and `size` bytes, which look like RESP here and there.
[[nodiscard]] std::string make_text(std::uint64_t caller, std::uint64_t number, std::size_t size);

// The number of a text that `caller` made; nothing if any byte differs.
[[nodiscard]] std::optional<std::uint64_t> number_of(std::uint64_t caller, std::string_view text);

// What is wrong with such a text, for a report.
[[nodiscard]] std::string what_differs(std::string_view text);

}  // namespace meridian::stress
