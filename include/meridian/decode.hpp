/// \file
/// Replies as C++ types: `decode<T>(reply)`. Every typed command has one of these as its decoder, and programs use them
/// on parts of a `Reply`:
///
/// \code
/// meridian::Reply reply = client.command("XLEN", "stream");
/// meridian::Result<std::int64_t> length = meridian::decode<std::int64_t>(reply.view());
/// \endcode
///
/// A reply of another shape gives `ErrorCode::unexpected_reply` with `Delivery::answered`; the message says what came
/// and what was promised. A value is never guessed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <meridian/export.hpp>
#include <meridian/reply.hpp>
#include <meridian/result.hpp>
#include <meridian/time.hpp>

namespace meridian {

/// How long a key has to live: what TTL and PTTL answer.
struct TimeToLive {
  enum class State {
    no_key,     ///< There is no such key.
    no_expiry,  ///< The key stays until somebody deletes it.
    expires,    ///< The key goes away after `left`.
  };
  State state = State::no_key;
  Duration left{0};  ///< 0 unless `expires`.
  friend bool operator==(const TimeToLive&, const TimeToLive&) = default;
};

/// The server's wall clock: what TIME answers.
using ServerTime = std::chrono::sys_time<std::chrono::microseconds>;

namespace detail {
template <class T>
inline constexpr bool has_decoder = false;
}  // namespace detail

/// The reply as a `T`. `T` is one of the types below.
template <class T>
[[nodiscard]] Result<T> decode(ReplyView) {
  static_assert(detail::has_decoder<T>, "no decoder for this type: see the list in <meridian/decode.hpp>");
}

/// Any simple string, such as OK.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<void> decode<void>(ReplyView reply);
/// A simple, bulk or verbatim string.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::string> decode<std::string>(ReplyView reply);
/// The same; null is nullopt.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<std::string>> decode<std::optional<std::string>>(ReplyView reply);
/// The same two without a copy: they look at the bytes of the reply, and are valid as long as those are. Only pipelines
/// run commands with such results, because they keep the bytes (`Pipeline::views`).
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::string_view> decode<std::string_view>(ReplyView reply);
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<std::string_view>> decode<std::optional<std::string_view>>(
    ReplyView reply);
/// An integer, or a string that holds exactly one.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::int64_t> decode<std::int64_t>(ReplyView reply);
/// The same; null is nullopt.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<std::int64_t>> decode<std::optional<std::int64_t>>(ReplyView reply);
/// A RESP3 boolean; 1, OK (true); 0, null (false).
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<bool> decode<bool>(ReplyView reply);
/// A double or integer, or a string that holds exactly one.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<double> decode<double>(ReplyView reply);
/// The same; null is nullopt.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<double>> decode<std::optional<double>>(ReplyView reply);
/// An array or set of strings, none of them null.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::string>> decode<std::vector<std::string>>(ReplyView reply);
/// An array or set of strings and nulls.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::optional<std::string>>>
decode<std::vector<std::optional<std::string>>>(ReplyView reply);
/// An array of integers, of strings that hold one, or of those and nulls.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::int64_t>> decode<std::vector<std::int64_t>>(ReplyView reply);
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::optional<std::int64_t>>>
decode<std::vector<std::optional<std::int64_t>>>(ReplyView reply);
/// The same of floating-point numbers.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<double>> decode<std::vector<double>>(ReplyView reply);
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::optional<double>>> decode<std::vector<std::optional<double>>>(
    ReplyView reply);
/// An array of whatever `decode<bool>` takes.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<bool>> decode<std::vector<bool>>(ReplyView reply);
/// An array of strings; null is nullopt.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<std::vector<std::string>>>
decode<std::optional<std::vector<std::string>>>(ReplyView reply);
/// An array of exactly two strings.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::pair<std::string, std::string>> decode<std::pair<std::string, std::string>>(
    ReplyView reply);
/// The same; null is nullopt.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<std::pair<std::string, std::string>>>
decode<std::optional<std::pair<std::string, std::string>>>(ReplyView reply);
/// A map, a flat array of names and values, or an array of arrays of two; in the server's order.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::pair<std::string, std::string>>>
decode<std::vector<std::pair<std::string, std::string>>>(ReplyView reply);
/// An array of anything: its elements, copied.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<Reply>> decode<std::vector<Reply>>(ReplyView reply);
/// A RESP3 map of strings, or the flat array of keys and values that RESP2 sends instead.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::unordered_map<std::string, std::string>>
decode<std::unordered_map<std::string, std::string>>(ReplyView reply);
/// The same with integers as values.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::unordered_map<std::string, std::int64_t>>
decode<std::unordered_map<std::string, std::int64_t>>(ReplyView reply);
/// A RESP3 set of strings, or the array that RESP2 sends instead.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<std::unordered_set<std::string>> decode<std::unordered_set<std::string>>(
    ReplyView reply);
/// The two numbers of TIME.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<ServerTime> decode<ServerTime>(ReplyView reply);
/// Any reply, copied.
template <>
[[nodiscard]] MERIDIAN_EXPORT Result<Reply> decode<Reply>(ReplyView reply);

namespace detail {

/// The integer of TTL, in seconds, and of PTTL, in milliseconds: −2 and −1 have meanings of their own.
[[nodiscard]] MERIDIAN_EXPORT Result<TimeToLive> decode_ttl_seconds(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<TimeToLive> decode_ttl_milliseconds(ReplyView reply);

/// An array of strings; null, which stands for a missing key, is an empty one.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::string>> decode_strings_or_null(ReplyView reply);

}  // namespace detail

}  // namespace meridian
