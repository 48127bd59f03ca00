/// \file
/// Commands on hashes. The builders are in `meridian::cmd`; `HashCommands` has the same as methods.
///
/// HMSET has no builder: `hset` does what it does.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/commands/expiry.hpp>
#include <meridian/commands/scan_page.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// What HEXPIRE and its kin did to one field.
enum class FieldExpiry {
  no_field,  ///< There is no such field, or no such key.
  not_met,   ///< The condition was not met.
  set,       ///< It has the expiry now.
  deleted,   ///< It is gone, because the time is over already.
};

/// What HPERSIST did to one field.
enum class FieldPersist {
  no_field,   ///< There is no such field, or no such key.
  no_expiry,  ///< It had no expiry.
  persisted,  ///< It has none any more.
};

/// Options of HSETEX: `hsetex("session", {{"token", "t"}}, {.ex = 30min})`. The server refuses contradictions.
struct HSetExOptions {
  std::optional<std::chrono::seconds> ex{};                                ///< Expire after so many seconds, > 0.
  std::optional<std::chrono::milliseconds> px{};                           ///< Expire after so many ms, > 0.
  std::optional<std::chrono::sys_time<std::chrono::seconds>> exat{};       ///< Expire at this time.
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> pxat{};  ///< Expire at this time.
  bool fnx = false;                                                        ///< Only if none of the fields exists.
  bool fxx = false;                                                        ///< Only if all of the fields exist.
  bool keepttl = false;                                                    ///< Keeps the expiries that they have.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (fnx) builder.arg("FNX");
    if (fxx) builder.arg("FXX");
    detail::append_expiry(builder, *this);
    if (keepttl) builder.arg("KEEPTTL");
  }
};

namespace detail {

/// FIELDS, their number and their names.
struct CountedFields {
  const StringArgs& names;
  void append_to(RequestBuilder& builder) const {
    builder.arg("FIELDS").arg(names.size());
    names.append_to(builder);
  }
};
/// FIELDS, their number, and their names with values.
struct CountedFieldPairs {
  const PairArgs& pairs;
  void append_to(RequestBuilder& builder) const {
    builder.arg("FIELDS").arg(pairs.size());
    pairs.append_to(builder);
  }
};

/// An array of −2, 0, 1 and 2.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<FieldExpiry>> decode_field_expiries(ReplyView reply);
/// An array of −2, −1 and 1.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<FieldPersist>> decode_field_persists(ReplyView reply);
/// Arrays of what TTL, PTTL, EXPIRETIME and PEXPIRETIME answer.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<TimeToLive>> decode_ttls_seconds(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<TimeToLive>> decode_ttls_milliseconds(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<ExpireTime>> decode_expiretimes_seconds(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<ExpireTime>> decode_expiretimes_milliseconds(ReplyView reply);

}  // namespace detail

namespace cmd {

/// Sets fields of the hash at `key`: `hset("user:1", {{"name", "Ada"}})`; answers how many of them are new.
/// https://redis.io/docs/latest/commands/hset/
[[nodiscard]] inline Command<std::int64_t> hset(std::string_view key, const PairArgs& fields) {
  return {{"HSET", detail::overwrite, detail::Key{key}, fields}, decode<std::int64_t>};
}

/// Sets one field, unless it is there already: then false.
/// https://redis.io/docs/latest/commands/hsetnx/
[[nodiscard]] inline Command<bool> hsetnx(std::string_view key, std::string_view field, std::string_view value) {
  return {{"HSETNX", detail::conditional, detail::Key{key}, field, value}, decode<bool>};
}

/// The value of one field, or nullopt.
/// https://redis.io/docs/latest/commands/hget/
[[nodiscard]] inline Command<std::optional<std::string>> hget(std::string_view key, std::string_view field) {
  return {{"HGET", detail::read_only, detail::Key{key}, field}, decode<std::optional<std::string>>};
}

/// The values of fields, in their order; nullopt for a missing one.
/// https://redis.io/docs/latest/commands/hmget/
[[nodiscard]] inline Command<std::vector<std::optional<std::string>>> hmget(std::string_view key,
                                                                            const StringArgs& fields) {
  return {{"HMGET", detail::read_only, detail::Key{key}, fields}, decode<std::vector<std::optional<std::string>>>};
}

/// All fields and values; empty if there is no such key.
/// https://redis.io/docs/latest/commands/hgetall/
[[nodiscard]] inline Command<std::unordered_map<std::string, std::string>> hgetall(std::string_view key) {
  return {{"HGETALL", detail::read_only, detail::Key{key}}, decode<std::unordered_map<std::string, std::string>>};
}

/// Deletes fields; answers how many there were.
/// https://redis.io/docs/latest/commands/hdel/
[[nodiscard]] inline Command<std::int64_t> hdel(std::string_view key, const StringArgs& fields) {
  return {{"HDEL", detail::overwrite, detail::Key{key}, fields}, decode<std::int64_t>};
}

/// Whether the hash has the field.
/// https://redis.io/docs/latest/commands/hexists/
[[nodiscard]] inline Command<bool> hexists(std::string_view key, std::string_view field) {
  return {{"HEXISTS", detail::read_only, detail::Key{key}, field}, decode<bool>};
}

/// Adds `increment` to the integer in a field (0 if there is none); answers the sum.
/// https://redis.io/docs/latest/commands/hincrby/
[[nodiscard]] inline Command<std::int64_t> hincrby(std::string_view key, std::string_view field,
                                                   std::int64_t increment) {
  return {{"HINCRBY", detail::accumulate, detail::Key{key}, field, increment}, decode<std::int64_t>};
}

/// Adds `increment` to the number in a field (0 if there is none); answers the sum.
/// https://redis.io/docs/latest/commands/hincrbyfloat/
[[nodiscard]] inline Command<double> hincrbyfloat(std::string_view key, std::string_view field, double increment) {
  return {{"HINCRBYFLOAT", detail::accumulate, detail::Key{key}, field, increment}, decode<double>};
}

/// All fields, in no order.
/// https://redis.io/docs/latest/commands/hkeys/
[[nodiscard]] inline Command<std::vector<std::string>> hkeys(std::string_view key) {
  return {{"HKEYS", detail::read_only, detail::Key{key}}, decode<std::vector<std::string>>};
}

/// All values, in no order.
/// https://redis.io/docs/latest/commands/hvals/
[[nodiscard]] inline Command<std::vector<std::string>> hvals(std::string_view key) {
  return {{"HVALS", detail::read_only, detail::Key{key}}, decode<std::vector<std::string>>};
}

/// How many fields there are, 0 if there is no such key.
/// https://redis.io/docs/latest/commands/hlen/
[[nodiscard]] inline Command<std::int64_t> hlen(std::string_view key) {
  return {{"HLEN", detail::read_only, detail::Key{key}}, decode<std::int64_t>};
}

/// How long in bytes the value of a field is, 0 if there is none.
/// https://redis.io/docs/latest/commands/hstrlen/
[[nodiscard]] inline Command<std::int64_t> hstrlen(std::string_view key, std::string_view field) {
  return {{"HSTRLEN", detail::read_only, detail::Key{key}, field}, decode<std::int64_t>};
}

/// Any field, or nullopt if there is no such key.
/// https://redis.io/docs/latest/commands/hrandfield/
[[nodiscard]] inline Command<std::optional<std::string>> hrandfield(std::string_view key) {
  return {{"HRANDFIELD", detail::read_only, detail::Key{key}}, decode<std::optional<std::string>>};
}

/// Any `count` fields, or all if there are fewer. If `count` is negative, exactly −`count`, some perhaps more than
/// once. https://redis.io/docs/latest/commands/hrandfield/
[[nodiscard]] inline Command<std::vector<std::string>> hrandfield_many(std::string_view key, std::int64_t count) {
  return {{"HRANDFIELD", detail::read_only, detail::Key{key}, count}, decode<std::vector<std::string>>};
}

/// `hrandfield_many` with the values of the fields.
/// https://redis.io/docs/latest/commands/hrandfield/
[[nodiscard]] inline Command<std::vector<std::pair<std::string, std::string>>> hrandfield_with_values(
    std::string_view key, std::int64_t count) {
  return {{"HRANDFIELD", detail::read_only, detail::Key{key}, count, "WITHVALUES"},
          decode<std::vector<std::pair<std::string, std::string>>>};
}

/// One page of the fields and values, from `cursor` on, the first one being 0.
/// https://redis.io/docs/latest/commands/hscan/
[[nodiscard]] inline Command<ScanPage<std::pair<std::string, std::string>>> hscan(std::string_view key,
                                                                                  std::uint64_t cursor,
                                                                                  const ScanOptions& options = {}) {
  return {{"HSCAN", detail::read_only, detail::Key{key}, cursor, options}, detail::decode_scan_page_of_pairs};
}

/// One page of the fields alone. Redis 7.4.
/// https://redis.io/docs/latest/commands/hscan/
[[nodiscard]] inline Command<ScanPage<std::string>> hscan_novalues(std::string_view key, std::uint64_t cursor,
                                                                   const ScanOptions& options = {}) {
  return {{"HSCAN", detail::read_only, detail::Key{key}, cursor, options, "NOVALUES"}, detail::decode_scan_page};
}

/// Sets when fields go away; at once for 0. Answers for each of them, in their order, what was done. Redis 7.4.
/// https://redis.io/docs/latest/commands/hexpire/
[[nodiscard]] inline Command<std::vector<FieldExpiry>> hexpire(std::string_view key, std::chrono::seconds after,
                                                               const StringArgs& fields,
                                                               const ExpireOptions& options = {}) {
  return {
      {"HEXPIRE", {detail::grade_of(options)}, detail::Key{key}, after.count(), options, detail::CountedFields{fields}},
      detail::decode_field_expiries};
}

/// The same to the millisecond. Redis 7.4.
/// https://redis.io/docs/latest/commands/hpexpire/
[[nodiscard]] inline Command<std::vector<FieldExpiry>> hpexpire(std::string_view key, std::chrono::milliseconds after,
                                                                const StringArgs& fields,
                                                                const ExpireOptions& options = {}) {
  return {{"HPEXPIRE",
           {detail::grade_of(options)},
           detail::Key{key},
           after.count(),
           options,
           detail::CountedFields{fields}},
          detail::decode_field_expiries};
}

/// Sets at which time of the server's wall clock fields go away; at once if it is over. Answers for each of them what
/// was done. Redis 7.4. https://redis.io/docs/latest/commands/hexpireat/
[[nodiscard]] inline Command<std::vector<FieldExpiry>> hexpireat(std::string_view key,
                                                                 std::chrono::sys_time<std::chrono::seconds> at,
                                                                 const StringArgs& fields,
                                                                 const ExpireOptions& options = {}) {
  return {{"HEXPIREAT",
           {detail::grade_of(options)},
           detail::Key{key},
           at.time_since_epoch().count(),
           options,
           detail::CountedFields{fields}},
          detail::decode_field_expiries};
}

/// The same to the millisecond. Redis 7.4.
/// https://redis.io/docs/latest/commands/hpexpireat/
[[nodiscard]] inline Command<std::vector<FieldExpiry>> hpexpireat(std::string_view key,
                                                                  std::chrono::sys_time<std::chrono::milliseconds> at,
                                                                  const StringArgs& fields,
                                                                  const ExpireOptions& options = {}) {
  return {{"HPEXPIREAT",
           {detail::grade_of(options)},
           detail::Key{key},
           at.time_since_epoch().count(),
           options,
           detail::CountedFields{fields}},
          detail::decode_field_expiries};
}

/// How long fields have to live, rounded to seconds; `no_key` where there is no such field. Redis 7.4.
/// https://redis.io/docs/latest/commands/httl/
[[nodiscard]] inline Command<std::vector<TimeToLive>> httl(std::string_view key, const StringArgs& fields) {
  return {{"HTTL", detail::read_only, detail::Key{key}, detail::CountedFields{fields}}, detail::decode_ttls_seconds};
}

/// How long fields have to live, in milliseconds; `no_key` where there is no such field. Redis 7.4.
/// https://redis.io/docs/latest/commands/hpttl/
[[nodiscard]] inline Command<std::vector<TimeToLive>> hpttl(std::string_view key, const StringArgs& fields) {
  return {{"HPTTL", detail::read_only, detail::Key{key}, detail::CountedFields{fields}},
          detail::decode_ttls_milliseconds};
}

/// At which time of the server's wall clock fields go away, in whole seconds; `no_key` where there is no such field.
/// Redis 7.4.
/// https://redis.io/docs/latest/commands/hexpiretime/
[[nodiscard]] inline Command<std::vector<ExpireTime>> hexpiretime(std::string_view key, const StringArgs& fields) {
  return {{"HEXPIRETIME", detail::read_only, detail::Key{key}, detail::CountedFields{fields}},
          detail::decode_expiretimes_seconds};
}

/// At which time of the server's wall clock fields go away, in milliseconds; `no_key` where there is no such field.
/// Redis 7.4.
/// https://redis.io/docs/latest/commands/hpexpiretime/
[[nodiscard]] inline Command<std::vector<ExpireTime>> hpexpiretime(std::string_view key, const StringArgs& fields) {
  return {{"HPEXPIRETIME", detail::read_only, detail::Key{key}, detail::CountedFields{fields}},
          detail::decode_expiretimes_milliseconds};
}

/// Takes the expiry of fields away. Answers for each of them, in their order, what was done. Redis 7.4.
/// https://redis.io/docs/latest/commands/hpersist/
[[nodiscard]] inline Command<std::vector<FieldPersist>> hpersist(std::string_view key, const StringArgs& fields) {
  return {{"HPERSIST", detail::overwrite, detail::Key{key}, detail::CountedFields{fields}},
          detail::decode_field_persists};
}

/// Answers the values of fields, in their order, nullopt for a missing one, and deletes the fields. Redis 8.0.
/// https://redis.io/docs/latest/commands/hgetdel/
[[nodiscard]] inline Command<std::vector<std::optional<std::string>>> hgetdel(std::string_view key,
                                                                              const StringArgs& fields) {
  return {{"HGETDEL", detail::accumulate, detail::Key{key}, detail::CountedFields{fields}},
          decode<std::vector<std::optional<std::string>>>};
}

/// Answers the values of fields, in their order, nullopt for a missing one, and changes their expiry. A plain read is
/// `hmget`. Redis 8.0.
/// https://redis.io/docs/latest/commands/hgetex/
[[nodiscard]] inline Command<std::vector<std::optional<std::string>>> hgetex(std::string_view key,
                                                                             const StringArgs& fields,
                                                                             const GetExOptions& options) {
  const CommandTraits traits = detail::changes_nothing(options) ? detail::read_only : detail::overwrite;
  return {{"HGETEX", traits, detail::Key{key}, options, detail::CountedFields{fields}},
          decode<std::vector<std::optional<std::string>>>};
}

/// Sets fields and their expiry, all at once. True; false when `fnx` or `fxx` prevented it: then none is set.
/// Redis 8.0. https://redis.io/docs/latest/commands/hsetex/
[[nodiscard]] inline Command<bool> hsetex(std::string_view key, const PairArgs& fields,
                                          const HSetExOptions& options = {}) {
  const CommandTraits traits = options.fnx || options.fxx ? detail::conditional : detail::overwrite;
  return {{"HSETEX", traits, detail::Key{key}, options, detail::CountedFieldPairs{fields}}, decode<bool>};
}

}  // namespace cmd

/// The hash commands as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class HashCommands {
 public:
  auto hset(std::string_view key, const PairArgs& fields) { return self().run(cmd::hset(key, fields)); }
  auto hsetnx(std::string_view key, std::string_view field, std::string_view value) {
    return self().run(cmd::hsetnx(key, field, value));
  }
  auto hget(std::string_view key, std::string_view field) { return self().run(cmd::hget(key, field)); }
  auto hmget(std::string_view key, const StringArgs& fields) { return self().run(cmd::hmget(key, fields)); }
  auto hgetall(std::string_view key) { return self().run(cmd::hgetall(key)); }
  auto hdel(std::string_view key, const StringArgs& fields) { return self().run(cmd::hdel(key, fields)); }
  auto hexists(std::string_view key, std::string_view field) { return self().run(cmd::hexists(key, field)); }
  auto hincrby(std::string_view key, std::string_view field, std::int64_t increment) {
    return self().run(cmd::hincrby(key, field, increment));
  }
  auto hincrbyfloat(std::string_view key, std::string_view field, double increment) {
    return self().run(cmd::hincrbyfloat(key, field, increment));
  }
  auto hkeys(std::string_view key) { return self().run(cmd::hkeys(key)); }
  auto hvals(std::string_view key) { return self().run(cmd::hvals(key)); }
  auto hlen(std::string_view key) { return self().run(cmd::hlen(key)); }
  auto hstrlen(std::string_view key, std::string_view field) { return self().run(cmd::hstrlen(key, field)); }
  auto hrandfield(std::string_view key) { return self().run(cmd::hrandfield(key)); }
  auto hrandfield_many(std::string_view key, std::int64_t count) {
    return self().run(cmd::hrandfield_many(key, count));
  }
  auto hrandfield_with_values(std::string_view key, std::int64_t count) {
    return self().run(cmd::hrandfield_with_values(key, count));
  }
  auto hscan(std::string_view key, std::uint64_t cursor, const ScanOptions& options = {}) {
    return self().run(cmd::hscan(key, cursor, options));
  }
  auto hscan_novalues(std::string_view key, std::uint64_t cursor, const ScanOptions& options = {}) {
    return self().run(cmd::hscan_novalues(key, cursor, options));
  }
  auto hexpire(std::string_view key, std::chrono::seconds after, const StringArgs& fields,
               const ExpireOptions& options = {}) {
    return self().run(cmd::hexpire(key, after, fields, options));
  }
  auto hpexpire(std::string_view key, std::chrono::milliseconds after, const StringArgs& fields,
                const ExpireOptions& options = {}) {
    return self().run(cmd::hpexpire(key, after, fields, options));
  }
  auto hexpireat(std::string_view key, std::chrono::sys_time<std::chrono::seconds> at, const StringArgs& fields,
                 const ExpireOptions& options = {}) {
    return self().run(cmd::hexpireat(key, at, fields, options));
  }
  auto hpexpireat(std::string_view key, std::chrono::sys_time<std::chrono::milliseconds> at, const StringArgs& fields,
                  const ExpireOptions& options = {}) {
    return self().run(cmd::hpexpireat(key, at, fields, options));
  }
  auto httl(std::string_view key, const StringArgs& fields) { return self().run(cmd::httl(key, fields)); }
  auto hpttl(std::string_view key, const StringArgs& fields) { return self().run(cmd::hpttl(key, fields)); }
  auto hexpiretime(std::string_view key, const StringArgs& fields) { return self().run(cmd::hexpiretime(key, fields)); }
  auto hpexpiretime(std::string_view key, const StringArgs& fields) {
    return self().run(cmd::hpexpiretime(key, fields));
  }
  auto hpersist(std::string_view key, const StringArgs& fields) { return self().run(cmd::hpersist(key, fields)); }
  auto hgetdel(std::string_view key, const StringArgs& fields) { return self().run(cmd::hgetdel(key, fields)); }
  auto hgetex(std::string_view key, const StringArgs& fields, const GetExOptions& options) {
    return self().run(cmd::hgetex(key, fields, options));
  }
  auto hsetex(std::string_view key, const PairArgs& fields, const HSetExOptions& options = {}) {
    return self().run(cmd::hsetex(key, fields, options));
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
