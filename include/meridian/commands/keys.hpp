/// \file
/// Commands on keys of any type. The builders are in `meridian::cmd`; `KeyCommands` has the same as methods.
///
/// MIGRATE has no builder, because it moves keys behind the client's back; WAIT and WAITAOF have none, because they ask
/// about the connection that they run on.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/commands/expiry.hpp>
#include <meridian/commands/scan_page.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// Options of COPY.
struct CopyOptions {
  std::optional<std::int64_t> db{};  ///< Into this database of the server.
  bool replace = false;              ///< Replaces what is there.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (db) builder.arg("DB").arg(*db);
    if (replace) builder.arg("REPLACE");
  }
};

/// Options of RESTORE.
struct RestoreOptions {
  std::optional<std::chrono::milliseconds> ttl{};  ///< Goes away after so many milliseconds; if not given, never.
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> absttl{};  ///< Goes away then; counts before `ttl`.
  bool replace = false;                                                      ///< Replaces what is there.
  std::optional<std::chrono::seconds> idletime{};  ///< Counts as unused for so long, for eviction by last use.
  std::optional<std::int64_t> freq{};              ///< 0 … 255, for eviction by frequency of use.

  /// Adds them to a command, behind the value.
  void append_to(RequestBuilder& builder) const {
    if (replace) builder.arg("REPLACE");
    if (absttl) builder.arg("ABSTTL");
    if (idletime) builder.arg("IDLETIME").arg(idletime->count());
    if (freq) builder.arg("FREQ").arg(*freq);
  }
};

/// A part of what is sorted: `count` elements after the first `offset`. A negative count is all that follow.
struct SortLimit {
  std::int64_t offset = 0;
  std::int64_t count = -1;
};

/// Options of SORT. Patterns name other keys, `*` standing for the element: "weight_*", "user_*->age". Looks only.
struct SortOptions {
  std::optional<std::string_view> by{};  ///< Sorts by the values of these keys; a pattern without `*`: not at all.
  std::optional<SortLimit> limit{};      ///< Only a part.
  std::vector<std::string_view> get{};   ///< Answers these values for each element; "#" is the element itself.
  bool desc = false;                     ///< From the greatest to the least.
  bool alpha = false;                    ///< As texts; otherwise as numbers.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (by) builder.arg("BY").arg(*by);
    if (limit) builder.arg("LIMIT").arg(limit->offset).arg(limit->count);
    for (const std::string_view pattern : get) builder.arg("GET").arg(pattern);
    if (desc) builder.arg("DESC");
    if (alpha) builder.arg("ALPHA");
  }
};

namespace detail {

/// The integer of OBJECT IDLETIME; null is nullopt.
[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<std::chrono::seconds>> decode_idle_time(ReplyView reply);

}  // namespace detail

namespace cmd {

/// Deletes keys; answers how many there were.
/// https://redis.io/docs/latest/commands/del/
[[nodiscard]] inline Command<std::int64_t> del(const StringArgs& keys) {
  return {{"DEL", detail::overwrite, detail::Keys{keys}}, decode<std::int64_t>};
}

/// Deletes keys, their memory being freed in the background; answers how many there were.
/// https://redis.io/docs/latest/commands/unlink/
[[nodiscard]] inline Command<std::int64_t> unlink(const StringArgs& keys) {
  return {{"UNLINK", detail::overwrite, detail::Keys{keys}}, decode<std::int64_t>};
}

/// How many of the keys exist; one that is named twice counts twice.
/// https://redis.io/docs/latest/commands/exists/
[[nodiscard]] inline Command<std::int64_t> exists(const StringArgs& keys) {
  return {{"EXISTS", detail::read_only, detail::Keys{keys}}, decode<std::int64_t>};
}

/// Sets when `key` goes away; at once for 0 and less. False if there is no such key or a condition prevented it.
/// Conditions: Redis 7.0.
/// https://redis.io/docs/latest/commands/expire/
[[nodiscard]] inline Command<bool> expire(std::string_view key, std::chrono::seconds after,
                                          const ExpireOptions& options = {}) {
  return {{"EXPIRE", {detail::grade_of(options)}, detail::Key{key}, after.count(), options}, decode<bool>};
}

/// Sets when `key` goes away; at once for 0 and less. False if there is no such key or a condition prevented it.
/// Conditions: Redis 7.0.
/// https://redis.io/docs/latest/commands/pexpire/
[[nodiscard]] inline Command<bool> pexpire(std::string_view key, std::chrono::milliseconds after,
                                           const ExpireOptions& options = {}) {
  return {{"PEXPIRE", {detail::grade_of(options)}, detail::Key{key}, after.count(), options}, decode<bool>};
}

/// Sets at which time of the server's wall clock `key` goes away; at once if it is over. False if there is no such key
/// or a condition prevented it. Conditions: Redis 7.0.
/// https://redis.io/docs/latest/commands/expireat/
[[nodiscard]] inline Command<bool> expireat(std::string_view key, std::chrono::sys_time<std::chrono::seconds> at,
                                            const ExpireOptions& options = {}) {
  return {{"EXPIREAT", {detail::grade_of(options)}, detail::Key{key}, at.time_since_epoch().count(), options},
          decode<bool>};
}

/// The same to the millisecond.
/// https://redis.io/docs/latest/commands/pexpireat/
[[nodiscard]] inline Command<bool> pexpireat(std::string_view key, std::chrono::sys_time<std::chrono::milliseconds> at,
                                             const ExpireOptions& options = {}) {
  return {{"PEXPIREAT", {detail::grade_of(options)}, detail::Key{key}, at.time_since_epoch().count(), options},
          decode<bool>};
}

/// At which time of the server's wall clock `key` goes away, in whole seconds. Redis 7.0.
/// https://redis.io/docs/latest/commands/expiretime/
[[nodiscard]] inline Command<ExpireTime> expiretime(std::string_view key) {
  return {{"EXPIRETIME", detail::read_only, detail::Key{key}}, detail::decode_expiretime_seconds};
}

/// At which time of the server's wall clock `key` goes away, in milliseconds. Redis 7.0.
/// https://redis.io/docs/latest/commands/pexpiretime/
[[nodiscard]] inline Command<ExpireTime> pexpiretime(std::string_view key) {
  return {{"PEXPIRETIME", detail::read_only, detail::Key{key}}, detail::decode_expiretime_milliseconds};
}

/// Takes the expiry of `key` away. False if it had none or there is no such key.
/// https://redis.io/docs/latest/commands/persist/
[[nodiscard]] inline Command<bool> persist(std::string_view key) {
  return {{"PERSIST", detail::overwrite, detail::Key{key}}, decode<bool>};
}

/// How long `key` has to live, rounded to seconds.
/// https://redis.io/docs/latest/commands/ttl/
[[nodiscard]] inline Command<TimeToLive> ttl(std::string_view key) {
  return {{"TTL", detail::read_only, detail::Key{key}}, detail::decode_ttl_seconds};
}

/// How long `key` has to live, in milliseconds.
/// https://redis.io/docs/latest/commands/pttl/
[[nodiscard]] inline Command<TimeToLive> pttl(std::string_view key) {
  return {{"PTTL", detail::read_only, detail::Key{key}}, detail::decode_ttl_milliseconds};
}

/// The type of `key`: "string", "list", "set", "zset", "hash", "stream", the name of a module's type, or "none".
/// https://redis.io/docs/latest/commands/type/
[[nodiscard]] inline Command<std::string> type(std::string_view key) {
  return {{"TYPE", detail::read_only, detail::Key{key}}, decode<std::string>};
}

/// Gives `key` another name and replaces what had it. An error if there is no such key.
/// https://redis.io/docs/latest/commands/rename/
[[nodiscard]] inline Command<void> rename(std::string_view key, std::string_view new_key) {
  return {{"RENAME", detail::accumulate, detail::Key{key}, detail::Key{new_key}}, decode<void>};
}

/// Gives `key` another name, unless there is a key of that name: then false. An error if there is no such key.
/// https://redis.io/docs/latest/commands/renamenx/
[[nodiscard]] inline Command<bool> renamenx(std::string_view key, std::string_view new_key) {
  return {{"RENAMENX", detail::conditional, detail::Key{key}, detail::Key{new_key}}, decode<bool>};
}

/// Copies `source` with its expiry. False if there is no such key, or something is at `destination` and `replace` is
/// not set. https://redis.io/docs/latest/commands/copy/
[[nodiscard]] inline Command<bool> copy(std::string_view source, std::string_view destination,
                                        const CopyOptions& options = {}) {
  const CommandTraits traits = options.replace ? detail::overwrite : detail::conditional;
  return {{"COPY", traits, detail::Key{source}, detail::Key{destination}, options}, decode<bool>};
}

/// Moves `key` to another database of the server. False if there is no such key here, or one there already.
/// https://redis.io/docs/latest/commands/move/
[[nodiscard]] inline Command<bool> move(std::string_view key, std::int64_t db) {
  return {{"MOVE", detail::conditional, detail::Key{key}, db}, decode<bool>};
}

/// The value of `key` in the server's own form, for `restore`; nullopt if there is none. Without its expiry.
/// https://redis.io/docs/latest/commands/dump/
[[nodiscard]] inline Command<std::optional<std::string>> dump(std::string_view key) {
  return {{"DUMP", detail::read_only, detail::Key{key}}, decode<std::optional<std::string>>};
}

/// Creates `key` from what `dump` answered: `restore("k", dumped, {.ttl = 60s})`. An error (BUSYKEY) if there is one
/// already and `replace` is not set, or if the server does not understand this form.
/// https://redis.io/docs/latest/commands/restore/
[[nodiscard]] inline Command<void> restore(std::string_view key, std::string_view dumped,
                                           const RestoreOptions& options = {}) {
  const CommandTraits traits = options.replace ? detail::overwrite : detail::conditional;
  const std::chrono::milliseconds expiry =
      options.absttl ? options.absttl->time_since_epoch() : options.ttl.value_or(std::chrono::milliseconds(0));
  return {{"RESTORE", traits, detail::Key{key}, expiry.count(), dumped, options}, decode<void>};
}

/// Any key, or nullopt if there are none.
/// https://redis.io/docs/latest/commands/randomkey/
[[nodiscard]] inline Command<std::optional<std::string>> randomkey() {
  return {{"RANDOMKEY", detail::read_only}, decode<std::optional<std::string>>};
}

/// Counts as a use of the keys for eviction; answers how many of them exist.
/// https://redis.io/docs/latest/commands/touch/
[[nodiscard]] inline Command<std::int64_t> touch(const StringArgs& keys) {
  return {{"TOUCH", detail::read_only, detail::Keys{keys}}, decode<std::int64_t>};
}

/// How the server stores the value of `key`, such as "listpack"; nullopt if there is none.
/// https://redis.io/docs/latest/commands/object-encoding/
[[nodiscard]] inline Command<std::optional<std::string>> object_encoding(std::string_view key) {
  return {{"OBJECT ENCODING", detail::read_only, detail::Key{key}}, decode<std::optional<std::string>>};
}

/// How often `key` is used, on the server's logarithmic scale; nullopt if there is none. An error unless the server
/// evicts by frequency of use.
/// https://redis.io/docs/latest/commands/object-freq/
[[nodiscard]] inline Command<std::optional<std::int64_t>> object_freq(std::string_view key) {
  return {{"OBJECT FREQ", detail::read_only, detail::Key{key}}, decode<std::optional<std::int64_t>>};
}

/// For how long `key` has not been used; nullopt if there is none. An error if the server evicts by frequency of use.
/// https://redis.io/docs/latest/commands/object-idletime/
[[nodiscard]] inline Command<std::optional<std::chrono::seconds>> object_idletime(std::string_view key) {
  return {{"OBJECT IDLETIME", detail::read_only, detail::Key{key}}, detail::decode_idle_time};
}

/// How many references the server holds to the value of `key`; nullopt if there is none.
/// https://redis.io/docs/latest/commands/object-refcount/
[[nodiscard]] inline Command<std::optional<std::int64_t>> object_refcount(std::string_view key) {
  return {{"OBJECT REFCOUNT", detail::read_only, detail::Key{key}}, decode<std::optional<std::int64_t>>};
}

/// The elements of the list, set or sorted set at `key` in order: `sort("l", {.get = {"#", "name_*"}, .desc = true})`.
/// Nullopt where a key that `get` names is missing. With several patterns in `get`, as many values for each element.
/// https://redis.io/docs/latest/commands/sort/
[[nodiscard]] inline Command<std::vector<std::optional<std::string>>> sort(std::string_view key,
                                                                           const SortOptions& options = {}) {
  return {{"SORT", detail::read_only, detail::Key{key}, options}, decode<std::vector<std::optional<std::string>>>};
}

/// `sort` that a replica answers, too. Redis 7.0.
/// https://redis.io/docs/latest/commands/sort_ro/
[[nodiscard]] inline Command<std::vector<std::optional<std::string>>> sort_ro(std::string_view key,
                                                                              const SortOptions& options = {}) {
  return {{"SORT_RO", detail::read_only, detail::Key{key}, options}, decode<std::vector<std::optional<std::string>>>};
}

/// `sort` that stores its result as a list, a missing value as an empty element; answers its length.
/// https://redis.io/docs/latest/commands/sort/
[[nodiscard]] inline Command<std::int64_t> sort_store(std::string_view key, std::string_view destination,
                                                      const SortOptions& options = {}) {
  const CommandTraits traits = key == destination ? detail::accumulate : detail::overwrite;
  return {{"SORT", traits, detail::Key{key}, options, "STORE", detail::Destination{destination}}, decode<std::int64_t>};
}

/// One page of all keys, from `cursor` on, the first one being 0.
/// https://redis.io/docs/latest/commands/scan/
[[nodiscard]] inline Command<ScanPage<std::string>> scan(std::uint64_t cursor, const ScanOptions& options = {}) {
  return {{"SCAN", detail::read_only, cursor, options}, detail::decode_scan_page};
}

/// All keys that match `pattern`, such as "user:*". The server does nothing else meanwhile: prefer `scan`.
/// https://redis.io/docs/latest/commands/keys/
[[nodiscard]] inline Command<std::vector<std::string>> keys(std::string_view pattern) {
  return {{"KEYS", detail::read_only, pattern}, decode<std::vector<std::string>>};
}

}  // namespace cmd

/// The key commands as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class KeyCommands {
 public:
  auto del(const StringArgs& keys) { return self().run(cmd::del(keys)); }
  auto unlink(const StringArgs& keys) { return self().run(cmd::unlink(keys)); }
  auto exists(const StringArgs& keys) { return self().run(cmd::exists(keys)); }
  auto expire(std::string_view key, std::chrono::seconds after, const ExpireOptions& options = {}) {
    return self().run(cmd::expire(key, after, options));
  }
  auto pexpire(std::string_view key, std::chrono::milliseconds after, const ExpireOptions& options = {}) {
    return self().run(cmd::pexpire(key, after, options));
  }
  auto expireat(std::string_view key, std::chrono::sys_time<std::chrono::seconds> at,
                const ExpireOptions& options = {}) {
    return self().run(cmd::expireat(key, at, options));
  }
  auto pexpireat(std::string_view key, std::chrono::sys_time<std::chrono::milliseconds> at,
                 const ExpireOptions& options = {}) {
    return self().run(cmd::pexpireat(key, at, options));
  }
  auto expiretime(std::string_view key) { return self().run(cmd::expiretime(key)); }
  auto pexpiretime(std::string_view key) { return self().run(cmd::pexpiretime(key)); }
  auto persist(std::string_view key) { return self().run(cmd::persist(key)); }
  auto ttl(std::string_view key) { return self().run(cmd::ttl(key)); }
  auto pttl(std::string_view key) { return self().run(cmd::pttl(key)); }
  auto type(std::string_view key) { return self().run(cmd::type(key)); }
  auto rename(std::string_view key, std::string_view new_key) { return self().run(cmd::rename(key, new_key)); }
  auto renamenx(std::string_view key, std::string_view new_key) { return self().run(cmd::renamenx(key, new_key)); }
  auto copy(std::string_view source, std::string_view destination, const CopyOptions& options = {}) {
    return self().run(cmd::copy(source, destination, options));
  }
  auto move(std::string_view key, std::int64_t db) { return self().run(cmd::move(key, db)); }
  auto dump(std::string_view key) { return self().run(cmd::dump(key)); }
  auto restore(std::string_view key, std::string_view dumped, const RestoreOptions& options = {}) {
    return self().run(cmd::restore(key, dumped, options));
  }
  auto randomkey() { return self().run(cmd::randomkey()); }
  auto touch(const StringArgs& keys) { return self().run(cmd::touch(keys)); }
  auto object_encoding(std::string_view key) { return self().run(cmd::object_encoding(key)); }
  auto object_freq(std::string_view key) { return self().run(cmd::object_freq(key)); }
  auto object_idletime(std::string_view key) { return self().run(cmd::object_idletime(key)); }
  auto object_refcount(std::string_view key) { return self().run(cmd::object_refcount(key)); }
  auto sort(std::string_view key, const SortOptions& options = {}) { return self().run(cmd::sort(key, options)); }
  auto sort_ro(std::string_view key, const SortOptions& options = {}) { return self().run(cmd::sort_ro(key, options)); }
  auto sort_store(std::string_view key, std::string_view destination, const SortOptions& options = {}) {
    return self().run(cmd::sort_store(key, destination, options));
  }
  auto scan(std::uint64_t cursor, const ScanOptions& options = {}) { return self().run(cmd::scan(cursor, options)); }
  auto keys(std::string_view pattern) { return self().run(cmd::keys(pattern)); }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
