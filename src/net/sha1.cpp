#include "net/sha1.hpp"

#include <openssl/evp.h>

#include <array>

namespace meridian::net {

std::optional<std::string> sha1_of(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) return std::nullopt;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hexadecimal;
  for (unsigned i = 0; i < size; ++i) hexadecimal += {digits[digest[i] / 16], digits[digest[i] % 16]};
  return hexadecimal;
}

}  // namespace meridian::net
