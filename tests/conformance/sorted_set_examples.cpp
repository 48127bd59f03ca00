// The commands on sorted sets.
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/examples.hpp"

namespace meridian::conformance {

void flatten(const ScoredMember& value, Leaves& leaves) {
  leaves.add(value.member);
  leaves.add(value.score);
}

void flatten(const MemberRank& value, Leaves& leaves) {
  leaves.add(value.rank);
  leaves.add(value.score);
}

void flatten(const PoppedMember& value, Leaves& leaves) {
  leaves.add(value.key);
  leaves.add(value.member);
  leaves.add(value.score);
}

void flatten(const PoppedMembers& value, Leaves& leaves) {
  leaves.add(value.key);
  flatten(value.members, leaves);
}

namespace {

using namespace std::chrono_literals;

using Strings = std::vector<std::string>;
using Scored = std::vector<ScoredMember>;

constexpr std::string_view three = "ZADD z 1 a 2 b 3 c";
constexpr std::string_view equal = "ZADD z 0 a 0 b 0 c 0 d";
constexpr std::string_view other = "ZADD y 10 b 20 c 30 d";

void add_writing(Examples& examples) {
  examples.add(
      {"ZADD z 1 a 2.5 b"},
      [](auto& c) {
        return c.zadd("z", {{"a", 1}, {"b", 2.5}});
      },
      2);
  examples.add(
      {"ZADD z -inf a inf b"},
      [](auto& c) {
        return c.zadd(
            "z", {{"a", -std::numeric_limits<double>::infinity()}, {"b", std::numeric_limits<double>::infinity()}});
      },
      2);
  examples.add(
      {"ZADD z 1 a 2 b"},
      [](auto& c) {
        return c.zadd("z", std::map<std::string, int>{{"a", 1}, {"b", 2}});
      },
      2);
  examples.add(
      {"ZADD z 1 a 2 b"},
      [](auto& c) {
        return c.zadd("z", Scored{{"a", 1}, {"b", 2}});
      },
      2);
  examples.add(
      {"ZADD z NX 5 a 6 d", {three}},
      [](auto& c) {
        return c.zadd("z", {{"a", 5}, {"d", 6}}, {.nx = true});
      },
      1);
  examples.add(
      {"ZADD z XX CH 5 a 6 d", {three}},
      [](auto& c) {
        return c.zadd("z", {{"a", 5}, {"d", 6}}, {.xx = true, .ch = true});
      },
      1);
  examples.add(
      {"ZADD z GT CH 5 a 1 b", {three}},
      [](auto& c) {
        return c.zadd("z", {{"a", 5}, {"b", 1}}, {.gt = true, .ch = true});
      },
      1);
  examples.add(
      {"ZADD z LT CH 5 a 1 b", {three}},
      [](auto& c) {
        return c.zadd("z", {{"a", 5}, {"b", 1}}, {.lt = true, .ch = true});
      },
      1);
  examples.add(
      {"ZADD z INCR 5 a", {three}}, [](auto& c) { return c.zadd_incr("z", 5, "a"); }, std::optional(6.0));
  examples.add(
      {"ZADD z NX INCR 5 a", {three}}, [](auto& c) { return c.zadd_incr("z", 5, "a", {.nx = true}); },
      std::optional<double>());
  examples.add(
      {"ZINCRBY z -1.5 b", {three}}, [](auto& c) { return c.zincrby("z", -1.5, "b"); }, 0.5);
  examples.add(
      {"ZREM z a x", {three}},
      [](auto& c) {
        return c.zrem("z", {"a", "x"});
      },
      1);
  examples.add(
      {"ZREMRANGEBYRANK z 0 1", {three}}, [](auto& c) { return c.zremrangebyrank("z", 0, 1); }, 2);
  examples.add(
      {"ZREMRANGEBYSCORE z (1 3", {three}},
      [](auto& c) { return c.zremrangebyscore("z", ScoreBound::exclusive(1), 3); }, 2);
  examples.add(
      {"ZREMRANGEBYLEX z [b (d", {equal}}, [](auto& c) { return c.zremrangebylex("z", "b", LexBound::exclusive("d")); },
      2);
}

void add_looking(Examples& examples) {
  examples.add(
      {"ZCARD z", {three}}, [](auto& c) { return c.zcard("z"); }, 3);
  examples.add(
      {"ZCOUNT z -inf inf", {three}},
      [](auto& c) { return c.zcount("z", ScoreBound::lowest(), ScoreBound::highest()); }, 3);
  examples.add(
      {"ZCOUNT z (1.5 3", {three}}, [](auto& c) { return c.zcount("z", ScoreBound::exclusive(1.5), 3); }, 2);
  examples.add(
      {"ZLEXCOUNT z - +", {equal}}, [](auto& c) { return c.zlexcount("z", LexBound::lowest(), LexBound::highest()); },
      4);
  examples.add(
      {"ZSCORE z b", {three}}, [](auto& c) { return c.zscore("z", "b"); }, std::optional(2.0));
  examples.add(
      {"ZSCORE z b", {"ZADD z 0.1 b"}}, [](auto& c) { return c.zscore("z", "b"); }, std::optional(0.1));
  examples.add(
      {"ZSCORE z x"}, [](auto& c) { return c.zscore("z", "x"); }, std::optional<double>());
  examples.add(
      {"ZMSCORE z a x c", {three}},
      [](auto& c) {
        return c.zmscore("z", {"a", "x", "c"});
      },
      std::vector<std::optional<double>>{1, std::nullopt, 3});
  examples.add(
      {"ZRANK z b", {three}}, [](auto& c) { return c.zrank("z", "b"); }, std::optional<std::int64_t>(1));
  examples.add(
      {"ZRANK z x", {three}}, [](auto& c) { return c.zrank("z", "x"); }, std::optional<std::int64_t>());
  examples.add(
      {.words = "ZRANK z b WITHSCORE", .given = {three}, .since = "7.2"},
      [](auto& c) { return c.zrank_with_score("z", "b"); }, std::optional(MemberRank{1, 2}));
  examples.add(
      {"ZREVRANK z a", {three}}, [](auto& c) { return c.zrevrank("z", "a"); }, std::optional<std::int64_t>(2));
  examples.add(
      {.words = "ZREVRANK z x WITHSCORE", .given = {three}, .since = "7.2"},
      [](auto& c) { return c.zrevrank_with_score("z", "x"); }, std::optional<MemberRank>());
  examples.add(
      {"ZSCAN z 0", {three}}, [](auto& c) { return c.zscan("z", 0); },
      ScanPage<ScoredMember>{0, {{"a", 1}, {"b", 2}, {"c", 3}}});
  examples.add(
      {"ZSCAN z 0 MATCH b* COUNT 50", {three}}, [](auto& c) { return c.zscan("z", 0, {.match = "b*", .count = 50}); },
      ScanPage<ScoredMember>{0, {{"b", 2}}});
  examples.add(
      {"ZSCAN none 0"}, [](auto& c) { return c.zscan("none", 0); }, ScanPage<ScoredMember>{});
}

void add_random(Examples& examples) {
  examples.add(
      {"ZRANDMEMBER z", {"ZADD z 1 a"}}, [](auto& c) { return c.zrandmember("z"); }, std::optional<std::string>("a"));
  examples.add(
      {"ZRANDMEMBER z"}, [](auto& c) { return c.zrandmember("z"); }, std::optional<std::string>());
  examples.add(
      {.words = "ZRANDMEMBER z -5", .given = {three}, .unpredictable = true},
      [](auto& c) { return c.zrandmember_many("z", -5); }, [](const Strings& members) { return members.size() == 5; });
  examples.add(
      {"ZRANDMEMBER z -3 WITHSCORES", {"ZADD z 1.5 a"}}, [](auto& c) { return c.zrandmember_with_scores("z", -3); },
      Scored{{"a", 1.5}, {"a", 1.5}, {"a", 1.5}});
}

void add_ranges(Examples& examples) {
  examples.add(
      {"ZRANGE z 0 -1", {three}}, [](auto& c) { return c.zrange("z", 0, -1); }, Strings{"a", "b", "c"});
  examples.add(
      {"ZRANGE z 0 1 REV", {three}}, [](auto& c) { return c.zrange("z", 0, 1, {.rev = true}); }, Strings{"c", "b"});
  examples.add(
      {"ZRANGE z 0 -1"}, [](auto& c) { return c.zrange("z", 0, -1); }, Strings{});
  examples.add(
      {"ZRANGE z 1 2 WITHSCORES", {three}}, [](auto& c) { return c.zrange_with_scores("z", 1, 2); },
      Scored{{"b", 2}, {"c", 3}});
  examples.add(
      {"ZRANGE z 0 0 REV WITHSCORES", {three}}, [](auto& c) { return c.zrange_with_scores("z", 0, 0, {.rev = true}); },
      Scored{{"c", 3}});
  examples.add(
      {"ZRANGE z 0 -1 WITHSCORES"}, [](auto& c) { return c.zrange_with_scores("z", 0, -1); }, Scored{});
  examples.add(
      {"ZRANGE z -inf (3 BYSCORE", {three}},
      [](auto& c) { return c.zrange_byscore("z", ScoreBound::lowest(), ScoreBound::exclusive(3)); }, Strings{"a", "b"});
  examples.add(
      {"ZRANGE z inf 1 BYSCORE REV LIMIT 1 1", {three}},
      [](auto& c) {
        return c.zrange_byscore("z", ScoreBound::highest(), 1, {.rev = true, .limit = {{1, 1}}});
      },
      Strings{"b"});
  examples.add(
      {"ZRANGE z 2 3 BYSCORE WITHSCORES", {three}}, [](auto& c) { return c.zrange_byscore_with_scores("z", 2, 3); },
      Scored{{"b", 2}, {"c", 3}});
  examples.add(
      {"ZRANGE z 3 1 BYSCORE REV LIMIT 0 2 WITHSCORES", {three}},
      [](auto& c) { return c.zrange_byscore_with_scores("z", 3, 1, {.rev = true, .limit = {{.count = 2}}}); },
      Scored{{"c", 3}, {"b", 2}});
  examples.add(
      {"ZRANGE z - [b BYLEX", {equal}}, [](auto& c) { return c.zrange_bylex("z", LexBound::lowest(), "b"); },
      Strings{"a", "b"});
  examples.add(
      {"ZRANGE z + (a BYLEX REV LIMIT 1 -1", {equal}},
      [](auto& c) {
        return c.zrange_bylex("z", LexBound::highest(), LexBound::exclusive("a"),
                              {.rev = true, .limit = {{.offset = 1}}});
      },
      Strings{"c", "b"});
  examples.add(
      {"ZRANGESTORE d z 0 1", {three}}, [](auto& c) { return c.zrangestore("d", "z", 0, 1); }, 2);
  examples.add(
      {"ZRANGESTORE z z 0 1 REV", {three}}, [](auto& c) { return c.zrangestore("z", "z", 0, 1, {.rev = true}); }, 2);
  examples.add(
      {"ZRANGESTORE d z 2 3 BYSCORE LIMIT 0 1", {three}},
      [](auto& c) {
        return c.zrangestore_byscore("d", "z", 2, 3, {.limit = {{0, 1}}});
      },
      1);
  examples.add(
      {"ZRANGESTORE d z [b + BYLEX", {equal}},
      [](auto& c) { return c.zrangestore_bylex("d", "z", "b", LexBound::highest()); }, 3);
}

void add_pops(Examples& examples) {
  examples.add(
      {"ZPOPMIN z", {three}}, [](auto& c) { return c.zpopmin("z"); }, std::optional(ScoredMember{"a", 1}));
  examples.add(
      {"ZPOPMIN z", {}, "[]"}, [](auto& c) { return c.zpopmin("z"); }, std::optional<ScoredMember>());
  examples.add(
      {"ZPOPMIN z 2", {three}}, [](auto& c) { return c.zpopmin_many("z", 2); }, Scored{{"a", 1}, {"b", 2}});
  examples.add(
      {"ZPOPMIN z 1", {three}}, [](auto& c) { return c.zpopmin_many("z", 1); }, Scored{{"a", 1}});
  examples.add(
      {"ZPOPMIN z 1"}, [](auto& c) { return c.zpopmin_many("z", 1); }, Scored{});
  examples.add(
      {"ZPOPMAX z", {three}}, [](auto& c) { return c.zpopmax("z"); }, std::optional(ScoredMember{"c", 3}));
  examples.add(
      {"ZPOPMAX z 9", {three}}, [](auto& c) { return c.zpopmax_many("z", 9); }, Scored{{"c", 3}, {"b", 2}, {"a", 1}});
  examples.add(
      {"ZMPOP 2 x z MIN", {three}},
      [](auto& c) {
        return c.zmpop({"x", "z"}, ZEnd::min);
      },
      std::optional(PoppedMembers{"z", {{"a", 1}}}));
  examples.add(
      {"ZMPOP 1 z MAX COUNT 2", {three}}, [](auto& c) { return c.zmpop("z", ZEnd::max, 2); },
      std::optional(PoppedMembers{"z", {{"c", 3}, {"b", 2}}}));
  examples.add(
      {"ZMPOP 1 x MAX"}, [](auto& c) { return c.zmpop("x", ZEnd::max); }, std::optional<PoppedMembers>());
  examples.add(
      {"BZPOPMIN x z 0.5", {three}},
      [](auto& c) {
        return c.bzpopmin({"x", "z"}, 500ms);
      },
      std::optional(PoppedMember{"z", "a", 1}));
  examples.add(
      {"BZPOPMIN x 0.01"}, [](auto& c) { return c.bzpopmin("x", 10ms); }, std::optional<PoppedMember>());
  examples.add(
      {"BZPOPMAX z 0", {three}}, [](auto& c) { return c.bzpopmax("z", 0s); }, std::optional(PoppedMember{"z", "c", 3}));
  examples.add(
      {"BZMPOP 2 2 x z MAX", {three}},
      [](auto& c) {
        return c.bzmpop(2s, {"x", "z"}, ZEnd::max);
      },
      std::optional(PoppedMembers{"z", {{"c", 3}}}));
  examples.add(
      {"BZMPOP 0.01 1 x MIN COUNT 2"}, [](auto& c) { return c.bzmpop(10ms, "x", ZEnd::min, 2); },
      std::optional<PoppedMembers>());
}

void add_combinations(Examples& examples) {
  examples.add(
      {"ZDIFF 2 z y", {three, other}},
      [](auto& c) {
        return c.zdiff({"z", "y"});
      },
      Strings{"a"});
  examples.add(
      {"ZDIFF 2 z y WITHSCORES", {three, other}},
      [](auto& c) {
        return c.zdiff_with_scores({"z", "y"});
      },
      Scored{{"a", 1}});
  examples.add(
      {"ZDIFFSTORE d 2 z y", {three, other}},
      [](auto& c) {
        return c.zdiffstore("d", {"z", "y"});
      },
      1);
  examples.add(
      {"ZDIFFSTORE z 2 z y", {three, other}},
      [](auto& c) {
        return c.zdiffstore("z", {"z", "y"});
      },
      1);
  examples.add(
      {"ZINTER 2 z y", {three, other}},
      [](auto& c) {
        return c.zinter({"z", "y"});
      },
      Strings{"b", "c"});
  examples.add(
      {"ZINTER 2 z y WEIGHTS 2 0.5 AGGREGATE MAX WITHSCORES", {three, other}},
      [](auto& c) {
        return c.zinter_with_scores({"z", "y"}, {.weights = {2, 0.5}, .aggregate = Aggregate::max});
      },
      Scored{{"b", 5}, {"c", 10}});
  examples.add(
      {"ZINTERSTORE d 2 z y AGGREGATE MIN", {three, other}},
      [](auto& c) {
        return c.zinterstore("d", {"z", "y"}, {.aggregate = Aggregate::min});
      },
      2);
  examples.add(
      {"ZINTERSTORE z 2 y z", {three, other}},
      [](auto& c) {
        return c.zinterstore("z", {"y", "z"});
      },
      2);
  examples.add(
      {"ZINTERCARD 2 z y", {three, other}},
      [](auto& c) {
        return c.zintercard({"z", "y"});
      },
      2);
  examples.add(
      {"ZINTERCARD 2 z y LIMIT 1", {three, other}},
      [](auto& c) {
        return c.zintercard({"z", "y"}, 1);
      },
      1);
  examples.add(
      {"ZUNION 2 z y", {three, other}},
      [](auto& c) {
        return c.zunion({"z", "y"});
      },
      Strings{"a", "b", "c", "d"});
  examples.add(
      {"ZUNION 2 z y AGGREGATE SUM WITHSCORES", {three, other}},
      [](auto& c) {
        return c.zunion_with_scores({"z", "y"}, {.aggregate = Aggregate::sum});
      },
      Scored{{"a", 1}, {"b", 12}, {"c", 23}, {"d", 30}});
  examples.add(
      {"ZUNIONSTORE d 2 z y WEIGHTS 1 -1", {three, other}},
      [](auto& c) {
        return c.zunionstore("d", {"z", "y"}, {.weights = {1, -1}});
      },
      4);
}

}  // namespace

void add_sorted_set_examples(Examples& examples) {
  add_writing(examples);
  add_looking(examples);
  add_random(examples);
  add_ranges(examples);
  add_pops(examples);
  add_combinations(examples);
}

}  // namespace meridian::conformance
