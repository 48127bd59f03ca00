/// \file
/// Commands on lists. The builders are in `meridian::cmd`; `ListCommands` has the same as methods. Indexes count from
/// 0; negative ones from the end, −1 being the last element.
///
/// RPOPLPUSH and BRPOPLPUSH have no builder: `lmove` and `blmove` do what they do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/commands/traits.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// An end of a list.
enum class ListEnd {
  left,   ///< The first element.
  right,  ///< The last element.
};

/// On which side of an element LINSERT puts another.
enum class ListSide { before, after };

/// Options of LPOS.
struct LPosOptions {
  std::optional<std::int64_t> rank{};  ///< Begins with the nth match: 1, 2 …; −1, −2 …: from the end backwards.
  std::optional<std::int64_t> maxlen{};  ///< Looks at so many elements at most; 0: at all.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (rank) builder.arg("RANK").arg(*rank);
    if (maxlen) builder.arg("MAXLEN").arg(*maxlen);
  }
};

/// The elements that LMPOP or BLMPOP took, and the key that they came from.
struct PoppedElements {
  std::string key{};
  std::vector<std::string> elements{};
  friend bool operator==(const PoppedElements&, const PoppedElements&) = default;
};

namespace detail {

/// From which end, and how many at most.
struct ListPopFrom {
  ListEnd end;
  std::optional<std::int64_t> count{};
  void append_to(RequestBuilder& builder) const {
    builder.arg(end == ListEnd::left ? "LEFT" : "RIGHT");
    if (count) builder.arg("COUNT").arg(*count);
  }
};

/// A key and an array of elements; null is nullopt.
[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<PoppedElements>> decode_popped_elements(ReplyView reply);

}  // namespace detail

namespace cmd {

/// Puts elements in front, one after the other (the last one ends up first); answers the length after it.
/// https://redis.io/docs/latest/commands/lpush/
[[nodiscard]] inline Command<std::int64_t> lpush(std::string_view key, const StringArgs& elements) {
  return {{"LPUSH", detail::accumulate, detail::Key{key}, elements}, decode<std::int64_t>};
}

/// Puts elements at the end; answers the length after it.
/// https://redis.io/docs/latest/commands/rpush/
[[nodiscard]] inline Command<std::int64_t> rpush(std::string_view key, const StringArgs& elements) {
  return {{"RPUSH", detail::accumulate, detail::Key{key}, elements}, decode<std::int64_t>};
}

/// `lpush`, unless there is no such list: then 0.
/// https://redis.io/docs/latest/commands/lpushx/
[[nodiscard]] inline Command<std::int64_t> lpushx(std::string_view key, const StringArgs& elements) {
  return {{"LPUSHX", detail::accumulate, detail::Key{key}, elements}, decode<std::int64_t>};
}

/// `rpush`, unless there is no such list: then 0.
/// https://redis.io/docs/latest/commands/rpushx/
[[nodiscard]] inline Command<std::int64_t> rpushx(std::string_view key, const StringArgs& elements) {
  return {{"RPUSHX", detail::accumulate, detail::Key{key}, elements}, decode<std::int64_t>};
}

/// Takes the first element, or nullopt.
/// https://redis.io/docs/latest/commands/lpop/
[[nodiscard]] inline Command<std::optional<std::string>> lpop(std::string_view key) {
  return {{"LPOP", detail::accumulate, detail::Key{key}}, decode<std::optional<std::string>>};
}

/// Takes up to `count` elements from the front; empty if there are none.
/// https://redis.io/docs/latest/commands/lpop/
[[nodiscard]] inline Command<std::vector<std::string>> lpop_many(std::string_view key, std::int64_t count) {
  return {{"LPOP", detail::accumulate, detail::Key{key}, count}, detail::decode_strings_or_null};
}

/// Takes the last element, or nullopt.
/// https://redis.io/docs/latest/commands/rpop/
[[nodiscard]] inline Command<std::optional<std::string>> rpop(std::string_view key) {
  return {{"RPOP", detail::accumulate, detail::Key{key}}, decode<std::optional<std::string>>};
}

/// Takes up to `count` elements from the end, the last one first; empty if there are none.
/// https://redis.io/docs/latest/commands/rpop/
[[nodiscard]] inline Command<std::vector<std::string>> rpop_many(std::string_view key, std::int64_t count) {
  return {{"RPOP", detail::accumulate, detail::Key{key}, count}, detail::decode_strings_or_null};
}

/// The length, 0 if there is no such key.
/// https://redis.io/docs/latest/commands/llen/
[[nodiscard]] inline Command<std::int64_t> llen(std::string_view key) {
  return {{"LLEN", detail::read_only, detail::Key{key}}, decode<std::int64_t>};
}

/// Elements `first` … `last`, both inclusive.
/// https://redis.io/docs/latest/commands/lrange/
[[nodiscard]] inline Command<std::vector<std::string>> lrange(std::string_view key, std::int64_t first,
                                                              std::int64_t last) {
  return {{"LRANGE", detail::read_only, detail::Key{key}, first, last}, decode<std::vector<std::string>>};
}

/// One element, or nullopt.
/// https://redis.io/docs/latest/commands/lindex/
[[nodiscard]] inline Command<std::optional<std::string>> lindex(std::string_view key, std::int64_t index) {
  return {{"LINDEX", detail::read_only, detail::Key{key}, index}, decode<std::optional<std::string>>};
}

/// Replaces one element. An error if there is none at `index`.
/// https://redis.io/docs/latest/commands/lset/
[[nodiscard]] inline Command<void> lset(std::string_view key, std::int64_t index, std::string_view element) {
  return {{"LSET", detail::overwrite, detail::Key{key}, index, element}, decode<void>};
}

/// Keeps only elements `first` … `last`, both inclusive. Safe to repeat only where a second run keeps them all: see
/// `detail::ltrim_grade`.
/// https://redis.io/docs/latest/commands/ltrim/
[[nodiscard]] inline Command<void> ltrim(std::string_view key, std::int64_t first, std::int64_t last) {
  return {{"LTRIM", {detail::ltrim_grade(first, last), false}, detail::Key{key}, first, last}, decode<void>};
}

/// Removes elements that are equal to `element`: the first `count` of them, the last −`count`, or all if it is 0.
/// Answers how many there were. Only 0 is safe to repeat.
/// https://redis.io/docs/latest/commands/lrem/
[[nodiscard]] inline Command<std::int64_t> lrem(std::string_view key, std::int64_t count, std::string_view element) {
  const CommandTraits traits = count == 0 ? detail::overwrite : detail::accumulate;
  return {{"LREM", traits, detail::Key{key}, count, element}, decode<std::int64_t>};
}

/// Puts `element` before or after the first one that is equal to `pivot`; answers the length after it, −1 if there is
/// no such element, 0 if there is no such key. https://redis.io/docs/latest/commands/linsert/
[[nodiscard]] inline Command<std::int64_t> linsert(std::string_view key, ListSide side, std::string_view pivot,
                                                   std::string_view element) {
  return {
      {"LINSERT", detail::accumulate, detail::Key{key}, side == ListSide::before ? "BEFORE" : "AFTER", pivot, element},
      decode<std::int64_t>};
}

/// The index of the first element that is equal to `element`, or nullopt.
/// https://redis.io/docs/latest/commands/lpos/
[[nodiscard]] inline Command<std::optional<std::int64_t>> lpos(std::string_view key, std::string_view element,
                                                               const LPosOptions& options = {}) {
  return {{"LPOS", detail::read_only, detail::Key{key}, element, options}, decode<std::optional<std::int64_t>>};
}

/// The indexes of the first `count` elements that are equal to `element`, of all if it is 0.
/// https://redis.io/docs/latest/commands/lpos/
[[nodiscard]] inline Command<std::vector<std::int64_t>> lpos_many(std::string_view key, std::string_view element,
                                                                  std::int64_t count, const LPosOptions& options = {}) {
  return {{"LPOS", detail::read_only, detail::Key{key}, element, "COUNT", count, options},
          decode<std::vector<std::int64_t>>};
}

/// Takes an element from one end of `source` and puts it at one end of `destination`, which may be the same list.
/// Answers it, or nullopt if there is none.
/// https://redis.io/docs/latest/commands/lmove/
[[nodiscard]] inline Command<std::optional<std::string>> lmove(std::string_view source, std::string_view destination,
                                                               ListEnd from, ListEnd to) {
  return {{"LMOVE", detail::accumulate, detail::Key{source}, detail::Key{destination}, detail::ListPopFrom{from},
           detail::ListPopFrom{to}},
          decode<std::optional<std::string>>};
}

/// Takes elements from one end of the first of `keys` that is not empty: one, or up to `count`. Nullopt if all are
/// empty. Redis 7.0.
/// https://redis.io/docs/latest/commands/lmpop/
[[nodiscard]] inline Command<std::optional<PoppedElements>> lmpop(const StringArgs& keys, ListEnd end,
                                                                  std::optional<std::int64_t> count = {}) {
  return {{"LMPOP", detail::accumulate, detail::CountedKeys{keys}, detail::ListPopFrom{end, count}},
          detail::decode_popped_elements};
}

/// Takes the first element of the first of `keys` that is not empty, and waits until there is one; answers the key and
/// the element, or nullopt when `timeout` is over, 0 being for ever.
/// https://redis.io/docs/latest/commands/blpop/
[[nodiscard]] inline Command<std::optional<std::pair<std::string, std::string>>> blpop(const StringArgs& keys,
                                                                                       Duration timeout) {
  return {{"BLPOP", detail::blocking_pop, detail::Keys{keys}, detail::BlockingSeconds{timeout}},
          decode<std::optional<std::pair<std::string, std::string>>>};
}

/// Takes the last element of the first of `keys` that is not empty, and waits until there is one; answers the key and
/// the element, or nullopt when `timeout` is over, 0 being for ever.
/// https://redis.io/docs/latest/commands/brpop/
[[nodiscard]] inline Command<std::optional<std::pair<std::string, std::string>>> brpop(const StringArgs& keys,
                                                                                       Duration timeout) {
  return {{"BRPOP", detail::blocking_pop, detail::Keys{keys}, detail::BlockingSeconds{timeout}},
          decode<std::optional<std::pair<std::string, std::string>>>};
}

/// `lmove` that waits until `source` has an element; nullopt when `timeout` is over, 0 being for ever.
/// https://redis.io/docs/latest/commands/blmove/
[[nodiscard]] inline Command<std::optional<std::string>> blmove(std::string_view source, std::string_view destination,
                                                                ListEnd from, ListEnd to, Duration timeout) {
  return {{"BLMOVE", detail::blocking_pop, detail::Key{source}, detail::Key{destination}, detail::ListPopFrom{from},
           detail::ListPopFrom{to}, detail::BlockingSeconds{timeout}},
          decode<std::optional<std::string>>};
}

/// `lmpop` that waits until one of `keys` has elements; nullopt when `timeout` is over, 0 being for ever. Redis 7.0.
/// https://redis.io/docs/latest/commands/blmpop/
[[nodiscard]] inline Command<std::optional<PoppedElements>> blmpop(Duration timeout, const StringArgs& keys,
                                                                   ListEnd end,
                                                                   std::optional<std::int64_t> count = {}) {
  return {{"BLMPOP", detail::blocking_pop, detail::BlockingSeconds{timeout}, detail::CountedKeys{keys},
           detail::ListPopFrom{end, count}},
          detail::decode_popped_elements};
}

}  // namespace cmd

/// The list commands as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class ListCommands {
 public:
  auto lpush(std::string_view key, const StringArgs& elements) { return self().run(cmd::lpush(key, elements)); }
  auto rpush(std::string_view key, const StringArgs& elements) { return self().run(cmd::rpush(key, elements)); }
  auto lpushx(std::string_view key, const StringArgs& elements) { return self().run(cmd::lpushx(key, elements)); }
  auto rpushx(std::string_view key, const StringArgs& elements) { return self().run(cmd::rpushx(key, elements)); }
  auto lpop(std::string_view key) { return self().run(cmd::lpop(key)); }
  auto lpop_many(std::string_view key, std::int64_t count) { return self().run(cmd::lpop_many(key, count)); }
  auto rpop(std::string_view key) { return self().run(cmd::rpop(key)); }
  auto rpop_many(std::string_view key, std::int64_t count) { return self().run(cmd::rpop_many(key, count)); }
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
  auto lrem(std::string_view key, std::int64_t count, std::string_view element) {
    return self().run(cmd::lrem(key, count, element));
  }
  auto linsert(std::string_view key, ListSide side, std::string_view pivot, std::string_view element) {
    return self().run(cmd::linsert(key, side, pivot, element));
  }
  auto lpos(std::string_view key, std::string_view element, const LPosOptions& options = {}) {
    return self().run(cmd::lpos(key, element, options));
  }
  auto lpos_many(std::string_view key, std::string_view element, std::int64_t count, const LPosOptions& options = {}) {
    return self().run(cmd::lpos_many(key, element, count, options));
  }
  auto lmove(std::string_view source, std::string_view destination, ListEnd from, ListEnd to) {
    return self().run(cmd::lmove(source, destination, from, to));
  }
  auto lmpop(const StringArgs& keys, ListEnd end, std::optional<std::int64_t> count = {}) {
    return self().run(cmd::lmpop(keys, end, count));
  }
  auto blpop(const StringArgs& keys, Duration timeout) { return self().run(cmd::blpop(keys, timeout)); }
  auto brpop(const StringArgs& keys, Duration timeout) { return self().run(cmd::brpop(keys, timeout)); }
  auto blmove(std::string_view source, std::string_view destination, ListEnd from, ListEnd to, Duration timeout) {
    return self().run(cmd::blmove(source, destination, from, to, timeout));
  }
  auto blmpop(Duration timeout, const StringArgs& keys, ListEnd end, std::optional<std::int64_t> count = {}) {
    return self().run(cmd::blmpop(timeout, keys, end, count));
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
