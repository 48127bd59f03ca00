// Finds where replies end in a stream of RESP, for who wants to do harm exactly there. Knows nothing of the library's
// own reader.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::stress {

class ReplyEnds {
 public:
  // Offsets in `bytes`, which continue what was given before, right behind the last byte of a reply. Valid until the
  // next call. `bytes` are an honest server's.
  const std::vector<std::size_t>& in(std::string_view bytes);

  // So many replies have ended.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

 private:
  void line_ended();

  std::string line_;            // of a header that has begun
  std::size_t skip_ = 0;        // bytes of a bulk and its line end that are still to come
  std::uint64_t elements_ = 1;  // of the reply that are not complete
  std::uint64_t count_ = 0;
  std::vector<std::size_t> ends_;
};

}  // namespace meridian::stress
