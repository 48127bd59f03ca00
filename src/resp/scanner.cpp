// Implements the incremental validator of RESP values.
#include "resp/scanner.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "resp/number.hpp"

namespace meridian::resp {
namespace {

bool is_type(char byte) noexcept {
  switch (byte) {
    case '+':
    case '-':
    case ':':
    case '$':
    case '*':
    case '_':
    case ',':
    case '#':
    case '!':
    case '=':
    case '(':
    case '%':
    case '~':
    case '>':
    case '|': return true;
    default: return false;
  }
}

// Lengths and counts: digits only, at most the largest signed 64-bit number.
std::optional<std::uint64_t> parse_length(std::string_view digits) noexcept {
  if (digits.empty()) return std::nullopt;
  constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9' || value > largest / 10) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > largest) return std::nullopt;
  return value;
}

bool has_carriage_return(std::string_view line) noexcept {
  return !line.empty() && std::memchr(line.data(), '\r', line.size()) != nullptr;
}

}  // namespace

Scanner::Scanner(const Limits& limits) noexcept : limits_(limits), stack_(), error_() {
  limits_.depth = std::min(limits_.depth, max_depth);
}

void Scanner::reset() noexcept {
  status_ = ScanStatus::need_more;
  at_ = 0;
  searched_ = 0;
  in_payload_ = false;
  elements_ = 0;
  depth_ = 0;
  error_size_ = 0;
}

ScanStatus Scanner::scan(std::string_view buffer) noexcept {
  if (status_ != ScanStatus::need_more) return status_;
  while (in_payload_ ? scan_payload(buffer) : scan_header(buffer)) {
  }
  return status_;
}

bool Scanner::scan_header(std::string_view buffer) noexcept {
  if (at_ >= buffer.size()) return false;
  const char type = buffer[at_];
  // What can be refused by its first byte is: an HTTP answer must not make us wait for the end of its line.
  if (!is_type(type)) return fail_type(type);
  if (type == '>' && depth_ > 0) return fail("a push inside another value");
  std::string_view line;
  if (!take_line(buffer, line)) return false;
  switch (type) {
    case '$':
      if (line == "-1") return end_value();
      return open_payload(line, type);
    case '!':
    case '=': return open_payload(line, type);
    case '+':
    case '-': return end_line_value(!has_carriage_return(line), "a carriage return inside a line");
    case ':':
      return end_line_value(parse_int64(line, Plus::allowed).has_value(), "an integer that is none, or too large");
    case '_': return end_line_value(line.empty(), "a null with text");
    case ',': return end_line_value(is_double(line, Plus::allowed), "a double that is none");
    case '#': return end_line_value(line == "t" || line == "f", "a boolean that is neither t nor f");
    case '(': return end_line_value(is_big_number(line), "a big number that is none");
    case '*':
      if (line == "-1") return end_value();
      return open_aggregate(line, type);
    default: return open_aggregate(line, type);
  }
}

// Takes the line that follows the type byte, without its CRLF.
bool Scanner::take_line(std::string_view buffer, std::string_view& line) noexcept {
  const std::size_t start = at_ + 1;
  std::size_t at = std::max(searched_, start);
  // Most lines are a few digits: calling memchr costs more than looking.
  const std::size_t near = std::min(buffer.size(), at + 6);
  while (at < near && buffer[at] != '\n') ++at;
  if (at == near && at < buffer.size()) {
    const void* found = std::memchr(buffer.data() + at, '\n', buffer.size() - at);
    at = found == nullptr ? buffer.size() : static_cast<std::size_t>(static_cast<const char*>(found) - buffer.data());
  }
  // The last byte before `at` may be the CR; without a line feed all that came is known to belong to the line.
  if (at > start && at - start - 1 > limits_.line_bytes) return fail("a line longer than the limit");
  if (at >= buffer.size()) {
    searched_ = at;
    return false;
  }
  if (at == start || buffer[at - 1] != '\r') return fail("a line feed without a carriage return");
  line = buffer.substr(start, at - 1 - start);
  at_ = at + 1;
  return true;
}

bool Scanner::scan_payload(std::string_view buffer) noexcept {
  const std::size_t available = buffer.size() - at_;
  if (verbatim_ && available >= 4 && buffer[at_ + 3] != ':') return fail("a verbatim string without its format");
  if (available < payload_ || available - payload_ < 2) return false;
  const std::size_t end = at_ + payload_;
  if (buffer[end] != '\r' || buffer[end + 1] != '\n') return fail("a bulk longer than its length says");
  at_ = end + 2;
  in_payload_ = false;
  return end_value();
}

bool Scanner::open_payload(std::string_view line, char type) noexcept {
  const std::optional<std::uint64_t> length = parse_length(line);
  if (!length) return fail("a bulk length that is no number");
  if (*length > limits_.bulk_bytes) return fail("a bulk longer than the limit");
  verbatim_ = type == '=';
  if (verbatim_ && *length < 4) return fail("a verbatim string without its format");
  payload_ = static_cast<std::size_t>(*length);
  in_payload_ = true;
  return true;
}

bool Scanner::open_aggregate(std::string_view line, char type) noexcept {
  const std::optional<std::uint64_t> count = parse_length(line);
  if (!count) return fail("an element count that is no number");
  const bool attribute = type == '|';
  const std::size_t per_count = attribute || type == '%' ? 2 : 1;
  if (*count > limits_.elements_per_aggregate / per_count)
    return fail("an aggregate with more elements than the limit");
  const std::size_t elements = static_cast<std::size_t>(*count) * per_count;
  // An attribute costs one itself: it is no element of its parent, and an endless row of empty ones must end too.
  const std::size_t room = limits_.elements_per_reply - elements_;
  if (elements > room || (attribute && elements == room)) return fail("a reply with more elements than the limit");
  elements_ += elements + (attribute ? 1 : 0);
  if (depth_ >= limits_.depth) return fail("values nested deeper than the limit");
  if (elements > 0) {
    stack_[depth_++] = {elements, attribute};
    return true;
  }
  // An empty attribute still wants the value that it describes.
  return attribute || end_value();
}

// A value ended: its parent waits for one less, which may end that one too. False when the whole value is complete.
bool Scanner::end_value() noexcept {
  while (depth_ > 0) {
    Frame& parent = stack_[depth_ - 1];
    if (--parent.left > 0) return true;
    --depth_;
    // After an attribute comes the value that it describes, and only that one counts.
    if (parent.attribute) return true;
  }
  status_ = ScanStatus::complete;
  return false;
}

bool Scanner::end_line_value(bool well_formed, std::string_view error) noexcept {
  return well_formed ? end_value() : fail(error);
}

bool Scanner::fail(std::string_view error) noexcept {
  status_ = ScanStatus::malformed;
  error_size_ = error.copy(error_.data(), error_.size());
  return false;
}

bool Scanner::fail_type(char type) noexcept {
  constexpr std::string_view hex = "0123456789abcdef";
  fail("no RESP type begins with byte \\x");
  const auto byte = static_cast<unsigned char>(type);
  error_[error_size_++] = hex[byte >> 4];
  error_[error_size_++] = hex[byte & 15];
  return false;
}

}  // namespace meridian::resp
