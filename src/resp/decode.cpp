// The decoders of <meridian/decode.hpp>.
#include <meridian/decode.hpp>

#include <limits>
#include <utility>

namespace meridian {
namespace {

// "an array of 3", "null": what came, fit for an error message. Values are not shown: they are the
// program's data.
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

bool is_number_or_text(ReplyView reply) {
  switch (reply.type()) {
    case ReplyType::integer:
    case ReplyType::real:
    case ReplyType::simple_string:
    case ReplyType::bulk_string: return true;
    default: return false;
  }
}

bool is_list(ReplyView reply) { return reply.type() == ReplyType::array || reply.type() == ReplyType::set; }

// What `decode<T>` gives, with null as nullopt.
template <class T>
Result<std::optional<T>> decode_optional(ReplyView reply) {
  if (reply.is_null()) return std::optional<T>();
  Result<T> value = decode<T>(reply);
  if (!value) return Unexpected(std::move(value.error()));
  return std::optional<T>(std::move(*value));
}

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
  return decode_optional<std::string>(reply);
}

template <>
Result<std::int64_t> decode<std::int64_t>(ReplyView reply) {
  if (is_number_or_text(reply) && reply.type() != ReplyType::real) {
    if (const std::optional<std::int64_t> value = reply.as_integer()) return *value;
  }
  return mismatch(reply, "an integer");
}

template <>
Result<std::optional<std::int64_t>> decode<std::optional<std::int64_t>>(ReplyView reply) {
  return decode_optional<std::int64_t>(reply);
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
  if (is_number_or_text(reply)) {
    if (const std::optional<double> value = reply.as_double()) return *value;
  }
  return mismatch(reply, "a floating-point number");
}

template <>
Result<std::optional<double>> decode<std::optional<double>>(ReplyView reply) {
  return decode_optional<double>(reply);
}

template <>
Result<std::vector<std::string>> decode<std::vector<std::string>>(ReplyView reply) {
  constexpr std::string_view promised = "an array of strings";
  if (!is_list(reply)) return mismatch(reply, promised);
  std::vector<std::string> values;
  values.reserve(reply.size());
  for (const ReplyView element : reply) {
    std::optional<std::string> text = text_of(element);
    if (!text) return mismatch_inside(reply, element, promised);
    values.push_back(std::move(*text));
  }
  return values;
}

template <>
Result<std::vector<std::optional<std::string>>> decode<std::vector<std::optional<std::string>>>(ReplyView reply) {
  constexpr std::string_view promised = "an array of strings and nulls";
  if (!is_list(reply)) return mismatch(reply, promised);
  std::vector<std::optional<std::string>> values;
  values.reserve(reply.size());
  for (const ReplyView element : reply) {
    std::optional<std::string> text = text_of(element);
    if (!text && !element.is_null()) return mismatch_inside(reply, element, promised);
    values.push_back(std::move(text));
  }
  return values;
}

template <>
Result<std::unordered_map<std::string, std::string>> decode<std::unordered_map<std::string, std::string>>(
    ReplyView reply) {
  constexpr std::string_view promised = "a map of strings";
  const bool is_flat_map = reply.type() == ReplyType::array && reply.size() % 2 == 0;
  if (reply.type() != ReplyType::map && !is_flat_map) return mismatch(reply, promised);
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
