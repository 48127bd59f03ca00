/// \file
/// When keys and the fields of hashes go away: what EXPIRE and its kin take and answer, for both.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include <meridian/command.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// When a key or a field goes away: what EXPIRETIME and HEXPIRETIME answer.
struct ExpireTime {
  using State = TimeToLive::State;
  State state = State::no_key;
  std::chrono::sys_time<std::chrono::milliseconds> at{};  ///< On the server's wall clock; 0 unless `expires`.
  friend bool operator==(const ExpireTime&, const ExpireTime&) = default;
};

/// On which condition an expiry is set: `expire("k", 60s, {.gt = true})`. The server refuses contradictions.
struct ExpireOptions {
  bool nx = false;  ///< Only if there is no expiry yet.
  bool xx = false;  ///< Only if there is one.
  bool gt = false;  ///< Only if it is later than the one there is; none at all counts as never.
  bool lt = false;  ///< Only if it is earlier than the one there is; none at all counts as never.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (nx) builder.arg("NX");
    if (xx) builder.arg("XX");
    if (gt) builder.arg("GT");
    if (lt) builder.arg("LT");
  }
};

/// What GETEX does to the expiry of a key, and HGETEX to that of fields: at most one of them.
struct GetExOptions {
  std::optional<std::chrono::seconds> ex{};                                ///< Expires after so many seconds, > 0.
  std::optional<std::chrono::milliseconds> px{};                           ///< Expires after so many ms, > 0.
  std::optional<std::chrono::sys_time<std::chrono::seconds>> exat{};       ///< Expires at this time.
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> pxat{};  ///< Expires at this time.
  bool persist = false;                                                    ///< Takes the expiry away.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const;
};

namespace detail {

/// The four ways to say when something expires.
template <class Options>
void append_expiry(RequestBuilder& builder, const Options& options) {
  if (options.ex) builder.arg("EX").arg(options.ex->count());
  if (options.px) builder.arg("PX").arg(options.px->count());
  if (options.exat) builder.arg("EXAT").arg(options.exat->time_since_epoch().count());
  if (options.pxat) builder.arg("PXAT").arg(options.pxat->time_since_epoch().count());
}

[[nodiscard]] constexpr bool changes_nothing(const GetExOptions& options) noexcept {
  return !options.ex && !options.px && !options.exat && !options.pxat && !options.persist;
}

[[nodiscard]] constexpr Repeat grade_of(const ExpireOptions& options) noexcept {
  return options.nx || options.xx || options.gt || options.lt ? Repeat::conditional : Repeat::overwrite;
}

/// The integer of EXPIRETIME, in seconds, and of PEXPIRETIME, in milliseconds: −2 and −1 have meanings of their own.
[[nodiscard]] MERIDIAN_EXPORT Result<ExpireTime> decode_expiretime_seconds(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<ExpireTime> decode_expiretime_milliseconds(ReplyView reply);

}  // namespace detail

inline void GetExOptions::append_to(RequestBuilder& builder) const {
  detail::append_expiry(builder, *this);
  if (persist) builder.arg("PERSIST");
}

}  // namespace meridian
