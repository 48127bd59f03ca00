/// \file
/// Commands on sets. The builders are in `meridian::cmd`; `SetCommands` has the same as methods.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/commands/scan_page.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// Options of SINTERCARD.
struct SInterCardOptions {
  std::optional<std::int64_t> limit{};  ///< Counts to this number at most; 0: to the end.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (limit) builder.arg("LIMIT").arg(*limit);
  }
};

namespace cmd {

/// Adds members; answers how many of them are new.
/// https://redis.io/docs/latest/commands/sadd/
[[nodiscard]] inline Command<std::int64_t> sadd(std::string_view key, const StringArgs& members) {
  return {{"SADD", detail::overwrite, detail::Key{key}, members}, decode<std::int64_t>};
}

/// Removes members; answers how many there were.
/// https://redis.io/docs/latest/commands/srem/
[[nodiscard]] inline Command<std::int64_t> srem(std::string_view key, const StringArgs& members) {
  return {{"SREM", detail::overwrite, detail::Key{key}, members}, decode<std::int64_t>};
}

/// All members; empty if there is no such key.
/// https://redis.io/docs/latest/commands/smembers/
[[nodiscard]] inline Command<std::unordered_set<std::string>> smembers(std::string_view key) {
  return {{"SMEMBERS", detail::read_only, detail::Key{key}}, decode<std::unordered_set<std::string>>};
}

/// Whether `member` is in the set.
/// https://redis.io/docs/latest/commands/sismember/
[[nodiscard]] inline Command<bool> sismember(std::string_view key, std::string_view member) {
  return {{"SISMEMBER", detail::read_only, detail::Key{key}, member}, decode<bool>};
}

/// How many members there are, 0 if there is no such key.
/// https://redis.io/docs/latest/commands/scard/
[[nodiscard]] inline Command<std::int64_t> scard(std::string_view key) {
  return {{"SCARD", detail::read_only, detail::Key{key}}, decode<std::int64_t>};
}

/// Which of `members` are in the set, in their order.
/// https://redis.io/docs/latest/commands/smismember/
[[nodiscard]] inline Command<std::vector<bool>> smismember(std::string_view key, const StringArgs& members) {
  return {{"SMISMEMBER", detail::read_only, detail::Key{key}, members}, decode<std::vector<bool>>};
}

/// The members that are in all sets.
/// https://redis.io/docs/latest/commands/sinter/
[[nodiscard]] inline Command<std::unordered_set<std::string>> sinter(const StringArgs& keys) {
  return {{"SINTER", detail::read_only, detail::Keys{keys}}, decode<std::unordered_set<std::string>>};
}

/// Stores the members that are in all sets; answers how many there are. If there are none, the destination is deleted.
/// https://redis.io/docs/latest/commands/sinterstore/
[[nodiscard]] inline Command<std::int64_t> sinterstore(std::string_view destination, const StringArgs& keys) {
  return {{"SINTERSTORE", detail::stored(destination, keys), detail::Destination{destination}, detail::Keys{keys}},
          decode<std::int64_t>};
}

/// How many members are in all sets. Redis 7.0.
/// https://redis.io/docs/latest/commands/sintercard/
[[nodiscard]] inline Command<std::int64_t> sintercard(const StringArgs& keys, const SInterCardOptions& options = {}) {
  return {{"SINTERCARD", detail::read_only, detail::CountedKeys{keys}, options}, decode<std::int64_t>};
}

/// The members that are in at least one set.
/// https://redis.io/docs/latest/commands/sunion/
[[nodiscard]] inline Command<std::unordered_set<std::string>> sunion(const StringArgs& keys) {
  return {{"SUNION", detail::read_only, detail::Keys{keys}}, decode<std::unordered_set<std::string>>};
}

/// Stores the members that are in at least one set; answers how many there are. If there are none, the destination is
/// deleted. https://redis.io/docs/latest/commands/sunionstore/
[[nodiscard]] inline Command<std::int64_t> sunionstore(std::string_view destination, const StringArgs& keys) {
  return {{"SUNIONSTORE", detail::stored(destination, keys), detail::Destination{destination}, detail::Keys{keys}},
          decode<std::int64_t>};
}

/// The members of the first set that are in none of the others.
/// https://redis.io/docs/latest/commands/sdiff/
[[nodiscard]] inline Command<std::unordered_set<std::string>> sdiff(const StringArgs& keys) {
  return {{"SDIFF", detail::read_only, detail::Keys{keys}}, decode<std::unordered_set<std::string>>};
}

/// Stores the members of the first set that are in none of the others; answers how many there are. If there are none,
/// the destination is deleted. https://redis.io/docs/latest/commands/sdiffstore/
[[nodiscard]] inline Command<std::int64_t> sdiffstore(std::string_view destination, const StringArgs& keys) {
  return {{"SDIFFSTORE", detail::stored(destination, keys), detail::Destination{destination}, detail::Keys{keys}},
          decode<std::int64_t>};
}

/// Moves `member` from one set to another. False if it was not in `source`.
/// https://redis.io/docs/latest/commands/smove/
[[nodiscard]] inline Command<bool> smove(std::string_view source, std::string_view destination,
                                         std::string_view member) {
  return {{"SMOVE", detail::accumulate, detail::Key{source}, detail::Key{destination}, member}, decode<bool>};
}

/// Takes any member, or nullopt if there is none.
/// https://redis.io/docs/latest/commands/spop/
[[nodiscard]] inline Command<std::optional<std::string>> spop(std::string_view key) {
  return {{"SPOP", detail::accumulate, detail::Key{key}}, decode<std::optional<std::string>>};
}

/// Takes any `count` members, or all if there are fewer.
/// https://redis.io/docs/latest/commands/spop/
[[nodiscard]] inline Command<std::unordered_set<std::string>> spop_many(std::string_view key, std::int64_t count) {
  return {{"SPOP", detail::accumulate, detail::Key{key}, count}, decode<std::unordered_set<std::string>>};
}

/// Any member, or nullopt if there is none.
/// https://redis.io/docs/latest/commands/srandmember/
[[nodiscard]] inline Command<std::optional<std::string>> srandmember(std::string_view key) {
  return {{"SRANDMEMBER", detail::read_only, detail::Key{key}}, decode<std::optional<std::string>>};
}

/// Any `count` members, or all if there are fewer. If `count` is negative, exactly −`count`, some perhaps more than
/// once. https://redis.io/docs/latest/commands/srandmember/
[[nodiscard]] inline Command<std::vector<std::string>> srandmember_many(std::string_view key, std::int64_t count) {
  return {{"SRANDMEMBER", detail::read_only, detail::Key{key}, count}, decode<std::vector<std::string>>};
}

/// One page of the members, from `cursor` on, the first one being 0.
/// https://redis.io/docs/latest/commands/sscan/
[[nodiscard]] inline Command<ScanPage<std::string>> sscan(std::string_view key, std::uint64_t cursor,
                                                          const ScanOptions& options = {}) {
  return {{"SSCAN", detail::read_only, detail::Key{key}, cursor, options}, detail::decode_scan_page};
}

}  // namespace cmd

/// The set commands as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class SetCommands {
 public:
  auto sadd(std::string_view key, const StringArgs& members) { return self().run(cmd::sadd(key, members)); }
  auto srem(std::string_view key, const StringArgs& members) { return self().run(cmd::srem(key, members)); }
  auto smembers(std::string_view key) { return self().run(cmd::smembers(key)); }
  auto sismember(std::string_view key, std::string_view member) { return self().run(cmd::sismember(key, member)); }
  auto scard(std::string_view key) { return self().run(cmd::scard(key)); }
  auto smismember(std::string_view key, const StringArgs& members) { return self().run(cmd::smismember(key, members)); }
  auto sinter(const StringArgs& keys) { return self().run(cmd::sinter(keys)); }
  auto sinterstore(std::string_view destination, const StringArgs& keys) {
    return self().run(cmd::sinterstore(destination, keys));
  }
  auto sintercard(const StringArgs& keys, const SInterCardOptions& options = {}) {
    return self().run(cmd::sintercard(keys, options));
  }
  auto sunion(const StringArgs& keys) { return self().run(cmd::sunion(keys)); }
  auto sunionstore(std::string_view destination, const StringArgs& keys) {
    return self().run(cmd::sunionstore(destination, keys));
  }
  auto sdiff(const StringArgs& keys) { return self().run(cmd::sdiff(keys)); }
  auto sdiffstore(std::string_view destination, const StringArgs& keys) {
    return self().run(cmd::sdiffstore(destination, keys));
  }
  auto smove(std::string_view source, std::string_view destination, std::string_view member) {
    return self().run(cmd::smove(source, destination, member));
  }
  auto spop(std::string_view key) { return self().run(cmd::spop(key)); }
  auto spop_many(std::string_view key, std::int64_t count) { return self().run(cmd::spop_many(key, count)); }
  auto srandmember(std::string_view key) { return self().run(cmd::srandmember(key)); }
  auto srandmember_many(std::string_view key, std::int64_t count) {
    return self().run(cmd::srandmember_many(key, count));
  }
  auto sscan(std::string_view key, std::uint64_t cursor, const ScanOptions& options = {}) {
    return self().run(cmd::sscan(key, cursor, options));
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
