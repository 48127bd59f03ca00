// The data of a fake server and the few commands that touch it, with the replies and error texts of Redis 7.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace meridian::simulation {

enum class Verb : std::uint8_t {
  ping,
  echo,
  hello,
  auth,
  select,
  client,
  subscribe,
  unsubscribe,
  psubscribe,
  punsubscribe,
  ssubscribe,
  sunsubscribe,
  publish,
  spublish,  // the connection's own, or other connections'
  get,
  set,
  incr,
  del,
  exists,
  setrange,
  append,
  lpush,
  llen,
  rpush,
  lpop,
  blpop,
  xadd,
  xread,  // data
  multi,
  exec,
  discard,
  watch,
  unwatch,
  eval,
  evalsha,
  scan,  // of several commands, or of all data
};

// Replies in wire form.
[[nodiscard]] std::string bulk_reply(std::string_view text);
[[nodiscard]] std::string integer_reply(std::int64_t value);
[[nodiscard]] std::string_view null_reply(int protocol);
[[nodiscard]] std::string_view null_array_reply(int protocol);

inline constexpr std::string_view not_an_integer = "-ERR value is not an integer or out of range\r\n";
inline constexpr std::string_view syntax_error = "-ERR syntax error\r\n";

class Keyspace {
 public:
  static constexpr int databases = 16;
  using Words = std::span<const std::string_view>;  // the command's name and arguments

  // Runs a data command whose number of words is right.
  [[nodiscard]] std::string execute(Verb verb, Words words, int database, int protocol);

  // Grows with every change of the key, its end included.
  [[nodiscard]] std::uint64_t version(const std::string& key, int database) const;
  // Sorted.
  [[nodiscard]] std::vector<std::string> names(int database) const;
  // The id that `$` means to XREAD.
  [[nodiscard]] std::string last_id(const std::string& key, int database) const;

  // The string at `key`; nothing if there is none or it is a list.
  [[nodiscard]] std::optional<std::string> value(const std::string& key, int database = 0) const;
  [[nodiscard]] std::size_t list_length(const std::string& key, int database = 0) const;
  [[nodiscard]] std::size_t size(int database = 0) const { return keys_[static_cast<std::size_t>(database)].size(); }

 private:
  using List = std::deque<std::string>;
  struct Stream {
    struct Entry {
      std::uint64_t id;
      std::string field;
      std::string value;
    };
    std::vector<Entry> entries;
  };
  using Value = std::variant<std::string, List, Stream>;
  using Keys = std::unordered_map<std::string, Value>;  // histories do not depend on its order
  using Versions = std::unordered_map<std::string, std::uint64_t>;

  [[nodiscard]] std::string run(Verb verb, Words words, Keys& keys, int protocol);

  static std::string get(Keys& keys, const std::string& key, int protocol);
  static std::string set(Keys& keys, Words words, int protocol);
  static std::string incr(Keys& keys, const std::string& key);
  static std::string setrange(Keys& keys, Words words);
  static std::string append(Keys& keys, Words words);
  static std::string push(Keys& keys, Words words, Verb verb);
  static std::optional<std::string> pop(Keys& keys, const std::string& key);
  static std::string blpop(Keys& keys, Words words, int protocol);
  static std::string xadd(Keys& keys, Words words);
  static std::string xread(const Keys& keys, Words words, int protocol);

  std::vector<Keys> keys_{databases};
  std::vector<Versions> versions_{databases};
};

}  // namespace meridian::simulation
