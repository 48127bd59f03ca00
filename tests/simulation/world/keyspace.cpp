// Data commands as Redis 7 runs them.
#include "simulation/world/keyspace.hpp"

#include <algorithm>
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

// Whether a command that got this reply changed `key`, as WATCH sees it.
bool changes(Verb verb, Keyspace::Words words, std::string_view reply) noexcept {
  if (reply.starts_with('-')) return false;
  switch (verb) {
    case Verb::set: return reply == "+OK\r\n";
    case Verb::del: return reply != ":0\r\n";
    case Verb::setrange: return !words[3].empty();
    case Verb::lpop:
    case Verb::blpop: return reply != null_reply(2) && reply != null_reply(3) && reply != null_array_reply(2);
    case Verb::incr:
    case Verb::append:
    case Verb::lpush:
    case Verb::rpush:
    case Verb::xadd: return true;
    default: return false;
  }
}

// "7-0", or "7".
std::uint64_t id_of(std::string_view text) {
  return static_cast<std::uint64_t>(
      resp::parse_int64(text.substr(0, text.find('-')), resp::Plus::forbidden).value_or(0));
}

std::string text_of(std::uint64_t id) { return std::to_string(id) + "-0"; }

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

std::string_view null_array_reply(int protocol) { return protocol == 3 ? "_\r\n" : "*-1\r\n"; }

std::string Keyspace::execute(Verb verb, Words words, int database, int protocol) {
  std::string reply = run(verb, words, keys_[static_cast<std::size_t>(database)], protocol);
  if (!changes(verb, words, reply)) return reply;
  Versions& versions = versions_[static_cast<std::size_t>(database)];
  const bool several = verb == Verb::del || verb == Verb::blpop;
  for (const std::string_view key : words.subspan(1, several ? words.size() - 1 : 1)) ++versions[std::string(key)];
  return reply;
}

std::string Keyspace::run(Verb verb, Words words, Keys& keys, int protocol) {
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
    case Verb::lpush:
    case Verb::rpush: return push(keys, words, verb);
    case Verb::lpop: {
      const auto element = pop(keys, key);
      return element ? *element : std::string(null_reply(protocol));
    }
    case Verb::blpop: return blpop(keys, words, protocol);
    case Verb::xadd: return xadd(keys, words);
    case Verb::xread: return xread(keys, words, protocol);
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

std::string Keyspace::push(Keys& keys, Words words, Verb verb) {
  List* list = std::get_if<List>(&keys.try_emplace(std::string(words[1]), List{}).first->second);
  if (list == nullptr) return std::string(wrong_type);
  for (const std::string_view element : words.subspan(2)) {
    if (verb == Verb::lpush) list->emplace_front(element);
    else list->emplace_back(element);
  }
  return integer_reply(static_cast<std::int64_t>(list->size()));
}

// The first element in wire form, or an error; nothing if there is none.
std::optional<std::string> Keyspace::pop(Keys& keys, const std::string& key) {
  const auto found = keys.find(key);
  if (found == keys.end()) return std::nullopt;
  List* list = std::get_if<List>(&found->second);
  if (list == nullptr) return std::string(wrong_type);
  std::string element = bulk_reply(list->front());
  list->pop_front();
  if (list->empty()) keys.erase(found);
  return element;
}

// Without waiting.
std::string Keyspace::blpop(Keys& keys, Words words, int protocol) {
  for (const std::string_view key : words.subspan(1, words.size() - 2)) {
    const auto element = pop(keys, std::string(key));
    if (element) return element->starts_with('-') ? *element : "*2\r\n" + bulk_reply(key) + *element;
  }
  return std::string(null_array_reply(protocol));
}

// XADD key * field value; ids are counted.
std::string Keyspace::xadd(Keys& keys, Words words) {
  if (words[2] != "*" || words.size() != 5) return std::string(syntax_error);
  Stream* stream = std::get_if<Stream>(&keys.try_emplace(std::string(words[1]), Stream{}).first->second);
  if (stream == nullptr) return std::string(wrong_type);
  const std::uint64_t id = stream->entries.size() + 1;
  stream->entries.push_back({id, std::string(words[3]), std::string(words[4])});
  return bulk_reply(text_of(id));
}

// XREAD [BLOCK milliseconds] STREAMS key id, without waiting.
std::string Keyspace::xread(const Keys& keys, Words words, int protocol) {
  if (words[words.size() - 3] != "STREAMS") return std::string(syntax_error);
  const std::string_view key = words[words.size() - 2];
  const std::string nothing(null_array_reply(protocol));
  const auto found = keys.find(std::string(key));
  if (found == keys.end() || words.back() == "$") return nothing;
  const Stream* stream = std::get_if<Stream>(&found->second);
  if (stream == nullptr) return std::string(wrong_type);
  std::string entries;
  std::size_t count = 0;
  for (const Stream::Entry& entry : stream->entries) {
    if (entry.id <= id_of(words.back())) continue;
    ++count;
    entries += "*2\r\n" + bulk_reply(text_of(entry.id)) + "*2\r\n" + bulk_reply(entry.field) + bulk_reply(entry.value);
  }
  if (count == 0) return nothing;
  return (protocol == 3 ? "%1\r\n" : "*1\r\n*2\r\n") + bulk_reply(key) + "*" + std::to_string(count) + "\r\n" + entries;
}

std::uint64_t Keyspace::version(const std::string& key, int database) const {
  const Versions& versions = versions_[static_cast<std::size_t>(database)];
  const auto found = versions.find(key);
  return found == versions.end() ? 0 : found->second;
}

std::vector<std::string> Keyspace::names(int database) const {
  std::vector<std::string> names;
  for (const auto& [key, value] : keys_[static_cast<std::size_t>(database)]) names.push_back(key);
  std::ranges::sort(names);
  return names;
}

std::string Keyspace::last_id(const std::string& key, int database) const {
  const Keys& keys = keys_[static_cast<std::size_t>(database)];
  const auto found = keys.find(key);
  const Stream* stream = found == keys.end() ? nullptr : std::get_if<Stream>(&found->second);
  return text_of(stream == nullptr ? 0 : stream->entries.size());
}

}  // namespace meridian::simulation
