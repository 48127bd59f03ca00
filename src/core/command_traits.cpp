// The table behind `traits_of`: what is known of every data command of Redis 7, and what its arguments change.
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
  return has_any(options, {"NX", "XX"}) ? Repeat::conditional : Repeat::overwrite;
}

Repeat grade_getex(Words words) noexcept { return words.size() <= 2 ? Repeat::read_only : Repeat::overwrite; }

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
  return read_only_if(words, {"LIST", "HELP"}, Repeat::never);
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
                       "MYID", "MYSHARDID", "NODES", "REPLICAS", "SHARDS", "SLAVES", "SLOTS"},
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

// One command: its grade, or how to find it, and whether an error reply may hide that a part of it ran.
struct Entry {
  std::string_view name;
  Repeat repeat = Repeat::never;
  Repeat (*grade)(Words words) noexcept = nullptr;
  bool may_run_partly = false;

  constexpr Entry(std::string_view command, Repeat fixed, bool partly = false) noexcept
      : name(command), repeat(fixed), may_run_partly(partly) {}
  constexpr Entry(std::string_view command, Repeat (*by_arguments)(Words) noexcept) noexcept
      : name(command), grade(by_arguments) {}
};

constexpr Repeat read_only = Repeat::read_only;
constexpr Repeat overwrite = Repeat::overwrite;
constexpr Repeat conditional = Repeat::conditional;
constexpr Repeat accumulate = Repeat::accumulate;
constexpr Repeat administrative = Repeat::administrative;

// Sorted by name. What is not here is `never`: MULTI, WATCH, SUBSCRIBE, SELECT, AUTH, WAIT and others that belong to a
// connection, and whatever a module or a later server brings.
constexpr Entry table[] = {
    {"ACL", grade_acl},
    {"APPEND", accumulate},
    {"BGREWRITEAOF", administrative},
    {"BGSAVE", administrative},
    {"BITCOUNT", read_only},
    {"BITFIELD", grade_bitfield},
    {"BITFIELD_RO", read_only},
    {"BITOP", grade_bitop},
    {"BITPOS", read_only},
    {"BLMOVE", accumulate},
    {"BLMPOP", accumulate},
    {"BLPOP", accumulate},
    {"BRPOP", accumulate},
    {"BRPOPLPUSH", accumulate},
    {"BZMPOP", accumulate},
    {"BZPOPMAX", accumulate},
    {"BZPOPMIN", accumulate},
    {"CLIENT", grade_client},
    {"CLUSTER", grade_cluster},
    {"COMMAND", read_only},
    {"CONFIG", grade_config},
    {"COPY", grade_replace},
    {"DBSIZE", read_only},
    {"DEBUG", administrative},
    {"DECR", accumulate},
    {"DECRBY", accumulate},
    {"DEL", overwrite},
    {"DUMP", read_only},
    {"ECHO", read_only},
    {"EVAL", accumulate, true},
    {"EVALSHA", accumulate, true},
    {"EVALSHA_RO", read_only},
    {"EVAL_RO", read_only},
    {"EXEC", Repeat::never, true},
    {"EXISTS", read_only},
    {"EXPIRE", grade_expire},
    {"EXPIREAT", grade_expire},
    {"EXPIRETIME", read_only},
    {"FAILOVER", administrative},
    {"FCALL", accumulate, true},
    {"FCALL_RO", read_only},
    {"FLUSHALL", administrative},
    {"FLUSHDB", administrative},
    {"FUNCTION", grade_function},
    {"GEOADD", grade_zadd},
    {"GEODIST", read_only},
    {"GEOHASH", read_only},
    {"GEOPOS", read_only},
    {"GEORADIUS", grade_optional_store},
    {"GEORADIUSBYMEMBER", grade_optional_store},
    {"GEORADIUSBYMEMBER_RO", read_only},
    {"GEORADIUS_RO", read_only},
    {"GEOSEARCH", read_only},
    {"GEOSEARCHSTORE", grade_store},
    {"GET", read_only},
    {"GETBIT", read_only},
    {"GETDEL", accumulate},
    {"GETEX", grade_getex},
    {"GETRANGE", read_only},
    {"GETSET", accumulate},
    {"HDEL", overwrite},
    {"HEXISTS", read_only},
    {"HEXPIRE", grade_expire},
    {"HEXPIREAT", grade_expire},
    {"HEXPIRETIME", read_only},
    {"HGET", read_only},
    {"HGETALL", read_only},
    {"HINCRBY", accumulate},
    {"HINCRBYFLOAT", accumulate},
    {"HKEYS", read_only},
    {"HLEN", read_only},
    {"HMGET", read_only},
    {"HMSET", overwrite},
    {"HPERSIST", overwrite},
    {"HPEXPIRE", grade_expire},
    {"HPEXPIREAT", grade_expire},
    {"HPEXPIRETIME", read_only},
    {"HPTTL", read_only},
    {"HRANDFIELD", read_only},
    {"HSCAN", read_only},
    {"HSET", overwrite},
    {"HSETNX", conditional},
    {"HSTRLEN", read_only},
    {"HTTL", read_only},
    {"HVALS", read_only},
    {"INCR", accumulate},
    {"INCRBY", accumulate},
    {"INCRBYFLOAT", accumulate},
    {"INFO", read_only},
    {"KEYS", read_only},
    {"LASTSAVE", read_only},
    {"LATENCY", grade_resettable},
    {"LCS", read_only},
    {"LINDEX", read_only},
    {"LINSERT", accumulate},
    {"LLEN", read_only},
    {"LMOVE", accumulate},
    {"LMPOP", accumulate},
    {"LOLWUT", read_only},
    {"LPOP", accumulate},
    {"LPOS", read_only},
    {"LPUSH", accumulate},
    {"LPUSHX", accumulate},
    {"LRANGE", read_only},
    {"LREM", grade_lrem},
    {"LSET", overwrite},
    {"LTRIM", grade_ltrim},
    {"MEMORY", grade_memory},
    {"MGET", read_only},
    {"MIGRATE", administrative},
    {"MODULE", grade_module},
    {"MOVE", conditional},
    {"MSET", overwrite},
    {"MSETNX", conditional},
    {"OBJECT", read_only},
    {"PERSIST", overwrite},
    {"PEXPIRE", grade_expire},
    {"PEXPIREAT", grade_expire},
    {"PEXPIRETIME", read_only},
    {"PFADD", overwrite},
    {"PFCOUNT", read_only},
    {"PFMERGE", overwrite},
    {"PING", read_only},
    {"PSETEX", overwrite},
    {"PTTL", read_only},
    {"PUBLISH", accumulate},
    {"PUBSUB", read_only},
    {"RANDOMKEY", read_only},
    {"RENAME", accumulate},
    {"RENAMENX", conditional},
    {"REPLICAOF", administrative},
    {"RESTORE", grade_replace},
    {"ROLE", read_only},
    {"RPOP", accumulate},
    {"RPOPLPUSH", accumulate},
    {"RPUSH", accumulate},
    {"RPUSHX", accumulate},
    {"SADD", overwrite},
    {"SAVE", administrative},
    {"SCAN", read_only},
    {"SCARD", read_only},
    {"SCRIPT", grade_script},
    {"SDIFF", read_only},
    {"SDIFFSTORE", grade_store},
    {"SET", grade_set},
    {"SETBIT", overwrite},
    {"SETEX", overwrite},
    {"SETNX", conditional},
    {"SETRANGE", overwrite},
    {"SHUTDOWN", administrative},
    {"SINTER", read_only},
    {"SINTERCARD", read_only},
    {"SINTERSTORE", grade_store},
    {"SISMEMBER", read_only},
    {"SLAVEOF", administrative},
    {"SLOWLOG", grade_resettable},
    {"SMEMBERS", read_only},
    {"SMISMEMBER", read_only},
    {"SMOVE", accumulate},
    {"SORT", grade_optional_store},
    {"SORT_RO", read_only},
    {"SPOP", accumulate},
    {"SPUBLISH", accumulate},
    {"SRANDMEMBER", read_only},
    {"SREM", overwrite},
    {"SSCAN", read_only},
    {"STRLEN", read_only},
    {"SUBSTR", read_only},
    {"SUNION", read_only},
    {"SUNIONSTORE", grade_store},
    {"SWAPDB", administrative},
    {"TIME", read_only},
    {"TOUCH", read_only},
    {"TTL", read_only},
    {"TYPE", read_only},
    {"UNLINK", overwrite},
    {"XACK", overwrite},
    {"XADD", accumulate},
    {"XAUTOCLAIM", accumulate},
    {"XCLAIM", accumulate},
    {"XDEL", overwrite},
    {"XGROUP", grade_xgroup},
    {"XINFO", read_only},
    {"XLEN", read_only},
    {"XPENDING", read_only},
    {"XRANGE", read_only},
    {"XREAD", read_only},
    {"XREADGROUP", accumulate},
    {"XREVRANGE", read_only},
    {"XSETID", overwrite},
    {"XTRIM", overwrite},
    {"ZADD", grade_zadd},
    {"ZCARD", read_only},
    {"ZCOUNT", read_only},
    {"ZDIFF", read_only},
    {"ZDIFFSTORE", grade_store},
    {"ZINCRBY", accumulate},
    {"ZINTER", read_only},
    {"ZINTERCARD", read_only},
    {"ZINTERSTORE", grade_store},
    {"ZLEXCOUNT", read_only},
    {"ZMPOP", accumulate},
    {"ZMSCORE", read_only},
    {"ZPOPMAX", accumulate},
    {"ZPOPMIN", accumulate},
    {"ZRANDMEMBER", read_only},
    {"ZRANGE", read_only},
    {"ZRANGEBYLEX", read_only},
    {"ZRANGEBYSCORE", read_only},
    {"ZRANGESTORE", grade_store},
    {"ZRANK", read_only},
    {"ZREM", overwrite},
    {"ZREMRANGEBYLEX", overwrite},
    {"ZREMRANGEBYRANK", accumulate},
    {"ZREMRANGEBYSCORE", overwrite},
    {"ZREVRANGE", read_only},
    {"ZREVRANGEBYLEX", read_only},
    {"ZREVRANGEBYSCORE", read_only},
    {"ZREVRANK", read_only},
    {"ZSCAN", read_only},
    {"ZSCORE", read_only},
    {"ZUNION", read_only},
    {"ZUNIONSTORE", grade_store},
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
  if (is_one_of(name, {"XREAD", "XREADGROUP"})) return has(from(words, 1), "BLOCK");
  return is(name, "CLIENT") && is_one_of(word_at(words, 1), {"REPLY", "TRACKING", "CACHING", "SETNAME", "SETINFO"});
}

}  // namespace

CommandTraits traits_of(Words words) noexcept {
  // Longer than every name in the table: such a name is not in it.
  std::array<char, 24> buffer;
  if (words.empty() || words.front().size() > buffer.size()) return {};
  std::transform(words.front().begin(), words.front().end(), buffer.begin(), upper);
  const std::string_view name(buffer.data(), words.front().size());
  const bool own = needs_own_connection(name, words);
  const Entry* const entry = std::lower_bound(std::begin(table), std::end(table), name,
                                              [](const Entry& a, std::string_view b) { return a.name < b; });
  if (entry == std::end(table) || entry->name != name) return {.needs_own_connection = own};
  return {entry->grade ? entry->grade(words) : entry->repeat, entry->may_run_partly, own};
}

}  // namespace meridian
