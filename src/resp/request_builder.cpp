// Implements RequestBuilder: writes a command as a RESP array of bulk strings.
#include <meridian/command.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace meridian {
namespace {

// Stands in front from the start with room for one digit, so that up to nine arguments need no move at the end.
constexpr std::string_view header = "*0\r\n";

// Enough for every integer and for the shortest form of every double.
using Digits = std::array<char, 32>;

template <class Number>
std::string_view to_text(Number value, Digits& digits) {
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), static_cast<std::size_t>(end - digits.data())};
}

Error refuse(std::string message, std::string command) {
  ErrorDetails details;
  details.code = ErrorCode::invalid_argument;
  details.message = std::move(message);
  details.command = std::move(command);
  return Error(std::move(details));
}

}  // namespace

RequestBuilder::RequestBuilder(std::string_view name, CommandTraits traits)
    : bulks_(header), name_(name), traits_(traits) {
  // "CLIENT SETNAME" is one command of two bulks.
  while (!name.empty()) {
    const std::string_view word = name.substr(0, name.find(' '));
    if (!word.empty()) arg(word);
    name.remove_prefix(std::min(name.size(), word.size() + 1));
  }
  // A server does not answer an empty array at all, and every later reply would be taken for the wrong command's.
  if (count_ == 0) throw refuse("a command without a name", name_);
}

RequestBuilder& RequestBuilder::arg(std::string_view text) {
  Digits digits;
  const std::string_view length = to_text(text.size(), digits);
  // All at once: a growth between the text and its CRLF would copy a large text twice.
  bulks_.reserve(bulks_.size() + text.size() + length.size() + 5);
  bulks_.append("$").append(length).append("\r\n").append(text).append("\r\n");
  ++count_;
  return *this;
}

RequestBuilder& RequestBuilder::arg(double value) {
  if (std::isnan(value)) throw refuse(name_ + ": an argument is not a number (NaN)", name_);
  Digits digits;
  return arg(to_text(value, digits));
}

RequestBuilder& RequestBuilder::arg_signed(std::int64_t value) {
  Digits digits;
  return arg(to_text(value, digits));
}

RequestBuilder& RequestBuilder::arg_unsigned(std::uint64_t value) {
  Digits digits;
  return arg(to_text(value, digits));
}

Request RequestBuilder::build() && {
  Digits digits;
  bulks_.replace(1, 1, to_text(count_, digits));
  count_ = 0;
  return {.bytes = std::exchange(bulks_, std::string(header)),
          .name = std::exchange(name_, std::string()),
          .traits = traits_};
}

}  // namespace meridian
