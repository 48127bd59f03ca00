// Passwords in files.
#include "components/config/file_credentials.hpp"

#include <cstring>
#include <stdexcept>
#include <string_view>

#include "components/config/files.hpp"

namespace meridian::config {
Result<Secret> FileCredentials::password() const {
  constexpr std::size_t longest = std::size_t{64} << 10;
  Result<std::string> text = read_file(path_, longest);
  if (!text) return Unexpected(text.error());
  std::string_view password = *text;
  while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) password.remove_suffix(1);
  Secret secret(password);
  explicit_bzero(text->data(), text->size());
  if (secret.empty()) return fail(ErrorCode::invalid_argument, Delivery::not_sent, "is empty");
  return secret;
}

Credentials FileCredentials::credentials() {
  Result<Secret> secret = password();
  // The base class wants an exception, whose text becomes part of the error.
  if (!secret) throw std::runtime_error("password_file " + path_ + " " + secret.error().message());
  return {user_, std::move(*secret)};
}

bool same_credentials(const std::shared_ptr<CredentialsProvider>& a, const std::shared_ptr<CredentialsProvider>& b) {
  if (a == b) return true;
  const auto* file_a = dynamic_cast<const FileCredentials*>(a.get());
  const auto* file_b = dynamic_cast<const FileCredentials*>(b.get());
  return file_a != nullptr && file_b != nullptr && *file_a == *file_b;
}

}  // namespace meridian::config
