// The decoders of <meridian/commands/sorted_sets.hpp>.
#include <meridian/commands/sorted_sets.hpp>

#include <utility>

#include "resp/decode_scan.hpp"
#include "resp/decode_support.hpp"

namespace meridian::detail {
namespace {

// Nothing if they are not a member and a score.
std::optional<ScoredMember> scored(ReplyView member, ReplyView score) {
  std::optional<std::string> name = text_of(member);
  const std::optional<double> value = double_of(score);
  if (!name || !value) return std::nullopt;
  return ScoredMember{std::move(*name), *value};
}

// An array of a member and a score.
std::optional<ScoredMember> scored(ReplyView pair) {
  if (!is_array_of(pair, 2)) return std::nullopt;
  auto element = pair.begin();
  const ReplyView member = *element;
  return scored(member, *++element);
}

bool is_nested(ReplyView reply) { return reply.size() > 0 && (*reply.begin()).is_aggregate(); }

}  // namespace

Result<std::vector<ScoredMember>> decode_scored_members(ReplyView reply) {
  constexpr std::string_view promised = "an array of members and scores";
  if (reply.type() != ReplyType::array) return mismatch(reply, promised);
  std::vector<ScoredMember> members;
  if (is_nested(reply)) {
    members.reserve(reply.size());
    for (const ReplyView element : reply) {
      std::optional<ScoredMember> one = scored(element);
      if (!one) return mismatch_inside(reply, element, promised);
      members.push_back(std::move(*one));
    }
    return members;
  }
  if (reply.size() % 2 != 0) return mismatch(reply, promised);
  members.reserve(reply.size() / 2);
  for (auto element = reply.begin(); element != reply.end(); ++element) {
    const ReplyView member = *element;
    const ReplyView score = *++element;
    std::optional<ScoredMember> one = scored(member, score);
    if (!one) return mismatch_inside(reply, text_of(member) ? score : member, promised);
    members.push_back(std::move(*one));
  }
  return members;
}

Result<std::optional<ScoredMember>> decode_scored_member(ReplyView reply) {
  if (reply.is_null() || is_array_of(reply, 0)) return std::optional<ScoredMember>();
  std::optional<ScoredMember> one = scored(reply);
  if (!one) return mismatch(reply, "an array of a member and its score, or an empty one");
  return one;
}

Result<std::optional<MemberRank>> decode_member_rank(ReplyView reply) {
  constexpr std::string_view promised = "an array of a rank and a score, or null";
  if (reply.is_null()) return std::optional<MemberRank>();
  if (!is_array_of(reply, 2)) return mismatch(reply, promised);
  auto element = reply.begin();
  const std::optional<std::int64_t> rank = integer_of(*element);
  const std::optional<double> score = double_of(*++element);
  if (!rank || !score) return mismatch_inside(reply, rank ? *element : *reply.begin(), promised);
  return MemberRank{*rank, *score};
}

Result<std::optional<PoppedMember>> decode_popped_member(ReplyView reply) {
  constexpr std::string_view promised = "an array of a key, a member and its score, or null";
  if (reply.is_null()) return std::optional<PoppedMember>();
  if (!is_array_of(reply, 3)) return mismatch(reply, promised);
  auto element = reply.begin();
  std::optional<std::string> key = text_of(*element);
  const ReplyView member = *++element;
  std::optional<ScoredMember> one = scored(member, *++element);
  if (!key || !one) return mismatch(reply, promised);
  return PoppedMember{std::move(*key), std::move(one->member), one->score};
}

Result<std::optional<PoppedMembers>> decode_popped_members(ReplyView reply) {
  constexpr std::string_view promised = "an array of a key and of members with scores, or null";
  if (reply.is_null()) return std::optional<PoppedMembers>();
  if (!is_array_of(reply, 2)) return mismatch(reply, promised);
  auto element = reply.begin();
  std::optional<std::string> key = text_of(*element);
  if (!key) return mismatch_inside(reply, *element, promised);
  Result<std::vector<ScoredMember>> members = decode_scored_members(*++element);
  if (!members) return Unexpected(std::move(members.error()));
  return PoppedMembers{std::move(*key), std::move(*members)};
}

Result<ScanPage<ScoredMember>> decode_scan_page_of_scored_members(ReplyView reply) {
  return scan_page_of<ScoredMember>(reply, decode_scored_members);
}

}  // namespace meridian::detail
