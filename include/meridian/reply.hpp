/// \file
/// Replies of any shape. A `Reply` owns the bytes of one complete, validated RESP value exactly as the server sent
/// them; a `ReplyView` looks into such bytes without copying. Neither builds a tree: nothing is allocated per element,
/// and neither copying nor destroying a deeply nested reply recurses.
///
/// \code
/// meridian::Reply reply = client.command("LRANGE", "queue", 0, -1);
/// for (meridian::ReplyView element : reply.view()) std::cout << element.as_string().value_or("") << '\n';
/// \endcode
///
/// Source: RESP specification, https://redis.io/docs/latest/develop/reference/protocol-spec/
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <meridian/export.hpp>

namespace meridian {

/// The RESP type of a value. RESP2's null bulk string and null array are `null`.
enum class ReplyType {
  simple_string,
  error,  ///< Both `-` and the RESP3 blob error `!`.
  integer,
  bulk_string,
  null,
  real,  ///< RESP3 double.
  boolean,
  big_number,
  verbatim_string,
  array,
  map,  ///< Iterates as key, value, key, value …
  set,
  push,
};

[[nodiscard]] MERIDIAN_EXPORT std::string_view to_string(ReplyType type) noexcept;

/// A look at one value inside validated RESP bytes. Valid as long as the bytes are. Attributes (`|`) that precede a
/// value are skipped. Accessors read only the value's own text; construction walks the attributes, iteration the
/// elements, both without recursion.
class MERIDIAN_EXPORT ReplyView {
 public:
  class Iterator;

  /// REQUIRES: `wire` starts with one complete value that `resp::Scanner` accepted.
  explicit ReplyView(std::string_view wire) noexcept;

  /// The same of a bulk string whose text is known: the last bytes of `wire` but the CRLF behind it.
  ReplyView(std::string_view wire, std::string_view bulk) noexcept
      : first_(wire.data()),
        limit_(wire.data() + wire.size()),
        body_(limit_),
        text_(bulk),
        type_(ReplyType::bulk_string) {}

  [[nodiscard]] ReplyType type() const noexcept { return type_; }
  [[nodiscard]] bool is_null() const noexcept { return type_ == ReplyType::null; }
  [[nodiscard]] bool is_error() const noexcept { return type_ == ReplyType::error; }
  [[nodiscard]] bool is_aggregate() const noexcept {
    return type_ == ReplyType::array || type_ == ReplyType::map || type_ == ReplyType::set || type_ == ReplyType::push;
  }

  /// The text of a simple, bulk or verbatim string (without its three-letter format), error, big number, or of the
  /// digits of a number; nothing for null, boolean and aggregates.
  [[nodiscard]] std::optional<std::string_view> as_string() const noexcept {
    if (type_ == ReplyType::null || type_ == ReplyType::boolean || is_aggregate()) return std::nullopt;
    return text_;
  }

  /// An integer or big number that fits 64 bits, or a string that holds exactly one ("42", not "+42" or " 42");
  /// nothing otherwise.
  [[nodiscard]] std::optional<std::int64_t> as_integer() const noexcept;

  /// A double, integer or big number, or a string that holds exactly one ("3.14", "inf", "-inf", "nan"); nothing
  /// otherwise, nor for a magnitude that a double cannot hold.
  [[nodiscard]] std::optional<double> as_double() const noexcept;

  /// A RESP3 boolean, or the integers 0 and 1 that RESP2 sends instead; nothing otherwise.
  [[nodiscard]] std::optional<bool> as_bool() const noexcept;

  /// Direct elements of an aggregate (a map of n pairs has 2 n), 0 for everything else.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  [[nodiscard]] Iterator begin() const noexcept;
  [[nodiscard]] Iterator end() const noexcept;

  /// The bytes of this value, from its type byte (after attributes) to its end. O(length).
  [[nodiscard]] std::string_view wire() const noexcept;

 private:
  const char* first_ = nullptr;  // the type byte
  const char* limit_ = nullptr;  // end of the validated bytes
  const char* body_ = nullptr;   // what follows the header line: text of a bulk, first child of an aggregate
  std::string_view text_;        // the payload of scalars
  std::size_t size_ = 0;
  ReplyType type_ = ReplyType::null;
};

/// Single-pass iteration over the direct elements of an aggregate.
class MERIDIAN_EXPORT ReplyView::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = ReplyView;
  using difference_type = std::ptrdiff_t;
  using pointer = const ReplyView*;
  using reference = ReplyView;

  Iterator() noexcept = default;
  [[nodiscard]] ReplyView operator*() const noexcept;
  Iterator& operator++() noexcept;
  Iterator operator++(int) noexcept;
  [[nodiscard]] bool operator==(const Iterator& other) const noexcept { return left_ == other.left_; }

 private:
  friend class ReplyView;
  Iterator(const char* at, const char* limit, std::size_t left) noexcept : at_(at), limit_(limit), left_(left) {}
  const char* at_ = nullptr;
  const char* limit_ = nullptr;
  std::size_t left_ = 0;
};

/// One value that owns its bytes; what its accessors return looks into it and must not outlive it. Cheap for small
/// replies (they fit the string's own buffer). Thread-safe to read.
class MERIDIAN_EXPORT Reply {
 public:
  /// A null.
  Reply() : wire_("_\r\n") {}

  /// REQUIRES: as `ReplyView(wire)`.
  explicit Reply(std::string wire) : wire_(std::move(wire)) {}

  [[nodiscard]] ReplyView view() const noexcept { return ReplyView(wire_); }
  [[nodiscard]] ReplyType type() const noexcept { return view().type(); }
  [[nodiscard]] bool is_null() const noexcept { return view().is_null(); }
  [[nodiscard]] std::optional<std::string_view> as_string() const noexcept { return view().as_string(); }
  [[nodiscard]] std::optional<std::int64_t> as_integer() const noexcept { return view().as_integer(); }
  [[nodiscard]] std::optional<double> as_double() const noexcept { return view().as_double(); }
  [[nodiscard]] std::optional<bool> as_bool() const noexcept { return view().as_bool(); }
  [[nodiscard]] std::size_t size() const noexcept { return view().size(); }

  /// The RESP bytes as received.
  [[nodiscard]] const std::string& wire() const noexcept { return wire_; }

 private:
  std::string wire_;
};

}  // namespace meridian
