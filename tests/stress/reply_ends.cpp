// Counts lines, bulks and elements of RESP.
#include "stress/reply_ends.hpp"

#include <algorithm>
#include <cstdlib>

namespace meridian::stress {

const std::vector<std::size_t>& ReplyEnds::in(std::string_view bytes) {
  ends_.clear();
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (skip_ > 0) {
      const std::size_t skipped = std::min(skip_, bytes.size() - at);
      skip_ -= skipped;
      at += skipped;
      if (skip_ > 0) break;
      --elements_;
    } else {
      const std::size_t end = bytes.find('\n', at);
      line_ += bytes.substr(at, end - at);
      if (end == std::string_view::npos) break;
      at = end + 1;
      line_ended();
    }
    if (elements_ > 0 || skip_ > 0) continue;
    elements_ = 1;
    ++count_;
    ends_.push_back(at);
  }
  return ends_;
}

// A line is a whole value, or says what follows.
void ReplyEnds::line_ended() {
  const long length = std::strtol(line_.c_str() + 1, nullptr, 10);
  switch (line_.front()) {
    case '$':
    case '=':
      if (length >= 0) skip_ = static_cast<std::size_t>(length) + 2;
      else --elements_;
      break;
    case '*':
    case '~':
    case '>': elements_ += static_cast<std::uint64_t>(std::max(length, 0L)) - 1; break;
    case '%': elements_ += 2 * static_cast<std::uint64_t>(length) - 1; break;
    default: --elements_;
  }
  line_.clear();
}

}  // namespace meridian::stress
