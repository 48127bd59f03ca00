// Implements meridian/reply.hpp: walks validated RESP bytes. Children are skipped by counting, never by recursion.
#include <meridian/reply.hpp>

#include <cstring>

#include "resp/number.hpp"

namespace meridian {
namespace {

// One value up to its first child.
struct Head {
  ReplyType type = ReplyType::null;
  bool attribute = false;
  std::string_view text{};
  std::size_t children = 0;
  const char* next = nullptr;  // the first child, or the end of a value without children
};

// The line behind a type byte. The scanner saw that it ends in CRLF and holds no other CR.
std::string_view line_at(const char* at, const char* limit) noexcept {
  const void* end = std::memchr(at, '\r', static_cast<std::size_t>(limit - at));
  return {at, static_cast<std::size_t>(static_cast<const char*>(end) - at)};
}

Head line_head(ReplyType type, const char* at, const char* limit) noexcept {
  const std::string_view line = line_at(at + 1, limit);
  return {.type = type, .text = line, .next = line.data() + line.size() + 2};
}

struct Length {
  std::size_t value = 0;
  bool null = false;
  const char* next = nullptr;
};

// The header line behind a type byte: digits, or -1 for null.
Length length_at(const char* at) noexcept {
  if (*at == '-') return {.null = true, .next = at + 4};
  Length length;
  for (; *at != '\r'; ++at) length.value = length.value * 10 + static_cast<std::size_t>(*at - '0');
  length.next = at + 2;
  return length;
}

Head bulk_head(ReplyType type, const char* at) noexcept {
  const Length length = length_at(at + 1);
  if (length.null) return {.type = ReplyType::null, .next = length.next};
  std::string_view text(length.next, length.value);
  const char* next = text.data() + text.size() + 2;
  if (type == ReplyType::verbatim_string) text.remove_prefix(4);  // "txt:"
  return {.type = type, .text = text, .next = next};
}

Head aggregate_head(ReplyType type, std::size_t per_count, const char* at) noexcept {
  const Length length = length_at(at + 1);
  if (length.null) return {.type = ReplyType::null, .next = length.next};
  return {.type = type, .children = length.value * per_count, .next = length.next};
}

Head head_at(const char* at, const char* limit) noexcept {
  switch (*at) {
    case '+': return line_head(ReplyType::simple_string, at, limit);
    case '-': return line_head(ReplyType::error, at, limit);
    case ':': return line_head(ReplyType::integer, at, limit);
    case ',': return line_head(ReplyType::real, at, limit);
    case '#': return line_head(ReplyType::boolean, at, limit);
    case '(': return line_head(ReplyType::big_number, at, limit);
    case '$': return bulk_head(ReplyType::bulk_string, at);
    case '!': return bulk_head(ReplyType::error, at);
    case '=': return bulk_head(ReplyType::verbatim_string, at);
    case '*': return aggregate_head(ReplyType::array, 1, at);
    case '~': return aggregate_head(ReplyType::set, 1, at);
    case '>': return aggregate_head(ReplyType::push, 1, at);
    case '%': return aggregate_head(ReplyType::map, 2, at);
    case '|': {
      Head head = aggregate_head(ReplyType::map, 2, at);
      head.attribute = true;
      return head;
    }
    default: return line_head(ReplyType::null, at, limit);
  }
}

// The end of `count` values with all that is in them.
const char* skip_values(const char* at, const char* limit, std::size_t count) noexcept {
  while (count > 0) {
    const Head head = head_at(at, limit);
    count += head.children;
    if (!head.attribute) --count;  // an attribute is no value of its own
    at = head.next;
  }
  return at;
}

bool holds_number(ReplyType type) noexcept {
  return type == ReplyType::integer || type == ReplyType::big_number || type == ReplyType::real;
}

bool holds_text(ReplyType type) noexcept {
  return type == ReplyType::simple_string || type == ReplyType::bulk_string || type == ReplyType::verbatim_string;
}

}  // namespace

std::string_view to_string(ReplyType type) noexcept {
  switch (type) {
    case ReplyType::simple_string: return "simple_string";
    case ReplyType::error: return "error";
    case ReplyType::integer: return "integer";
    case ReplyType::bulk_string: return "bulk_string";
    case ReplyType::null: return "null";
    case ReplyType::real: return "real";
    case ReplyType::boolean: return "boolean";
    case ReplyType::big_number: return "big_number";
    case ReplyType::verbatim_string: return "verbatim_string";
    case ReplyType::array: return "array";
    case ReplyType::map: return "map";
    case ReplyType::set: return "set";
    case ReplyType::push: return "push";
  }
  return "unknown";
}

ReplyView::ReplyView(std::string_view wire) noexcept
    : first_(wire.data()), limit_(wire.data() + wire.size()), body_(limit_) {
  if (wire.empty()) return;  // a moved-from Reply reads as null
  Head head = head_at(first_, limit_);
  while (head.attribute) {
    first_ = skip_values(head.next, limit_, head.children);
    head = head_at(first_, limit_);
  }
  type_ = head.type;
  text_ = head.text;
  size_ = head.children;
  body_ = head.next;
}

std::optional<std::int64_t> ReplyView::as_integer() const noexcept {
  if (holds_text(type_)) return resp::parse_int64(text_, resp::Plus::forbidden);
  if (type_ == ReplyType::integer || type_ == ReplyType::big_number) {
    return resp::parse_int64(text_, resp::Plus::allowed);
  }
  return std::nullopt;
}

std::optional<double> ReplyView::as_double() const noexcept {
  if (holds_text(type_)) return resp::parse_double(text_, resp::Plus::forbidden);
  if (holds_number(type_)) return resp::parse_double(text_, resp::Plus::allowed);
  return std::nullopt;
}

std::optional<bool> ReplyView::as_bool() const noexcept {
  if (type_ == ReplyType::boolean) return text_ == "t";
  if (type_ != ReplyType::integer) return std::nullopt;
  const std::optional<std::int64_t> number = as_integer();
  if (number != 0 && number != 1) return std::nullopt;
  return number == 1;
}

ReplyView::Iterator ReplyView::begin() const noexcept { return {body_, limit_, size_}; }

ReplyView::Iterator ReplyView::end() const noexcept { return {}; }

std::string_view ReplyView::wire() const noexcept {
  const char* end = skip_values(body_, limit_, size_);
  return {first_, static_cast<std::size_t>(end - first_)};
}

ReplyView ReplyView::Iterator::operator*() const noexcept {
  return ReplyView(std::string_view(at_, static_cast<std::size_t>(limit_ - at_)));
}

ReplyView::Iterator& ReplyView::Iterator::operator++() noexcept {
  at_ = skip_values(at_, limit_, 1);
  --left_;
  return *this;
}

ReplyView::Iterator ReplyView::Iterator::operator++(int) noexcept {
  Iterator before = *this;
  ++*this;
  return before;
}

}  // namespace meridian
