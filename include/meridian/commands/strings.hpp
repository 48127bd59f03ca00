/// \file
/// Commands on strings. The builders are in `meridian::cmd`; `StringCommands` has the same as methods.
///
/// SETNX, SETEX, PSETEX and SUBSTR have no builder: `set` with options and `getrange` do what they do.
///
/// Where a comment speaks of an error, it is the server's (`ErrorCode::wrong_type` for a key of another type).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/commands/expiry.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// Options of SET: `set("lock", id, {.px = 250ms, .nx = true})`. The server refuses contradictions.
struct SetOptions {
  std::optional<std::chrono::seconds> ex{};                                ///< Expires after so many seconds, > 0.
  std::optional<std::chrono::milliseconds> px{};                           ///< Expires after so many ms, > 0.
  std::optional<std::chrono::sys_time<std::chrono::seconds>> exat{};       ///< Expires at this time.
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> pxat{};  ///< Expires at this time.
  bool nx = false;                                                         ///< Only if the key does not exist.
  bool xx = false;                                                         ///< Only if the key exists.
  bool keepttl = false;                                                    ///< Keeps the expiry that the key has.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    detail::append_expiry(builder, *this);
    if (nx) builder.arg("NX");
    if (xx) builder.arg("XX");
    if (keepttl) builder.arg("KEEPTTL");
  }
};

/// Options of LCS with positions.
struct LcsIdxOptions {
  std::optional<std::int64_t> minmatchlen{};  ///< Leaves out matches that are shorter, in bytes.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (minmatchlen) builder.arg("MINMATCHLEN").arg(*minmatchlen);
  }
};

/// A part that two values have in common, by the positions of its bytes in both, both ends inclusive.
struct LcsMatch {
  std::int64_t first_begin = 0;   ///< In the value of the first key,
  std::int64_t first_end = 0;     ///< its last byte.
  std::int64_t second_begin = 0;  ///< In the value of the second key,
  std::int64_t second_end = 0;    ///< its last byte.

  /// How many bytes it has.
  [[nodiscard]] constexpr std::int64_t length() const noexcept { return first_end - first_begin + 1; }
  friend bool operator==(const LcsMatch&, const LcsMatch&) = default;
};

/// Where two values agree: what LCS with IDX answers.
struct LcsMatches {
  std::vector<LcsMatch> matches{};  ///< From the last one to the first.
  std::int64_t length = 0;          ///< Of the whole longest common subsequence, in bytes.
  friend bool operator==(const LcsMatches&, const LcsMatches&) = default;
};

namespace detail {

/// The map of LCS with IDX.
[[nodiscard]] MERIDIAN_EXPORT Result<LcsMatches> decode_lcs_matches(ReplyView reply);

}  // namespace detail

namespace cmd {

/// The value of `key`, or nullopt if there is none.
/// https://redis.io/docs/latest/commands/get/
[[nodiscard]] inline Command<std::optional<std::string>> get(std::string_view key) {
  return {{"GET", detail::read_only, detail::Key{key}}, decode<std::optional<std::string>>};
}

/// Sets `key` to `value`. True; false when `nx` or `xx` prevented it.
/// https://redis.io/docs/latest/commands/set/
[[nodiscard]] inline Command<bool> set(std::string_view key, std::string_view value, const SetOptions& options = {}) {
  const CommandTraits traits = options.nx || options.xx ? detail::conditional : detail::overwrite;
  return {{"SET", traits, detail::Key{key}, value, options}, decode<bool>};
}

/// Sets `key` to `value` and answers what it was before, or nullopt if there was none. With `nx` (Redis 7) nullopt says
/// that the key was set, with `xx` that it was not.
/// https://redis.io/docs/latest/commands/set/
[[nodiscard]] inline Command<std::optional<std::string>> set_get(std::string_view key, std::string_view value,
                                                                 const SetOptions& options = {}) {
  return {{"SET", detail::accumulate, detail::Key{key}, value, options, "GET"}, decode<std::optional<std::string>>};
}

/// The values of `keys`, in their order; nullopt for a missing one.
/// https://redis.io/docs/latest/commands/mget/
[[nodiscard]] inline Command<std::vector<std::optional<std::string>>> mget(const StringArgs& keys) {
  return {{"MGET", detail::read_only, detail::Keys{keys}}, decode<std::vector<std::optional<std::string>>>};
}

/// Sets every key to its value, all at once: `mset({{"k", "v"}, {"l", "w"}})`.
/// https://redis.io/docs/latest/commands/mset/
[[nodiscard]] inline Command<void> mset(const PairArgs& pairs) {
  return {{"MSET", detail::overwrite, detail::KeyPairs{pairs}}, decode<void>};
}

/// Sets every key to its value, all at once, unless one of them exists: then none, and false.
/// https://redis.io/docs/latest/commands/msetnx/
[[nodiscard]] inline Command<bool> msetnx(const PairArgs& pairs) {
  return {{"MSETNX", detail::conditional, detail::KeyPairs{pairs}}, decode<bool>};
}

/// Adds 1 to the integer at `key` (0 if there is none); answers the sum.
/// https://redis.io/docs/latest/commands/incr/
[[nodiscard]] inline Command<std::int64_t> incr(std::string_view key) {
  return {{"INCR", detail::accumulate, detail::Key{key}}, decode<std::int64_t>};
}

/// Adds `increment` to the integer at `key`; answers the sum.
/// https://redis.io/docs/latest/commands/incrby/
[[nodiscard]] inline Command<std::int64_t> incrby(std::string_view key, std::int64_t increment) {
  return {{"INCRBY", detail::accumulate, detail::Key{key}, increment}, decode<std::int64_t>};
}

/// Takes 1 from the integer at `key`; answers the difference.
/// https://redis.io/docs/latest/commands/decr/
[[nodiscard]] inline Command<std::int64_t> decr(std::string_view key) {
  return {{"DECR", detail::accumulate, detail::Key{key}}, decode<std::int64_t>};
}

/// Takes `decrement` from the integer at `key`; answers the difference.
/// https://redis.io/docs/latest/commands/decrby/
[[nodiscard]] inline Command<std::int64_t> decrby(std::string_view key, std::int64_t decrement) {
  return {{"DECRBY", detail::accumulate, detail::Key{key}, decrement}, decode<std::int64_t>};
}

/// Adds `increment` to the number at `key`; answers the sum.
/// https://redis.io/docs/latest/commands/incrbyfloat/
[[nodiscard]] inline Command<double> incrbyfloat(std::string_view key, double increment) {
  return {{"INCRBYFLOAT", detail::accumulate, detail::Key{key}, increment}, decode<double>};
}

/// Appends `text` to the value of `key`; answers the length in bytes after it.
/// https://redis.io/docs/latest/commands/append/
[[nodiscard]] inline Command<std::int64_t> append(std::string_view key, std::string_view text) {
  return {{"APPEND", detail::accumulate, detail::Key{key}, text}, decode<std::int64_t>};
}

/// The length in bytes of the value of `key`, 0 if there is none.
/// https://redis.io/docs/latest/commands/strlen/
[[nodiscard]] inline Command<std::int64_t> strlen(std::string_view key) {
  return {{"STRLEN", detail::read_only, detail::Key{key}}, decode<std::int64_t>};
}

/// Sets `key` to `value`, drops its expiry, and answers what it was before, or nullopt.
/// https://redis.io/docs/latest/commands/getset/
[[nodiscard]] inline Command<std::optional<std::string>> getset(std::string_view key, std::string_view value) {
  return {{"GETSET", detail::accumulate, detail::Key{key}, value}, decode<std::optional<std::string>>};
}

/// Answers the value of `key`, or nullopt, and deletes the key.
/// https://redis.io/docs/latest/commands/getdel/
[[nodiscard]] inline Command<std::optional<std::string>> getdel(std::string_view key) {
  return {{"GETDEL", detail::accumulate, detail::Key{key}}, decode<std::optional<std::string>>};
}

/// Answers the value of `key`, or nullopt, and changes its expiry: `getex("session", {.ex = 30min})`. A plain read is
/// `get`.
/// https://redis.io/docs/latest/commands/getex/
[[nodiscard]] inline Command<std::optional<std::string>> getex(std::string_view key, const GetExOptions& options) {
  const CommandTraits traits = detail::changes_nothing(options) ? detail::read_only : detail::overwrite;
  return {{"GETEX", traits, detail::Key{key}, options}, decode<std::optional<std::string>>};
}

/// Overwrites the value of `key` from byte `offset` on, padding with zeros; answers the length after it.
/// https://redis.io/docs/latest/commands/setrange/
[[nodiscard]] inline Command<std::int64_t> setrange(std::string_view key, std::int64_t offset, std::string_view text) {
  return {{"SETRANGE", detail::overwrite, detail::Key{key}, offset, text}, decode<std::int64_t>};
}

/// Bytes `first` … `last` of the value of `key`, both inclusive, negative ones counted from the end; empty if there
/// are none.
/// https://redis.io/docs/latest/commands/getrange/
[[nodiscard]] inline Command<std::string> getrange(std::string_view key, std::int64_t first, std::int64_t last) {
  return {{"GETRANGE", detail::read_only, detail::Key{key}, first, last}, decode<std::string>};
}

/// The longest common subsequence of two values: bytes that are in both in the same order. A missing key counts as an
/// empty value. Takes time and memory of length × length at the server. Redis 7.0.
/// https://redis.io/docs/latest/commands/lcs/
[[nodiscard]] inline Command<std::string> lcs(std::string_view first_key, std::string_view second_key) {
  return {{"LCS", detail::read_only, detail::Key{first_key}, detail::Key{second_key}}, decode<std::string>};
}

/// How long in bytes the longest common subsequence of two values is. Redis 7.0.
/// https://redis.io/docs/latest/commands/lcs/
[[nodiscard]] inline Command<std::int64_t> lcs_len(std::string_view first_key, std::string_view second_key) {
  return {{"LCS", detail::read_only, detail::Key{first_key}, detail::Key{second_key}, "LEN"}, decode<std::int64_t>};
}

/// Where the longest common subsequence of two values is in each of them. Redis 7.0.
/// https://redis.io/docs/latest/commands/lcs/
[[nodiscard]] inline Command<LcsMatches> lcs_idx(std::string_view first_key, std::string_view second_key,
                                                 const LcsIdxOptions& options = {}) {
  return {{"LCS", detail::read_only, detail::Key{first_key}, detail::Key{second_key}, "IDX", options},
          detail::decode_lcs_matches};
}

}  // namespace cmd

/// The string commands as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class StringCommands {
 public:
  auto get(std::string_view key) { return self().run(cmd::get(key)); }
  auto set(std::string_view key, std::string_view value, const SetOptions& options = {}) {
    return self().run(cmd::set(key, value, options));
  }
  auto set_get(std::string_view key, std::string_view value, const SetOptions& options = {}) {
    return self().run(cmd::set_get(key, value, options));
  }
  auto mget(const StringArgs& keys) { return self().run(cmd::mget(keys)); }
  auto mset(const PairArgs& pairs) { return self().run(cmd::mset(pairs)); }
  auto msetnx(const PairArgs& pairs) { return self().run(cmd::msetnx(pairs)); }
  auto incr(std::string_view key) { return self().run(cmd::incr(key)); }
  auto incrby(std::string_view key, std::int64_t increment) { return self().run(cmd::incrby(key, increment)); }
  auto decr(std::string_view key) { return self().run(cmd::decr(key)); }
  auto decrby(std::string_view key, std::int64_t decrement) { return self().run(cmd::decrby(key, decrement)); }
  auto incrbyfloat(std::string_view key, double increment) { return self().run(cmd::incrbyfloat(key, increment)); }
  auto append(std::string_view key, std::string_view text) { return self().run(cmd::append(key, text)); }
  auto strlen(std::string_view key) { return self().run(cmd::strlen(key)); }
  auto getset(std::string_view key, std::string_view value) { return self().run(cmd::getset(key, value)); }
  auto getdel(std::string_view key) { return self().run(cmd::getdel(key)); }
  auto getex(std::string_view key, const GetExOptions& options) { return self().run(cmd::getex(key, options)); }
  auto setrange(std::string_view key, std::int64_t offset, std::string_view text) {
    return self().run(cmd::setrange(key, offset, text));
  }
  auto getrange(std::string_view key, std::int64_t first, std::int64_t last) {
    return self().run(cmd::getrange(key, first, last));
  }
  auto lcs(std::string_view first_key, std::string_view second_key) {
    return self().run(cmd::lcs(first_key, second_key));
  }
  auto lcs_len(std::string_view first_key, std::string_view second_key) {
    return self().run(cmd::lcs_len(first_key, second_key));
  }
  auto lcs_idx(std::string_view first_key, std::string_view second_key, const LcsIdxOptions& options = {}) {
    return self().run(cmd::lcs_idx(first_key, second_key, options));
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
