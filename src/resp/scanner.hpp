// Finds where one RESP2/RESP3 value ends and proves that it is well formed, without building anything: a reply stays
// the bytes that came (meridian/reply.hpp walks them). The parser contract is section 4 of faults.md.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace meridian::resp {

// What a peer may send in one value before it is taken for broken or hostile. Each limit is inclusive.
struct Limits {
  std::size_t depth = 32;                                     // nested aggregates; never more than `max_depth`
  std::size_t elements_per_aggregate = std::size_t{1} << 20;  // a map of n pairs has 2 n
  std::size_t elements_per_reply = std::size_t{16} << 20;     // over all aggregates; an attribute counts as one more
  std::size_t bulk_bytes = std::size_t{512} << 20;
  std::size_t line_bytes = std::size_t{64} << 10;  // between the type byte and CRLF
};

inline constexpr std::size_t max_depth = 128;

enum class ScanStatus { need_more, complete, malformed };

// Scans one value at a time, resuming where the last call stopped: the work over all calls is linear in the value's
// bytes however they are cut. Uses no heap and no recursion. The verdict depends on the bytes only, not on the cuts.
class Scanner {
 public:
  explicit Scanner(const Limits& limits = {}) noexcept;

  // REQUIRES: `buffer` starts with the value's first byte and holds all of it that has arrived: the bytes of the
  // previous call, at any address, and perhaps more. Once complete or malformed it says so again until `reset`.
  [[nodiscard]] ScanStatus scan(std::string_view buffer) noexcept;

  // The size of the complete value, including attributes in front of it. REQUIRES: `scan` said complete.
  [[nodiscard]] std::size_t length() const noexcept { return at_; }

  // The text of the value that `buffer` begins with, if it is a bulk string of ordinary size and all there, which is
  // what most replies are: two bytes behind it ends the value, and the scanner is ready for the next one. Nothing has
  // happened if it is not as simple as that: then `scan` is to say. REQUIRES: as `scan`.
  [[nodiscard]] std::optional<std::string_view> take_whole_bulk(std::string_view buffer) noexcept {
    constexpr std::size_t most_digits = 6;
    if (at_ != 0 || buffer.size() < 6 || buffer[0] != '$') return std::nullopt;
    const char* const data = buffer.data();
    std::size_t size = digit_of(data[1]);
    if (size > 9) return std::nullopt;
    const char* at = data + 2;
    const char* const limit = data + std::min(buffer.size(), 1 + most_digits);
    for (; at != limit; ++at) {
      const std::size_t digit = digit_of(*at);
      if (digit > 9) break;
      size = size * 10 + digit;
    }
    const auto left = static_cast<std::size_t>(data + buffer.size() - at);
    if (size > limits_.bulk_bytes || left < size + 4) return std::nullopt;
    if (at[0] != '\r' || at[1] != '\n' || at[size + 2] != '\r' || at[size + 3] != '\n') return std::nullopt;
    searched_ = 0;
    return std::string_view(at + 2, size);
  }

  // Why the value is malformed; empty otherwise. Quotes no payload but one escaped byte. Valid until `reset`.
  [[nodiscard]] std::string_view error() const noexcept { return {error_.data(), error_size_}; }

  // Starts with the next value.
  void reset() noexcept;

 private:
  // An aggregate whose children are still coming.
  struct Frame {
    std::uint64_t left;
    bool attribute;
  };

  // More than 9: it is none.
  [[nodiscard]] static std::size_t digit_of(char character) noexcept {
    return static_cast<unsigned>(character) - static_cast<unsigned>('0');
  }

  // Each takes one step; false when it starves or ends the scan.
  bool scan_header(std::string_view buffer) noexcept;
  bool scan_payload(std::string_view buffer) noexcept;

  bool take_line(std::string_view buffer, std::string_view& line) noexcept;
  bool end_value() noexcept;
  bool end_line_value(bool well_formed, std::string_view error) noexcept;
  bool open_payload(std::string_view line, char type) noexcept;
  bool open_aggregate(std::string_view line, char type) noexcept;
  bool fail(std::string_view error) noexcept;
  bool fail_type(char type) noexcept;

  Limits limits_;
  ScanStatus status_ = ScanStatus::need_more;
  std::size_t at_ = 0;        // everything before it is scanned
  std::size_t searched_ = 0;  // no line feed between the current line's start and here
  std::size_t payload_ = 0;   // size of the bulk whose payload begins at `at_`
  bool in_payload_ = false;
  bool verbatim_ = false;
  std::size_t elements_ = 0;  // announced so far in this reply
  std::size_t depth_ = 0;
  std::array<Frame, max_depth> stack_;
  std::array<char, 80> error_;
  std::size_t error_size_ = 0;
};

}  // namespace meridian::resp
