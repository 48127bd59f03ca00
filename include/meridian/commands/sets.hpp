/// \file
/// Commands on sets. The builders are in `meridian::cmd`; `SetCommands` has the same as methods.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

#include <meridian/commands/arguments.hpp>
#include <meridian/decode.hpp>

namespace meridian {

namespace cmd {

/// Adds members; answers how many of them are new.
/// https://redis.io/docs/latest/commands/sadd/
[[nodiscard]] inline Command<std::int64_t> sadd(std::string_view key, const StringArgs& members) {
  return {detail::request("SADD", detail::overwrite, detail::Key{key}, members), decode<std::int64_t>};
}

/// Removes members; answers how many there were.
/// https://redis.io/docs/latest/commands/srem/
[[nodiscard]] inline Command<std::int64_t> srem(std::string_view key, const StringArgs& members) {
  return {detail::request("SREM", detail::overwrite, detail::Key{key}, members), decode<std::int64_t>};
}

/// All members; empty if there is no such key.
/// https://redis.io/docs/latest/commands/smembers/
[[nodiscard]] inline Command<std::unordered_set<std::string>> smembers(std::string_view key) {
  return {detail::request("SMEMBERS", detail::read_only, detail::Key{key}), decode<std::unordered_set<std::string>>};
}

/// Whether `member` is in the set.
/// https://redis.io/docs/latest/commands/sismember/
[[nodiscard]] inline Command<bool> sismember(std::string_view key, std::string_view member) {
  return {detail::request("SISMEMBER", detail::read_only, detail::Key{key}, member), decode<bool>};
}

/// How many members there are, 0 if there is no such key.
/// https://redis.io/docs/latest/commands/scard/
[[nodiscard]] inline Command<std::int64_t> scard(std::string_view key) {
  return {detail::request("SCARD", detail::read_only, detail::Key{key}), decode<std::int64_t>};
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

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
