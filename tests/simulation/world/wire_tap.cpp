// Cutting the client's outgoing bytes into commands.
#include "simulation/world/wire_tap.hpp"

#include <meridian/reply.hpp>

namespace meridian::simulation {

std::vector<std::string_view> words_of(std::string_view command) {
  std::vector<std::string_view> words;
  if (!command.starts_with('*')) return words;
  const ReplyView view(command);
  words.reserve(view.size());
  for (const ReplyView word : view) {
    if (word.type() != ReplyType::bulk_string) return {};
    words.push_back(word.as_string().value_or(""));
  }
  return words;
}

void WireTapParser::accepted(std::string_view bytes, HandedOver& seen) {
  commands_.clear();
  unfinished_.consume(reported_);
  reported_ = 0;
  seen.malformed = malformed_;
  if (malformed_) return;
  unfinished_.append(bytes);
  for (;;) {
    const std::string_view rest = unfinished_.view().substr(reported_);
    seen.started = !rest.empty();
    if (rest.empty()) break;
    const resp::ScanStatus status = scanner_.scan(rest);
    malformed_ = seen.malformed = status == resp::ScanStatus::malformed;
    if (status != resp::ScanStatus::complete) break;
    commands_.push_back(rest.substr(0, scanner_.length()));
    reported_ += scanner_.length();
    scanner_.reset();
  }
  seen.commands = commands_;
}

}  // namespace meridian::simulation
