// The decoder of LMPOP and BLMPOP.
#include <meridian/commands/lists.hpp>

#include "resp/decode_support.hpp"

namespace meridian::detail {

Result<std::optional<PoppedElements>> decode_popped_elements(ReplyView reply) {
  constexpr std::string_view promised = "a key and an array of elements";
  if (reply.is_null()) return std::optional<PoppedElements>();
  if (reply.type() != ReplyType::array || reply.size() != 2) return mismatch(reply, promised);
  auto element = reply.begin();
  std::optional<std::string> key = text_of(*element);
  if (!key) return mismatch_inside(reply, *element, promised);
  Result<std::vector<std::string>> elements = decode<std::vector<std::string>>(*++element);
  if (!elements) return Unexpected(std::move(elements.error()));
  return std::optional<PoppedElements>({std::move(*key), std::move(*elements)});
}

}  // namespace meridian::detail
