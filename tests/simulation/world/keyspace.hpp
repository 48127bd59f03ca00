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
  client,  // the connection's own
  get,
  set,
  incr,
  del,
  exists,
  setrange,
  append,
  lpush,
  llen,  // data
};

// Replies in wire form.
[[nodiscard]] std::string bulk_reply(std::string_view text);
[[nodiscard]] std::string integer_reply(std::int64_t value);
[[nodiscard]] std::string_view null_reply(int protocol);

inline constexpr std::string_view not_an_integer = "-ERR value is not an integer or out of range\r\n";
inline constexpr std::string_view syntax_error = "-ERR syntax error\r\n";

class Keyspace {
 public:
  static constexpr int databases = 16;
  using Words = std::span<const std::string_view>;  // the command's name and arguments

  // Runs a data command whose number of words is right.
  [[nodiscard]] std::string execute(Verb verb, Words words, int database, int protocol);

  // The string at `key`; nothing if there is none or it is a list.
  [[nodiscard]] std::optional<std::string> value(const std::string& key, int database = 0) const;
  [[nodiscard]] std::size_t list_length(const std::string& key, int database = 0) const;
  [[nodiscard]] std::size_t size(int database = 0) const { return keys_[static_cast<std::size_t>(database)].size(); }

 private:
  using List = std::deque<std::string>;
  using Value = std::variant<std::string, List>;
  using Keys = std::unordered_map<std::string, Value>;  // never iterated: histories do not depend on its order

  static std::string get(Keys& keys, const std::string& key, int protocol);
  static std::string set(Keys& keys, Words words, int protocol);
  static std::string incr(Keys& keys, const std::string& key);
  static std::string setrange(Keys& keys, Words words);
  static std::string append(Keys& keys, Words words);
  static std::string lpush(Keys& keys, Words words);

  std::vector<Keys> keys_{databases};
};

}  // namespace meridian::simulation
