// Reading files.
#include "components/config/files.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace meridian::config {
namespace {

Unexpected unreadable(const std::string& why) { return fail(ErrorCode::invalid_argument, Delivery::not_sent, why); }

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t most) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return unreadable("does not exist");
  // A pipe would block for ever, and a device may never end.
  if (!std::filesystem::is_regular_file(status)) return unreadable("is no regular file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable("cannot be read");
  std::string text(most + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return unreadable("cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > most) return unreadable("is larger than " + std::to_string(most) + " bytes");
  return text;
}

Result<std::string> read_config_file(const std::string& path) {
  constexpr std::size_t largest = std::size_t{1} << 20;
  Result<std::string> text = read_file(path, largest);
  if (!text) return unreadable(path + " " + text.error().message());
  return text;
}

}  // namespace meridian::config
