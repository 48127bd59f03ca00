// Implements the number grammar of RESP by hand: the standard parsers accept more (spaces, hexadecimal, "infinity").
#include "resp/number.hpp"

#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>

namespace meridian::resp {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::string_view without_sign(std::string_view text, Plus plus) noexcept {
  const bool is_signed = !text.empty() && (text.front() == '-' || (plus == Plus::allowed && text.front() == '+'));
  return is_signed ? text.substr(1) : text;
}

// Takes a run of digits off the front; false if there is none.
bool take_digits(std::string_view& text) noexcept {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  text.remove_prefix(digits);
  return digits > 0;
}

}  // namespace

std::optional<std::int64_t> parse_int64(std::string_view text, Plus plus) noexcept {
  const std::string_view digits = without_sign(text, plus);
  if (digits.empty()) return std::nullopt;
  const bool negative = text.front() == '-';
  constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
  const std::uint64_t limit = negative ? largest + 1 : largest;
  std::uint64_t magnitude = 0;
  for (const char c : digits) {
    if (!is_digit(c) || magnitude > largest / 10) return std::nullopt;
    magnitude = magnitude * 10 + static_cast<std::uint64_t>(c - '0');
    if (magnitude > limit) return std::nullopt;
  }
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

bool is_double(std::string_view text, Plus plus) noexcept {
  if (text == "inf" || text == "-inf" || text == "nan" || text == "-nan") return true;
  std::string_view rest = without_sign(text, plus);
  if (!take_digits(rest)) return false;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    if (!take_digits(rest)) return false;
  }
  if (rest.starts_with('e') || rest.starts_with('E')) {
    rest = without_sign(rest.substr(1), Plus::allowed);
    if (!take_digits(rest)) return false;
  }
  return rest.empty();
}

std::optional<double> parse_double(std::string_view text, Plus plus) noexcept {
  if (!is_double(text, plus)) return std::nullopt;
  if (text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_big_number(std::string_view text) noexcept {
  std::string_view digits = without_sign(text, Plus::allowed);
  return take_digits(digits) && digits.empty();
}

}  // namespace meridian::resp
