// Data commands as Redis 7 runs them.
#include "simulation/world/keyspace.hpp"

#include <limits>

#include "resp/number.hpp"

namespace meridian::simulation {
namespace {

constexpr std::string_view wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
constexpr std::size_t longest_string = std::size_t{512} << 20;

bool is_word(std::string_view text, std::string_view upper) noexcept {
  if (text.size() != upper.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
    if (letter != upper[i]) return false;
  }
  return true;
}

}  // namespace

std::string bulk_reply(std::string_view text) {
  std::string reply = "$";
  return reply.append(std::to_string(text.size())).append("\r\n").append(text).append("\r\n");
}

std::string integer_reply(std::int64_t value) {
  std::string reply = ":";
  return reply.append(std::to_string(value)).append("\r\n");
}

std::string_view null_reply(int protocol) { return protocol == 3 ? "_\r\n" : "$-1\r\n"; }

std::string Keyspace::execute(Verb verb, Words words, int database, int protocol) {
  Keys& keys = keys_[static_cast<std::size_t>(database)];
  const std::string key(words[1]);
  std::int64_t count = 0;
  switch (verb) {
    case Verb::get: return get(keys, key, protocol);
    case Verb::set: return set(keys, words, protocol);
    case Verb::incr: return incr(keys, key);
    case Verb::del:
      for (const std::string_view each : words.subspan(1))
        count += static_cast<std::int64_t>(keys.erase(std::string(each)));
      return integer_reply(count);
    case Verb::exists:
      for (const std::string_view each : words.subspan(1)) count += keys.contains(std::string(each)) ? 1 : 0;
      return integer_reply(count);
    case Verb::setrange: return setrange(keys, words);
    case Verb::append: return append(keys, words);
    case Verb::lpush: return lpush(keys, words);
    case Verb::llen: {
      const auto found = keys.find(key);
      if (found == keys.end()) return integer_reply(0);
      const List* list = std::get_if<List>(&found->second);
      return list == nullptr ? std::string(wrong_type) : integer_reply(static_cast<std::int64_t>(list->size()));
    }
    default: return "-ERR not a data command\r\n";
  }
}

std::optional<std::string> Keyspace::value(const std::string& key, int database) const {
  const Keys& keys = keys_[static_cast<std::size_t>(database)];
  const auto found = keys.find(key);
  if (found == keys.end() || !std::holds_alternative<std::string>(found->second)) return std::nullopt;
  return std::get<std::string>(found->second);
}

std::size_t Keyspace::list_length(const std::string& key, int database) const {
  const Keys& keys = keys_[static_cast<std::size_t>(database)];
  const auto found = keys.find(key);
  return found == keys.end() || !std::holds_alternative<List>(found->second) ? 0 : std::get<List>(found->second).size();
}

std::string Keyspace::get(Keys& keys, const std::string& key, int protocol) {
  const auto found = keys.find(key);
  if (found == keys.end()) return std::string(null_reply(protocol));
  const std::string* text = std::get_if<std::string>(&found->second);
  return text == nullptr ? std::string(wrong_type) : bulk_reply(*text);
}

std::string Keyspace::set(Keys& keys, Words words, int protocol) {
  bool only_new = false;
  bool only_old = false;
  bool give_old = false;
  for (const std::string_view option : words.subspan(3)) {
    if (is_word(option, "NX") && !only_old) only_new = true;
    else if (is_word(option, "XX") && !only_new) only_old = true;
    else if (is_word(option, "GET")) give_old = true;
    else return std::string(syntax_error);
  }
  const std::string key(words[1]);
  const auto found = keys.find(key);
  const bool exists = found != keys.end();
  std::string old(null_reply(protocol));
  if (give_old && exists) {
    const std::string* text = std::get_if<std::string>(&found->second);
    if (text == nullptr) return std::string(wrong_type);
    old = bulk_reply(*text);
  }
  if ((only_new && exists) || (only_old && !exists)) return give_old ? old : std::string(null_reply(protocol));
  keys[key] = std::string(words[2]);
  return give_old ? old : "+OK\r\n";
}

std::string Keyspace::incr(Keys& keys, const std::string& key) {
  const auto found = keys.try_emplace(key, std::string("0")).first;
  std::string* text = std::get_if<std::string>(&found->second);
  if (text == nullptr) return std::string(wrong_type);
  const std::optional<std::int64_t> number = resp::parse_int64(*text, resp::Plus::forbidden);
  if (!number) return std::string(not_an_integer);
  if (*number == std::numeric_limits<std::int64_t>::max()) return "-ERR increment or decrement would overflow\r\n";
  *text = std::to_string(*number + 1);
  return integer_reply(*number + 1);
}

std::string Keyspace::setrange(Keys& keys, Words words) {
  const std::optional<std::int64_t> offset = resp::parse_int64(words[2], resp::Plus::forbidden);
  if (!offset) return std::string(not_an_integer);
  if (*offset < 0) return "-ERR offset is out of range\r\n";
  const std::string key(words[1]);
  const std::string_view patch = words[3];
  const auto found = keys.find(key);
  std::string* text = found == keys.end() ? nullptr : std::get_if<std::string>(&found->second);
  if (found != keys.end() && text == nullptr) return std::string(wrong_type);
  // An empty value changes nothing and creates nothing: what makes it the no-op write probe (DET-3).
  if (patch.empty()) return integer_reply(text == nullptr ? 0 : static_cast<std::int64_t>(text->size()));
  const std::size_t end = static_cast<std::size_t>(*offset) + patch.size();
  if (end > longest_string) return "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";
  if (text == nullptr) text = &std::get<std::string>(keys[key]);
  if (text->size() < end) text->resize(end, '\0');
  text->replace(static_cast<std::size_t>(*offset), patch.size(), patch);
  return integer_reply(static_cast<std::int64_t>(text->size()));
}

std::string Keyspace::append(Keys& keys, Words words) {
  std::string* text = std::get_if<std::string>(&keys[std::string(words[1])]);
  if (text == nullptr) return std::string(wrong_type);
  text->append(words[2]);
  return integer_reply(static_cast<std::int64_t>(text->size()));
}

std::string Keyspace::lpush(Keys& keys, Words words) {
  List* list = std::get_if<List>(&keys.try_emplace(std::string(words[1]), List{}).first->second);
  if (list == nullptr) return std::string(wrong_type);
  for (const std::string_view element : words.subspan(2)) list->emplace_front(element);
  return integer_reply(static_cast<std::int64_t>(list->size()));
}

}  // namespace meridian::simulation
