// The decoder of LCS with positions.
#include <array>
#include <optional>

#include <meridian/commands/strings.hpp>

#include "resp/decode_support.hpp"

namespace meridian::detail {
namespace {

constexpr std::string_view a_match = "a match: two ranges of bytes";

// The first and last byte: an array of two integers.
std::optional<std::array<std::int64_t, 2>> range_of(ReplyView reply) {
  if (reply.type() != ReplyType::array || reply.size() != 2) return std::nullopt;
  auto element = reply.begin();
  const std::optional<std::int64_t> first = integer_of(*element);
  const std::optional<std::int64_t> last = integer_of(*++element);
  if (!first || !last) return std::nullopt;
  return std::array{*first, *last};
}

// Two ranges; their length stands behind them if WITHMATCHLEN asked for it.
Result<LcsMatch> decode_match(ReplyView reply) {
  if (reply.type() != ReplyType::array || reply.size() < 2) return mismatch(reply, a_match);
  auto element = reply.begin();
  const auto first = range_of(*element);
  const auto second = range_of(*++element);
  if (!first || !second) return mismatch_inside(reply, first ? *element : *reply.begin(), a_match);
  return LcsMatch{(*first)[0], (*first)[1], (*second)[0], (*second)[1]};
}

}  // namespace

Result<LcsMatches> decode_lcs_matches(ReplyView reply) {
  constexpr std::string_view promised = "a map of matches and their length";
  const std::optional<Fields> fields = Fields::of(reply);
  if (!fields) return mismatch(reply, promised);
  const std::optional<ReplyView> matches = fields->find("matches");
  const std::optional<std::int64_t> length = fields->integer("len");
  if (!matches || !length) return mismatch(reply, promised);
  Result<std::vector<LcsMatch>> list = list_of<LcsMatch>(*matches, decode_match, a_match);
  if (!list) return Unexpected(std::move(list.error()));
  return LcsMatches{std::move(*list), *length};
}

}  // namespace meridian::detail
