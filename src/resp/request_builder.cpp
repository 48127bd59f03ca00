// Implements RequestBuilder: writes a command as a RESP array of bulk strings.
#include <meridian/command.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <string>
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

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): as where nothing is in it
RequestBytes::RequestBytes(const RequestBytes& other) : size_(other.size_) {
  if (!other.large_) {
    std::memcpy(small_.data(), other.small_.data(), inline_bytes);
    return;
  }
  capacity_ = size_;
  large_ = std::make_unique_for_overwrite<char[]>(capacity_);
  std::memcpy(large_.get(), other.large_.get(), size_);
}

void RequestBytes::enlarge(std::size_t bytes) {
  // Twice as much, unless one argument needs more than that: a large value is copied once.
  const std::size_t capacity = std::max(size_ + bytes, 2 * capacity_);
  std::unique_ptr<char[]> larger = std::make_unique_for_overwrite<char[]>(capacity);
  std::memcpy(larger.get(), std::string_view(*this).data(), size_);
  large_ = std::move(larger);
  capacity_ = capacity;
}

std::string RequestView::name() const {
  std::string name;
  auto word = ReplyView(bytes).begin();
  for (int i = 0; i < name_words; ++i, ++word) {
    if (i > 0) name += ' ';
    name += (*word).as_string().value_or(std::string_view());
  }
  return name;
}

// "CLIENT SETNAME" is one command of two bulks.
void RequestBuilder::begin_with_words(std::string_view name) {
  std::memcpy(request_->bytes.extend(header.size()), header.data(), header.size());
  while (!name.empty()) {
    std::size_t size = 0;
    while (size < name.size() && name[size] != ' ') ++size;
    if (size > 0) arg(name.substr(0, size));
    name.remove_prefix(std::min(name.size(), size + 1));
  }
  // A server does not answer an empty array at all, and every later reply would be taken for the wrong command's.
  if (count_ == 0) throw refuse("a command without a name", {});
  request_->name_words = static_cast<std::uint8_t>(std::min<std::uint32_t>(count_, 255));
}

RequestBuilder& RequestBuilder::arg(std::string_view text) {
  ++count_;
  RequestBytes& bytes = request_->bytes;
  if (text.size() > RequestBytes::longest_short || !bytes.has_room_for_word(text.size())) return arg_long(text);
  bytes.add_word(text);
  return *this;
}

// Any word, counted already.
RequestBuilder& RequestBuilder::arg_long(std::string_view text) {
  Digits digits;
  const std::string_view length = to_text(text.size(), digits);
  char* to = request_->bytes.extend(1 + length.size() + 2 + text.size() + 2);
  *to++ = '$';
  to = std::copy(length.begin(), length.end(), to);
  *to++ = '\r';
  *to++ = '\n';
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  std::memcpy(to + text.size(), "\r\n", 2);
  return *this;
}

RequestBuilder& RequestBuilder::arg(double value) {
  if (std::isnan(value)) throw refuse(request_->name() + ": an argument is not a number (NaN)", request_->name());
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

void RequestBuilder::check_timeout(Duration longest) const {
  if (longest >= Duration::zero()) return;
  throw refuse(request_->name() + ": the timeout is " + std::to_string(longest.count()) +
                   "ns: must be 0, which is for ever, or greater",
               request_->name());
}

RequestBuilder& RequestBuilder::timeout_seconds(Duration longest) {
  check_timeout(longest);
  request_->timeout_word = count_;
  request_->timeout_unit = RequestFacts::TimeoutUnit::seconds;
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(longest);
  arg(std::chrono::duration<double>(milliseconds).count());
  return blocks_for(longest == Duration::zero() ? Duration::max() : longest);
}

RequestBuilder& RequestBuilder::timeout_milliseconds(Duration longest) {
  check_timeout(longest);
  request_->timeout_word = count_;
  request_->timeout_unit = RequestFacts::TimeoutUnit::milliseconds;
  arg(std::chrono::ceil<std::chrono::milliseconds>(longest).count());
  return blocks_for(longest == Duration::zero() ? Duration::max() : longest);
}

void RequestBuilder::finish_many() {
  Digits digits;
  const std::string_view count = to_text(count_, digits);
  const std::size_t size = request_->bytes.size();
  static_cast<void>(request_->bytes.extend(count.size() - 1));
  char* begin = request_->bytes.data();
  std::memmove(begin + 1 + count.size(), begin + 2, size - 2);
  std::copy(count.begin(), count.end(), begin + 1);
}

Request detail::with_whole_script(const RequestView& request) {
  const std::string name = request.name() == "EVALSHA_RO" ? "EVAL_RO" : "EVAL";
  Request whole;
  RequestBuilder builder(whole, name, request.traits);
  std::uint32_t index = 0;
  for (const ReplyView word : ReplyView(request.bytes)) {
    if (index == 1) builder.arg(*request.script);
    if (index++ > 1) builder.arg(word.as_string().value_or(std::string_view()));
  }
  builder.finish();
  whole.keys = request.keys;
  return whole;
}

std::vector<std::string_view> keys_of(const RequestView& request) {
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
