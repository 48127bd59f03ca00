// libFuzzer target of the URI reader: it never crashes, what it accepts can be used and written again, and no message
// and no redacted URI shows a password, wherever the URI is broken.
//
// Without a newline the input is a URI. With two, it is what stands before the password, the password, and what stands
// behind it: "redis://ann\nSECRET\nhost:6379/0". The letters of the password are then taken from a set that is used
// nowhere else, so that a single one of them in a message is a finding.
#include <meridian/options.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "core/resolve.hpp"
#include "core/validate.hpp"

namespace {

using meridian::ErrorCode;
using meridian::Result;
using meridian::Target;

constexpr std::string_view secret_letters = "JKQWXYZ";

void require(bool held, const char* what) {
  if (held) return;
  std::cerr << "broken: " << what << '\n';
  std::abort();
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// What surrounds the password: with none of its letters, not even percent-encoded.
std::string without_secret_letters(std::string_view text) {
  std::string plain(text);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (secret_letters.find(plain[i]) != std::string_view::npos) plain[i] = 'a';
    if (i > 0 && plain[i - 1] == '%' && (plain[i] == '4' || plain[i] == '5')) plain[i] = '6';
  }
  return plain;
}

std::string with_secret_letters_only(std::string_view text) {
  std::string secret(text);
  for (char& c : secret) {
    if (is_letter(c)) c = secret_letters[static_cast<unsigned char>(c) % secret_letters.size()];
  }
  return secret;
}

bool shows_the_secret(std::string_view text) { return text.find_first_of(secret_letters) != std::string_view::npos; }

std::string uri_of(const meridian::Endpoint& endpoint) {
  if (endpoint.path.empty()) return "redis://" + meridian::core::endpoint_text(endpoint);
  std::string uri = "unix:///";
  for (const char c : endpoint.path.substr(1)) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    uri += {'%', digits[byte / 16], digits[byte % 16]};
  }
  return uri;
}

// What was accepted is the same when it is written again.
void examine(const Target& target, std::string_view uri) {
  require(!meridian::core::validate(target.endpoint, "endpoint"), "an endpoint that the reader lets through");
  const Result<Target> again = meridian::parse_uri(uri_of(target.endpoint));
  require(again && again->endpoint == target.endpoint, "an endpoint that changes when it is written");

  const auto wrong = meridian::core::validate(target.options, "options");
  require(!wrong || wrong->message().starts_with("options."), "a complaint that names no option");

  const std::string redacted = meridian::redact_uri(uri);
  const bool is_plain = std::all_of(uri.begin(), uri.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!is_plain || uri.size() > 256) return;  // escaped or cut: fit to be read only
  const Result<Target> shown = meridian::parse_uri(redacted);
  require(shown && shown->endpoint == target.endpoint, "a redacted URI of another place");
  require(shown->options.user == target.options.user, "a redacted URI of another user");
  const std::string_view password = shown->options.password.reveal_secret();
  require(password.empty() || password == "***", "a redacted URI with a password");
}

void read(const std::string& uri) {
  const Result<Target> target = meridian::parse_uri(uri);
  const std::string redacted = meridian::redact_uri(uri);
  if (target) return examine(*target, uri);
  require(target.error().code() == ErrorCode::invalid_argument, "another error code");
  require(target.error().message().starts_with("uri"), "an error that does not begin with the field");
  require(redacted == "(unreadable URI)", "parts of an unreadable URI");
}

void read_around(std::string_view before, std::string_view password, std::string_view behind) {
  // "redis" and "//x" make a scheme: what follows is no password then.
  if (before.find("://") == std::string_view::npos && password.starts_with("//")) return;
  const std::string secret = with_secret_letters_only(password);
  const std::string uri = without_secret_letters(before) + ":" + secret + "@" + without_secret_letters(behind);
  const Result<Target> target = meridian::parse_uri(uri);
  if (!target) require(!shows_the_secret(target.error().what()), "a message that shows the password");
  require(!shows_the_secret(meridian::redact_uri(uri)), "a redacted URI that shows the password");
  read(uri);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  const std::size_t first = input.find('\n');
  const std::size_t second = first == std::string::npos ? first : input.find('\n', first + 1);
  if (second == std::string::npos) {
    read(input);
  } else {
    const std::string_view view(input);
    read_around(view.substr(0, first), view.substr(first + 1, second - first - 1), view.substr(second + 1));
  }
  return 0;
}
