/// \file
/// Commands on sorted sets: members with a score each, in the order of their scores and, where these are equal, of
/// their bytes. The builders are in `meridian::cmd`; `SortedSetCommands` has the same as methods. Ranks count from 0;
/// negative ones from the end, −1 being the member with the highest score.
///
/// ZRANGEBYSCORE, ZRANGEBYLEX, ZREVRANGE and their kin have no builder: since Redis 6.2 `zrange…` does what they do.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/commands/scan_page.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// A member of a sorted set with its score.
struct ScoredMember {
  std::string member{};
  double score = 0;
  friend bool operator==(const ScoredMember&, const ScoredMember&) = default;
};

/// Where a member stands: what ZRANK … WITHSCORE answers.
struct MemberRank {
  std::int64_t rank = 0;
  double score = 0;
  friend bool operator==(const MemberRank&, const MemberRank&) = default;
};

/// The member that BZPOPMIN or BZPOPMAX took, and the key that it came from.
struct PoppedMember {
  std::string key{};
  std::string member{};
  double score = 0;
  friend bool operator==(const PoppedMember&, const PoppedMember&) = default;
};

/// The members that ZMPOP or BZMPOP took, and the key that they came from.
struct PoppedMembers {
  std::string key{};
  std::vector<ScoredMember> members{};
  friend bool operator==(const PoppedMembers&, const PoppedMembers&) = default;
};

namespace detail {

template <class Range, class Value>
concept RangeOfMembers = requires(const Range& range) {
  { range.begin()->first } -> std::convertible_to<std::string_view>;
  { range.begin()->second } -> std::convertible_to<Value>;
}
|| (std::same_as<Value, double> && requires(const Range& range) {
  { *range.begin() } -> std::convertible_to<const ScoredMember&>;
});

}  // namespace detail

/// Members with a value each: `{{"ada", 10}, {"bob", 7.5}}`, any range of pairs, such as `std::map<std::string,
/// double>`, or a range of `ScoredMember`. A parameter type: it only looks at what it was made from, and cannot be
/// kept.
template <class Value>
class MemberArgs {
 public:
  using Pair = std::pair<std::string_view, Value>;

  /// A braced list.
  MemberArgs(std::initializer_list<Pair> list) : list_(list) {}

  /// A range.
  template <detail::RangeOfMembers<Value> Range>
  MemberArgs(const Range& range)  // NOLINT(google-explicit-constructor): a parameter type takes what it stands for
      : range_(std::addressof(range)), append_range_([](const void* erased, RequestBuilder& builder) {
          for (const auto& [member, value] : *static_cast<const Range*>(erased)) {
            append_one(builder, member, static_cast<Value>(value));
          }
        }) {}

  MemberArgs(const MemberArgs&) = delete;
  MemberArgs& operator=(const MemberArgs&) = delete;

  /// Adds them to a command, each value before its member.
  void append_to(RequestBuilder& builder) const {
    if (append_range_ != nullptr) return append_range_(range_, builder);
    for (const Pair& pair : list_) append_one(builder, pair.first, pair.second);
  }

 private:
  static void append_one(RequestBuilder& builder, std::string_view member, const Value& value) {
    detail::append(builder, value);
    builder.arg(member);
  }

  std::initializer_list<Pair> list_;
  const void* range_ = nullptr;
  void (*append_range_)(const void* range, RequestBuilder& builder) = nullptr;
};

/// Members with their scores, member first: `{{"ada", 10}, {"bob", 7.5}}`.
using ScoreArgs = MemberArgs<double>;

/// Options of ZADD: `zadd("board", {{"ada", 10}}, {.gt = true})`. The server refuses contradictions.
struct ZAddOptions {
  bool nx = false;  ///< Only adds, never changes a score.
  bool xx = false;  ///< Only changes scores, never adds.
  bool gt = false;  ///< Changes a score only to a greater one; adds all the same.
  bool lt = false;  ///< Changes a score only to a lower one; adds all the same.
  bool ch = false;  ///< Counts the changed members, too, not only the added ones.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (nx) builder.arg("NX");
    if (xx) builder.arg("XX");
    if (gt) builder.arg("GT");
    if (lt) builder.arg("LT");
    if (ch) builder.arg("CH");
  }
};

/// One end of a range of scores. A number includes itself; ±infinity is no limit.
class ScoreBound {
 public:
  template <detail::Number T>
  ScoreBound(T score)  // NOLINT(google-explicit-constructor): takes what it stands for
      : score_(static_cast<double>(score)) {}

  /// Without the score itself.
  [[nodiscard]] static ScoreBound exclusive(double score) noexcept { return {score, true}; }
  /// Lower than all.
  [[nodiscard]] static ScoreBound lowest() noexcept { return {-std::numeric_limits<double>::infinity(), false}; }
  /// Higher than all.
  [[nodiscard]] static ScoreBound highest() noexcept { return {std::numeric_limits<double>::infinity(), false}; }

  /// Adds it to a command.
  void append_to(RequestBuilder& builder) const {
    if (!is_exclusive_ || std::isnan(score_)) {
      builder.arg(score_);
      return;
    }
    std::array<char, 32> text{'('};  // the longest double has 24 characters
    const char* const end = std::to_chars(text.data() + 1, text.data() + text.size(), score_).ptr;
    builder.arg(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
  }

 private:
  ScoreBound(double score, bool is_exclusive) noexcept : score_(score), is_exclusive_(is_exclusive) {}
  double score_;
  bool is_exclusive_ = false;
};

/// One end of a range of members that all have the same score. Text includes itself. Looks only.
class LexBound {
 public:
  template <detail::Text T>
  LexBound(const T& member) : LexBound('[', member) {}  // NOLINT(google-explicit-constructor)

  /// Without the member itself.
  [[nodiscard]] static LexBound exclusive(std::string_view member) noexcept { return {'(', member}; }
  /// Before all.
  [[nodiscard]] static LexBound lowest() noexcept { return {'-', {}}; }
  /// Behind all.
  [[nodiscard]] static LexBound highest() noexcept { return {'+', {}}; }

  /// Adds it to a command.
  void append_to(RequestBuilder& builder) const { builder.arg(std::string(1, kind_).append(member_)); }

 private:
  LexBound(char kind, std::string_view member) noexcept : kind_(kind), member_(member) {}
  char kind_;
  std::string_view member_;
};

/// A part of what a range holds: `count` of them after the first `offset`. A negative count is all that follow.
struct ZRangeLimit {
  std::int64_t offset = 0;
  std::int64_t count = -1;
};

/// Options of a ZRANGE by rank.
struct ZRangeOptions {
  bool rev = false;  ///< From the highest to the lowest; ranks count from the highest, too.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (rev) builder.arg("REV");
  }
};

/// Options of a ZRANGE by score or by member.
struct ZRangeByOptions {
  bool rev = false;                    ///< From the highest to the lowest: `first` is then the higher bound.
  std::optional<ZRangeLimit> limit{};  ///< Only a part of them.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (rev) builder.arg("REV");
    if (limit) builder.arg("LIMIT").arg(limit->offset).arg(limit->count);
  }
};

/// What becomes of the scores of a member that is in several sets.
enum class Aggregate { sum, min, max };

/// Options of ZINTER, ZUNION and their kin.
struct ZCombineOptions {
  std::vector<double> weights{};         ///< One factor for each key; empty: 1 for all.
  std::optional<Aggregate> aggregate{};  ///< The sum, if nothing is said.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (!weights.empty()) builder.arg("WEIGHTS").args(weights);
    if (!aggregate) return;
    builder.arg("AGGREGATE");
    switch (*aggregate) {
      case Aggregate::sum: builder.arg("SUM"); break;
      case Aggregate::min: builder.arg("MIN"); break;
      case Aggregate::max: builder.arg("MAX"); break;
    }
  }
};

/// From which end ZMPOP takes.
enum class ZEnd {
  min,  ///< The lowest scores.
  max,  ///< The highest scores.
};

namespace detail {

/// How many at most, where the command has an option for it.
struct Count {
  std::optional<std::int64_t> count;
  void append_to(RequestBuilder& builder) const {
    if (count) builder.arg("COUNT").arg(*count);
  }
};

struct ZPopFrom {
  ZEnd end;
  void append_to(RequestBuilder& builder) const { builder.arg(end == ZEnd::min ? "MIN" : "MAX"); }
};

[[nodiscard]] inline CommandTraits zadd_traits(const ZAddOptions& options) noexcept {
  return options.nx || options.xx || options.gt || options.lt ? conditional : overwrite;
}

/// Members with scores: flat in RESP2, an array of arrays of two in RESP3.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<ScoredMember>> decode_scored_members(ReplyView reply);
/// One member with its score; null and an empty array are nullopt.
[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<ScoredMember>> decode_scored_member(ReplyView reply);
/// A rank and a score; null is nullopt.
[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<MemberRank>> decode_member_rank(ReplyView reply);
/// A key, a member and its score; null is nullopt.
[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<PoppedMember>> decode_popped_member(ReplyView reply);
/// A key and members with scores; null is nullopt.
[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<PoppedMembers>> decode_popped_members(ReplyView reply);
/// A cursor and a flat array of members and scores.
[[nodiscard]] MERIDIAN_EXPORT Result<ScanPage<ScoredMember>> decode_scan_page_of_scored_members(ReplyView reply);

}  // namespace detail

namespace cmd {

/// Adds members, or changes their scores: `zadd("board", {{"ada", 10}})`. Answers how many of them are new; with `ch`
/// the changed ones count, too.
/// https://redis.io/docs/latest/commands/zadd/
[[nodiscard]] inline Command<std::int64_t> zadd(std::string_view key, const ScoreArgs& members,
                                                const ZAddOptions& options = {}) {
  return {{"ZADD", detail::zadd_traits(options), detail::Key{key}, options, members}, decode<std::int64_t>};
}

/// `zincrby` with the conditions of ZADD: adds `increment` to the score of `member`, and answers the new score; nullopt
/// if a condition prevented it.
/// https://redis.io/docs/latest/commands/zadd/
[[nodiscard]] inline Command<std::optional<double>> zadd_incr(std::string_view key, double increment,
                                                              std::string_view member,
                                                              const ZAddOptions& options = {}) {
  return {{"ZADD", detail::accumulate, detail::Key{key}, options, "INCR", increment, member},
          decode<std::optional<double>>};
}

/// Adds `increment` to the score of `member` (0 if it is not there yet); answers the new score.
/// https://redis.io/docs/latest/commands/zincrby/
[[nodiscard]] inline Command<double> zincrby(std::string_view key, double increment, std::string_view member) {
  return {{"ZINCRBY", detail::accumulate, detail::Key{key}, increment, member}, decode<double>};
}

/// Removes members; answers how many there were.
/// https://redis.io/docs/latest/commands/zrem/
[[nodiscard]] inline Command<std::int64_t> zrem(std::string_view key, const StringArgs& members) {
  return {{"ZREM", detail::overwrite, detail::Key{key}, members}, decode<std::int64_t>};
}

/// Removes the members of ranks `first` … `last`, both inclusive; answers how many there were. What follows moves up:
/// a second run removes others.
/// https://redis.io/docs/latest/commands/zremrangebyrank/
[[nodiscard]] inline Command<std::int64_t> zremrangebyrank(std::string_view key, std::int64_t first,
                                                           std::int64_t last) {
  return {{"ZREMRANGEBYRANK", detail::accumulate, detail::Key{key}, first, last}, decode<std::int64_t>};
}

/// Removes the members with scores from `min` to `max`; answers how many there were.
/// https://redis.io/docs/latest/commands/zremrangebyscore/
[[nodiscard]] inline Command<std::int64_t> zremrangebyscore(std::string_view key, const ScoreBound& min,
                                                            const ScoreBound& max) {
  return {{"ZREMRANGEBYSCORE", detail::overwrite, detail::Key{key}, min, max}, decode<std::int64_t>};
}

/// Removes the members from `min` to `max`, in a set whose scores are all equal; answers how many there were.
/// https://redis.io/docs/latest/commands/zremrangebylex/
[[nodiscard]] inline Command<std::int64_t> zremrangebylex(std::string_view key, const LexBound& min,
                                                          const LexBound& max) {
  return {{"ZREMRANGEBYLEX", detail::overwrite, detail::Key{key}, min, max}, decode<std::int64_t>};
}

/// How many members there are, 0 if there is no such key.
/// https://redis.io/docs/latest/commands/zcard/
[[nodiscard]] inline Command<std::int64_t> zcard(std::string_view key) {
  return {{"ZCARD", detail::read_only, detail::Key{key}}, decode<std::int64_t>};
}

/// How many members have a score from `min` to `max`.
/// https://redis.io/docs/latest/commands/zcount/
[[nodiscard]] inline Command<std::int64_t> zcount(std::string_view key, const ScoreBound& min, const ScoreBound& max) {
  return {{"ZCOUNT", detail::read_only, detail::Key{key}, min, max}, decode<std::int64_t>};
}

/// How many members there are from `min` to `max`, in a set whose scores are all equal.
/// https://redis.io/docs/latest/commands/zlexcount/
[[nodiscard]] inline Command<std::int64_t> zlexcount(std::string_view key, const LexBound& min, const LexBound& max) {
  return {{"ZLEXCOUNT", detail::read_only, detail::Key{key}, min, max}, decode<std::int64_t>};
}

/// The score of `member`, or nullopt if it is not there.
/// https://redis.io/docs/latest/commands/zscore/
[[nodiscard]] inline Command<std::optional<double>> zscore(std::string_view key, std::string_view member) {
  return {{"ZSCORE", detail::read_only, detail::Key{key}, member}, decode<std::optional<double>>};
}

/// The scores of members, in their order; nullopt for a missing one.
/// https://redis.io/docs/latest/commands/zmscore/
[[nodiscard]] inline Command<std::vector<std::optional<double>>> zmscore(std::string_view key,
                                                                         const StringArgs& members) {
  return {{"ZMSCORE", detail::read_only, detail::Key{key}, members}, decode<std::vector<std::optional<double>>>};
}

/// The rank of `member`, 0 being the lowest score; nullopt if it is not there.
/// https://redis.io/docs/latest/commands/zrank/
[[nodiscard]] inline Command<std::optional<std::int64_t>> zrank(std::string_view key, std::string_view member) {
  return {{"ZRANK", detail::read_only, detail::Key{key}, member}, decode<std::optional<std::int64_t>>};
}

/// The same with the score. Redis 7.2.
/// https://redis.io/docs/latest/commands/zrank/
[[nodiscard]] inline Command<std::optional<MemberRank>> zrank_with_score(std::string_view key,
                                                                         std::string_view member) {
  return {{"ZRANK", detail::read_only, detail::Key{key}, member, "WITHSCORE"}, detail::decode_member_rank};
}

/// The rank of `member` from the other end, 0 being the highest score; nullopt if it is not there.
/// https://redis.io/docs/latest/commands/zrevrank/
[[nodiscard]] inline Command<std::optional<std::int64_t>> zrevrank(std::string_view key, std::string_view member) {
  return {{"ZREVRANK", detail::read_only, detail::Key{key}, member}, decode<std::optional<std::int64_t>>};
}

/// The same with the score. Redis 7.2.
/// https://redis.io/docs/latest/commands/zrevrank/
[[nodiscard]] inline Command<std::optional<MemberRank>> zrevrank_with_score(std::string_view key,
                                                                            std::string_view member) {
  return {{"ZREVRANK", detail::read_only, detail::Key{key}, member, "WITHSCORE"}, detail::decode_member_rank};
}

/// The members of ranks `first` … `last`, both inclusive, the lowest score first.
/// https://redis.io/docs/latest/commands/zrange/
[[nodiscard]] inline Command<std::vector<std::string>> zrange(std::string_view key, std::int64_t first,
                                                              std::int64_t last, const ZRangeOptions& options = {}) {
  return {{"ZRANGE", detail::read_only, detail::Key{key}, first, last, options}, decode<std::vector<std::string>>};
}

/// The same with the scores.
/// https://redis.io/docs/latest/commands/zrange/
[[nodiscard]] inline Command<std::vector<ScoredMember>> zrange_with_scores(std::string_view key, std::int64_t first,
                                                                           std::int64_t last,
                                                                           const ZRangeOptions& options = {}) {
  return {{"ZRANGE", detail::read_only, detail::Key{key}, first, last, options, "WITHSCORES"},
          detail::decode_scored_members};
}

/// The members with scores from `first` to `last`: `zrange_byscore("board", 5, ScoreBound::exclusive(10))`. With `rev`
/// the higher bound comes first.
/// https://redis.io/docs/latest/commands/zrange/
[[nodiscard]] inline Command<std::vector<std::string>> zrange_byscore(std::string_view key, const ScoreBound& first,
                                                                      const ScoreBound& last,
                                                                      const ZRangeByOptions& options = {}) {
  return {{"ZRANGE", detail::read_only, detail::Key{key}, first, last, "BYSCORE", options},
          decode<std::vector<std::string>>};
}

/// The same with the scores.
/// https://redis.io/docs/latest/commands/zrange/
[[nodiscard]] inline Command<std::vector<ScoredMember>> zrange_byscore_with_scores(
    std::string_view key, const ScoreBound& first, const ScoreBound& last, const ZRangeByOptions& options = {}) {
  return {{"ZRANGE", detail::read_only, detail::Key{key}, first, last, "BYSCORE", options, "WITHSCORES"},
          detail::decode_scored_members};
}

/// The members from `first` to `last`, in a set whose scores are all equal: `zrange_bylex("names", "a",
/// LexBound::exclusive("b"))`. With `rev` the higher bound comes first.
/// https://redis.io/docs/latest/commands/zrange/
[[nodiscard]] inline Command<std::vector<std::string>> zrange_bylex(std::string_view key, const LexBound& first,
                                                                    const LexBound& last,
                                                                    const ZRangeByOptions& options = {}) {
  return {{"ZRANGE", detail::read_only, detail::Key{key}, first, last, "BYLEX", options},
          decode<std::vector<std::string>>};
}

/// Stores what `zrange` answers as `destination`, which it replaces; answers how many members that are.
/// https://redis.io/docs/latest/commands/zrangestore/
[[nodiscard]] inline Command<std::int64_t> zrangestore(std::string_view destination, std::string_view key,
                                                       std::int64_t first, std::int64_t last,
                                                       const ZRangeOptions& options = {}) {
  return {{"ZRANGESTORE", detail::stored(destination, key), detail::Destination{destination}, detail::Key{key}, first,
           last, options},
          decode<std::int64_t>};
}

/// Stores what `zrange_byscore` answers as `destination`, which it replaces; answers how many members that are.
/// https://redis.io/docs/latest/commands/zrangestore/
[[nodiscard]] inline Command<std::int64_t> zrangestore_byscore(std::string_view destination, std::string_view key,
                                                               const ScoreBound& first, const ScoreBound& last,
                                                               const ZRangeByOptions& options = {}) {
  return {{"ZRANGESTORE", detail::stored(destination, key), detail::Destination{destination}, detail::Key{key}, first,
           last, "BYSCORE", options},
          decode<std::int64_t>};
}

/// Stores what `zrange_bylex` answers as `destination`, which it replaces; answers how many members that are.
/// https://redis.io/docs/latest/commands/zrangestore/
[[nodiscard]] inline Command<std::int64_t> zrangestore_bylex(std::string_view destination, std::string_view key,
                                                             const LexBound& first, const LexBound& last,
                                                             const ZRangeByOptions& options = {}) {
  return {{"ZRANGESTORE", detail::stored(destination, key), detail::Destination{destination}, detail::Key{key}, first,
           last, "BYLEX", options},
          decode<std::int64_t>};
}

/// Takes the member with the lowest score; nullopt if there is none.
/// https://redis.io/docs/latest/commands/zpopmin/
[[nodiscard]] inline Command<std::optional<ScoredMember>> zpopmin(std::string_view key) {
  return {{"ZPOPMIN", detail::accumulate, detail::Key{key}}, detail::decode_scored_member};
}

/// Takes up to `count` members, the lowest score first; empty if there are none.
/// https://redis.io/docs/latest/commands/zpopmin/
[[nodiscard]] inline Command<std::vector<ScoredMember>> zpopmin_many(std::string_view key, std::int64_t count) {
  return {{"ZPOPMIN", detail::accumulate, detail::Key{key}, count}, detail::decode_scored_members};
}

/// Takes the member with the highest score; nullopt if there is none.
/// https://redis.io/docs/latest/commands/zpopmax/
[[nodiscard]] inline Command<std::optional<ScoredMember>> zpopmax(std::string_view key) {
  return {{"ZPOPMAX", detail::accumulate, detail::Key{key}}, detail::decode_scored_member};
}

/// Takes up to `count` members, the highest score first; empty if there are none.
/// https://redis.io/docs/latest/commands/zpopmax/
[[nodiscard]] inline Command<std::vector<ScoredMember>> zpopmax_many(std::string_view key, std::int64_t count) {
  return {{"ZPOPMAX", detail::accumulate, detail::Key{key}, count}, detail::decode_scored_members};
}

/// Takes up to `count` members (one, if nothing is said) from the first of `keys` that has some; nullopt if none has.
/// https://redis.io/docs/latest/commands/zmpop/
[[nodiscard]] inline Command<std::optional<PoppedMembers>> zmpop(const StringArgs& keys, ZEnd end,
                                                                 std::optional<std::int64_t> count = {}) {
  return {{"ZMPOP", detail::accumulate, detail::CountedKeys{keys}, detail::ZPopFrom{end}, detail::Count{count}},
          detail::decode_popped_members};
}

/// Takes the member with the lowest score from the first of `keys` that has one, and waits until there is one; nullopt
/// when `timeout` is over, 0 being for ever.
/// https://redis.io/docs/latest/commands/bzpopmin/
[[nodiscard]] inline Command<std::optional<PoppedMember>> bzpopmin(const StringArgs& keys, Duration timeout) {
  return {{"BZPOPMIN", detail::blocking_pop, detail::Keys{keys}, detail::BlockingSeconds{timeout}},
          detail::decode_popped_member};
}

/// Takes the member with the highest score from the first of `keys` that has one, and waits until there is one; nullopt
/// when `timeout` is over, 0 being for ever.
/// https://redis.io/docs/latest/commands/bzpopmax/
[[nodiscard]] inline Command<std::optional<PoppedMember>> bzpopmax(const StringArgs& keys, Duration timeout) {
  return {{"BZPOPMAX", detail::blocking_pop, detail::Keys{keys}, detail::BlockingSeconds{timeout}},
          detail::decode_popped_member};
}

/// `zmpop` that waits until one of `keys` has members; nullopt when `timeout` is over, 0 being for ever.
/// https://redis.io/docs/latest/commands/bzmpop/
[[nodiscard]] inline Command<std::optional<PoppedMembers>> bzmpop(Duration timeout, const StringArgs& keys, ZEnd end,
                                                                  std::optional<std::int64_t> count = {}) {
  return {{"BZMPOP", detail::blocking_pop, detail::BlockingSeconds{timeout}, detail::CountedKeys{keys},
           detail::ZPopFrom{end}, detail::Count{count}},
          detail::decode_popped_members};
}

/// A random member, or nullopt if there is none.
/// https://redis.io/docs/latest/commands/zrandmember/
[[nodiscard]] inline Command<std::optional<std::string>> zrandmember(std::string_view key) {
  return {{"ZRANDMEMBER", detail::read_only, detail::Key{key}}, decode<std::optional<std::string>>};
}

/// Up to `count` different random members; exactly −`count`, not all different, if it is negative.
/// https://redis.io/docs/latest/commands/zrandmember/
[[nodiscard]] inline Command<std::vector<std::string>> zrandmember_many(std::string_view key, std::int64_t count) {
  return {{"ZRANDMEMBER", detail::read_only, detail::Key{key}, count}, decode<std::vector<std::string>>};
}

/// The same with the scores.
/// https://redis.io/docs/latest/commands/zrandmember/
[[nodiscard]] inline Command<std::vector<ScoredMember>> zrandmember_with_scores(std::string_view key,
                                                                                std::int64_t count) {
  return {{"ZRANDMEMBER", detail::read_only, detail::Key{key}, count, "WITHSCORES"}, detail::decode_scored_members};
}

/// The members of the first of `keys` that are in none of the others.
/// https://redis.io/docs/latest/commands/zdiff/
[[nodiscard]] inline Command<std::vector<std::string>> zdiff(const StringArgs& keys) {
  return {{"ZDIFF", detail::read_only, detail::CountedKeys{keys}}, decode<std::vector<std::string>>};
}

/// The same with the scores.
/// https://redis.io/docs/latest/commands/zdiff/
[[nodiscard]] inline Command<std::vector<ScoredMember>> zdiff_with_scores(const StringArgs& keys) {
  return {{"ZDIFF", detail::read_only, detail::CountedKeys{keys}, "WITHSCORES"}, detail::decode_scored_members};
}

/// Stores what `zdiff` answers as `destination`, which it replaces; answers how many members that are.
/// https://redis.io/docs/latest/commands/zdiffstore/
[[nodiscard]] inline Command<std::int64_t> zdiffstore(std::string_view destination, const StringArgs& keys) {
  return {
      {"ZDIFFSTORE", detail::stored(destination, keys), detail::Destination{destination}, detail::CountedKeys{keys}},
      decode<std::int64_t>};
}

/// The members that are in all of `keys`: `zinter({"a", "b"}, {.weights = {2, 1}})`. Plain sets count, too, with 1 as
/// the score of every member.
/// https://redis.io/docs/latest/commands/zinter/
[[nodiscard]] inline Command<std::vector<std::string>> zinter(const StringArgs& keys,
                                                              const ZCombineOptions& options = {}) {
  return {{"ZINTER", detail::read_only, detail::CountedKeys{keys}, options}, decode<std::vector<std::string>>};
}

/// The same with the scores.
/// https://redis.io/docs/latest/commands/zinter/
[[nodiscard]] inline Command<std::vector<ScoredMember>> zinter_with_scores(const StringArgs& keys,
                                                                           const ZCombineOptions& options = {}) {
  return {{"ZINTER", detail::read_only, detail::CountedKeys{keys}, options, "WITHSCORES"},
          detail::decode_scored_members};
}

/// Stores what `zinter` answers as `destination`, which it replaces; answers how many members that are.
/// https://redis.io/docs/latest/commands/zinterstore/
[[nodiscard]] inline Command<std::int64_t> zinterstore(std::string_view destination, const StringArgs& keys,
                                                       const ZCombineOptions& options = {}) {
  return {{"ZINTERSTORE", detail::stored(destination, keys), detail::Destination{destination},
           detail::CountedKeys{keys}, options},
          decode<std::int64_t>};
}

/// How many members are in all of `keys`; stops counting at `limit`, unless that is 0.
/// https://redis.io/docs/latest/commands/zintercard/
[[nodiscard]] inline Command<std::int64_t> zintercard(const StringArgs& keys, std::int64_t limit = 0) {
  if (limit == 0) return {{"ZINTERCARD", detail::read_only, detail::CountedKeys{keys}}, decode<std::int64_t>};
  return {{"ZINTERCARD", detail::read_only, detail::CountedKeys{keys}, "LIMIT", limit}, decode<std::int64_t>};
}

/// The members that are in any of `keys`. Plain sets count, too, with 1 as the score of every member.
/// https://redis.io/docs/latest/commands/zunion/
[[nodiscard]] inline Command<std::vector<std::string>> zunion(const StringArgs& keys,
                                                              const ZCombineOptions& options = {}) {
  return {{"ZUNION", detail::read_only, detail::CountedKeys{keys}, options}, decode<std::vector<std::string>>};
}

/// The same with the scores.
/// https://redis.io/docs/latest/commands/zunion/
[[nodiscard]] inline Command<std::vector<ScoredMember>> zunion_with_scores(const StringArgs& keys,
                                                                           const ZCombineOptions& options = {}) {
  return {{"ZUNION", detail::read_only, detail::CountedKeys{keys}, options, "WITHSCORES"},
          detail::decode_scored_members};
}

/// Stores what `zunion` answers as `destination`, which it replaces; answers how many members that are.
/// https://redis.io/docs/latest/commands/zunionstore/
[[nodiscard]] inline Command<std::int64_t> zunionstore(std::string_view destination, const StringArgs& keys,
                                                       const ZCombineOptions& options = {}) {
  return {{"ZUNIONSTORE", detail::stored(destination, keys), detail::Destination{destination},
           detail::CountedKeys{keys}, options},
          decode<std::int64_t>};
}

/// One page of the members with their scores, from `cursor` on (0: the first page), in no order. `ScanOptions::type` is
/// not for this one.
/// https://redis.io/docs/latest/commands/zscan/
[[nodiscard]] inline Command<ScanPage<ScoredMember>> zscan(std::string_view key, std::uint64_t cursor,
                                                           const ScanOptions& options = {}) {
  return {{"ZSCAN", detail::read_only, detail::Key{key}, cursor, options}, detail::decode_scan_page_of_scored_members};
}

}  // namespace cmd

/// The commands on sorted sets as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class SortedSetCommands {
 public:
  auto zadd(std::string_view key, const ScoreArgs& members, const ZAddOptions& options = {}) {
    return self().run(cmd::zadd(key, members, options));
  }
  auto zadd_incr(std::string_view key, double increment, std::string_view member, const ZAddOptions& options = {}) {
    return self().run(cmd::zadd_incr(key, increment, member, options));
  }
  auto zincrby(std::string_view key, double increment, std::string_view member) {
    return self().run(cmd::zincrby(key, increment, member));
  }
  auto zrem(std::string_view key, const StringArgs& members) { return self().run(cmd::zrem(key, members)); }
  auto zremrangebyrank(std::string_view key, std::int64_t first, std::int64_t last) {
    return self().run(cmd::zremrangebyrank(key, first, last));
  }
  auto zremrangebyscore(std::string_view key, const ScoreBound& min, const ScoreBound& max) {
    return self().run(cmd::zremrangebyscore(key, min, max));
  }
  auto zremrangebylex(std::string_view key, const LexBound& min, const LexBound& max) {
    return self().run(cmd::zremrangebylex(key, min, max));
  }
  auto zcard(std::string_view key) { return self().run(cmd::zcard(key)); }
  auto zcount(std::string_view key, const ScoreBound& min, const ScoreBound& max) {
    return self().run(cmd::zcount(key, min, max));
  }
  auto zlexcount(std::string_view key, const LexBound& min, const LexBound& max) {
    return self().run(cmd::zlexcount(key, min, max));
  }
  auto zscore(std::string_view key, std::string_view member) { return self().run(cmd::zscore(key, member)); }
  auto zmscore(std::string_view key, const StringArgs& members) { return self().run(cmd::zmscore(key, members)); }
  auto zrank(std::string_view key, std::string_view member) { return self().run(cmd::zrank(key, member)); }
  auto zrank_with_score(std::string_view key, std::string_view member) {
    return self().run(cmd::zrank_with_score(key, member));
  }
  auto zrevrank(std::string_view key, std::string_view member) { return self().run(cmd::zrevrank(key, member)); }
  auto zrevrank_with_score(std::string_view key, std::string_view member) {
    return self().run(cmd::zrevrank_with_score(key, member));
  }
  auto zrange(std::string_view key, std::int64_t first, std::int64_t last, const ZRangeOptions& options = {}) {
    return self().run(cmd::zrange(key, first, last, options));
  }
  auto zrange_with_scores(std::string_view key, std::int64_t first, std::int64_t last,
                          const ZRangeOptions& options = {}) {
    return self().run(cmd::zrange_with_scores(key, first, last, options));
  }
  auto zrange_byscore(std::string_view key, const ScoreBound& first, const ScoreBound& last,
                      const ZRangeByOptions& options = {}) {
    return self().run(cmd::zrange_byscore(key, first, last, options));
  }
  auto zrange_byscore_with_scores(std::string_view key, const ScoreBound& first, const ScoreBound& last,
                                  const ZRangeByOptions& options = {}) {
    return self().run(cmd::zrange_byscore_with_scores(key, first, last, options));
  }
  auto zrange_bylex(std::string_view key, const LexBound& first, const LexBound& last,
                    const ZRangeByOptions& options = {}) {
    return self().run(cmd::zrange_bylex(key, first, last, options));
  }
  auto zrangestore(std::string_view destination, std::string_view key, std::int64_t first, std::int64_t last,
                   const ZRangeOptions& options = {}) {
    return self().run(cmd::zrangestore(destination, key, first, last, options));
  }
  auto zrangestore_byscore(std::string_view destination, std::string_view key, const ScoreBound& first,
                           const ScoreBound& last, const ZRangeByOptions& options = {}) {
    return self().run(cmd::zrangestore_byscore(destination, key, first, last, options));
  }
  auto zrangestore_bylex(std::string_view destination, std::string_view key, const LexBound& first,
                         const LexBound& last, const ZRangeByOptions& options = {}) {
    return self().run(cmd::zrangestore_bylex(destination, key, first, last, options));
  }
  auto zpopmin(std::string_view key) { return self().run(cmd::zpopmin(key)); }
  auto zpopmin_many(std::string_view key, std::int64_t count) { return self().run(cmd::zpopmin_many(key, count)); }
  auto zpopmax(std::string_view key) { return self().run(cmd::zpopmax(key)); }
  auto zpopmax_many(std::string_view key, std::int64_t count) { return self().run(cmd::zpopmax_many(key, count)); }
  auto zmpop(const StringArgs& keys, ZEnd end, std::optional<std::int64_t> count = {}) {
    return self().run(cmd::zmpop(keys, end, count));
  }
  auto bzpopmin(const StringArgs& keys, Duration timeout) { return self().run(cmd::bzpopmin(keys, timeout)); }
  auto bzpopmax(const StringArgs& keys, Duration timeout) { return self().run(cmd::bzpopmax(keys, timeout)); }
  auto bzmpop(Duration timeout, const StringArgs& keys, ZEnd end, std::optional<std::int64_t> count = {}) {
    return self().run(cmd::bzmpop(timeout, keys, end, count));
  }
  auto zrandmember(std::string_view key) { return self().run(cmd::zrandmember(key)); }
  auto zrandmember_many(std::string_view key, std::int64_t count) {
    return self().run(cmd::zrandmember_many(key, count));
  }
  auto zrandmember_with_scores(std::string_view key, std::int64_t count) {
    return self().run(cmd::zrandmember_with_scores(key, count));
  }
  auto zdiff(const StringArgs& keys) { return self().run(cmd::zdiff(keys)); }
  auto zdiff_with_scores(const StringArgs& keys) { return self().run(cmd::zdiff_with_scores(keys)); }
  auto zdiffstore(std::string_view destination, const StringArgs& keys) {
    return self().run(cmd::zdiffstore(destination, keys));
  }
  auto zinter(const StringArgs& keys, const ZCombineOptions& options = {}) {
    return self().run(cmd::zinter(keys, options));
  }
  auto zinter_with_scores(const StringArgs& keys, const ZCombineOptions& options = {}) {
    return self().run(cmd::zinter_with_scores(keys, options));
  }
  auto zinterstore(std::string_view destination, const StringArgs& keys, const ZCombineOptions& options = {}) {
    return self().run(cmd::zinterstore(destination, keys, options));
  }
  auto zintercard(const StringArgs& keys, std::int64_t limit = 0) { return self().run(cmd::zintercard(keys, limit)); }
  auto zunion(const StringArgs& keys, const ZCombineOptions& options = {}) {
    return self().run(cmd::zunion(keys, options));
  }
  auto zunion_with_scores(const StringArgs& keys, const ZCombineOptions& options = {}) {
    return self().run(cmd::zunion_with_scores(keys, options));
  }
  auto zunionstore(std::string_view destination, const StringArgs& keys, const ZCombineOptions& options = {}) {
    return self().run(cmd::zunionstore(destination, keys, options));
  }
  auto zscan(std::string_view key, std::uint64_t cursor, const ScanOptions& options = {}) {
    return self().run(cmd::zscan(key, cursor, options));
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
