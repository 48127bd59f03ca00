#include "simulation/world/fake_scan.hpp"

#include <algorithm>

#include "resp/number.hpp"

namespace meridian::simulation {

std::string FakeScan::page(const std::vector<std::string>& names, Keyspace::Words words) {
  const auto cursor = resp::parse_int64(words[1], resp::Plus::forbidden);
  if (!cursor || *cursor < 0) return "-ERR invalid cursor\r\n";
  std::size_t count = 10;
  for (std::size_t i = 2; i + 1 < words.size(); i += 2) {
    const auto given = resp::parse_int64(words[i + 1], resp::Plus::forbidden);
    if (words[i] != "COUNT" || !given || *given < 1) return std::string(syntax_error);
    count = static_cast<std::size_t>(*given);
  }
  auto at = names.begin();
  if (*cursor != 0) {
    const auto known = cursors_.find(static_cast<std::uint64_t>(*cursor));
    if (known == cursors_.end()) {
      ++foreign_cursors_;
      return "*2\r\n" + bulk_reply("0") + "*0\r\n";
    }
    at = std::ranges::upper_bound(names, known->second);
  }
  const auto end = at + std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(count), names.end() - at);
  std::string next = "0";
  if (end != names.end()) {
    cursors_[++last_cursor_] = *(end - 1);
    next = std::to_string(last_cursor_);
  }
  std::string reply = "*2\r\n" + bulk_reply(next) + "*" + std::to_string(end - at) + "\r\n";
  for (; at != end; ++at) reply += bulk_reply(*at);
  return reply;
}

}  // namespace meridian::simulation
