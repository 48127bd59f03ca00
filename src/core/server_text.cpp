// Escaping and cutting of server text.
#include "core/server_text.hpp"

#include <cstddef>

namespace meridian::core {

std::string escape_server_text(std::string_view text) {
  constexpr std::size_t longest = 256;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string escaped;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    const bool printable = byte >= 0x20 && byte < 0x7f;
    if (escaped.size() + (printable ? 1 : 4) > longest) return escaped + "…";
    if (printable) {
      escaped += character;
    } else {
      escaped += "\\x";
      escaped += digits[byte >> 4];
      escaped += digits[byte & 0xf];
    }
  }
  return escaped;
}

std::string quoted(std::string_view text) {
  std::string quotation(1, '\'');
  quotation += escape_server_text(text);
  quotation += '\'';
  return quotation;
}

}  // namespace meridian::core
