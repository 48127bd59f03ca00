/// \file
/// The JSON commands of the Redis stack, which are part of Redis itself since version 8. Not included by
/// `meridian/meridian.hpp`. The builders are in `meridian::cmd`, and `json(…)` has the same as methods for every front
/// end:
///
/// \code
/// meridian::json(client).set("user:1", "$", R"({"name": "Ada", "logins": 1})");
/// std::optional<std::string> name = meridian::json(client).get("user:1", "$.name");   // ["Ada"]
/// meridian::json(client.results()).numincrby("user:1", "$.logins", 1);                // a Result
/// client.pipeline(cmd::json_get("user:1"), cmd::get("k"));
/// \endcode
///
/// Values go in and come out as JSON text: a string is `"\"Ada\""`. Paths are JSONPath and begin with "$"; one path may
/// match several values, so most commands answer an array with one element for each match. The older paths, which do
/// not begin with "$", match one value; what they answer becomes an array of one.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// Options of JSON.SET. The server refuses contradictions.
struct JsonSetOptions {
  bool nx = false;  ///< Only if there is nothing at the path.
  bool xx = false;  ///< Only if there is something at the path.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (nx) builder.arg("NX");
    if (xx) builder.arg("XX");
  }
};

/// How JSON.GET writes: on one line without spaces, if nothing is said. Looks only.
struct JsonGetOptions {
  std::optional<std::string_view> indent{};   ///< Before each element, once for each level.
  std::optional<std::string_view> newline{};  ///< Behind each element.
  std::optional<std::string_view> space{};    ///< Between a name and its value.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (indent) builder.arg("INDENT").arg(*indent);
    if (newline) builder.arg("NEWLINE").arg(*newline);
    if (space) builder.arg("SPACE").arg(*space);
  }
};

/// One value of JSON.MSET. Looks only.
struct JsonAssignment {
  std::string_view key;
  std::string_view path;
  std::string_view value;  ///< JSON text.
};

namespace detail {

struct JsonAssignments {
  std::span<const JsonAssignment> all;
  void append_to(RequestBuilder& builder) const {
    for (const JsonAssignment& one : all) builder.key(one.key).arg(one.path).arg(one.value);
  }
};

/// What follows an element that was deleted by its place moves up, and is the next to go.
[[nodiscard]] inline CommandTraits json_del_traits(std::string_view path) noexcept {
  return path.find('[') == std::string_view::npos ? overwrite : accumulate;
}

/// Numbers and nulls; one number is an array of one, null is an empty one.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::optional<std::int64_t>>> decode_json_integers(ReplyView reply);
/// JSON text of an array of numbers and nulls (RESP2), or such an array itself (RESP3).
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::optional<double>>> decode_json_numbers(ReplyView reply);
/// 0, 1 and nulls.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::optional<bool>>> decode_json_booleans(ReplyView reply);
/// Texts and nulls.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::optional<std::string>>> decode_json_texts(ReplyView reply);
/// Names of types; in RESP3 inside another array.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::string>> decode_json_types(ReplyView reply);
/// Arrays of names, and nulls.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::optional<std::vector<std::string>>>> decode_json_names(
    ReplyView reply);

}  // namespace detail

namespace cmd {

/// Sets the value at `path` of `key`; a new document begins at "$". True; false when `nx` or `xx` prevented it, or when
/// there is no place for it.
/// https://redis.io/docs/latest/commands/json.set/
[[nodiscard]] inline Command<bool> json_set(std::string_view key, std::string_view path, std::string_view value,
                                            const JsonSetOptions& options = {}) {
  const CommandTraits traits = options.nx || options.xx ? detail::conditional : detail::overwrite;
  return {{"JSON.SET", traits, detail::Key{key}, path, value, options}, decode<bool>};
}

/// Sets several values, all at once: `json_mset({{"a", "$", "1"}, {"b", "$.x", "2"}})`.
/// https://redis.io/docs/latest/commands/json.mset/
[[nodiscard]] inline Command<void> json_mset(std::span<const JsonAssignment> values) {
  return {{"JSON.MSET", detail::overwrite, detail::JsonAssignments{values}}, decode<void>};
}
[[nodiscard]] inline Command<void> json_mset(std::initializer_list<JsonAssignment> values) {
  return json_mset(std::span(values.begin(), values.size()));
}

/// Merges `value` into what is at `path`, as RFC 7396 says: null deletes.
/// https://redis.io/docs/latest/commands/json.merge/
[[nodiscard]] inline Command<void> json_merge(std::string_view key, std::string_view path, std::string_view value) {
  return {{"JSON.MERGE", detail::overwrite, detail::Key{key}, path, value}, decode<void>};
}

/// What is at `paths`, as JSON text: an array of the matches of one path; of several paths, an object with such an
/// array for each. nullopt if there is no such key.
/// https://redis.io/docs/latest/commands/json.get/
[[nodiscard]] inline Command<std::optional<std::string>> json_get(std::string_view key, const StringArgs& paths = "$",
                                                                  const JsonGetOptions& options = {}) {
  return {{"JSON.GET", detail::read_only, detail::Key{key}, options, paths}, decode<std::optional<std::string>>};
}

/// What is at `path` of every key, as JSON text: an array of the matches. nullopt where there is no such key.
/// https://redis.io/docs/latest/commands/json.mget/
[[nodiscard]] inline Command<std::vector<std::optional<std::string>>> json_mget(const StringArgs& keys,
                                                                                std::string_view path = "$") {
  return {{"JSON.MGET", detail::read_only, detail::Keys{keys}, path}, decode<std::vector<std::optional<std::string>>>};
}

/// Deletes what is at `path`, the key with "$"; answers how many values that were. By an index ("$[0]") a second run
/// deletes what moved up.
/// https://redis.io/docs/latest/commands/json.del/
[[nodiscard]] inline Command<std::int64_t> json_del(std::string_view key, std::string_view path = "$") {
  return {{"JSON.DEL", detail::json_del_traits(path), detail::Key{key}, path}, decode<std::int64_t>};
}

/// Empties arrays and objects, and sets numbers to 0; answers how many values were changed.
/// https://redis.io/docs/latest/commands/json.clear/
[[nodiscard]] inline Command<std::int64_t> json_clear(std::string_view key, std::string_view path = "$") {
  return {{"JSON.CLEAR", detail::overwrite, detail::Key{key}, path}, decode<std::int64_t>};
}

/// The types of the matches: "null", "boolean", "integer", "number", "string", "array", "object". Empty if there is no
/// such key.
/// https://redis.io/docs/latest/commands/json.type/
[[nodiscard]] inline Command<std::vector<std::string>> json_type(std::string_view key, std::string_view path = "$") {
  return {{"JSON.TYPE", detail::read_only, detail::Key{key}, path}, detail::decode_json_types};
}

/// Adds `increment` to numbers; answers the sums, nullopt for what is no number. A sum above 2^53 is rounded here, not
/// on the server.
/// https://redis.io/docs/latest/commands/json.numincrby/
[[nodiscard]] inline Command<std::vector<std::optional<double>>> json_numincrby(std::string_view key,
                                                                                std::string_view path,
                                                                                double increment) {
  return {{"JSON.NUMINCRBY", detail::accumulate, detail::Key{key}, path, increment}, detail::decode_json_numbers};
}

/// Multiplies numbers by `factor`; answers the products, nullopt for what is no number. Rounded as `json_numincrby`.
/// https://redis.io/docs/latest/commands/json.nummultby/
[[nodiscard]] inline Command<std::vector<std::optional<double>>> json_nummultby(std::string_view key,
                                                                                std::string_view path, double factor) {
  return {{"JSON.NUMMULTBY", detail::accumulate, detail::Key{key}, path, factor}, detail::decode_json_numbers};
}

/// Turns true into false and back; answers the new values, nullopt for what is no boolean.
/// https://redis.io/docs/latest/commands/json.toggle/
[[nodiscard]] inline Command<std::vector<std::optional<bool>>> json_toggle(std::string_view key,
                                                                           std::string_view path) {
  return {{"JSON.TOGGLE", detail::accumulate, detail::Key{key}, path}, detail::decode_json_booleans};
}

/// Appends a string, given as JSON text, to strings; answers their new lengths, nullopt for what is no string.
/// https://redis.io/docs/latest/commands/json.strappend/
[[nodiscard]] inline Command<std::vector<std::optional<std::int64_t>>> json_strappend(std::string_view key,
                                                                                      std::string_view path,
                                                                                      std::string_view text) {
  return {{"JSON.STRAPPEND", detail::accumulate, detail::Key{key}, path, text}, detail::decode_json_integers};
}

/// The lengths of strings, nullopt for what is no string.
/// https://redis.io/docs/latest/commands/json.strlen/
[[nodiscard]] inline Command<std::vector<std::optional<std::int64_t>>> json_strlen(std::string_view key,
                                                                                   std::string_view path = "$") {
  return {{"JSON.STRLEN", detail::read_only, detail::Key{key}, path}, detail::decode_json_integers};
}

/// Appends values to arrays; answers their new lengths, nullopt for what is no array.
/// https://redis.io/docs/latest/commands/json.arrappend/
[[nodiscard]] inline Command<std::vector<std::optional<std::int64_t>>> json_arrappend(std::string_view key,
                                                                                      std::string_view path,
                                                                                      const StringArgs& values) {
  return {{"JSON.ARRAPPEND", detail::accumulate, detail::Key{key}, path, values}, detail::decode_json_integers};
}

/// Inserts values into arrays before `index`; answers the new lengths, nullopt for what is no array.
/// https://redis.io/docs/latest/commands/json.arrinsert/
[[nodiscard]] inline Command<std::vector<std::optional<std::int64_t>>> json_arrinsert(std::string_view key,
                                                                                      std::string_view path,
                                                                                      std::int64_t index,
                                                                                      const StringArgs& values) {
  return {{"JSON.ARRINSERT", detail::accumulate, detail::Key{key}, path, index, values}, detail::decode_json_integers};
}

/// The index of `value` in arrays, −1 where it is not, nullopt for what is no array. Looks from `start` to before
/// `stop`; 0 as `stop` is the end.
/// https://redis.io/docs/latest/commands/json.arrindex/
[[nodiscard]] inline Command<std::vector<std::optional<std::int64_t>>> json_arrindex(std::string_view key,
                                                                                     std::string_view path,
                                                                                     std::string_view value,
                                                                                     std::int64_t start = 0,
                                                                                     std::int64_t stop = 0) {
  return {{"JSON.ARRINDEX", detail::read_only, detail::Key{key}, path, value, start, stop},
          detail::decode_json_integers};
}

/// The lengths of arrays, nullopt for what is no array.
/// https://redis.io/docs/latest/commands/json.arrlen/
[[nodiscard]] inline Command<std::vector<std::optional<std::int64_t>>> json_arrlen(std::string_view key,
                                                                                   std::string_view path = "$") {
  return {{"JSON.ARRLEN", detail::read_only, detail::Key{key}, path}, detail::decode_json_integers};
}

/// Takes the element at `index`, the last one if nothing is said, out of arrays; answers them as JSON text, nullopt for
/// an empty array and for what is none.
/// https://redis.io/docs/latest/commands/json.arrpop/
[[nodiscard]] inline Command<std::vector<std::optional<std::string>>> json_arrpop(std::string_view key,
                                                                                  std::string_view path = "$",
                                                                                  std::int64_t index = -1) {
  return {{"JSON.ARRPOP", detail::accumulate, detail::Key{key}, path, index}, detail::decode_json_texts};
}

/// Keeps only elements `first` … `last` of arrays, both inclusive; answers the new lengths, nullopt for what is no
/// array.
/// https://redis.io/docs/latest/commands/json.arrtrim/
[[nodiscard]] inline Command<std::vector<std::optional<std::int64_t>>> json_arrtrim(std::string_view key,
                                                                                    std::string_view path,
                                                                                    std::int64_t first,
                                                                                    std::int64_t last) {
  return {{"JSON.ARRTRIM", detail::accumulate, detail::Key{key}, path, first, last}, detail::decode_json_integers};
}

/// The names in objects, nullopt for what is no object. Empty if there is no such key.
/// https://redis.io/docs/latest/commands/json.objkeys/
[[nodiscard]] inline Command<std::vector<std::optional<std::vector<std::string>>>> json_objkeys(
    std::string_view key, std::string_view path = "$") {
  return {{"JSON.OBJKEYS", detail::read_only, detail::Key{key}, path}, detail::decode_json_names};
}

/// How many names objects have, nullopt for what is no object.
/// https://redis.io/docs/latest/commands/json.objlen/
[[nodiscard]] inline Command<std::vector<std::optional<std::int64_t>>> json_objlen(std::string_view key,
                                                                                   std::string_view path = "$") {
  return {{"JSON.OBJLEN", detail::read_only, detail::Key{key}, path}, detail::decode_json_integers};
}

/// How many bytes of memory values take.
/// https://redis.io/docs/latest/commands/json.debug-memory/
[[nodiscard]] inline Command<std::vector<std::optional<std::int64_t>>> json_debug_memory(std::string_view key,
                                                                                         std::string_view path = "$") {
  return {{"JSON.DEBUG MEMORY", detail::read_only, detail::Key{key}, path}, detail::decode_json_integers};
}

}  // namespace cmd

/// The JSON commands as methods: each runs what the builder of the same name behind `json_` makes. `FrontEnd` is a
/// reference, or what was given as a temporary (`client.results()`).
template <class FrontEnd>
class JsonCommands {
 public:
  explicit JsonCommands(FrontEnd&& front_end) : front_end_(std::forward<FrontEnd>(front_end)) {}

  auto set(std::string_view key, std::string_view path, std::string_view value, const JsonSetOptions& options = {}) {
    return front_end_.run(cmd::json_set(key, path, value, options));
  }
  auto mset(std::span<const JsonAssignment> values) { return front_end_.run(cmd::json_mset(values)); }
  auto mset(std::initializer_list<JsonAssignment> values) { return front_end_.run(cmd::json_mset(values)); }
  auto merge(std::string_view key, std::string_view path, std::string_view value) {
    return front_end_.run(cmd::json_merge(key, path, value));
  }
  auto get(std::string_view key, const StringArgs& paths = "$", const JsonGetOptions& options = {}) {
    return front_end_.run(cmd::json_get(key, paths, options));
  }
  auto mget(const StringArgs& keys, std::string_view path = "$") { return front_end_.run(cmd::json_mget(keys, path)); }
  auto del(std::string_view key, std::string_view path = "$") { return front_end_.run(cmd::json_del(key, path)); }
  auto clear(std::string_view key, std::string_view path = "$") { return front_end_.run(cmd::json_clear(key, path)); }
  auto type(std::string_view key, std::string_view path = "$") { return front_end_.run(cmd::json_type(key, path)); }
  auto numincrby(std::string_view key, std::string_view path, double increment) {
    return front_end_.run(cmd::json_numincrby(key, path, increment));
  }
  auto nummultby(std::string_view key, std::string_view path, double factor) {
    return front_end_.run(cmd::json_nummultby(key, path, factor));
  }
  auto toggle(std::string_view key, std::string_view path) { return front_end_.run(cmd::json_toggle(key, path)); }
  auto strappend(std::string_view key, std::string_view path, std::string_view text) {
    return front_end_.run(cmd::json_strappend(key, path, text));
  }
  auto strlen(std::string_view key, std::string_view path = "$") { return front_end_.run(cmd::json_strlen(key, path)); }
  auto arrappend(std::string_view key, std::string_view path, const StringArgs& values) {
    return front_end_.run(cmd::json_arrappend(key, path, values));
  }
  auto arrinsert(std::string_view key, std::string_view path, std::int64_t index, const StringArgs& values) {
    return front_end_.run(cmd::json_arrinsert(key, path, index, values));
  }
  auto arrindex(std::string_view key, std::string_view path, std::string_view value, std::int64_t start = 0,
                std::int64_t stop = 0) {
    return front_end_.run(cmd::json_arrindex(key, path, value, start, stop));
  }
  auto arrlen(std::string_view key, std::string_view path = "$") { return front_end_.run(cmd::json_arrlen(key, path)); }
  auto arrpop(std::string_view key, std::string_view path = "$", std::int64_t index = -1) {
    return front_end_.run(cmd::json_arrpop(key, path, index));
  }
  auto arrtrim(std::string_view key, std::string_view path, std::int64_t first, std::int64_t last) {
    return front_end_.run(cmd::json_arrtrim(key, path, first, last));
  }
  auto objkeys(std::string_view key, std::string_view path = "$") {
    return front_end_.run(cmd::json_objkeys(key, path));
  }
  auto objlen(std::string_view key, std::string_view path = "$") { return front_end_.run(cmd::json_objlen(key, path)); }
  auto debug_memory(std::string_view key, std::string_view path = "$") {
    return front_end_.run(cmd::json_debug_memory(key, path));
  }

 private:
  FrontEnd front_end_;
};

/// The JSON commands of a client, of a pipeline, or of what `client.with(…)`, `client.results()` and
/// `client.futures()` give. A client or pipeline must outlive it.
template <class FrontEnd>
[[nodiscard]] JsonCommands<FrontEnd> json(FrontEnd&& front_end) {
  return JsonCommands<FrontEnd>(std::forward<FrontEnd>(front_end));
}

}  // namespace meridian
