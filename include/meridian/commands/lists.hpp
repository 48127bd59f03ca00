/// \file
/// Commands on lists. The builders are in `meridian::cmd`; `ListCommands` has the same as methods. Indexes count from
/// 0; negative ones from the end, −1 being the last element.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/commands/traits.hpp>
#include <meridian/decode.hpp>

namespace meridian {

namespace cmd {

/// Puts elements in front, one after the other (the last one ends up first); answers the length after it.
/// https://redis.io/docs/latest/commands/lpush/
[[nodiscard]] inline Command<std::int64_t> lpush(std::string_view key, const StringArgs& elements) {
  return {detail::request("LPUSH", detail::accumulate, detail::Key{key}, elements), decode<std::int64_t>};
}

/// Puts elements at the end; answers the length after it.
/// https://redis.io/docs/latest/commands/rpush/
[[nodiscard]] inline Command<std::int64_t> rpush(std::string_view key, const StringArgs& elements) {
  return {detail::request("RPUSH", detail::accumulate, detail::Key{key}, elements), decode<std::int64_t>};
}

/// Takes the first element, or nullopt.
/// https://redis.io/docs/latest/commands/lpop/
[[nodiscard]] inline Command<std::optional<std::string>> lpop(std::string_view key) {
  return {detail::request("LPOP", detail::accumulate, detail::Key{key}), decode<std::optional<std::string>>};
}

/// Takes up to `count` elements from the front; empty if there are none.
/// https://redis.io/docs/latest/commands/lpop/
[[nodiscard]] inline Command<std::vector<std::string>> lpop(std::string_view key, std::int64_t count) {
  return {detail::request("LPOP", detail::accumulate, detail::Key{key}, count), detail::decode_strings_or_null};
}

/// Takes the last element, or nullopt.
/// https://redis.io/docs/latest/commands/rpop/
[[nodiscard]] inline Command<std::optional<std::string>> rpop(std::string_view key) {
  return {detail::request("RPOP", detail::accumulate, detail::Key{key}), decode<std::optional<std::string>>};
}

/// Takes up to `count` elements from the end, the last one first; empty if there are none.
/// https://redis.io/docs/latest/commands/rpop/
[[nodiscard]] inline Command<std::vector<std::string>> rpop(std::string_view key, std::int64_t count) {
  return {detail::request("RPOP", detail::accumulate, detail::Key{key}, count), detail::decode_strings_or_null};
}

/// The length, 0 if there is no such key.
/// https://redis.io/docs/latest/commands/llen/
[[nodiscard]] inline Command<std::int64_t> llen(std::string_view key) {
  return {detail::request("LLEN", detail::read_only, detail::Key{key}), decode<std::int64_t>};
}

/// Elements `first` … `last`, both inclusive.
/// https://redis.io/docs/latest/commands/lrange/
[[nodiscard]] inline Command<std::vector<std::string>> lrange(std::string_view key, std::int64_t first,
                                                              std::int64_t last) {
  return {detail::request("LRANGE", detail::read_only, detail::Key{key}, first, last),
          decode<std::vector<std::string>>};
}

/// One element, or nullopt.
/// https://redis.io/docs/latest/commands/lindex/
[[nodiscard]] inline Command<std::optional<std::string>> lindex(std::string_view key, std::int64_t index) {
  return {detail::request("LINDEX", detail::read_only, detail::Key{key}, index), decode<std::optional<std::string>>};
}

/// Replaces one element. An error if there is none at `index`.
/// https://redis.io/docs/latest/commands/lset/
[[nodiscard]] inline Command<void> lset(std::string_view key, std::int64_t index, std::string_view element) {
  return {detail::request("LSET", detail::overwrite, detail::Key{key}, index, element), decode<void>};
}

/// Keeps only elements `first` … `last`, both inclusive. Safe to repeat only where a second run keeps them all: see
/// `detail::ltrim_grade`.
/// https://redis.io/docs/latest/commands/ltrim/
[[nodiscard]] inline Command<void> ltrim(std::string_view key, std::int64_t first, std::int64_t last) {
  return {detail::request("LTRIM", {detail::ltrim_grade(first, last), false}, detail::Key{key}, first, last),
          decode<void>};
}

}  // namespace cmd

/// The list commands as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class ListCommands {
 public:
  auto lpush(std::string_view key, const StringArgs& elements) { return self().run(cmd::lpush(key, elements)); }
  auto rpush(std::string_view key, const StringArgs& elements) { return self().run(cmd::rpush(key, elements)); }
  auto lpop(std::string_view key) { return self().run(cmd::lpop(key)); }
  auto lpop(std::string_view key, std::int64_t count) { return self().run(cmd::lpop(key, count)); }
  auto rpop(std::string_view key) { return self().run(cmd::rpop(key)); }
  auto rpop(std::string_view key, std::int64_t count) { return self().run(cmd::rpop(key, count)); }
  auto llen(std::string_view key) { return self().run(cmd::llen(key)); }
  auto lrange(std::string_view key, std::int64_t first, std::int64_t last) {
    return self().run(cmd::lrange(key, first, last));
  }
  auto lindex(std::string_view key, std::int64_t index) { return self().run(cmd::lindex(key, index)); }
  auto lset(std::string_view key, std::int64_t index, std::string_view element) {
    return self().run(cmd::lset(key, index, element));
  }
  auto ltrim(std::string_view key, std::int64_t first, std::int64_t last) {
    return self().run(cmd::ltrim(key, first, last));
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
