/// \file
/// Commands on streams: entries of fields and values in the order of their ids, which only grow. The builders are in
/// `meridian::cmd`; `StreamCommands` has the same as methods.
///
/// Ids are texts, as the server writes them: "1700000000000-0", milliseconds and a number. Some commands know others:
/// "-" and "+" are the ends of a range, "(id" is a bound that does not include itself, "$" is the last id that a stream
/// has now, ">" is what no consumer of the group was given yet, and "*" lets the server choose.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/decode.hpp>
#include <meridian/time.hpp>

namespace meridian {

/// One entry of a stream. Fields are in the order in which they were added, and may be there twice.
struct StreamEntry {
  std::string id{};
  std::vector<std::pair<std::string, std::string>> fields{};
  bool deleted = false;  ///< The entry is gone; a consumer's list of pending ones still has its id (XREADGROUP).
  friend bool operator==(const StreamEntry&, const StreamEntry&) = default;
};

/// What XREAD and XREADGROUP answer of one stream.
struct StreamEntries {
  std::string key{};
  std::vector<StreamEntry> entries{};
  friend bool operator==(const StreamEntries&, const StreamEntries&) = default;
};

/// What XPENDING answers of a whole group: entries that were given to a consumer, and not acknowledged.
struct PendingSummary {
  struct Consumer {
    std::string name{};
    std::int64_t pending = 0;
    friend bool operator==(const Consumer&, const Consumer&) = default;
  };
  std::int64_t pending = 0;
  std::optional<std::string> lowest_id{};   ///< nullopt if there are none.
  std::optional<std::string> highest_id{};  ///< nullopt if there are none.
  std::vector<Consumer> consumers{};        ///< Those that have some.
  friend bool operator==(const PendingSummary&, const PendingSummary&) = default;
};

/// One entry that was given to a consumer, and not acknowledged.
struct PendingEntry {
  std::string id{};
  std::string consumer{};
  std::chrono::milliseconds idle{0};  ///< Since it was last given to somebody.
  std::int64_t deliveries = 0;        ///< How often it was given to somebody.
  friend bool operator==(const PendingEntry&, const PendingEntry&) = default;
};

/// What XAUTOCLAIM took over.
struct AutoClaimed {
  std::string next{};                  ///< Where to go on: the next `start`; "0-0" once all were looked at.
  std::vector<StreamEntry> entries{};  ///< They belong to the consumer now.
  std::vector<std::string> deleted{};  ///< Were pending, but are gone from the stream: no longer pending. Redis 7.
  friend bool operator==(const AutoClaimed&, const AutoClaimed&) = default;
};

/// What XAUTOCLAIM … JUSTID took over.
struct AutoClaimedIds {
  std::string next{};                  ///< Where to go on: the next `start`; "0-0" once all were looked at.
  std::vector<std::string> ids{};      ///< They belong to the consumer now.
  std::vector<std::string> deleted{};  ///< Were pending, but are gone from the stream: no longer pending. Redis 7.
  friend bool operator==(const AutoClaimedIds&, const AutoClaimedIds&) = default;
};

/// What XINFO STREAM answers. What an older server does not say is nullopt.
struct StreamInfo {
  std::int64_t length = 0;
  std::int64_t radix_tree_keys = 0;
  std::int64_t radix_tree_nodes = 0;
  std::string last_generated_id{};
  std::optional<std::string> max_deleted_entry_id{};     ///< Redis 7.
  std::optional<std::int64_t> entries_added{};           ///< Ever. Redis 7.
  std::optional<std::string> recorded_first_entry_id{};  ///< Redis 7.
  std::int64_t groups = 0;
  std::optional<StreamEntry> first_entry{};  ///< nullopt if the stream is empty.
  std::optional<StreamEntry> last_entry{};   ///< nullopt if the stream is empty.
  friend bool operator==(const StreamInfo&, const StreamInfo&) = default;
};

/// A time of the server's wall clock.
using ServerMilliseconds = std::chrono::sys_time<std::chrono::milliseconds>;

/// What XINFO STREAM … FULL answers. What an older server does not say is nullopt.
struct StreamFullInfo {
  /// An entry that was given to a consumer, and not acknowledged.
  struct Pending {
    std::string id{};
    std::string consumer{};
    ServerMilliseconds delivered_at{};  ///< The last time.
    std::int64_t deliveries = 0;
    friend bool operator==(const Pending&, const Pending&) = default;
  };
  struct Consumer {
    std::string name{};
    ServerMilliseconds seen_at{};                   ///< When it last tried to get something.
    std::optional<ServerMilliseconds> active_at{};  ///< When it last got something; nullopt: never. Redis 7.2.
    std::int64_t pending_count = 0;
    std::vector<Pending> pending{};  ///< The first ones.
    friend bool operator==(const Consumer&, const Consumer&) = default;
  };
  struct Group {
    std::string name{};
    std::string last_delivered_id{};
    std::optional<std::int64_t> entries_read{};  ///< nullopt where the server cannot tell. Redis 7.
    std::optional<std::int64_t> lag{};           ///< Not given to anybody yet; nullopt where it cannot tell. Redis 7.
    std::int64_t pending_count = 0;
    std::vector<Pending> pending{};  ///< The first ones.
    std::vector<Consumer> consumers{};
    friend bool operator==(const Group&, const Group&) = default;
  };
  std::int64_t length = 0;
  std::int64_t radix_tree_keys = 0;
  std::int64_t radix_tree_nodes = 0;
  std::string last_generated_id{};
  std::optional<std::string> max_deleted_entry_id{};     ///< Redis 7.
  std::optional<std::int64_t> entries_added{};           ///< Ever. Redis 7.
  std::optional<std::string> recorded_first_entry_id{};  ///< Redis 7.
  std::vector<StreamEntry> entries{};                    ///< The first ones.
  std::vector<Group> groups{};
  friend bool operator==(const StreamFullInfo&, const StreamFullInfo&) = default;
};

/// What XINFO GROUPS answers of one group.
struct StreamGroup {
  std::string name{};
  std::int64_t consumers = 0;
  std::int64_t pending = 0;
  std::string last_delivered_id{};
  std::optional<std::int64_t> entries_read{};  ///< nullopt where the server cannot tell. Redis 7.
  std::optional<std::int64_t> lag{};           ///< Not given to anybody yet; nullopt where it cannot tell. Redis 7.
  friend bool operator==(const StreamGroup&, const StreamGroup&) = default;
};

/// What XINFO CONSUMERS answers of one consumer.
struct StreamConsumer {
  std::string name{};
  std::int64_t pending = 0;
  std::chrono::milliseconds idle{0};                    ///< Since it last tried to get something.
  std::optional<std::chrono::milliseconds> inactive{};  ///< Since it last got something; nullopt: never. Redis 7.2.
  friend bool operator==(const StreamConsumer&, const StreamConsumer&) = default;
};

/// How much of a stream is kept: `{.maxlen = 1000, .approximate = true}`. Exactly one of `maxlen` and `minid`; neither:
/// all of it. Looks only.
struct StreamTrim {
  std::optional<std::int64_t> maxlen{};     ///< The last so many entries,
  std::optional<std::string_view> minid{};  ///< or those from this id on.
  bool approximate = false;                 ///< At least that: only whole nodes are freed, which is much faster.
  std::optional<std::int64_t> limit{};      ///< With `approximate`: looks at no more than so many entries; 0: no limit.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (maxlen) bound(builder, "MAXLEN").arg(*maxlen);
    if (minid) bound(builder, "MINID").arg(*minid);
    if (limit) builder.arg("LIMIT").arg(*limit);
  }

 private:
  RequestBuilder& bound(RequestBuilder& builder, std::string_view strategy) const {
    builder.arg(strategy);
    if (approximate) builder.arg("~");
    return builder;
  }
};

/// Options of XADD. Looks only.
struct XAddOptions {
  StreamTrim trim{};          ///< What is thrown away at the same time.
  std::string_view id = "*";  ///< Must be higher than all the stream had; "123-*": only the number is the server's.
};

/// Options of XREAD.
struct XReadOptions {
  std::optional<std::int64_t> count{};  ///< At most so many entries of each stream.
  /// Waits until there is one; 0 is for ever. nullopt: does not wait. The server counts milliseconds.
  std::optional<Duration> block{};
};

/// Options of XREADGROUP.
struct XReadGroupOptions {
  std::optional<std::int64_t> count{};  ///< At most so many entries of each stream.
  /// Waits until there is one; 0 is for ever. nullopt: does not wait. The server counts milliseconds.
  std::optional<Duration> block{};
  bool noack = false;  ///< Counts as acknowledged at once.
};

/// Options of XPENDING for single entries. Looks only.
struct XPendingOptions {
  std::optional<std::chrono::milliseconds> idle{};  ///< Only those that nobody was given for so long.
  std::optional<std::string_view> consumer{};       ///< Only those of one consumer.
};

/// Options of XCLAIM. Looks only.
struct XClaimOptions {
  std::optional<std::chrono::milliseconds> idle{};  ///< As if given to the consumer so long ago; 0 if nothing is said.
  std::optional<ServerMilliseconds> time{};         ///< The same as a time.
  std::optional<std::int64_t> retrycount{};         ///< Sets the number of deliveries.
  bool force = false;                               ///< Also entries that are not pending.
  std::optional<std::string_view> lastid{};         ///< Moves the last delivered id of the group on to this one.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (idle) builder.arg("IDLE").arg(idle->count());
    if (time) builder.arg("TIME").arg(time->time_since_epoch().count());
    if (retrycount) builder.arg("RETRYCOUNT").arg(*retrycount);
    if (force) builder.arg("FORCE");
    if (lastid) builder.arg("LASTID").arg(*lastid);
  }
};

/// Options of XSETID. Looks only. Redis 7.
struct XSetIdOptions {
  std::optional<std::int64_t> entriesadded{};      ///< How many entries the stream ever had.
  std::optional<std::string_view> maxdeletedid{};  ///< The highest id that was deleted.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (entriesadded) builder.arg("ENTRIESADDED").arg(*entriesadded);
    if (maxdeletedid) builder.arg("MAXDELETEDID").arg(*maxdeletedid);
  }
};

/// Options of XGROUP CREATE.
struct XGroupCreateOptions {
  bool mkstream = false;                      ///< Makes the stream if there is none.
  std::optional<std::int64_t> entriesread{};  ///< How many entries the group has read; for `lag`. Redis 7.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (mkstream) builder.arg("MKSTREAM");
    if (entriesread) builder.arg("ENTRIESREAD").arg(*entriesread);
  }
};

namespace detail {

/// COUNT and how many, if there is a number.
struct StreamCount {
  std::optional<std::int64_t> count;
  void append_to(RequestBuilder& builder) const {
    if (count) builder.arg("COUNT").arg(*count);
  }
};

/// BLOCK and how long, if it is to wait.
struct StreamBlock {
  std::optional<Duration> block;
  void append_to(RequestBuilder& builder) const {
    if (block) builder.arg("BLOCK").timeout_milliseconds(*block);
  }
};

/// STREAMS, the keys, and then an id for each.
struct StreamKeysAndIds {
  const PairArgs& streams;
  void append_to(RequestBuilder& builder) const {
    builder.arg("STREAMS");
    streams.for_each([&](const PairArgs::Pair& stream) { builder.key(stream.first); });
    streams.for_each([&](const PairArgs::Pair& stream) { builder.arg(stream.second); });
  }
};

[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<StreamEntry>> decode_stream_entries(ReplyView reply);
/// The same; entries that are gone, which older servers send as null, are left out.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<StreamEntry>> decode_claimed_entries(ReplyView reply);
/// A map, or an array of keys and entries; null is empty.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<StreamEntries>> decode_streams(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<PendingSummary> decode_pending_summary(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<PendingEntry>> decode_pending_entries(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<AutoClaimed> decode_auto_claimed(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<AutoClaimedIds> decode_auto_claimed_ids(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<StreamInfo> decode_stream_info(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<StreamFullInfo> decode_stream_full_info(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<StreamGroup>> decode_stream_groups(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<StreamConsumer>> decode_stream_consumers(ReplyView reply);

}  // namespace detail

namespace cmd {

/// Adds an entry: `xadd("log", {{"level", "3"}}, {.trim = {.maxlen = 1000, .approximate = true}})`; answers its id.
/// https://redis.io/docs/latest/commands/xadd/
[[nodiscard]] inline Command<std::string> xadd(std::string_view key, const PairArgs& fields,
                                               const XAddOptions& options = {}) {
  return {{"XADD", detail::accumulate, detail::Key{key}, options.trim, options.id, fields}, decode<std::string>};
}

/// The same, but only if there is such a stream; nullopt if there is none.
/// https://redis.io/docs/latest/commands/xadd/
[[nodiscard]] inline Command<std::optional<std::string>> xadd_nomkstream(std::string_view key, const PairArgs& fields,
                                                                         const XAddOptions& options = {}) {
  return {{"XADD", detail::accumulate, detail::Key{key}, "NOMKSTREAM", options.trim, options.id, fields},
          decode<std::optional<std::string>>};
}

/// How many entries there are, 0 if there is no such key.
/// https://redis.io/docs/latest/commands/xlen/
[[nodiscard]] inline Command<std::int64_t> xlen(std::string_view key) {
  return {{"XLEN", detail::read_only, detail::Key{key}}, decode<std::int64_t>};
}

/// The entries from id `first` to `last`, both inclusive; at most `count` of them.
/// https://redis.io/docs/latest/commands/xrange/
[[nodiscard]] inline Command<std::vector<StreamEntry>> xrange(std::string_view key, std::string_view first,
                                                              std::string_view last,
                                                              std::optional<std::int64_t> count = {}) {
  return {{"XRANGE", detail::read_only, detail::Key{key}, first, last, detail::StreamCount{count}},
          detail::decode_stream_entries};
}

/// The entries from id `last` down to `first`, both inclusive; at most `count` of them.
/// https://redis.io/docs/latest/commands/xrevrange/
[[nodiscard]] inline Command<std::vector<StreamEntry>> xrevrange(std::string_view key, std::string_view last,
                                                                 std::string_view first,
                                                                 std::optional<std::int64_t> count = {}) {
  return {{"XREVRANGE", detail::read_only, detail::Key{key}, last, first, detail::StreamCount{count}},
          detail::decode_stream_entries};
}

/// The entries behind an id, of one or several streams: `xread({{"log", last_id}}, {.block = 5s})`. Streams without any
/// are left out; empty if none has some, or when `block` is over. "$" is what comes from now on; "+" is the last entry
/// (Redis 7.4).
/// https://redis.io/docs/latest/commands/xread/
[[nodiscard]] inline Command<std::vector<StreamEntries>> xread(const PairArgs& streams,
                                                               const XReadOptions& options = {}) {
  CommandTraits traits = detail::read_only;
  traits.needs_own_connection = options.block.has_value();
  return {{"XREAD", traits, detail::StreamCount{options.count}, detail::StreamBlock{options.block},
           detail::StreamKeysAndIds{streams}},
          detail::decode_streams};
}

/// Gives entries to a consumer of a group: `xreadgroup("workers", "w1", {{"jobs", ">"}})`. With another id than ">"
/// answers what this consumer was given behind it, and has not acknowledged. Streams without any are left out; empty if
/// none has some, or when `block` is over.
/// https://redis.io/docs/latest/commands/xreadgroup/
[[nodiscard]] inline Command<std::vector<StreamEntries>> xreadgroup(std::string_view group, std::string_view consumer,
                                                                    const PairArgs& streams,
                                                                    const XReadGroupOptions& options = {}) {
  RequestBuilder builder("XREADGROUP", options.block ? detail::blocking_pop : detail::accumulate);
  builder.arg("GROUP").arg(group).arg(consumer);
  detail::StreamCount{options.count}.append_to(builder);
  detail::StreamBlock{options.block}.append_to(builder);
  if (options.noack) builder.arg("NOACK");
  detail::StreamKeysAndIds{streams}.append_to(builder);
  return {std::move(builder).build(), detail::decode_streams};
}

/// Acknowledges entries: they are no longer pending; answers how many of them were.
/// https://redis.io/docs/latest/commands/xack/
[[nodiscard]] inline Command<std::int64_t> xack(std::string_view key, std::string_view group, const StringArgs& ids) {
  return {{"XACK", detail::overwrite, detail::Key{key}, group, ids}, decode<std::int64_t>};
}

/// How many entries are pending in `group`, and with whom.
/// https://redis.io/docs/latest/commands/xpending/
[[nodiscard]] inline Command<PendingSummary> xpending(std::string_view key, std::string_view group) {
  return {{"XPENDING", detail::read_only, detail::Key{key}, group}, detail::decode_pending_summary};
}

/// The pending entries from id `first` to `last`, both inclusive; at most `count` of them.
/// https://redis.io/docs/latest/commands/xpending/
[[nodiscard]] inline Command<std::vector<PendingEntry>> xpending_range(std::string_view key, std::string_view group,
                                                                       std::string_view first, std::string_view last,
                                                                       std::int64_t count,
                                                                       const XPendingOptions& options = {}) {
  RequestBuilder builder("XPENDING", detail::read_only);
  builder.key(key).arg(group);
  if (options.idle) builder.arg("IDLE").arg(options.idle->count());
  builder.arg(first).arg(last).arg(count);
  if (options.consumer) builder.arg(*options.consumer);
  return {std::move(builder).build(), detail::decode_pending_entries};
}

/// Takes over pending entries that nobody was given for `min_idle`; answers those that now belong to `consumer`.
/// https://redis.io/docs/latest/commands/xclaim/
[[nodiscard]] inline Command<std::vector<StreamEntry>> xclaim(std::string_view key, std::string_view group,
                                                              std::string_view consumer,
                                                              std::chrono::milliseconds min_idle, const StringArgs& ids,
                                                              const XClaimOptions& options = {}) {
  return {{"XCLAIM", detail::accumulate, detail::Key{key}, group, consumer, min_idle.count(), ids, options},
          detail::decode_claimed_entries};
}

/// The same; answers the ids alone, and does not count it as a delivery.
/// https://redis.io/docs/latest/commands/xclaim/
[[nodiscard]] inline Command<std::vector<std::string>> xclaim_justid(std::string_view key, std::string_view group,
                                                                     std::string_view consumer,
                                                                     std::chrono::milliseconds min_idle,
                                                                     const StringArgs& ids,
                                                                     const XClaimOptions& options = {}) {
  return {{"XCLAIM", detail::accumulate, detail::Key{key}, group, consumer, min_idle.count(), ids, options, "JUSTID"},
          decode<std::vector<std::string>>};
}

/// Looks for pending entries from id `start` on that nobody was given for `min_idle`, and takes over up to `count` of
/// them (100, if nothing is said). Go on at `next` until that is "0-0".
/// https://redis.io/docs/latest/commands/xautoclaim/
[[nodiscard]] inline Command<AutoClaimed> xautoclaim(std::string_view key, std::string_view group,
                                                     std::string_view consumer, std::chrono::milliseconds min_idle,
                                                     std::string_view start, std::optional<std::int64_t> count = {}) {
  return {{"XAUTOCLAIM", detail::accumulate, detail::Key{key}, group, consumer, min_idle.count(), start,
           detail::StreamCount{count}},
          detail::decode_auto_claimed};
}

/// The same; answers the ids alone, and does not count it as a delivery.
/// https://redis.io/docs/latest/commands/xautoclaim/
[[nodiscard]] inline Command<AutoClaimedIds> xautoclaim_justid(std::string_view key, std::string_view group,
                                                               std::string_view consumer,
                                                               std::chrono::milliseconds min_idle,
                                                               std::string_view start,
                                                               std::optional<std::int64_t> count = {}) {
  return {{"XAUTOCLAIM", detail::accumulate, detail::Key{key}, group, consumer, min_idle.count(), start,
           detail::StreamCount{count}, "JUSTID"},
          detail::decode_auto_claimed_ids};
}

/// Deletes entries; answers how many there were.
/// https://redis.io/docs/latest/commands/xdel/
[[nodiscard]] inline Command<std::int64_t> xdel(std::string_view key, const StringArgs& ids) {
  return {{"XDEL", detail::overwrite, detail::Key{key}, ids}, decode<std::int64_t>};
}

/// Deletes the oldest entries: `xtrim("log", {.maxlen = 1000})`; answers how many.
/// https://redis.io/docs/latest/commands/xtrim/
[[nodiscard]] inline Command<std::int64_t> xtrim(std::string_view key, const StreamTrim& trim) {
  return {{"XTRIM", detail::overwrite, detail::Key{key}, trim}, decode<std::int64_t>};
}

/// Sets the last id of a stream, as replication does. An error if the stream has a higher one.
/// https://redis.io/docs/latest/commands/xsetid/
[[nodiscard]] inline Command<void> xsetid(std::string_view key, std::string_view last_id,
                                          const XSetIdOptions& options = {}) {
  return {{"XSETID", detail::overwrite, detail::Key{key}, last_id, options}, decode<void>};
}

/// Makes a group that reads what comes behind `id`: "$" from now on, "0" everything. An error
/// (`ErrorCode::server_error`, BUSYGROUP) if there is one of this name.
/// https://redis.io/docs/latest/commands/xgroup-create/
[[nodiscard]] inline Command<void> xgroup_create(std::string_view key, std::string_view group, std::string_view id,
                                                 const XGroupCreateOptions& options = {}) {
  return {{"XGROUP CREATE", detail::conditional, detail::Key{key}, group, id, options}, decode<void>};
}

/// Sets the last id that a group was given; `entriesread` is for `lag` (Redis 7).
/// https://redis.io/docs/latest/commands/xgroup-setid/
[[nodiscard]] inline Command<void> xgroup_setid(std::string_view key, std::string_view group, std::string_view id,
                                                std::optional<std::int64_t> entriesread = {}) {
  const XGroupCreateOptions options{.entriesread = entriesread};
  return {{"XGROUP SETID", detail::overwrite, detail::Key{key}, group, id, options}, decode<void>};
}

/// Deletes a group with all that is pending; false if there is none.
/// https://redis.io/docs/latest/commands/xgroup-destroy/
[[nodiscard]] inline Command<bool> xgroup_destroy(std::string_view key, std::string_view group) {
  return {{"XGROUP DESTROY", detail::overwrite, detail::Key{key}, group}, decode<bool>};
}

/// Makes a consumer; false if there is one of this name. XREADGROUP makes those that it needs by itself.
/// https://redis.io/docs/latest/commands/xgroup-createconsumer/
[[nodiscard]] inline Command<bool> xgroup_createconsumer(std::string_view key, std::string_view group,
                                                         std::string_view consumer) {
  return {{"XGROUP CREATECONSUMER", detail::overwrite, detail::Key{key}, group, consumer}, decode<bool>};
}

/// Deletes a consumer; answers how many entries were pending with it. They are pending no longer: claim them first.
/// https://redis.io/docs/latest/commands/xgroup-delconsumer/
[[nodiscard]] inline Command<std::int64_t> xgroup_delconsumer(std::string_view key, std::string_view group,
                                                              std::string_view consumer) {
  return {{"XGROUP DELCONSUMER", detail::overwrite, detail::Key{key}, group, consumer}, decode<std::int64_t>};
}

/// What there is to know of a stream. An error if there is no such key.
/// https://redis.io/docs/latest/commands/xinfo-stream/
[[nodiscard]] inline Command<StreamInfo> xinfo_stream(std::string_view key) {
  return {{"XINFO STREAM", detail::read_only, detail::Key{key}}, detail::decode_stream_info};
}

/// The same with entries, groups, consumers and pending entries: the first `count` of each (10, if nothing is said; 0:
/// all). For debugging.
/// https://redis.io/docs/latest/commands/xinfo-stream/
[[nodiscard]] inline Command<StreamFullInfo> xinfo_stream_full(std::string_view key,
                                                               std::optional<std::int64_t> count = {}) {
  return {{"XINFO STREAM", detail::read_only, detail::Key{key}, "FULL", detail::StreamCount{count}},
          detail::decode_stream_full_info};
}

/// The groups of a stream. An error if there is no such key.
/// https://redis.io/docs/latest/commands/xinfo-groups/
[[nodiscard]] inline Command<std::vector<StreamGroup>> xinfo_groups(std::string_view key) {
  return {{"XINFO GROUPS", detail::read_only, detail::Key{key}}, detail::decode_stream_groups};
}

/// The consumers of a group. An error if there is no such key or group.
/// https://redis.io/docs/latest/commands/xinfo-consumers/
[[nodiscard]] inline Command<std::vector<StreamConsumer>> xinfo_consumers(std::string_view key,
                                                                          std::string_view group) {
  return {{"XINFO CONSUMERS", detail::read_only, detail::Key{key}, group}, detail::decode_stream_consumers};
}

}  // namespace cmd

/// The commands on streams as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class StreamCommands {
 public:
  auto xadd(std::string_view key, const PairArgs& fields, const XAddOptions& options = {}) {
    return self().run(cmd::xadd(key, fields, options));
  }
  auto xadd_nomkstream(std::string_view key, const PairArgs& fields, const XAddOptions& options = {}) {
    return self().run(cmd::xadd_nomkstream(key, fields, options));
  }
  auto xlen(std::string_view key) { return self().run(cmd::xlen(key)); }
  auto xrange(std::string_view key, std::string_view first, std::string_view last,
              std::optional<std::int64_t> count = {}) {
    return self().run(cmd::xrange(key, first, last, count));
  }
  auto xrevrange(std::string_view key, std::string_view last, std::string_view first,
                 std::optional<std::int64_t> count = {}) {
    return self().run(cmd::xrevrange(key, last, first, count));
  }
  auto xread(const PairArgs& streams, const XReadOptions& options = {}) {
    return self().run(cmd::xread(streams, options));
  }
  auto xreadgroup(std::string_view group, std::string_view consumer, const PairArgs& streams,
                  const XReadGroupOptions& options = {}) {
    return self().run(cmd::xreadgroup(group, consumer, streams, options));
  }
  auto xack(std::string_view key, std::string_view group, const StringArgs& ids) {
    return self().run(cmd::xack(key, group, ids));
  }
  auto xpending(std::string_view key, std::string_view group) { return self().run(cmd::xpending(key, group)); }
  auto xpending_range(std::string_view key, std::string_view group, std::string_view first, std::string_view last,
                      std::int64_t count, const XPendingOptions& options = {}) {
    return self().run(cmd::xpending_range(key, group, first, last, count, options));
  }
  auto xclaim(std::string_view key, std::string_view group, std::string_view consumer,
              std::chrono::milliseconds min_idle, const StringArgs& ids, const XClaimOptions& options = {}) {
    return self().run(cmd::xclaim(key, group, consumer, min_idle, ids, options));
  }
  auto xclaim_justid(std::string_view key, std::string_view group, std::string_view consumer,
                     std::chrono::milliseconds min_idle, const StringArgs& ids, const XClaimOptions& options = {}) {
    return self().run(cmd::xclaim_justid(key, group, consumer, min_idle, ids, options));
  }
  auto xautoclaim(std::string_view key, std::string_view group, std::string_view consumer,
                  std::chrono::milliseconds min_idle, std::string_view start, std::optional<std::int64_t> count = {}) {
    return self().run(cmd::xautoclaim(key, group, consumer, min_idle, start, count));
  }
  auto xautoclaim_justid(std::string_view key, std::string_view group, std::string_view consumer,
                         std::chrono::milliseconds min_idle, std::string_view start,
                         std::optional<std::int64_t> count = {}) {
    return self().run(cmd::xautoclaim_justid(key, group, consumer, min_idle, start, count));
  }
  auto xdel(std::string_view key, const StringArgs& ids) { return self().run(cmd::xdel(key, ids)); }
  auto xtrim(std::string_view key, const StreamTrim& trim) { return self().run(cmd::xtrim(key, trim)); }
  auto xsetid(std::string_view key, std::string_view last_id, const XSetIdOptions& options = {}) {
    return self().run(cmd::xsetid(key, last_id, options));
  }
  auto xgroup_create(std::string_view key, std::string_view group, std::string_view id,
                     const XGroupCreateOptions& options = {}) {
    return self().run(cmd::xgroup_create(key, group, id, options));
  }
  auto xgroup_setid(std::string_view key, std::string_view group, std::string_view id,
                    std::optional<std::int64_t> entriesread = {}) {
    return self().run(cmd::xgroup_setid(key, group, id, entriesread));
  }
  auto xgroup_destroy(std::string_view key, std::string_view group) {
    return self().run(cmd::xgroup_destroy(key, group));
  }
  auto xgroup_createconsumer(std::string_view key, std::string_view group, std::string_view consumer) {
    return self().run(cmd::xgroup_createconsumer(key, group, consumer));
  }
  auto xgroup_delconsumer(std::string_view key, std::string_view group, std::string_view consumer) {
    return self().run(cmd::xgroup_delconsumer(key, group, consumer));
  }
  auto xinfo_stream(std::string_view key) { return self().run(cmd::xinfo_stream(key)); }
  auto xinfo_stream_full(std::string_view key, std::optional<std::int64_t> count = {}) {
    return self().run(cmd::xinfo_stream_full(key, count));
  }
  auto xinfo_groups(std::string_view key) { return self().run(cmd::xinfo_groups(key)); }
  auto xinfo_consumers(std::string_view key, std::string_view group) {
    return self().run(cmd::xinfo_consumers(key, group));
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
