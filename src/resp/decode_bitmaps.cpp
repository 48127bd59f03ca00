// The decoder of BITPOS.
#include <meridian/commands/bitmaps.hpp>

#include "resp/decode_support.hpp"

namespace meridian::detail {

Result<std::optional<std::int64_t>> decode_bit_position(ReplyView reply) {
  const std::optional<std::int64_t> position = integer_of(reply);
  if (!position || *position < -1) return mismatch(reply, "the position of a bit, or -1");
  return *position == -1 ? std::nullopt : position;
}

}  // namespace meridian::detail
