// What sorted sets and positions answer on servers newer than the one of the conformance test, and what is refused.
#include <meridian/commands/geo.hpp>
#include <meridian/commands/sorted_sets.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "unit/commands/decoding.hpp"

namespace meridian {
namespace {

using testing::decoded;
using testing::is_refused;
using Scored = std::vector<ScoredMember>;

TEST(SortedSetReplies, of_members_with_scores_are_flat_or_nested) {
  const auto decoder = cmd::zrange_with_scores("z", 0, -1).decode;
  EXPECT_EQ(decoded(decoder, "*4\r\n$1\r\na\r\n$3\r\n1.5\r\n$1\r\nb\r\n$3\r\ninf\r\n"),
            (Scored{{"a", 1.5}, {"b", std::numeric_limits<double>::infinity()}}));
  EXPECT_EQ(decoded(decoder, "*1\r\n*2\r\n$1\r\na\r\n,1.5\r\n"), (Scored{{"a", 1.5}}));
  EXPECT_EQ(decoded(decoder, "*0\r\n"), Scored{});
  for (const std::string_view wire : {"*1\r\n$1\r\na\r\n", "*2\r\n$1\r\na\r\n$1\r\nb\r\n", "*1\r\n*1\r\n$1\r\na\r\n",
                                      "*2\r\n*2\r\n$1\r\na\r\n,1\r\n$1\r\nb\r\n", "$-1\r\n", ":1\r\n"}) {
    EXPECT_TRUE(is_refused(decoder, wire)) << wire;
  }
}

TEST(SortedSetReplies, of_a_rank_with_its_score) {
  const auto decoder = cmd::zrank_with_score("z", "a").decode;
  EXPECT_EQ(decoded(decoder, "*2\r\n:1\r\n$1\r\n2\r\n"), (MemberRank{1, 2}));
  EXPECT_EQ(decoded(decoder, "*2\r\n:1\r\n,2.5\r\n"), (MemberRank{1, 2.5}));
  EXPECT_EQ(decoded(decoder, "*-1\r\n"), std::nullopt);
  EXPECT_EQ(decoded(decoder, "_\r\n"), std::nullopt);
  EXPECT_TRUE(is_refused(decoder, ":1\r\n"));
  EXPECT_TRUE(is_refused(decoder, "*2\r\n:1\r\n$1\r\nx\r\n"));
}

TEST(SortedSetReplies, of_pops_that_are_none_are_refused) {
  EXPECT_TRUE(is_refused(cmd::zpopmin("z").decode, "*1\r\n$1\r\na\r\n"));
  EXPECT_TRUE(is_refused(cmd::bzpopmin("z", Duration(1)).decode, "*2\r\n$1\r\na\r\n,1\r\n"));
  EXPECT_TRUE(is_refused(cmd::bzpopmin("z", Duration(1)).decode, "*3\r\n$1\r\nz\r\n,1\r\n,1\r\n"));
  EXPECT_TRUE(is_refused(cmd::zmpop("z", ZEnd::min).decode, "*2\r\n$1\r\nz\r\n$1\r\na\r\n"));
  EXPECT_TRUE(is_refused(cmd::zmpop("z", ZEnd::min).decode, "*2\r\n*0\r\n*0\r\n"));
}

TEST(SortedSetReplies, of_zscan_are_refused_where_they_are_no_page) {
  EXPECT_TRUE(is_refused(cmd::zscan("z", 0).decode, "*2\r\n$1\r\nx\r\n*0\r\n"));
  EXPECT_TRUE(is_refused(cmd::zscan("z", 0).decode, "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"));
}

TEST(GeoReplies, of_distances_are_text_or_doubles) {
  const auto decoder = cmd::geosearch("g", "a", GeoArea::radius(1), {.withdist = true}).decode;
  EXPECT_EQ(decoded(decoder, "*1\r\n*2\r\n$1\r\na\r\n$6\r\n0.2500\r\n"),
            (std::vector<GeoMatch>{{.member = "a", .distance = 0.25}}));
  EXPECT_EQ(decoded(decoder, "*1\r\n*2\r\n$1\r\na\r\n,0.25\r\n"),
            (std::vector<GeoMatch>{{.member = "a", .distance = 0.25}}));
  for (const std::string_view wire : {"*1\r\n*0\r\n", "*1\r\n:1\r\n", "*1\r\n*2\r\n$1\r\na\r\n$1\r\nx\r\n",
                                      "*1\r\n*2\r\n$1\r\na\r\n*1\r\n,1\r\n", "$1\r\na\r\n", "*1\r\n*1\r\n:1\r\n"}) {
    EXPECT_TRUE(is_refused(decoder, wire)) << wire;
  }
}

TEST(GeoReplies, of_positions_that_are_none_are_refused) {
  const auto decoder = cmd::geopos("g", "a").decode;
  EXPECT_EQ(decoded(decoder, "*2\r\n*-1\r\n*2\r\n$3\r\n1.5\r\n,-2.5\r\n"),
            (std::vector<std::optional<GeoPosition>>{std::nullopt, GeoPosition{1.5, -2.5}}));
  EXPECT_TRUE(is_refused(decoder, "*1\r\n*1\r\n,1\r\n"));
  EXPECT_TRUE(is_refused(decoder, "*1\r\n$1\r\na\r\n"));
}

}  // namespace
}  // namespace meridian
