// SHA-1 as servers name scripts by.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace meridian::net {

// 40 hexadecimal digits, lower case; nothing if this machine's OpenSSL does not offer it.
[[nodiscard]] std::optional<std::string> sha1_of(std::string_view text);

}  // namespace meridian::net
