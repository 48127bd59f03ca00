// The decoders of <meridian/json.hpp>.
#include <meridian/json.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

#include "resp/decode_support.hpp"

namespace meridian::detail {
namespace {

// One element for each match. Older paths match one value, which stands alone; null says that there is no such key.
template <class T>
Result<std::vector<std::optional<T>>> decode_matches(ReplyView reply, std::optional<T> (*read)(ReplyView),
                                                     std::string_view promised) {
  std::vector<std::optional<T>> matches;
  if (reply.is_null()) return matches;
  if (!is_list(reply)) {
    std::optional<T> only = read(reply);
    if (!only) return mismatch(reply, promised);
    matches.push_back(std::move(only));
    return matches;
  }
  matches.reserve(reply.size());
  for (const ReplyView element : reply) {
    std::optional<T> match = read(element);
    if (!match && !element.is_null()) return mismatch_inside(reply, element, promised);
    matches.push_back(std::move(match));
  }
  return matches;
}

std::optional<bool> boolean_of(ReplyView reply) { return reply.as_bool(); }

std::optional<std::vector<std::string>> names_of(ReplyView reply) {
  Result<std::vector<std::string>> names = decode<std::vector<std::string>>(reply);
  return names ? std::optional(std::move(*names)) : std::nullopt;
}

// Reads the JSON text of a number, or of an array of numbers and nulls.
class NumberReader {
 public:
  explicit NumberReader(std::string_view text) : rest_(text) {}

  // Nothing if the text is something else.
  std::optional<std::vector<std::optional<double>>> read() {
    std::vector<std::optional<double>> numbers;
    if (!take('[')) {
      if (!read_one(numbers) || !is_at_end()) return std::nullopt;
      return numbers;
    }
    if (!take(']')) {
      do {
        if (!read_one(numbers)) return std::nullopt;
      } while (take(','));
      if (!take(']')) return std::nullopt;
    }
    return is_at_end() ? std::optional(std::move(numbers)) : std::nullopt;
  }

 private:
  void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }

  bool is_at_end() {
    skip_spaces();
    return rest_.empty();
  }

  bool take(char expected) {
    skip_spaces();
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool read_one(std::vector<std::optional<double>>& numbers) {
    constexpr std::string_view null = "null";
    skip_spaces();
    if (rest_.starts_with(null)) {
      rest_.remove_prefix(null.size());
      numbers.push_back(std::nullopt);
      return true;
    }
    double number = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (error != std::errc()) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    numbers.emplace_back(number);
    return true;
  }

  std::string_view rest_;
};

}  // namespace

Result<std::vector<std::optional<std::int64_t>>> decode_json_integers(ReplyView reply) {
  return decode_matches<std::int64_t>(reply, integer_of, "an array of integers and nulls");
}

Result<std::vector<std::optional<double>>> decode_json_numbers(ReplyView reply) {
  constexpr std::string_view promised = "an array of numbers and nulls, or JSON text of one";
  const bool is_text = reply.type() == ReplyType::bulk_string || reply.type() == ReplyType::simple_string;
  if (!is_text) return decode_matches<double>(reply, double_of, promised);
  auto numbers = NumberReader(*reply.as_string()).read();
  if (!numbers) return mismatch(reply, promised);
  return std::move(*numbers);
}

Result<std::vector<std::optional<bool>>> decode_json_booleans(ReplyView reply) {
  return decode_matches<bool>(reply, boolean_of, "an array of 0, 1 and nulls");
}

Result<std::vector<std::optional<std::string>>> decode_json_texts(ReplyView reply) {
  return decode_matches<std::string>(reply, text_of, "an array of strings and nulls");
}

Result<std::vector<std::string>> decode_json_types(ReplyView reply) {
  constexpr std::string_view promised = "an array of names of types";
  const bool is_wrapped = is_list(reply) && reply.size() == 1 && is_list(*reply.begin());
  const auto types = decode_matches<std::string>(is_wrapped ? *reply.begin() : reply, text_of, promised);
  if (!types) return Unexpected(types.error());
  std::vector<std::string> names;
  names.reserve(types->size());
  // In RESP3 a missing key is an array that holds null.
  for (const std::optional<std::string>& type : *types) {
    if (type) names.push_back(*type);
  }
  return names;
}

Result<std::vector<std::optional<std::vector<std::string>>>> decode_json_names(ReplyView reply) {
  // Of an older path: the names themselves.
  const bool is_flat = is_list(reply) && reply.size() > 0 && text_of(*reply.begin());
  if (is_flat) {
    Result<std::vector<std::string>> names = decode<std::vector<std::string>>(reply);
    if (!names) return Unexpected(std::move(names.error()));
    return std::vector{std::optional(std::move(*names))};
  }
  return decode_matches<std::vector<std::string>>(reply, names_of, "an array of arrays of names, and nulls");
}

}  // namespace meridian::detail
