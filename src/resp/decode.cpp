// The decoders of <meridian/decode.hpp>, and what those of the families share.
#include <meridian/decode.hpp>

#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

#include "resp/decode_support.hpp"

namespace meridian {
namespace {

// "an array of 3", "null": what came, fit for an error message.
std::string describe(ReplyView reply) {
  switch (reply.type()) {
    case ReplyType::simple_string: return "a simple string";
    case ReplyType::error: return "an error";
    case ReplyType::integer: return "an integer";
    case ReplyType::bulk_string: return "a bulk string";
    case ReplyType::null: return "null";
    case ReplyType::real: return "a double";
    case ReplyType::boolean: return "a boolean";
    case ReplyType::big_number: return "a big number";
    case ReplyType::verbatim_string: return "a verbatim string";
    case ReplyType::array: return "an array of " + std::to_string(reply.size());
    case ReplyType::map: return "a map of " + std::to_string(reply.size() / 2);
    case ReplyType::set: return "a set of " + std::to_string(reply.size());
    case ReplyType::push: return "a push of " + std::to_string(reply.size());
  }
  return "an unknown type";
}

}  // namespace

namespace detail {

Unexpected mismatch(ReplyView came, std::string_view promised) {
  return fail(ErrorCode::unexpected_reply, Delivery::answered,
              "the server answered with " + describe(came) + ", where the command promises " + std::string(promised));
}

Unexpected mismatch_inside(ReplyView container, ReplyView element, std::string_view promised) {
  return fail(ErrorCode::unexpected_reply, Delivery::answered,
              "the server answered with " + describe(container) + " that holds " + describe(element) +
                  ", where the command promises " + std::string(promised));
}

std::optional<std::string> text_of(ReplyView reply) {
  switch (reply.type()) {
    case ReplyType::simple_string:
    case ReplyType::bulk_string:
    case ReplyType::verbatim_string: return std::string(reply.as_string().value_or(std::string_view()));
    default: return std::nullopt;
  }
}

std::optional<std::int64_t> integer_of(ReplyView reply) {
  switch (reply.type()) {
    case ReplyType::integer:
    case ReplyType::simple_string:
    case ReplyType::bulk_string: return reply.as_integer();
    default: return std::nullopt;
  }
}

std::optional<double> double_of(ReplyView reply) {
  switch (reply.type()) {
    case ReplyType::integer:
    case ReplyType::real:
    case ReplyType::simple_string:
    case ReplyType::bulk_string: return reply.as_double();
    default: return std::nullopt;
  }
}

bool is_list(ReplyView reply) noexcept { return reply.type() == ReplyType::array || reply.type() == ReplyType::set; }

bool is_map(ReplyView reply) noexcept {
  return reply.type() == ReplyType::map || (reply.type() == ReplyType::array && reply.size() % 2 == 0);
}

std::vector<ReplyView> elements_of(ReplyView reply, std::size_t least) {
  std::vector<ReplyView> elements;
  if (!is_list(reply) || reply.size() < least) return elements;
  elements.reserve(reply.size());
  for (const ReplyView element : reply) elements.push_back(element);
  return elements;
}

std::optional<std::int64_t> integer_in(std::string_view text) noexcept {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<Fields> Fields::of(ReplyView reply) {
  if (!is_map(reply)) return std::nullopt;
  Fields fields;
  fields.fields_.reserve(reply.size() / 2);
  for (auto element = reply.begin(); element != reply.end(); ++element) {
    const ReplyView name = *element;
    const bool is_text = name.type() == ReplyType::bulk_string || name.type() == ReplyType::simple_string;
    if (!is_text) return std::nullopt;
    fields.fields_.emplace_back(*name.as_string(), *++element);
  }
  return fields;
}

std::optional<ReplyView> Fields::find(std::string_view name) const noexcept {
  for (const auto& [known, value] : fields_) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string> Fields::text(std::string_view name) const {
  const std::optional<ReplyView> value = find(name);
  return value ? text_of(*value) : std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view name) const {
  const std::optional<ReplyView> value = find(name);
  return value ? integer_of(*value) : std::nullopt;
}

std::optional<double> Fields::real(std::string_view name) const {
  const std::optional<ReplyView> value = find(name);
  return value ? double_of(*value) : std::nullopt;
}

}  // namespace detail

namespace {

using detail::is_list;
using detail::is_map;
using detail::list_of;
using detail::mismatch;
using detail::mismatch_inside;
using detail::optional_of;
using detail::text_of;

template <class Unit>
Result<TimeToLive> decode_ttl(ReplyView reply) {
  const std::optional<std::int64_t> answer =
      reply.type() == ReplyType::integer ? reply.as_integer() : std::optional<std::int64_t>();
  if (!answer || *answer < -2) return mismatch(reply, "a time to live: an integer of at least -2");
  if (*answer == -2) return TimeToLive{TimeToLive::State::no_key};
  if (*answer == -1) return TimeToLive{TimeToLive::State::no_expiry};
  // The server's range is wider than ours: 292 years stand for all that is longer.
  const bool fits = *answer <= std::chrono::duration_cast<Unit>(Duration::max()).count();
  return TimeToLive{TimeToLive::State::expires, fits ? Duration(Unit(*answer)) : Duration::max()};
}

}  // namespace

template <>
Result<void> decode<void>(ReplyView reply) {
  if (reply.type() == ReplyType::simple_string) return {};
  return mismatch(reply, "a status such as OK");
}

template <>
Result<std::string> decode<std::string>(ReplyView reply) {
  if (reply.type() == ReplyType::bulk_string) return std::string(*reply.as_string());
  if (std::optional<std::string> text = text_of(reply)) return std::move(*text);
  return mismatch(reply, "a string");
}

template <>
Result<std::optional<std::string>> decode<std::optional<std::string>>(ReplyView reply) {
  // The most frequent of all: no detour.
  if (reply.type() == ReplyType::bulk_string) return std::optional<std::string>(std::in_place, *reply.as_string());
  return optional_of<std::string>(reply, decode<std::string>);
}

template <>
Result<std::string_view> decode<std::string_view>(ReplyView reply) {
  switch (reply.type()) {
    case ReplyType::simple_string:
    case ReplyType::bulk_string:
    case ReplyType::verbatim_string: return *reply.as_string();
    default: return mismatch(reply, "a string");
  }
}

template <>
Result<std::optional<std::string_view>> decode<std::optional<std::string_view>>(ReplyView reply) {
  return optional_of<std::string_view>(reply, decode<std::string_view>);
}

template <>
Result<std::int64_t> decode<std::int64_t>(ReplyView reply) {
  if (const std::optional<std::int64_t> value = detail::integer_of(reply)) return *value;
  return mismatch(reply, "an integer");
}

template <>
Result<std::optional<std::int64_t>> decode<std::optional<std::int64_t>>(ReplyView reply) {
  return optional_of<std::int64_t>(reply, decode<std::int64_t>);
}

template <>
Result<bool> decode<bool>(ReplyView reply) {
  if (reply.is_null()) return false;
  if (reply.type() == ReplyType::simple_string && reply.as_string() == "OK") return true;
  if (reply.type() == ReplyType::boolean || reply.type() == ReplyType::integer) {
    if (const std::optional<bool> value = reply.as_bool()) return *value;
  }
  return mismatch(reply, "yes or no: a boolean, 0 or 1, OK or null");
}

template <>
Result<double> decode<double>(ReplyView reply) {
  if (const std::optional<double> value = detail::double_of(reply)) return *value;
  return mismatch(reply, "a floating-point number");
}

template <>
Result<std::optional<double>> decode<std::optional<double>>(ReplyView reply) {
  return optional_of<double>(reply, decode<double>);
}

template <>
Result<std::vector<std::string>> decode<std::vector<std::string>>(ReplyView reply) {
  return list_of<std::string>(reply, decode<std::string>, "an array of strings");
}

template <>
Result<std::vector<std::optional<std::string>>> decode<std::vector<std::optional<std::string>>>(ReplyView reply) {
  return list_of<std::optional<std::string>>(reply, decode<std::optional<std::string>>,
                                             "an array of strings and nulls");
}

template <>
Result<std::vector<std::int64_t>> decode<std::vector<std::int64_t>>(ReplyView reply) {
  return list_of<std::int64_t>(reply, decode<std::int64_t>, "an array of integers");
}

template <>
Result<std::vector<std::optional<std::int64_t>>> decode<std::vector<std::optional<std::int64_t>>>(ReplyView reply) {
  return list_of<std::optional<std::int64_t>>(reply, decode<std::optional<std::int64_t>>,
                                              "an array of integers and nulls");
}

template <>
Result<std::vector<double>> decode<std::vector<double>>(ReplyView reply) {
  return list_of<double>(reply, decode<double>, "an array of floating-point numbers");
}

template <>
Result<std::vector<std::optional<double>>> decode<std::vector<std::optional<double>>>(ReplyView reply) {
  return list_of<std::optional<double>>(reply, decode<std::optional<double>>,
                                        "an array of floating-point numbers and nulls");
}

template <>
Result<std::vector<bool>> decode<std::vector<bool>>(ReplyView reply) {
  return list_of<bool>(reply, decode<bool>, "an array of booleans, or of 0 and 1");
}

template <>
Result<std::optional<std::vector<std::string>>> decode<std::optional<std::vector<std::string>>>(ReplyView reply) {
  return optional_of<std::vector<std::string>>(reply, decode<std::vector<std::string>>);
}

template <>
Result<std::pair<std::string, std::string>> decode<std::pair<std::string, std::string>>(ReplyView reply) {
  constexpr std::string_view promised = "an array of two strings";
  if (reply.type() != ReplyType::array || reply.size() != 2) return mismatch(reply, promised);
  auto element = reply.begin();
  std::optional<std::string> first = text_of(*element);
  std::optional<std::string> second = text_of(*++element);
  if (!first || !second) return mismatch_inside(reply, first ? *element : *reply.begin(), promised);
  return std::pair(std::move(*first), std::move(*second));
}

template <>
Result<std::optional<std::pair<std::string, std::string>>> decode<std::optional<std::pair<std::string, std::string>>>(
    ReplyView reply) {
  using Pair = std::pair<std::string, std::string>;
  return optional_of<Pair>(reply, decode<Pair>);
}

template <>
Result<std::vector<std::pair<std::string, std::string>>> decode<std::vector<std::pair<std::string, std::string>>>(
    ReplyView reply) {
  using Pair = std::pair<std::string, std::string>;
  constexpr std::string_view promised = "pairs of strings";
  const bool is_nested = reply.type() == ReplyType::array && reply.size() > 0 && (*reply.begin()).is_aggregate();
  if (is_nested) return list_of<Pair>(reply, decode<Pair>, promised);
  if (!is_map(reply)) return mismatch(reply, promised);
  std::vector<Pair> pairs;
  pairs.reserve(reply.size() / 2);
  for (auto element = reply.begin(); element != reply.end(); ++element) {
    const ReplyView name = *element;
    const ReplyView value = *++element;
    std::optional<std::string> first = text_of(name);
    std::optional<std::string> second = text_of(value);
    if (!first || !second) return mismatch_inside(reply, first ? value : name, promised);
    pairs.emplace_back(std::move(*first), std::move(*second));
  }
  return pairs;
}

template <>
Result<std::unordered_map<std::string, std::int64_t>> decode<std::unordered_map<std::string, std::int64_t>>(
    ReplyView reply) {
  constexpr std::string_view promised = "a map of names to integers";
  if (!is_map(reply)) return mismatch(reply, promised);
  std::unordered_map<std::string, std::int64_t> values;
  values.reserve(reply.size() / 2);
  for (auto element = reply.begin(); element != reply.end(); ++element) {
    const ReplyView name = *element;
    const ReplyView number = *++element;
    std::optional<std::string> key = text_of(name);
    const std::optional<std::int64_t> value = detail::integer_of(number);
    if (!key || !value) return mismatch_inside(reply, key ? number : name, promised);
    values.insert_or_assign(std::move(*key), *value);
  }
  return values;
}

template <>
Result<std::vector<Reply>> decode<std::vector<Reply>>(ReplyView reply) {
  return list_of<Reply>(reply, decode<Reply>, "an array");
}

template <>
Result<std::unordered_map<std::string, std::string>> decode<std::unordered_map<std::string, std::string>>(
    ReplyView reply) {
  constexpr std::string_view promised = "a map of strings";
  if (!is_map(reply)) return mismatch(reply, promised);
  std::unordered_map<std::string, std::string> values;
  values.reserve(reply.size() / 2);
  std::optional<std::string> key;
  for (const ReplyView element : reply) {
    std::optional<std::string> text = text_of(element);
    if (!text) return mismatch_inside(reply, element, promised);
    if (!key) {
      key = std::move(text);
    } else {
      values.insert_or_assign(std::move(*key), std::move(*text));
      key.reset();
    }
  }
  return values;
}

template <>
Result<std::unordered_set<std::string>> decode<std::unordered_set<std::string>>(ReplyView reply) {
  constexpr std::string_view promised = "a set of strings";
  if (!is_list(reply)) return mismatch(reply, promised);
  std::unordered_set<std::string> values;
  values.reserve(reply.size());
  for (const ReplyView element : reply) {
    std::optional<std::string> text = text_of(element);
    if (!text) return mismatch_inside(reply, element, promised);
    values.insert(std::move(*text));
  }
  return values;
}

template <>
Result<ServerTime> decode<ServerTime>(ReplyView reply) {
  constexpr std::string_view promised = "a time: an array of seconds and microseconds";
  if (reply.type() != ReplyType::array || reply.size() != 2) return mismatch(reply, promised);
  auto element = reply.begin();
  const std::optional<std::int64_t> seconds = (*element).as_integer();
  const std::optional<std::int64_t> microseconds = (*++element).as_integer();
  constexpr std::int64_t last_second = std::numeric_limits<std::int64_t>::max() / 1'000'000 - 1;
  if (!seconds || *seconds < 0 || *seconds > last_second || !microseconds || *microseconds < 0 ||
      *microseconds >= 1'000'000) {
    return mismatch(reply, promised);
  }
  return ServerTime(std::chrono::seconds(*seconds) + std::chrono::microseconds(*microseconds));
}

template <>
Result<Reply> decode<Reply>(ReplyView reply) {
  return Reply(std::string(reply.wire()));
}

namespace detail {

Result<TimeToLive> decode_ttl_seconds(ReplyView reply) { return decode_ttl<std::chrono::seconds>(reply); }

Result<TimeToLive> decode_ttl_milliseconds(ReplyView reply) { return decode_ttl<std::chrono::milliseconds>(reply); }

Result<std::vector<std::string>> decode_strings_or_null(ReplyView reply) {
  if (reply.is_null()) return std::vector<std::string>();
  return decode<std::vector<std::string>>(reply);
}

}  // namespace detail

}  // namespace meridian
