// The decoders of <meridian/commands/geo.hpp>.
#include <meridian/commands/geo.hpp>

#include <utility>

#include "resp/decode_support.hpp"

namespace meridian::detail {
namespace {

// Nothing if it is not an array of two numbers.
std::optional<GeoPosition> position_of(ReplyView reply) {
  if (reply.type() != ReplyType::array || reply.size() != 2) return std::nullopt;
  auto element = reply.begin();
  const std::optional<double> longitude = double_of(*element);
  const std::optional<double> latitude = double_of(*++element);
  if (!longitude || !latitude) return std::nullopt;
  return GeoPosition{*longitude, *latitude};
}

// A member alone, or an array that begins with it. What follows is told apart by its type: a distance is text or a
// double, a hash an integer, a position an array.
std::optional<GeoMatch> match_of(ReplyView reply) {
  if (reply.type() != ReplyType::array) {
    std::optional<std::string> member = text_of(reply);
    return member ? std::optional(GeoMatch{.member = std::move(*member)}) : std::nullopt;
  }
  if (reply.size() == 0) return std::nullopt;
  GeoMatch match;
  auto element = reply.begin();
  std::optional<std::string> member = text_of(*element);
  if (!member) return std::nullopt;
  match.member = std::move(*member);
  while (++element != reply.end()) {
    const ReplyView part = *element;
    if (part.type() == ReplyType::integer) {
      if (!(match.hash = part.as_integer())) return std::nullopt;
    } else if (part.type() == ReplyType::array) {
      if (!(match.position = position_of(part))) return std::nullopt;
    } else if (!(match.distance = double_of(part))) {
      return std::nullopt;
    }
  }
  return match;
}

}  // namespace

Result<std::vector<std::optional<GeoPosition>>> decode_geo_positions(ReplyView reply) {
  constexpr std::string_view promised = "an array of positions and nulls";
  if (!is_list(reply)) return mismatch(reply, promised);
  std::vector<std::optional<GeoPosition>> positions;
  positions.reserve(reply.size());
  for (const ReplyView element : reply) {
    const std::optional<GeoPosition> position = position_of(element);
    if (!position && !element.is_null()) return mismatch_inside(reply, element, promised);
    positions.push_back(position);
  }
  return positions;
}

Result<std::vector<GeoMatch>> decode_geo_matches(ReplyView reply) {
  constexpr std::string_view promised = "an array of members, with what was asked for";
  if (!is_list(reply)) return mismatch(reply, promised);
  std::vector<GeoMatch> matches;
  matches.reserve(reply.size());
  for (const ReplyView element : reply) {
    std::optional<GeoMatch> match = match_of(element);
    if (!match) return mismatch_inside(reply, element, promised);
    matches.push_back(std::move(*match));
  }
  return matches;
}

}  // namespace meridian::detail
