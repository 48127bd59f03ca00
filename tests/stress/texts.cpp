// Texts are cut from one block of random bytes.
#include "stress/texts.hpp"

#include <charconv>

#include "stress/dice.hpp"

namespace meridian::stress {
namespace {

constexpr std::size_t shifts = 4096;

// Random bytes with RESP strewn in, of which each text is a piece.
const std::string& quarry() {
  static const std::string bytes = [] {
    constexpr std::string_view traps[] = {"\r\n",    "$5\r\nhello\r\n", "+OK\r\n",
                                          "$-1\r\n", ":7\r\n",          ">2\r\n+a\r\n+b\r\n"};
    Dice dice(1);
    std::string made;
    while (made.size() < longest_text + shifts) {
      if (dice.chance(0.02)) made += traps[dice.below(std::size(traps))];
      else made += static_cast<char>(dice.below(256));
    }
    return made;
  }();
  return bytes;
}

std::string_view filling(std::uint64_t caller, std::uint64_t number, std::size_t size) {
  return std::string_view(quarry()).substr((caller * 131 + number * 7) % shifts, size);
}

// Takes a number and the separator behind it off the front.
std::optional<std::uint64_t> take_number(std::string_view& text, char separator) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || *end != separator) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

}  // namespace

std::string make_text(std::uint64_t caller, std::uint64_t number, std::size_t size) {
  std::string text = std::to_string(caller) + ':' + std::to_string(number) + ':' + std::to_string(size) + '|';
  text += filling(caller, number, size);
  return text;
}

std::optional<std::uint64_t> number_of(std::uint64_t caller, std::string_view text) {
  if (take_number(text, ':') != caller) return std::nullopt;
  const auto number = take_number(text, ':');
  const auto size = take_number(text, '|');
  if (!number || !size || *size != text.size() || text != filling(caller, *number, *size)) return std::nullopt;
  return number;
}

std::string what_differs(std::string_view text) {
  std::string_view rest = text;
  const auto caller = take_number(rest, ':');
  const auto number = take_number(rest, ':');
  const auto size = take_number(rest, '|');
  std::string shown = std::to_string(text.size()) + " bytes ";
  std::size_t from = 0;
  if (caller && number && size && *size <= longest_text) {
    const std::string_view right = filling(*caller, *number, *size);
    while (from < rest.size() && from < right.size() && rest[from] == right[from]) ++from;
    shown += "of caller " + std::to_string(*caller) + ", number " + std::to_string(*number) + ", size " +
             std::to_string(*size) + ", right for " + std::to_string(from) + ", then ";
    rest.remove_prefix(from);
  }
  for (const char c : rest.substr(0, 80)) shown += c >= ' ' && c <= '~' ? c : '.';
  return shown;
}

}  // namespace meridian::stress
