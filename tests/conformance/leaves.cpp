// Comparing what a server said with what the library made of it, and reading RESP without the library.
#include "conformance/leaves.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace meridian::conformance {
namespace {

template <class Number>
std::string to_text(Number value) {
  std::array<char, 32> buffer;
  return std::string(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// One spelling for each number.
std::string spelled(std::string_view text) {
  if (const auto integer = whole_number<std::int64_t>(text)) return to_text(*integer);
  if (const auto number = whole_number<double>(text)) return to_text(*number);
  return std::string(text);
}

class RawReader {
 public:
  RawReader(std::string_view rest, Leaves& leaves) : rest_(rest), leaves_(leaves) {}

  void read() {
    for (std::size_t left = 1; left > 0; --left) {
      const char type = take(1).front();
      const std::string_view line = take_line();
      const auto size =
          static_cast<std::size_t>(std::max<std::int64_t>(0, whole_number<std::int64_t>(line).value_or(0)));
      const bool is_null = type == '_' || line == "-1";
      switch (type) {
        case '$':
        case '!':
        case '=':
          if (is_null) leaves_.add_null();
          else leaves_.add(take_bulk(type, size));
          break;
        case '_': leaves_.add_null(); break;
        case '#': leaves_.add(line == "t" ? 1 : 0); break;
        case '*':
        case '~':
        case '>':
          if (is_null) leaves_.add_null();
          left += size;
          break;
        case '%': left += 2 * size; break;
        default: leaves_.add(line); break;
      }
    }
    if (!rest_.empty()) throw std::logic_error("something follows a reply: " + std::string(rest_));
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) throw std::logic_error("a reply ends too early");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view take_line() {
    const std::string_view line = take(rest_.find("\r\n"));
    take(2);
    return line;
  }
  std::string_view take_bulk(char type, std::size_t size) {
    std::string_view text = take(size);
    take(2);
    if (type == '=') text.remove_prefix(std::string_view("txt:").size());
    return text;
  }

  std::string_view rest_;
  Leaves& leaves_;
};

}  // namespace

void Leaves::add(std::string_view text) { leaves_.push_back({Kind::text, spelled(text)}); }

void Leaves::add(double value) { add(std::string_view(to_text(value))); }

std::vector<std::string> Leaves::sorted() const {
  std::vector<std::string> texts;
  for (const Leaf& leaf : leaves_) texts.push_back(leaf.text);
  std::sort(texts.begin(), texts.end());
  return texts;
}

bool Leaves::match(const Leaves& said) const {
  if (any_order_) return sorted() == said.sorted();
  return std::equal(leaves_.begin(), leaves_.end(), said.leaves_.begin(), said.leaves_.end(),
                    [](const Leaf& made, const Leaf& raw) {
                      if (made.kind == Kind::yes && raw.text == "OK") return true;
                      if (made.kind == Kind::no && raw.kind == Kind::null) return true;
                      return (made.kind == Kind::null) == (raw.kind == Kind::null) && made.text == raw.text;
                    });
}

std::string Leaves::text() const {
  std::string text;
  for (const Leaf& leaf : leaves_) text += (text.empty() ? "" : " ") + (leaf.text.empty() ? "''" : leaf.text);
  return text;
}

Leaves leaves_of_raw(std::string_view reply) {
  Leaves leaves;
  RawReader(reply, leaves).read();
  return leaves;
}

void flatten(const TimeToLive& value, Leaves& leaves) {
  switch (value.state) {
    case TimeToLive::State::no_key: return leaves.add(-2);
    case TimeToLive::State::no_expiry: return leaves.add(-1);
    // Goes on while we compare, and in a unit that only the command knows.
    case TimeToLive::State::expires: return leaves.add(std::string_view("expires"));
  }
}

void flatten(const ServerTime& value, Leaves& leaves) {
  const std::int64_t microseconds = value.time_since_epoch().count();
  leaves.add(microseconds / 1'000'000);
  leaves.add(microseconds % 1'000'000);
}

void flatten(const Reply& value, Leaves& leaves) { RawReader(value.wire(), leaves).read(); }

}  // namespace meridian::conformance
