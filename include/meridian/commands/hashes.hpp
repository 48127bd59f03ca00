/// \file
/// Commands on hashes. The builders are in `meridian::cmd`; `HashCommands` has the same as methods.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/decode.hpp>

namespace meridian {

namespace cmd {

/// Sets fields of the hash at `key`: `hset("user:1", {{"name", "Ada"}})`; answers how many of them are new.
/// https://redis.io/docs/latest/commands/hset/
[[nodiscard]] inline Command<std::int64_t> hset(std::string_view key, const PairArgs& fields) {
  return {detail::request("HSET", detail::overwrite, detail::Key{key}, fields), decode<std::int64_t>};
}

/// The value of one field, or nullopt.
/// https://redis.io/docs/latest/commands/hget/
[[nodiscard]] inline Command<std::optional<std::string>> hget(std::string_view key, std::string_view field) {
  return {detail::request("HGET", detail::read_only, detail::Key{key}, field), decode<std::optional<std::string>>};
}

/// The values of fields, in their order; nullopt for a missing one.
/// https://redis.io/docs/latest/commands/hmget/
[[nodiscard]] inline Command<std::vector<std::optional<std::string>>> hmget(std::string_view key,
                                                                            const StringArgs& fields) {
  return {detail::request("HMGET", detail::read_only, detail::Key{key}, fields),
          decode<std::vector<std::optional<std::string>>>};
}

/// All fields and values; empty if there is no such key.
/// https://redis.io/docs/latest/commands/hgetall/
[[nodiscard]] inline Command<std::unordered_map<std::string, std::string>> hgetall(std::string_view key) {
  return {detail::request("HGETALL", detail::read_only, detail::Key{key}),
          decode<std::unordered_map<std::string, std::string>>};
}

/// Deletes fields; answers how many there were.
/// https://redis.io/docs/latest/commands/hdel/
[[nodiscard]] inline Command<std::int64_t> hdel(std::string_view key, const StringArgs& fields) {
  return {detail::request("HDEL", detail::overwrite, detail::Key{key}, fields), decode<std::int64_t>};
}

/// Whether the hash has the field.
/// https://redis.io/docs/latest/commands/hexists/
[[nodiscard]] inline Command<bool> hexists(std::string_view key, std::string_view field) {
  return {detail::request("HEXISTS", detail::read_only, detail::Key{key}, field), decode<bool>};
}

/// Adds `increment` to the integer in a field (0 if there is none); answers the sum.
/// https://redis.io/docs/latest/commands/hincrby/
[[nodiscard]] inline Command<std::int64_t> hincrby(std::string_view key, std::string_view field,
                                                   std::int64_t increment) {
  return {detail::request("HINCRBY", detail::accumulate, detail::Key{key}, field, increment), decode<std::int64_t>};
}

/// All fields, in no order.
/// https://redis.io/docs/latest/commands/hkeys/
[[nodiscard]] inline Command<std::vector<std::string>> hkeys(std::string_view key) {
  return {detail::request("HKEYS", detail::read_only, detail::Key{key}), decode<std::vector<std::string>>};
}

/// All values, in no order.
/// https://redis.io/docs/latest/commands/hvals/
[[nodiscard]] inline Command<std::vector<std::string>> hvals(std::string_view key) {
  return {detail::request("HVALS", detail::read_only, detail::Key{key}), decode<std::vector<std::string>>};
}

/// How many fields there are, 0 if there is no such key.
/// https://redis.io/docs/latest/commands/hlen/
[[nodiscard]] inline Command<std::int64_t> hlen(std::string_view key) {
  return {detail::request("HLEN", detail::read_only, detail::Key{key}), decode<std::int64_t>};
}

}  // namespace cmd

/// The hash commands as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class HashCommands {
 public:
  auto hset(std::string_view key, const PairArgs& fields) { return self().run(cmd::hset(key, fields)); }
  auto hget(std::string_view key, std::string_view field) { return self().run(cmd::hget(key, field)); }
  auto hmget(std::string_view key, const StringArgs& fields) { return self().run(cmd::hmget(key, fields)); }
  auto hgetall(std::string_view key) { return self().run(cmd::hgetall(key)); }
  auto hdel(std::string_view key, const StringArgs& fields) { return self().run(cmd::hdel(key, fields)); }
  auto hexists(std::string_view key, std::string_view field) { return self().run(cmd::hexists(key, field)); }
  auto hincrby(std::string_view key, std::string_view field, std::int64_t increment) {
    return self().run(cmd::hincrby(key, field, increment));
  }
  auto hkeys(std::string_view key) { return self().run(cmd::hkeys(key)); }
  auto hvals(std::string_view key) { return self().run(cmd::hvals(key)); }
  auto hlen(std::string_view key) { return self().run(cmd::hlen(key)); }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
