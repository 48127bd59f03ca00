// libFuzzer target of the reader of configuration files: it never crashes, what it accepts is valid, and no message
// shows a password, wherever the file is broken.
//
// Bytes without 0x01 are a file. With one, what stands behind it, up to the end of the line, is put behind a
// `password =`, and its letters are taken from a set that is used nowhere else, so that a single one of them in a
// message is a finding.
#include <meridian/config_file.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace {

using meridian::MultiDbConfig;
using meridian::Result;

constexpr std::string_view secret_letters = "JKQWXYZ";

void require(bool held, std::string_view what, std::string_view detail) {
  if (held) return;
  std::cerr << "broken: " << what << ": " << detail << '\n';
  std::abort();
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string without_secret_letters(std::string_view text) {
  std::string plain(text);
  std::replace_if(
      plain.begin(), plain.end(), [](char c) { return secret_letters.find(c) != std::string_view::npos; }, 'a');
  return plain;
}

std::string with_secret_letters_only(std::string_view text) {
  std::string secret(text);
  for (char& c : secret) {
    if (is_letter(c)) c = secret_letters[static_cast<unsigned char>(c) % secret_letters.size()];
  }
  return secret;
}

void read(const std::string& text, bool has_secret) {
  const Result<MultiDbConfig> config = meridian::parse_config(text, "file");
  if (config) {
    const Result<void> checked = meridian::check_config(*config);
    require(checked.has_value(), "a configuration that no client takes", checked ? "" : checked.error().message());
    return;
  }
  const std::string& message = config.error().message();
  require(config.error().code() == meridian::ErrorCode::invalid_argument, "another error code", message);
  require(message.starts_with("file:"), "an error without a place", message);
  const bool is_shown = has_secret && message.find_first_of(secret_letters) != std::string::npos;
  require(!is_shown, "a message that shows a secret", message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  const std::size_t mark = input.find('\x01');
  if (mark == std::string::npos) {
    read(input, false);
    return 0;
  }
  const std::string_view behind = std::string_view(input).substr(mark + 1);
  const std::string_view secret = behind.substr(0, behind.find_first_of("\r\n"));
  read(without_secret_letters(input.substr(0, mark)) + "\npassword = " + with_secret_letters_only(secret) +
           without_secret_letters(behind.substr(secret.size())),
       true);
  return 0;
}
