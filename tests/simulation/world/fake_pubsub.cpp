#include "simulation/world/fake_pubsub.hpp"

#include <initializer_list>

namespace meridian::simulation {
namespace {

std::string push_of(std::initializer_list<std::string_view> words, int protocol) {
  std::string text = (protocol == 3 ? ">" : "*") + std::to_string(words.size()) + "\r\n";
  for (const std::string_view word : words) text += bulk_reply(word);
  return text;
}

// Globs of `*` and `?`.
bool fits(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    for (std::size_t skipped = 0; skipped <= text.size(); ++skipped) {
      if (fits(pattern.substr(1), text.substr(skipped))) return true;
    }
    return false;
  }
  if (text.empty() || (pattern.front() != '?' && pattern.front() != text.front())) return false;
  return fits(pattern.substr(1), text.substr(1));
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return result;
}

}  // namespace

std::string FakePubSub::change(Verb verb, Keyspace::Words words, int protocol) {
  Names& names = verb == Verb::psubscribe || verb == Verb::punsubscribe   ? patterns_
                 : verb == Verb::ssubscribe || verb == Verb::sunsubscribe ? shards_
                                                                          : channels_;
  const bool adds = verb == Verb::subscribe || verb == Verb::psubscribe || verb == Verb::ssubscribe;
  const std::string word = lower(words[0]);
  std::string confirmations;
  for (const std::string_view name : words.subspan(1)) {
    if (adds) names.emplace(name);
    else names.erase(std::string(name));
    const std::size_t count = &names == &shards_ ? shards_.size() : channels_.size() + patterns_.size();
    confirmations += protocol == 3 ? ">3\r\n" : "*3\r\n";
    confirmations += bulk_reply(word) + bulk_reply(name) + integer_reply(static_cast<std::int64_t>(count));
  }
  return confirmations;
}

std::vector<std::string> FakePubSub::messages(std::string_view channel, std::string_view payload, int protocol) const {
  std::vector<std::string> texts;
  if (channels_.contains(channel)) texts.push_back(push_of({"message", channel, payload}, protocol));
  for (const std::string& pattern : patterns_) {
    if (fits(pattern, channel)) texts.push_back(push_of({"pmessage", pattern, channel, payload}, protocol));
  }
  return texts;
}

std::vector<std::string> FakePubSub::shard_messages(std::string_view channel, std::string_view payload,
                                                    int protocol) const {
  if (!shards_.contains(channel)) return {};
  return {push_of({"smessage", channel, payload}, protocol)};
}

}  // namespace meridian::simulation
