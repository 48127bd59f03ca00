/// \file
/// Commands on keys of any type. The builders are in `meridian::cmd`; `KeyCommands` has the same as methods.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <meridian/commands/arguments.hpp>
#include <meridian/decode.hpp>

namespace meridian {

namespace cmd {

/// Deletes keys; answers how many there were.
/// https://redis.io/docs/latest/commands/del/
[[nodiscard]] inline Command<std::int64_t> del(const StringArgs& keys) {
  return {detail::request("DEL", detail::overwrite, detail::Keys{keys}), decode<std::int64_t>};
}

/// Deletes keys, their memory being freed in the background; answers how many there were.
/// https://redis.io/docs/latest/commands/unlink/
[[nodiscard]] inline Command<std::int64_t> unlink(const StringArgs& keys) {
  return {detail::request("UNLINK", detail::overwrite, detail::Keys{keys}), decode<std::int64_t>};
}

/// How many of the keys exist; one that is named twice counts twice.
/// https://redis.io/docs/latest/commands/exists/
[[nodiscard]] inline Command<std::int64_t> exists(const StringArgs& keys) {
  return {detail::request("EXISTS", detail::read_only, detail::Keys{keys}), decode<std::int64_t>};
}

/// Sets when `key` goes away; at once for 0 and less. False if there is no such key.
/// https://redis.io/docs/latest/commands/expire/
[[nodiscard]] inline Command<bool> expire(std::string_view key, std::chrono::seconds after) {
  return {detail::request("EXPIRE", detail::overwrite, detail::Key{key}, after.count()), decode<bool>};
}

/// Sets when `key` goes away; at once for 0 and less. False if there is no such key.
/// https://redis.io/docs/latest/commands/pexpire/
[[nodiscard]] inline Command<bool> pexpire(std::string_view key, std::chrono::milliseconds after) {
  return {detail::request("PEXPIRE", detail::overwrite, detail::Key{key}, after.count()), decode<bool>};
}

/// Takes the expiry of `key` away. False if it had none or there is no such key.
/// https://redis.io/docs/latest/commands/persist/
[[nodiscard]] inline Command<bool> persist(std::string_view key) {
  return {detail::request("PERSIST", detail::overwrite, detail::Key{key}), decode<bool>};
}

/// How long `key` has to live, rounded to seconds.
/// https://redis.io/docs/latest/commands/ttl/
[[nodiscard]] inline Command<TimeToLive> ttl(std::string_view key) {
  return {detail::request("TTL", detail::read_only, detail::Key{key}), detail::decode_ttl_seconds};
}

/// How long `key` has to live, in milliseconds.
/// https://redis.io/docs/latest/commands/pttl/
[[nodiscard]] inline Command<TimeToLive> pttl(std::string_view key) {
  return {detail::request("PTTL", detail::read_only, detail::Key{key}), detail::decode_ttl_milliseconds};
}

/// The type of `key`: "string", "list", "set", "zset", "hash", "stream", the name of a module's type, or "none".
/// https://redis.io/docs/latest/commands/type/
[[nodiscard]] inline Command<std::string> type(std::string_view key) {
  return {detail::request("TYPE", detail::read_only, detail::Key{key}), decode<std::string>};
}

/// Gives `key` another name and replaces what had it. An error if there is no such key.
/// https://redis.io/docs/latest/commands/rename/
[[nodiscard]] inline Command<void> rename(std::string_view key, std::string_view new_key) {
  return {detail::request("RENAME", detail::accumulate, detail::Key{key}, new_key), decode<void>};
}

/// Counts as a use of the keys for eviction; answers how many of them exist.
/// https://redis.io/docs/latest/commands/touch/
[[nodiscard]] inline Command<std::int64_t> touch(const StringArgs& keys) {
  return {detail::request("TOUCH", detail::read_only, detail::Keys{keys}), decode<std::int64_t>};
}

}  // namespace cmd

/// The key commands as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class KeyCommands {
 public:
  auto del(const StringArgs& keys) { return self().run(cmd::del(keys)); }
  auto unlink(const StringArgs& keys) { return self().run(cmd::unlink(keys)); }
  auto exists(const StringArgs& keys) { return self().run(cmd::exists(keys)); }
  auto expire(std::string_view key, std::chrono::seconds after) { return self().run(cmd::expire(key, after)); }
  auto pexpire(std::string_view key, std::chrono::milliseconds after) { return self().run(cmd::pexpire(key, after)); }
  auto persist(std::string_view key) { return self().run(cmd::persist(key)); }
  auto ttl(std::string_view key) { return self().run(cmd::ttl(key)); }
  auto pttl(std::string_view key) { return self().run(cmd::pttl(key)); }
  auto type(std::string_view key) { return self().run(cmd::type(key)); }
  auto rename(std::string_view key, std::string_view new_key) { return self().run(cmd::rename(key, new_key)); }
  auto touch(const StringArgs& keys) { return self().run(cmd::touch(keys)); }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
