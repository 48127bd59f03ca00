// Implements RequestBuilder: writes a command as a RESP array of bulk strings.
#include <meridian/command.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
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
    : small_size_(header.size()), name_(name), traits_(traits) {
  std::memcpy(small_.data(), header.data(), header.size());
  // "CLIENT SETNAME" is one command of two bulks.
  while (!name.empty()) {
    std::size_t size = 0;
    while (size < name.size() && name[size] != ' ') ++size;
    if (size > 0) arg(name.substr(0, size));
    name.remove_prefix(std::min(name.size(), size + 1));
  }
  // A server does not answer an empty array at all, and every later reply would be taken for the wrong command's.
  if (count_ == 0) throw refuse("a command without a name", name_);
}

RequestBuilder& RequestBuilder::arg(std::string_view text) {
  ++count_;
  std::array<char, 24> head;
  head[0] = '$';
  char* at = head.data() + 1;
  if (text.size() < 10) *at++ = static_cast<char>('0' + text.size());
  else at = std::to_chars(at, head.data() + head.size(), text.size()).ptr;
  *at++ = '\r';
  *at++ = '\n';
  const auto head_size = static_cast<std::size_t>(at - head.data());
  const std::size_t size = head_size + text.size() + 2;
  if (large_.empty() && size <= small_.size() - small_size_) {
    char* to = small_.data() + small_size_;
    std::memcpy(to, head.data(), head_size);
    to += head_size;
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    to += text.size();
    to[0] = '\r';
    to[1] = '\n';
    small_size_ += size;
    return *this;
  }
  // All at once: a growth between the text and its CRLF would copy a large text twice.
  if (large_.empty()) {
    large_.reserve(small_size_ + size);
    large_.assign(small_.data(), small_size_);
  } else if (large_.size() + size > large_.capacity()) {
    large_.reserve(large_.size() + size);
  }
  large_.append(head.data(), head_size).append(text).append("\r\n", 2);
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
  std::string bytes = large_.empty() ? std::string(small_.data(), small_size_) : std::move(large_);
  if (count_ < 10) {
    bytes[1] = static_cast<char>('0' + count_);
  } else {
    Digits digits;
    bytes.replace(1, 1, to_text(count_, digits));
  }
  return {
      .bytes = std::move(bytes), .name = std::move(name_), .traits = traits_, .keys = keys_, .blocks_for = blocks_for_};
}

std::vector<std::string_view> keys_of(const Request& request) {
  std::vector<std::string_view> words;
  for (const ReplyView word : ReplyView(request.bytes)) words.push_back(*word.as_string());
  const KeyPositions& positions = request.keys;
  std::vector<std::string_view> keys;
  keys.reserve(positions.count + 1);
  if (positions.destination != 0) keys.push_back(words.at(positions.destination));
  for (std::uint32_t i = 0; i < positions.count; ++i) keys.push_back(words.at(positions.first + i * positions.step));
  return keys;
}

}  // namespace meridian
