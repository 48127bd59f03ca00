/// \file
/// Commands to the server itself, and messages. The builders are in `meridian::cmd`; `ServerCommands` has the same as
/// methods. What stops a server or changes its role is for operators: `client.command("SHUTDOWN")`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/commands/flush_mode.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// INFO as a map of sections: `info.at("Replication").at("role")`.
using ServerInfo = std::unordered_map<std::string, std::unordered_map<std::string, std::string>>;

/// A command that took long: an element of SLOWLOG GET.
struct SlowlogEntry {
  std::int64_t id = 0;
  std::chrono::sys_seconds time{};
  std::chrono::microseconds duration{};
  std::vector<std::string> words{};  ///< Of the command; long ones are cut by the server.
  std::string client_address{};
  std::string client_name{};
  friend bool operator==(const SlowlogEntry&, const SlowlogEntry&) = default;
};

/// The last spike of one kind: an element of LATENCY LATEST.
struct LatencyEvent {
  std::string event{};  ///< "command", "fork" …
  std::chrono::sys_seconds time{};
  std::chrono::milliseconds latest{};
  std::chrono::milliseconds longest{};
  friend bool operator==(const LatencyEvent&, const LatencyEvent&) = default;
};

/// One spike: an element of LATENCY HISTORY.
struct LatencySample {
  std::chrono::sys_seconds time{};
  std::chrono::milliseconds latency{};
  friend bool operator==(const LatencySample&, const LatencySample&) = default;
};

/// How long the calls of one command took: a value of LATENCY HISTOGRAM.
struct LatencyHistogram {
  std::int64_t calls = 0;
  /// How many calls took at most so long, in growing order; every count includes those before.
  std::vector<std::pair<std::chrono::microseconds, std::int64_t>> up_to{};
  friend bool operator==(const LatencyHistogram&, const LatencyHistogram&) = default;
};

/// The server is a master: what ROLE answers there.
struct MasterRole {
  struct Replica {
    std::string host{};
    std::int64_t port = 0;
    std::int64_t offset = 0;  ///< The last one that it acknowledged.
    friend bool operator==(const Replica&, const Replica&) = default;
  };
  std::int64_t offset = 0;  ///< Of its replication stream.
  std::vector<Replica> replicas{};
  friend bool operator==(const MasterRole&, const MasterRole&) = default;
};

/// The server is a replica.
struct ReplicaRole {
  std::string master_host{};
  std::int64_t master_port = 0;
  std::string state{};      ///< "connect", "connecting", "sync" or "connected".
  std::int64_t offset = 0;  ///< How far it has read; −1: not at all.
  friend bool operator==(const ReplicaRole&, const ReplicaRole&) = default;
};

/// The server is a Sentinel.
struct SentinelRole {
  std::vector<std::string> masters{};  ///< The names that it watches.
  friend bool operator==(const SentinelRole&, const SentinelRole&) = default;
};

using Role = std::variant<MasterRole, ReplicaRole, SentinelRole>;

/// What the server says of one of its commands: an element of COMMAND INFO.
struct CommandInfo {
  std::string name{};
  std::int64_t arity = 0;            ///< Words with the name; negative: at least so many.
  std::vector<std::string> flags{};  ///< "write", "readonly", "blocking" …
  std::int64_t first_key = 0;        ///< 0: no keys, or none at a fixed place.
  std::int64_t last_key = 0;         ///< Negative: from the end.
  std::int64_t step = 0;
  std::vector<std::string> categories{};  ///< For access control: "@read", "@string" …
  friend bool operator==(const CommandInfo&, const CommandInfo&) = default;
};

/// Which commands COMMAND LIST shows: all, or those of one of these.
struct CommandListOptions {
  std::string_view module{};    ///< Those of this module.
  std::string_view category{};  ///< Those of this category for access control: "scripting".
  std::string_view pattern{};   ///< Those whose names match this glob pattern.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (!module.empty()) builder.arg("FILTERBY").arg("MODULE").arg(module);
    if (!category.empty()) builder.arg("FILTERBY").arg("ACLCAT").arg(category);
    if (!pattern.empty()) builder.arg("FILTERBY").arg("PATTERN").arg(pattern);
  }
};

/// Options of BGSAVE.
struct BgsaveOptions {
  bool schedule = false;  ///< While the append-only file is rewritten: once that is done, instead of an error.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (schedule) builder.arg("SCHEDULE");
  }
};

namespace detail {

[[nodiscard]] MERIDIAN_EXPORT Result<ServerInfo> decode_info(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<SlowlogEntry>> decode_slowlog(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<LatencyEvent>> decode_latency_latest(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<LatencySample>> decode_latency_history(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::unordered_map<std::string, LatencyHistogram>> decode_latency_histogram(
    ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::unordered_map<std::string, double>> decode_memory_stats(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::chrono::sys_seconds> decode_unix_seconds(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<Role> decode_role(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::optional<CommandInfo>>> decode_command_info(ReplyView reply);

}  // namespace detail

namespace cmd {

/// How many keys the selected database has.
/// https://redis.io/docs/latest/commands/dbsize/
[[nodiscard]] inline Command<std::int64_t> dbsize() { return {{"DBSIZE", detail::read_only}, decode<std::int64_t>}; }

/// The server's wall clock.
/// https://redis.io/docs/latest/commands/time/
[[nodiscard]] inline Command<ServerTime> time() { return {{"TIME", detail::read_only}, decode<ServerTime>}; }

/// Facts about the server as lines of `name:value`; `section` such as "replication", empty: the default ones.
/// https://redis.io/docs/latest/commands/info/
[[nodiscard]] inline Command<std::string> info(std::string_view section = {}) {
  if (section.empty()) return {{"INFO", detail::read_only}, decode<std::string>};
  return {{"INFO", detail::read_only, section}, decode<std::string>};
}

/// The same facts by section and name; the sections are called as the server writes them ("Replication"), whatever
/// they were asked for as ("replication"). Several sections at once: Redis 7.
/// https://redis.io/docs/latest/commands/info/
[[nodiscard]] inline Command<ServerInfo> info_sections(const StringArgs& sections = {}) {
  return {{"INFO", detail::read_only, sections}, detail::decode_info};
}

/// Deletes every key of the selected database.
/// https://redis.io/docs/latest/commands/flushdb/
[[nodiscard]] inline Command<void> flushdb(FlushMode mode = FlushMode::as_configured) {
  return {{"FLUSHDB", detail::administrative, detail::FlushWord{mode}}, decode<void>};
}

/// Deletes every key of every database of the server.
/// https://redis.io/docs/latest/commands/flushall/
[[nodiscard]] inline Command<void> flushall(FlushMode mode = FlushMode::as_configured) {
  return {{"FLUSHALL", detail::administrative, detail::FlushWord{mode}}, decode<void>};
}

/// Lets two databases of the server change places, for all of its clients at once.
/// https://redis.io/docs/latest/commands/swapdb/
[[nodiscard]] inline Command<void> swapdb(std::int64_t one, std::int64_t other) {
  return {{"SWAPDB", detail::administrative, one, other}, decode<void>};
}

/// The parameters whose names match these glob patterns. Several patterns: Redis 7.
/// https://redis.io/docs/latest/commands/config-get/
[[nodiscard]] inline Command<std::unordered_map<std::string, std::string>> config_get(const StringArgs& patterns) {
  return {{"CONFIG GET", detail::read_only, patterns}, decode<std::unordered_map<std::string, std::string>>};
}

/// Sets parameters, all or none: `config_set({{"maxmemory", "100mb"}})`. Several at once: Redis 7.
/// https://redis.io/docs/latest/commands/config-set/
[[nodiscard]] inline Command<void> config_set(const PairArgs& parameters) {
  return {{"CONFIG SET", detail::administrative, parameters}, decode<void>};
}

/// Sets the counters of INFO to zero.
/// https://redis.io/docs/latest/commands/config-resetstat/
[[nodiscard]] inline Command<void> config_resetstat() {
  return {{"CONFIG RESETSTAT", detail::administrative}, decode<void>};
}

/// Writes the parameters into the file that the server was started with. An error if there is none.
/// https://redis.io/docs/latest/commands/config-rewrite/
[[nodiscard]] inline Command<void> config_rewrite() {
  return {{"CONFIG REWRITE", detail::administrative}, decode<void>};
}

/// Commands that took longer than `slowlog-log-slower-than`, the newest first; the server gives 10 if `count` is not
/// set, and all for −1 (Redis 7).
/// https://redis.io/docs/latest/commands/slowlog-get/
[[nodiscard]] inline Command<std::vector<SlowlogEntry>> slowlog_get(std::optional<std::int64_t> count = {}) {
  if (!count) return {{"SLOWLOG GET", detail::read_only}, detail::decode_slowlog};
  return {{"SLOWLOG GET", detail::read_only, *count}, detail::decode_slowlog};
}

/// How many entries that log has.
/// https://redis.io/docs/latest/commands/slowlog-len/
[[nodiscard]] inline Command<std::int64_t> slowlog_len() {
  return {{"SLOWLOG LEN", detail::read_only}, decode<std::int64_t>};
}

/// Empties that log.
/// https://redis.io/docs/latest/commands/slowlog-reset/
[[nodiscard]] inline Command<void> slowlog_reset() { return {{"SLOWLOG RESET", detail::administrative}, decode<void>}; }

/// The last spike of each kind that took longer than `latency-monitor-threshold`.
/// https://redis.io/docs/latest/commands/latency-latest/
[[nodiscard]] inline Command<std::vector<LatencyEvent>> latency_latest() {
  return {{"LATENCY LATEST", detail::read_only}, detail::decode_latency_latest};
}

/// The spikes of one kind, the oldest first; at most 160.
/// https://redis.io/docs/latest/commands/latency-history/
[[nodiscard]] inline Command<std::vector<LatencySample>> latency_history(std::string_view event) {
  return {{"LATENCY HISTORY", detail::read_only, event}, detail::decode_latency_history};
}

/// The spikes of one kind as a picture of characters. An error if there were none.
/// https://redis.io/docs/latest/commands/latency-graph/
[[nodiscard]] inline Command<std::string> latency_graph(std::string_view event) {
  return {{"LATENCY GRAPH", detail::read_only, event}, decode<std::string>};
}

/// What the server thinks of its spikes, in English.
/// https://redis.io/docs/latest/commands/latency-doctor/
[[nodiscard]] inline Command<std::string> latency_doctor() {
  return {{"LATENCY DOCTOR", detail::read_only}, decode<std::string>};
}

/// How long calls took, by command; all commands if none are named. Those that were not called are left out.
/// https://redis.io/docs/latest/commands/latency-histogram/
[[nodiscard]] inline Command<std::unordered_map<std::string, LatencyHistogram>> latency_histogram(
    const StringArgs& commands = {}) {
  return {{"LATENCY HISTOGRAM", detail::read_only, commands}, detail::decode_latency_histogram};
}

/// Forgets the spikes of these kinds, or of all; answers of how many kinds.
/// https://redis.io/docs/latest/commands/latency-reset/
[[nodiscard]] inline Command<std::int64_t> latency_reset(const StringArgs& events = {}) {
  return {{"LATENCY RESET", detail::administrative, events}, decode<std::int64_t>};
}

/// How many bytes `key` takes, its name and its value with all that belongs to them, or nullopt if there is none. Of
/// large values only `samples` elements are measured: 5 if it is not set, all for 0.
/// https://redis.io/docs/latest/commands/memory-usage/
[[nodiscard]] inline Command<std::optional<std::int64_t>> memory_usage(std::string_view key,
                                                                       std::optional<std::int64_t> samples = {}) {
  constexpr auto decoder = decode<std::optional<std::int64_t>>;
  if (!samples) return {{"MEMORY USAGE", detail::read_only, detail::Key{key}}, decoder};
  return {{"MEMORY USAGE", detail::read_only, detail::Key{key}, "SAMPLES", *samples}, decoder};
}

/// Where the server's memory goes, by the server's names; what it says of each database as
/// "db.0.overhead.hashtable.main".
/// https://redis.io/docs/latest/commands/memory-stats/
[[nodiscard]] inline Command<std::unordered_map<std::string, double>> memory_stats() {
  return {{"MEMORY STATS", detail::read_only}, detail::decode_memory_stats};
}

/// What the server thinks of its memory, in English.
/// https://redis.io/docs/latest/commands/memory-doctor/
[[nodiscard]] inline Command<std::string> memory_doctor() {
  return {{"MEMORY DOCTOR", detail::read_only}, decode<std::string>};
}

/// What the allocator says of itself.
/// https://redis.io/docs/latest/commands/memory-malloc-stats/
[[nodiscard]] inline Command<std::string> memory_malloc_stats() {
  return {{"MEMORY MALLOC-STATS", detail::read_only}, decode<std::string>};
}

/// Makes the allocator give memory back to the system.
/// https://redis.io/docs/latest/commands/memory-purge/
[[nodiscard]] inline Command<void> memory_purge() { return {{"MEMORY PURGE", detail::administrative}, decode<void>}; }

/// When the data was last saved to disk.
/// https://redis.io/docs/latest/commands/lastsave/
[[nodiscard]] inline Command<std::chrono::sys_seconds> lastsave() {
  return {{"LASTSAVE", detail::read_only}, detail::decode_unix_seconds};
}

/// Saves the data to disk; the server does nothing else meanwhile.
/// https://redis.io/docs/latest/commands/save/
[[nodiscard]] inline Command<void> save() { return {{"SAVE", detail::administrative}, decode<void>}; }

/// Begins to save the data to disk. An error if the server saves or rewrites already.
/// https://redis.io/docs/latest/commands/bgsave/
[[nodiscard]] inline Command<void> bgsave(const BgsaveOptions& options = {}) {
  return {{"BGSAVE", detail::administrative, options}, decode<void>};
}

/// Begins to write the append-only file anew.
/// https://redis.io/docs/latest/commands/bgrewriteaof/
[[nodiscard]] inline Command<void> bgrewriteaof() { return {{"BGREWRITEAOF", detail::administrative}, decode<void>}; }

/// Whether the server is a master, a replica or a Sentinel, and of whom.
/// https://redis.io/docs/latest/commands/role/
[[nodiscard]] inline Command<Role> role() { return {{"ROLE", detail::read_only}, detail::decode_role}; }

/// How many commands the server has.
/// https://redis.io/docs/latest/commands/command-count/
[[nodiscard]] inline Command<std::int64_t> command_count() {
  return {{"COMMAND COUNT", detail::read_only}, decode<std::int64_t>};
}

/// What the server says of these commands, in their order; nullopt for one that it does not have. All that it has if
/// none are named. A subcommand is called "config|get".
/// https://redis.io/docs/latest/commands/command-info/
[[nodiscard]] inline Command<std::vector<std::optional<CommandInfo>>> command_info(const StringArgs& names = {}) {
  return {{"COMMAND INFO", detail::read_only, names}, detail::decode_command_info};
}

/// Which words of a command, given as its words, are keys. An error if none are.
/// https://redis.io/docs/latest/commands/command-getkeys/
[[nodiscard]] inline Command<std::vector<std::string>> command_getkeys(const StringArgs& words) {
  return {{"COMMAND GETKEYS", detail::read_only, words}, decode<std::vector<std::string>>};
}

/// The names of the server's commands.
/// https://redis.io/docs/latest/commands/command-list/
[[nodiscard]] inline Command<std::vector<std::string>> command_list(const CommandListOptions& options = {}) {
  return {{"COMMAND LIST", detail::read_only, options}, decode<std::vector<std::string>>};
}

/// A picture of characters, and the server's version below it.
/// https://redis.io/docs/latest/commands/lolwut/
[[nodiscard]] inline Command<std::string> lolwut() { return {{"LOLWUT", detail::read_only}, decode<std::string>}; }

/// Sends a message; answers how many subscribers of this server got it.
/// https://redis.io/docs/latest/commands/publish/
[[nodiscard]] inline Command<std::int64_t> publish(std::string_view channel, std::string_view message) {
  return {{"PUBLISH", detail::accumulate, channel, message}, decode<std::int64_t>};
}

/// Sends a message to a shard channel, which is served where a key of its name would be; answers how many subscribers
/// of this server got it.
/// https://redis.io/docs/latest/commands/spublish/
[[nodiscard]] inline Command<std::int64_t> spublish(std::string_view channel, std::string_view message) {
  return {{"SPUBLISH", detail::accumulate, detail::Key{channel}, message}, decode<std::int64_t>};
}

/// The channels that somebody subscribes to, patterns apart; those that match a glob pattern, if it is not empty.
/// https://redis.io/docs/latest/commands/pubsub-channels/
[[nodiscard]] inline Command<std::vector<std::string>> pubsub_channels(std::string_view pattern = {}) {
  constexpr auto decoder = decode<std::vector<std::string>>;
  if (pattern.empty()) return {{"PUBSUB CHANNELS", detail::read_only}, decoder};
  return {{"PUBSUB CHANNELS", detail::read_only, pattern}, decoder};
}

/// How many subscribe to each of these channels, patterns apart.
/// https://redis.io/docs/latest/commands/pubsub-numsub/
[[nodiscard]] inline Command<std::unordered_map<std::string, std::int64_t>> pubsub_numsub(const StringArgs& channels) {
  return {{"PUBSUB NUMSUB", detail::read_only, channels}, decode<std::unordered_map<std::string, std::int64_t>>};
}

/// How many different patterns are subscribed to.
/// https://redis.io/docs/latest/commands/pubsub-numpat/
[[nodiscard]] inline Command<std::int64_t> pubsub_numpat() {
  return {{"PUBSUB NUMPAT", detail::read_only}, decode<std::int64_t>};
}

/// The shard channels that somebody subscribes to; those that match a glob pattern, if it is not empty.
/// https://redis.io/docs/latest/commands/pubsub-shardchannels/
[[nodiscard]] inline Command<std::vector<std::string>> pubsub_shardchannels(std::string_view pattern = {}) {
  constexpr auto decoder = decode<std::vector<std::string>>;
  if (pattern.empty()) return {{"PUBSUB SHARDCHANNELS", detail::read_only}, decoder};
  return {{"PUBSUB SHARDCHANNELS", detail::read_only, pattern}, decoder};
}

/// How many subscribe to each of these shard channels.
/// https://redis.io/docs/latest/commands/pubsub-shardnumsub/
[[nodiscard]] inline Command<std::unordered_map<std::string, std::int64_t>> pubsub_shardnumsub(
    const StringArgs& channels) {
  return {{"PUBSUB SHARDNUMSUB", detail::read_only, channels}, decode<std::unordered_map<std::string, std::int64_t>>};
}

}  // namespace cmd

/// The server commands as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class ServerCommands {
 public:
  auto dbsize() { return self().run(cmd::dbsize()); }
  auto time() { return self().run(cmd::time()); }
  auto info(std::string_view section = {}) { return self().run(cmd::info(section)); }
  auto info_sections(const StringArgs& sections = {}) { return self().run(cmd::info_sections(sections)); }
  auto flushdb(FlushMode mode = FlushMode::as_configured) { return self().run(cmd::flushdb(mode)); }
  auto flushall(FlushMode mode = FlushMode::as_configured) { return self().run(cmd::flushall(mode)); }
  auto swapdb(std::int64_t one, std::int64_t other) { return self().run(cmd::swapdb(one, other)); }
  auto config_get(const StringArgs& patterns) { return self().run(cmd::config_get(patterns)); }
  auto config_set(const PairArgs& parameters) { return self().run(cmd::config_set(parameters)); }
  auto config_resetstat() { return self().run(cmd::config_resetstat()); }
  auto config_rewrite() { return self().run(cmd::config_rewrite()); }
  auto slowlog_get(std::optional<std::int64_t> count = {}) { return self().run(cmd::slowlog_get(count)); }
  auto slowlog_len() { return self().run(cmd::slowlog_len()); }
  auto slowlog_reset() { return self().run(cmd::slowlog_reset()); }
  auto latency_latest() { return self().run(cmd::latency_latest()); }
  auto latency_history(std::string_view event) { return self().run(cmd::latency_history(event)); }
  auto latency_graph(std::string_view event) { return self().run(cmd::latency_graph(event)); }
  auto latency_doctor() { return self().run(cmd::latency_doctor()); }
  auto latency_histogram(const StringArgs& commands = {}) { return self().run(cmd::latency_histogram(commands)); }
  auto latency_reset(const StringArgs& events = {}) { return self().run(cmd::latency_reset(events)); }
  auto memory_usage(std::string_view key, std::optional<std::int64_t> samples = {}) {
    return self().run(cmd::memory_usage(key, samples));
  }
  auto memory_stats() { return self().run(cmd::memory_stats()); }
  auto memory_doctor() { return self().run(cmd::memory_doctor()); }
  auto memory_malloc_stats() { return self().run(cmd::memory_malloc_stats()); }
  auto memory_purge() { return self().run(cmd::memory_purge()); }
  auto lastsave() { return self().run(cmd::lastsave()); }
  auto save() { return self().run(cmd::save()); }
  auto bgsave(const BgsaveOptions& options = {}) { return self().run(cmd::bgsave(options)); }
  auto bgrewriteaof() { return self().run(cmd::bgrewriteaof()); }
  auto role() { return self().run(cmd::role()); }
  auto command_count() { return self().run(cmd::command_count()); }
  auto command_info(const StringArgs& names = {}) { return self().run(cmd::command_info(names)); }
  auto command_getkeys(const StringArgs& words) { return self().run(cmd::command_getkeys(words)); }
  auto command_list(const CommandListOptions& options = {}) { return self().run(cmd::command_list(options)); }
  auto lolwut() { return self().run(cmd::lolwut()); }
  auto publish(std::string_view channel, std::string_view message) {
    return self().run(cmd::publish(channel, message));
  }
  auto spublish(std::string_view channel, std::string_view message) {
    return self().run(cmd::spublish(channel, message));
  }
  auto pubsub_channels(std::string_view pattern = {}) { return self().run(cmd::pubsub_channels(pattern)); }
  auto pubsub_numsub(const StringArgs& channels) { return self().run(cmd::pubsub_numsub(channels)); }
  auto pubsub_numpat() { return self().run(cmd::pubsub_numpat()); }
  auto pubsub_shardchannels(std::string_view pattern = {}) { return self().run(cmd::pubsub_shardchannels(pattern)); }
  auto pubsub_shardnumsub(const StringArgs& channels) { return self().run(cmd::pubsub_shardnumsub(channels)); }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
