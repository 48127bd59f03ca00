// The table behind `describe_command`: what is known of every data command of Redis, and what its arguments change.
//
// A grade answers one question: what if it runs twice? Where that is harmless to the data it is `overwrite`, even if
// the second reply differs (SADD answers 0). Where the reply hands something out that a second run cannot give again
// (GETSET, LPOP) or every run moves the data on (INCR, LTRIM 1 -1), it is `accumulate`. Where the caller named a
// condition that the first run makes false (SET NX), it is `conditional`.
#include <meridian/commands/traits.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace meridian {
namespace {

using Words = std::span<const std::string_view>;

constexpr char upper(char character) noexcept {
  return character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character;
}

// `expected` is upper case.
bool is(std::string_view word, std::string_view expected) noexcept {
  return std::equal(word.begin(), word.end(), expected.begin(), expected.end(),
                    [](char a, char b) { return upper(a) == b; });
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> expected) noexcept {
  return std::any_of(expected.begin(), expected.end(), [&](std::string_view one) { return is(word, one); });
}

std::string_view word_at(Words words, std::size_t index) noexcept {
  return index < words.size() ? words[index] : std::string_view();
}

Words from(Words words, std::size_t index) noexcept { return words.subspan(std::min(index, words.size())); }

bool has(Words words, std::string_view option) noexcept {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return is(word, option); });
}

bool has_any(Words words, std::initializer_list<std::string_view> options) noexcept {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return is_one_of(word, options); });
}

std::optional<std::int64_t> integer(std::string_view word) noexcept {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size() ? std::optional(value) : std::nullopt;
}

// Grades that depend on the arguments. Where a word may be an option or data, the unsafer reading counts.

Repeat grade_set(Words words) noexcept {
  const Words options = from(words, 3);
  if (has(options, "GET")) return Repeat::accumulate;
  return has_any(options, {"NX", "XX", "IFEQ", "IFNE", "IFDEQ", "IFDNE"}) ? Repeat::conditional : Repeat::overwrite;
}

Repeat grade_getex(Words words) noexcept { return words.size() <= 2 ? Repeat::read_only : Repeat::overwrite; }

// HGETEX key [expiry] FIELDS n field …; HSETEX key [FNX | FXX] [expiry] FIELDS n field value …
Repeat grade_hgetex(Words words) noexcept {
  return is(word_at(words, 2), "FIELDS") ? Repeat::read_only : Repeat::overwrite;
}

Repeat grade_hsetex(Words words) noexcept {
  for (const std::string_view word : from(words, 2)) {
    if (is_one_of(word, {"FNX", "FXX"})) return Repeat::conditional;
    if (is(word, "FIELDS")) break;
  }
  return Repeat::overwrite;
}

// MSETEX n key value … [NX | XX] [expiry]; the options stand behind the last value.
Repeat grade_msetex(Words words) noexcept {
  const std::int64_t pairs = integer(word_at(words, 1)).value_or(0);
  const bool is_sane = pairs > 0 && pairs < 1'000'000'000;
  const Words options = from(words, is_sane ? 2 + 2 * static_cast<std::size_t>(pairs) : 0);
  return has_any(options, {"NX", "XX"}) ? Repeat::conditional : Repeat::overwrite;
}

// DELEX key [condition value]: the condition is false once the key is gone.
Repeat grade_delex(Words words) noexcept { return words.size() > 2 ? Repeat::conditional : Repeat::overwrite; }

Repeat grade_json_set(Words words) noexcept {
  return has_any(from(words, 4), {"NX", "XX"}) ? Repeat::conditional : Repeat::overwrite;
}

// What follows an element that was deleted by its place moves up, and is the next to go.
Repeat grade_json_del(Words words) noexcept {
  return word_at(words, 2).find('[') == std::string_view::npos ? Repeat::overwrite : Repeat::accumulate;
}

// EXPIRE key time [NX | XX | GT | LT] and its kin; HEXPIRE has FIELDS after them.
Repeat grade_expire(Words words) noexcept {
  return is_one_of(word_at(words, 3), {"NX", "XX", "GT", "LT"}) ? Repeat::conditional : Repeat::overwrite;
}

Repeat grade_replace(Words words) noexcept {
  return has(from(words, 3), "REPLACE") ? Repeat::overwrite : Repeat::conditional;
}

Repeat grade_ltrim(Words words) noexcept {
  const std::optional<std::int64_t> first = integer(word_at(words, 2));
  const std::optional<std::int64_t> last = integer(word_at(words, 3));
  return first && last ? detail::ltrim_grade(*first, *last) : Repeat::accumulate;
}

// LREM key 0 element removes all of them at once; any other count removes more with every run.
Repeat grade_lrem(Words words) noexcept {
  return integer(word_at(words, 2)) == 0 ? Repeat::overwrite : Repeat::accumulate;
}

// ZADD and GEOADD: options stand before the first score.
Repeat grade_zadd(Words words) noexcept {
  Repeat grade = Repeat::overwrite;
  for (const std::string_view word : from(words, 2)) {
    if (is(word, "INCR")) return Repeat::accumulate;
    if (is_one_of(word, {"NX", "XX", "GT", "LT"})) grade = Repeat::conditional;
    else if (!is(word, "CH")) break;
  }
  return grade;
}

// A result that is stored over one of its own sources moves on with every run (BITOP XOR d d s, ZUNIONSTORE d 2 d s).
Repeat grade_stored(Words words, std::size_t destination) noexcept {
  const Words sources = from(words, destination + 1);
  const bool is_own_source = std::find(sources.begin(), sources.end(), word_at(words, destination)) != sources.end();
  return is_own_source ? Repeat::accumulate : Repeat::overwrite;
}

Repeat grade_store(Words words) noexcept { return grade_stored(words, 1); }
Repeat grade_bitop(Words words) noexcept { return grade_stored(words, 2); }

// SORT and GEORADIUS read, unless they STORE their result somewhere: over their own source it is the next run's input.
Repeat grade_optional_store(Words words) noexcept {
  Repeat grade = Repeat::read_only;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (!is_one_of(words[i], {"STORE", "STOREDIST"})) continue;
    grade = std::max(grade, word_at(words, i + 1) == words[1] ? Repeat::accumulate : Repeat::overwrite);
  }
  return grade;
}

Repeat grade_bitfield(Words words) noexcept {
  const Words operations = from(words, 2);
  if (has(operations, "INCRBY")) return Repeat::accumulate;
  return has(operations, "SET") ? Repeat::overwrite : Repeat::read_only;
}

Repeat grade_xgroup(Words words) noexcept {
  if (is(word_at(words, 1), "CREATE")) return Repeat::conditional;
  return Repeat::overwrite;
}

// Container commands: what only looks is read_only, what changes the server is administrative, and what concerns the
// connection (CLIENT REPLY, SCRIPT DEBUG …) is not ours to repeat.

Repeat read_only_if(Words words, std::initializer_list<std::string_view> looks, Repeat otherwise) noexcept {
  return is_one_of(word_at(words, 1), looks) ? Repeat::read_only : otherwise;
}

Repeat grade_config(Words words) noexcept { return read_only_if(words, {"GET", "HELP"}, Repeat::administrative); }

Repeat grade_client(Words words) noexcept {
  if (is_one_of(word_at(words, 1), {"KILL", "PAUSE", "UNPAUSE", "UNBLOCK"})) return Repeat::administrative;
  return read_only_if(words, {"LIST", "INFO", "ID", "GETNAME", "GETREDIR", "TRACKINGINFO", "HELP"}, Repeat::never);
}

Repeat grade_script(Words words) noexcept {
  if (is(word_at(words, 1), "LOAD")) return Repeat::overwrite;
  if (is_one_of(word_at(words, 1), {"FLUSH", "KILL"})) return Repeat::administrative;
  return read_only_if(words, {"EXISTS", "HELP"}, Repeat::never);
}

Repeat grade_function(Words words) noexcept {
  return read_only_if(words, {"LIST", "DUMP", "STATS", "HELP"}, Repeat::administrative);
}

Repeat grade_acl(Words words) noexcept {
  if (is(word_at(words, 1), "LOG") && is(word_at(words, 2), "RESET")) return Repeat::administrative;
  return read_only_if(words, {"CAT", "DRYRUN", "GENPASS", "GETUSER", "HELP", "LIST", "LOG", "USERS", "WHOAMI"},
                      Repeat::administrative);
}

Repeat grade_cluster(Words words) noexcept {
  return read_only_if(words,
                      {"COUNTKEYSINSLOT", "COUNT-FAILURE-REPORTS", "GETKEYSINSLOT", "HELP", "INFO", "KEYSLOT", "LINKS",
                       "MYID", "MYSHARDID", "NODES", "REPLICAS", "SHARDS", "SLAVES", "SLOTS", "SLOT-STATS"},
                      Repeat::administrative);
}

Repeat grade_module(Words words) noexcept { return read_only_if(words, {"LIST", "HELP"}, Repeat::administrative); }

// These look, with one exception.
Repeat grade_memory(Words words) noexcept {
  return is(word_at(words, 1), "PURGE") ? Repeat::administrative : Repeat::read_only;
}
Repeat grade_resettable(Words words) noexcept {
  return is(word_at(words, 1), "RESET") ? Repeat::administrative : Repeat::read_only;
}

// Where the keys are.

using FindKeys = KeyPositions (*)(Words words) noexcept;

std::uint32_t position(std::size_t index) noexcept { return static_cast<std::uint32_t>(index); }

// From word `first` to word `last`, which counts from the end if it is negative, every `step`.
template <std::size_t first, int last, std::size_t step>
KeyPositions range(Words words) noexcept {
  // One behind the last.
  const std::size_t missing = last < 0 ? static_cast<std::size_t>(-last) - 1 : 0;
  const std::size_t size = words.size() - std::min(missing, words.size());
  const std::size_t end = last < 0 ? size : std::min(size, static_cast<std::size_t>(last) + 1);
  if (end <= first) return {};
  return {.first = first, .count = position((end - first - 1) / step + 1), .step = step};
}

// The number of keys is word `at`, and they follow. None where the number is none: the server refuses that.
template <std::size_t at, std::size_t step = 1>
KeyPositions counted_at(Words words) noexcept {
  const std::int64_t count = integer(word_at(words, at)).value_or(0);
  const auto room = static_cast<std::int64_t>(from(words, at + 1).size());
  if (count <= 0 || count > room / static_cast<std::int64_t>(step)) return {};
  return {.first = at + 1, .count = static_cast<std::uint32_t>(count), .step = step};
}

KeyPositions stored_and_counted(Words words) noexcept {
  KeyPositions keys = counted_at<2>(words);
  if (words.size() > 1) keys.destination = 1;
  return keys;
}

// The destination, and all that follows.
template <std::size_t at>
KeyPositions stored_at(Words words) noexcept {
  KeyPositions keys = range<at + 1, -1, 1>(words);
  if (words.size() > at) keys.destination = at;
  return keys;
}

KeyPositions stored_from_one(Words words) noexcept {
  KeyPositions keys = range<2, 2, 1>(words);
  if (words.size() > 1) keys.destination = 1;
  return keys;
}

// XREAD and XREADGROUP: the word after the option called `option`, which stands before STREAMS; 0 if there is none.
std::size_t stream_option(Words words, std::string_view option) noexcept {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (is(words[i], option)) return i + 1;
    if (is(words[i], "STREAMS")) break;
    if (is(words[i], "GROUP")) i += 2;
    else if (is_one_of(words[i], {"COUNT", "BLOCK"})) i += 1;
  }
  return 0;
}

// STREAMS key key … id id …
KeyPositions keys_of_streams(Words words) noexcept {
  const std::size_t first = stream_option(words, "STREAMS");
  const std::size_t count = from(words, first).size() / 2;
  return first == 0 || count == 0 ? KeyPositions{} : KeyPositions{.first = position(first), .count = position(count)};
}

// SORT key [BY pattern] [LIMIT a b] [GET pattern] … [STORE destination]: the last one counts.
KeyPositions keys_of_sort(Words words) noexcept {
  KeyPositions keys = range<1, 1, 1>(words);
  for (std::size_t i = 2; i + 1 < words.size(); ++i) {
    if (is(words[i], "STORE")) keys.destination = position(++i);
    else if (is(words[i], "LIMIT")) i += 2;
    else if (is_one_of(words[i], {"BY", "GET"})) i += 1;
  }
  return keys;
}

KeyPositions keys_of_georadius(Words words) noexcept {
  KeyPositions keys = range<1, 1, 1>(words);
  for (std::size_t i = 5; i + 1 < words.size(); ++i) {
    if (is_one_of(words[i], {"STORE", "STOREDIST"})) keys.destination = position(++i);
  }
  return keys;
}

// MIGRATE host port key db timeout [options], or with an empty key and KEYS key … behind the options.
KeyPositions keys_of_migrate(Words words) noexcept {
  if (!word_at(words, 3).empty()) return range<3, 3, 1>(words);
  for (std::size_t i = 6; i + 1 < words.size(); ++i) {
    if (is(words[i], "KEYS")) return {.first = position(i + 1), .count = position(words.size() - i - 1)};
    if (is(words[i], "AUTH")) i += 1;
    else if (is(words[i], "AUTH2")) i += 2;
  }
  return {};
}

constexpr FindKeys no_key = nullptr;
constexpr FindKeys one_key = range<1, 1, 1>;
constexpr FindKeys two_keys = range<1, 2, 1>;
constexpr FindKeys all_words = range<1, -1, 1>;
constexpr FindKeys all_but_last = range<1, -2, 1>;
constexpr FindKeys pairs = range<1, -1, 2>;
constexpr FindKeys triples = range<1, -1, 3>;
constexpr FindKeys counted_pairs = counted_at<1, 2>;
constexpr FindKeys second_word = range<2, 2, 1>;  // behind a subcommand

// Where a blocking command says for how long.
enum class Timeout { none, first_seconds, last_seconds, last_milliseconds, block_option };

// 0 is for ever. What is no number is refused by the server at once.
Duration seconds(std::string_view word) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || !(value >= 0)) return Duration::zero();
  const double longest = std::chrono::duration<double>(Duration::max()).count();
  if (value == 0 || value >= longest) return Duration::max();
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
}

Duration milliseconds(std::string_view word) noexcept {
  const std::optional<std::int64_t> value = integer(word);
  if (!value || *value < 0) return Duration::zero();
  constexpr std::int64_t longest = std::chrono::duration_cast<std::chrono::milliseconds>(Duration::max()).count();
  return *value == 0 || *value > longest ? Duration::max() : Duration(std::chrono::milliseconds(*value));
}

Duration longest_wait(Timeout timeout, Words words) noexcept {
  if (words.size() < 2) return Duration::zero();
  switch (timeout) {
    case Timeout::none: return Duration::zero();
    case Timeout::first_seconds: return seconds(words[1]);
    case Timeout::last_seconds: return seconds(words.back());
    case Timeout::last_milliseconds: return milliseconds(words.back());
    case Timeout::block_option: {
      const std::size_t at = stream_option(words, "BLOCK");
      return at == 0 ? Duration::zero() : milliseconds(word_at(words, at));
    }
  }
  return Duration::zero();
}

// An error reply may hide that a part of it ran.
struct Partly {};
constexpr Partly partly;

// One command: its grade, or how to find it, its keys and how long it blocks.
struct Entry {
  std::string_view name;
  Repeat repeat = Repeat::never;
  Repeat (*grade)(Words words) noexcept = nullptr;
  FindKeys keys = nullptr;
  Timeout timeout = Timeout::none;
  bool may_run_partly = false;

  constexpr Entry(std::string_view command, Repeat fixed, FindKeys find = no_key, Timeout wait = Timeout::none) noexcept
      : name(command), repeat(fixed), keys(find), timeout(wait) {}
  constexpr Entry(std::string_view command, Repeat fixed, FindKeys find, Partly) noexcept
      : name(command), repeat(fixed), keys(find), may_run_partly(true) {}
  constexpr Entry(std::string_view command, Repeat (*by_arguments)(Words) noexcept, FindKeys find = no_key) noexcept
      : name(command), grade(by_arguments), keys(find) {}
};

constexpr Repeat read_only = Repeat::read_only;
constexpr Repeat overwrite = Repeat::overwrite;
constexpr Repeat conditional = Repeat::conditional;
constexpr Repeat accumulate = Repeat::accumulate;
constexpr Repeat administrative = Repeat::administrative;

// Sorted by name. What is not here is `never`, and has no keys: MULTI, SUBSCRIBE, SELECT, AUTH and others that belong
// to a connection, and whatever a module or a later server brings.
constexpr Entry table[] = {
    {"ACL", grade_acl},
    {"APPEND", accumulate, one_key},
    {"BGREWRITEAOF", administrative},
    {"BGSAVE", administrative},
    {"BITCOUNT", read_only, one_key},
    {"BITFIELD", grade_bitfield, one_key},
    {"BITFIELD_RO", read_only, one_key},
    {"BITOP", grade_bitop, stored_at<2>},
    {"BITPOS", read_only, one_key},
    {"BLMOVE", accumulate, two_keys, Timeout::last_seconds},
    {"BLMPOP", accumulate, counted_at<2>, Timeout::first_seconds},
    {"BLPOP", accumulate, all_but_last, Timeout::last_seconds},
    {"BRPOP", accumulate, all_but_last, Timeout::last_seconds},
    {"BRPOPLPUSH", accumulate, two_keys, Timeout::last_seconds},
    {"BZMPOP", accumulate, counted_at<2>, Timeout::first_seconds},
    {"BZPOPMAX", accumulate, all_but_last, Timeout::last_seconds},
    {"BZPOPMIN", accumulate, all_but_last, Timeout::last_seconds},
    {"CLIENT", grade_client},
    {"CLUSTER", grade_cluster},
    {"COMMAND", read_only},
    {"CONFIG", grade_config},
    {"COPY", grade_replace, two_keys},
    {"DBSIZE", read_only},
    {"DEBUG", administrative},
    {"DECR", accumulate, one_key},
    {"DECRBY", accumulate, one_key},
    {"DEL", overwrite, all_words},
    {"DELEX", grade_delex, one_key},
    {"DIGEST", read_only, one_key},
    {"DUMP", read_only, one_key},
    {"ECHO", read_only},
    {"EVAL", accumulate, counted_at<2>, partly},
    {"EVALSHA", accumulate, counted_at<2>, partly},
    {"EVALSHA_RO", read_only, counted_at<2>},
    {"EVAL_RO", read_only, counted_at<2>},
    {"EXEC", Repeat::never, no_key, partly},
    {"EXISTS", read_only, all_words},
    {"EXPIRE", grade_expire, one_key},
    {"EXPIREAT", grade_expire, one_key},
    {"EXPIRETIME", read_only, one_key},
    {"FAILOVER", administrative},
    {"FCALL", accumulate, counted_at<2>, partly},
    {"FCALL_RO", read_only, counted_at<2>},
    {"FLUSHALL", administrative},
    {"FLUSHDB", administrative},
    {"FUNCTION", grade_function},
    {"GEOADD", grade_zadd, one_key},
    {"GEODIST", read_only, one_key},
    {"GEOHASH", read_only, one_key},
    {"GEOPOS", read_only, one_key},
    {"GEORADIUS", grade_optional_store, keys_of_georadius},
    {"GEORADIUSBYMEMBER", grade_optional_store, keys_of_georadius},
    {"GEORADIUSBYMEMBER_RO", read_only, one_key},
    {"GEORADIUS_RO", read_only, one_key},
    {"GEOSEARCH", read_only, one_key},
    {"GEOSEARCHSTORE", grade_store, stored_from_one},
    {"GET", read_only, one_key},
    {"GETBIT", read_only, one_key},
    {"GETDEL", accumulate, one_key},
    {"GETEX", grade_getex, one_key},
    {"GETRANGE", read_only, one_key},
    {"GETSET", accumulate, one_key},
    {"HDEL", overwrite, one_key},
    {"HEXISTS", read_only, one_key},
    {"HEXPIRE", grade_expire, one_key},
    {"HEXPIREAT", grade_expire, one_key},
    {"HEXPIRETIME", read_only, one_key},
    {"HGET", read_only, one_key},
    {"HGETALL", read_only, one_key},
    {"HGETDEL", accumulate, one_key},
    {"HGETEX", grade_hgetex, one_key},
    {"HINCRBY", accumulate, one_key},
    {"HINCRBYFLOAT", accumulate, one_key},
    {"HKEYS", read_only, one_key},
    {"HLEN", read_only, one_key},
    {"HMGET", read_only, one_key},
    {"HMSET", overwrite, one_key},
    {"HPERSIST", overwrite, one_key},
    {"HPEXPIRE", grade_expire, one_key},
    {"HPEXPIREAT", grade_expire, one_key},
    {"HPEXPIRETIME", read_only, one_key},
    {"HPTTL", read_only, one_key},
    {"HRANDFIELD", read_only, one_key},
    {"HSCAN", read_only, one_key},
    {"HSET", overwrite, one_key},
    {"HSETEX", grade_hsetex, one_key},
    {"HSETNX", conditional, one_key},
    {"HSTRLEN", read_only, one_key},
    {"HTTL", read_only, one_key},
    {"HVALS", read_only, one_key},
    {"INCR", accumulate, one_key},
    {"INCRBY", accumulate, one_key},
    {"INCRBYFLOAT", accumulate, one_key},
    {"INFO", read_only},
    {"JSON.ARRAPPEND", accumulate, one_key},
    {"JSON.ARRINDEX", read_only, one_key},
    {"JSON.ARRINSERT", accumulate, one_key},
    {"JSON.ARRLEN", read_only, one_key},
    {"JSON.ARRPOP", accumulate, one_key},
    {"JSON.ARRTRIM", accumulate, one_key},
    {"JSON.CLEAR", overwrite, one_key},
    {"JSON.DEBUG", read_only, second_word},
    {"JSON.DEL", grade_json_del, one_key},
    {"JSON.FORGET", grade_json_del, one_key},
    {"JSON.GET", read_only, one_key},
    {"JSON.MERGE", overwrite, one_key},
    {"JSON.MGET", read_only, all_but_last},
    {"JSON.MSET", overwrite, triples},
    {"JSON.NUMINCRBY", accumulate, one_key},
    {"JSON.NUMMULTBY", accumulate, one_key},
    {"JSON.OBJKEYS", read_only, one_key},
    {"JSON.OBJLEN", read_only, one_key},
    {"JSON.RESP", read_only, one_key},
    {"JSON.SET", grade_json_set, one_key},
    {"JSON.STRAPPEND", accumulate, one_key},
    {"JSON.STRLEN", read_only, one_key},
    {"JSON.TOGGLE", accumulate, one_key},
    {"JSON.TYPE", read_only, one_key},
    {"KEYS", read_only},
    {"LASTSAVE", read_only},
    {"LATENCY", grade_resettable},
    {"LCS", read_only, two_keys},
    {"LINDEX", read_only, one_key},
    {"LINSERT", accumulate, one_key},
    {"LLEN", read_only, one_key},
    {"LMOVE", accumulate, two_keys},
    {"LMPOP", accumulate, counted_at<1>},
    {"LOLWUT", read_only},
    {"LPOP", accumulate, one_key},
    {"LPOS", read_only, one_key},
    {"LPUSH", accumulate, one_key},
    {"LPUSHX", accumulate, one_key},
    {"LRANGE", read_only, one_key},
    {"LREM", grade_lrem, one_key},
    {"LSET", overwrite, one_key},
    {"LTRIM", grade_ltrim, one_key},
    {"MEMORY", grade_memory, second_word},
    {"MGET", read_only, all_words},
    {"MIGRATE", administrative, keys_of_migrate},
    {"MODULE", grade_module},
    {"MOVE", conditional, one_key},
    {"MSET", overwrite, pairs},
    {"MSETEX", grade_msetex, counted_pairs},
    {"MSETNX", conditional, pairs},
    {"OBJECT", read_only, second_word},
    {"PERSIST", overwrite, one_key},
    {"PEXPIRE", grade_expire, one_key},
    {"PEXPIREAT", grade_expire, one_key},
    {"PEXPIRETIME", read_only, one_key},
    {"PFADD", overwrite, one_key},
    {"PFCOUNT", read_only, all_words},
    {"PFMERGE", overwrite, stored_at<1>},
    {"PING", read_only},
    {"PSETEX", overwrite, one_key},
    {"PTTL", read_only, one_key},
    {"PUBLISH", accumulate},
    {"PUBSUB", read_only},
    {"RANDOMKEY", read_only},
    {"RENAME", accumulate, two_keys},
    {"RENAMENX", conditional, two_keys},
    {"REPLICAOF", administrative},
    {"RESTORE", grade_replace, one_key},
    {"ROLE", read_only},
    {"RPOP", accumulate, one_key},
    {"RPOPLPUSH", accumulate, two_keys},
    {"RPUSH", accumulate, one_key},
    {"RPUSHX", accumulate, one_key},
    {"SADD", overwrite, one_key},
    {"SAVE", administrative},
    {"SCAN", read_only},
    {"SCARD", read_only, one_key},
    {"SCRIPT", grade_script},
    {"SDIFF", read_only, all_words},
    {"SDIFFSTORE", grade_store, stored_at<1>},
    {"SET", grade_set, one_key},
    {"SETBIT", overwrite, one_key},
    {"SETEX", overwrite, one_key},
    {"SETNX", conditional, one_key},
    {"SETRANGE", overwrite, one_key},
    {"SHUTDOWN", administrative},
    {"SINTER", read_only, all_words},
    {"SINTERCARD", read_only, counted_at<1>},
    {"SINTERSTORE", grade_store, stored_at<1>},
    {"SISMEMBER", read_only, one_key},
    {"SLAVEOF", administrative},
    {"SLOWLOG", grade_resettable},
    {"SMEMBERS", read_only, one_key},
    {"SMISMEMBER", read_only, one_key},
    {"SMOVE", accumulate, two_keys},
    {"SORT", grade_optional_store, keys_of_sort},
    {"SORT_RO", read_only, one_key},
    {"SPOP", accumulate, one_key},
    {"SPUBLISH", accumulate, one_key},
    {"SRANDMEMBER", read_only, one_key},
    {"SREM", overwrite, one_key},
    {"SSCAN", read_only, one_key},
    {"STRLEN", read_only, one_key},
    {"SUBSTR", read_only, one_key},
    {"SUNION", read_only, all_words},
    {"SUNIONSTORE", grade_store, stored_at<1>},
    {"SWAPDB", administrative},
    {"TIME", read_only},
    {"TOUCH", read_only, all_words},
    {"TTL", read_only, one_key},
    {"TYPE", read_only, one_key},
    {"UNLINK", overwrite, all_words},
    {"VADD", overwrite, one_key},
    {"VCARD", read_only, one_key},
    {"VDIM", read_only, one_key},
    {"VEMB", read_only, one_key},
    {"VGETATTR", read_only, one_key},
    {"VINFO", read_only, one_key},
    {"VISMEMBER", read_only, one_key},
    {"VLINKS", read_only, one_key},
    {"VRANDMEMBER", read_only, one_key},
    {"VRANGE", read_only, one_key},
    {"VREM", overwrite, one_key},
    {"VSETATTR", overwrite, one_key},
    {"VSIM", read_only, one_key},
    {"WAIT", Repeat::never, no_key, Timeout::last_milliseconds},
    {"WAITAOF", Repeat::never, no_key, Timeout::last_milliseconds},
    {"WATCH", Repeat::never, all_words},
    {"XACK", overwrite, one_key},
    {"XACKDEL", overwrite, one_key},
    {"XADD", accumulate, one_key},
    {"XAUTOCLAIM", accumulate, one_key},
    {"XCLAIM", accumulate, one_key},
    {"XDEL", overwrite, one_key},
    {"XDELEX", overwrite, one_key},
    {"XGROUP", grade_xgroup, second_word},
    {"XINFO", read_only, second_word},
    {"XLEN", read_only, one_key},
    {"XPENDING", read_only, one_key},
    {"XRANGE", read_only, one_key},
    {"XREAD", read_only, keys_of_streams, Timeout::block_option},
    {"XREADGROUP", accumulate, keys_of_streams, Timeout::block_option},
    {"XREVRANGE", read_only, one_key},
    {"XSETID", overwrite, one_key},
    {"XTRIM", overwrite, one_key},
    {"ZADD", grade_zadd, one_key},
    {"ZCARD", read_only, one_key},
    {"ZCOUNT", read_only, one_key},
    {"ZDIFF", read_only, counted_at<1>},
    {"ZDIFFSTORE", grade_store, stored_and_counted},
    {"ZINCRBY", accumulate, one_key},
    {"ZINTER", read_only, counted_at<1>},
    {"ZINTERCARD", read_only, counted_at<1>},
    {"ZINTERSTORE", grade_store, stored_and_counted},
    {"ZLEXCOUNT", read_only, one_key},
    {"ZMPOP", accumulate, counted_at<1>},
    {"ZMSCORE", read_only, one_key},
    {"ZPOPMAX", accumulate, one_key},
    {"ZPOPMIN", accumulate, one_key},
    {"ZRANDMEMBER", read_only, one_key},
    {"ZRANGE", read_only, one_key},
    {"ZRANGEBYLEX", read_only, one_key},
    {"ZRANGEBYSCORE", read_only, one_key},
    {"ZRANGESTORE", grade_store, stored_from_one},
    {"ZRANK", read_only, one_key},
    {"ZREM", overwrite, one_key},
    {"ZREMRANGEBYLEX", overwrite, one_key},
    {"ZREMRANGEBYRANK", accumulate, one_key},
    {"ZREMRANGEBYSCORE", overwrite, one_key},
    {"ZREVRANGE", read_only, one_key},
    {"ZREVRANGEBYLEX", read_only, one_key},
    {"ZREVRANGEBYSCORE", read_only, one_key},
    {"ZREVRANK", read_only, one_key},
    {"ZSCAN", read_only, one_key},
    {"ZSCORE", read_only, one_key},
    {"ZUNION", read_only, counted_at<1>},
    {"ZUNIONSTORE", grade_store, stored_and_counted},
};

static_assert(std::is_sorted(std::begin(table), std::end(table),
                             [](const Entry& a, const Entry& b) { return a.name < b.name; }),
              "traits_of searches the table by halves");

// Would make other callers of the same connection wait, or get replies that are not theirs, or run elsewhere.
bool needs_own_connection(std::string_view name, Words words) noexcept {
  if (is_one_of(name,
                {"BLPOP",   "BRPOP",     "BLMOVE",     "BRPOPLPUSH", "BLMPOP",      "BZPOPMIN",     "BZPOPMAX",
                 "BZMPOP",  "WAIT",      "WAITAOF",    "MULTI",      "EXEC",        "DISCARD",      "WATCH",
                 "UNWATCH", "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE",
                 "SELECT",  "AUTH",      "HELLO",      "RESET",      "QUIT",        "MONITOR",      "SYNC",
                 "PSYNC",   "ASKING",    "READONLY",   "READWRITE"})) {
    return true;
  }
  if (is_one_of(name, {"XREAD", "XREADGROUP"})) return stream_option(words, "BLOCK") != 0;
  return is(name, "CLIENT") &&
         is_one_of(word_at(words, 1), {"REPLY", "TRACKING", "CACHING", "SETNAME", "SETINFO", "NO-EVICT", "NO-TOUCH"});
}

}  // namespace

RequestFacts describe_command(Words words) noexcept {
  // Longer than every name in the table: such a name is not in it.
  std::array<char, 24> buffer;
  if (words.empty() || words.front().size() > buffer.size()) return {};
  std::transform(words.front().begin(), words.front().end(), buffer.begin(), upper);
  const std::string_view name(buffer.data(), words.front().size());
  RequestFacts facts;
  facts.traits.needs_own_connection = needs_own_connection(name, words);
  const Entry* const entry = std::lower_bound(std::begin(table), std::end(table), name,
                                              [](const Entry& a, std::string_view b) { return a.name < b; });
  if (entry == std::end(table) || entry->name != name) return facts;
  facts.traits.repeat = entry->grade ? entry->grade(words) : entry->repeat;
  facts.traits.may_run_partly = entry->may_run_partly;
  if (entry->keys) facts.keys = entry->keys(words);
  facts.blocks_for = longest_wait(entry->timeout, words);
  return facts;
}

CommandTraits traits_of(Words words) noexcept { return describe_command(words).traits; }

}  // namespace meridian
