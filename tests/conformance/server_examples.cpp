// Examples of the commands to the server itself, and of messages.
#include "conformance/examples.hpp"

#include <algorithm>
#include <chrono>

namespace meridian::conformance {

void flatten(const SlowlogEntry& entry, Leaves& leaves) { leaves.add(entry.id); }
void flatten(const LatencyEvent& event, Leaves& leaves) { leaves.add(std::string_view(event.event)); }
void flatten(const LatencySample& sample, Leaves& leaves) { leaves.add(sample.latency.count()); }
void flatten(const LatencyHistogram& histogram, Leaves& leaves) { leaves.add(histogram.calls); }
void flatten(std::chrono::sys_seconds time, Leaves& leaves) { leaves.add(time.time_since_epoch().count()); }
void flatten(const MasterRole& role, Leaves& leaves) {
  leaves.add(std::string_view("master"));
  leaves.add(role.offset);
  for (const MasterRole::Replica& replica : role.replicas) leaves.add(std::string_view(replica.host));
}
void flatten(const ReplicaRole& role, Leaves& leaves) { leaves.add(std::string_view(role.master_host)); }
void flatten(const SentinelRole& role, Leaves& leaves) { flatten(role.masters, leaves); }
void flatten(const CommandInfo& info, Leaves& leaves) { leaves.add(std::string_view(info.name)); }

namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;
using Map = std::unordered_map<std::string, std::string>;
using Counts = std::unordered_map<std::string, std::int64_t>;

// Today, give or take what clocks differ.
bool is_now(std::chrono::sys_time<std::chrono::microseconds> time) {
  const auto apart = std::chrono::system_clock::now() - time;
  return apart < 1min && apart > -1min;
}

void add_facts(Examples& examples) {
  examples.add(
      {"DBSIZE", {"MSET k v l w"}}, [](auto& c) { return c.dbsize(); }, 2);
  examples.add(
      {.words = "TIME", .unpredictable = true}, [](auto& c) { return c.time(); }, is_now);
  examples.add(
      {.words = "INFO", .unpredictable = true}, [](auto& c) { return c.info(); },
      [](const std::string& info) { return info.find("redis_version:") != std::string::npos; });
  examples.add(
      {.words = "INFO replication", .unpredictable = true}, [](auto& c) { return c.info("replication"); },
      [](const std::string& info) { return info.starts_with("# Replication\r\nrole:master\r\n"); });
  examples.add(
      {.words = "INFO", .unpredictable = true}, [](auto& c) { return c.info_sections(); },
      [](const ServerInfo& info) { return info.contains("Server") && info.contains("Keyspace"); });
  examples.add(
      {.words = "INFO replication keyspace", .given = {"SET k v"}, .unpredictable = true},
      [](auto& c) {
        return c.info_sections({"replication", "keyspace"});
      },
      [](const ServerInfo& info) {
        return info.size() == 2 && info.at("Replication").at("role") == "master" &&
               info.at("Keyspace").at("db0").starts_with("keys=1,expires=0");
      });
  examples.add(
      {.words = "LASTSAVE", .unpredictable = true}, [](auto& c) { return c.lastsave(); },
      [](std::chrono::sys_seconds time) { return time > std::chrono::sys_seconds(1'600'000'000s); });
  examples.add(
      {.words = "ROLE", .raw = "[master 0 []]"}, [](auto& c) { return c.role(); }, Role(MasterRole{}));
  examples.add(
      {.words = "LOLWUT", .unpredictable = true}, [](auto& c) { return c.lolwut(); },
      [](const std::string& picture) { return picture.find("ver.") != std::string::npos; });
}

void add_maintenance(Examples& examples) {
  examples.add(
      {"FLUSHDB", {"SET k v"}}, [](auto& c) { return c.flushdb(); }, ok);
  examples.add(
      {"FLUSHDB ASYNC"}, [](auto& c) { return c.flushdb(FlushMode::async); }, ok);
  examples.add(
      {"FLUSHDB SYNC"}, [](auto& c) { return c.flushdb(FlushMode::sync); }, ok);
  examples.add(
      {"FLUSHALL", {"SET k v"}}, [](auto& c) { return c.flushall(); }, ok);
  examples.add(
      {"FLUSHALL ASYNC"}, [](auto& c) { return c.flushall(FlushMode::async); }, ok);
  examples.add(
      {"FLUSHALL SYNC"}, [](auto& c) { return c.flushall(FlushMode::sync); }, ok);
  examples.add(
      {"SWAPDB 3 4"}, [](auto& c) { return c.swapdb(3, 4); }, ok);
  examples.add(
      {"SAVE"}, [](auto& c) { return c.save(); }, ok);
  examples.add(
      {"BGSAVE"}, [](auto& c) { return c.bgsave(); }, ok);
  examples.add(
      {"BGSAVE SCHEDULE"}, [](auto& c) { return c.bgsave({.schedule = true}); }, ok);
  examples.add(
      {"BGREWRITEAOF"}, [](auto& c) { return c.bgrewriteaof(); }, ok);

  examples.add(
      {"CONFIG GET maxmemory"}, [](auto& c) { return c.config_get("maxmemory"); }, Map{{"maxmemory", "0"}});
  examples.add(
      {"CONFIG GET maxmemory-sample* maxmemory"},
      [](auto& c) {
        return c.config_get({"maxmemory-sample*", "maxmemory"});
      },
      Map{{"maxmemory-samples", "5"}, {"maxmemory", "0"}});
  examples.add(
      {"CONFIG GET nosuchthing"}, [](auto& c) { return c.config_get("nosuchthing"); }, Map{});
  examples.add(
      {"CONFIG SET maxmemory-samples 5 maxmemory 0"},
      [](auto& c) {
        return c.config_set({{"maxmemory-samples", "5"}, {"maxmemory", "0"}});
      },
      ok);
  examples.add(
      {"CONFIG RESETSTAT"}, [](auto& c) { return c.config_resetstat(); }, ok);
  examples.add(
      {.words = "CONFIG REWRITE", .error = "ERR The server is running without a config file"},
      [](auto& c) { return c.config_rewrite(); }, ok);
}

void add_slowness(Examples& examples) {
  // Everything is slow while this holds; what was asked for last is on top.
  const std::vector<std::string_view> slow = {"CONFIG SET slowlog-log-slower-than 0", "SET k 'two words'",
                                              "CONFIG SET slowlog-log-slower-than -1"};
  const auto has_set = [](const std::vector<SlowlogEntry>& entries) {
    const auto is_set = [](const SlowlogEntry& entry) {
      return entry.words == Strings{"SET", "k", "two words"} && entry.duration < 1s && is_now(entry.time) &&
             entry.client_address.starts_with("127.0.0.1:") && entry.client_name.empty();
    };
    return std::any_of(entries.begin(), entries.end(), is_set);
  };
  examples.add(
      {.words = "SLOWLOG GET", .given = slow, .unpredictable = true}, [](auto& c) { return c.slowlog_get(); }, has_set);
  examples.add(
      {.words = "SLOWLOG GET 25", .given = slow, .unpredictable = true}, [](auto& c) { return c.slowlog_get(25); },
      has_set);
  examples.add(
      {"SLOWLOG GET"}, [](auto& c) { return c.slowlog_get(); }, std::vector<SlowlogEntry>{});
  examples.add(
      {"SLOWLOG LEN"}, [](auto& c) { return c.slowlog_len(); }, 0);
  examples.add(
      {"SLOWLOG RESET", slow}, [](auto& c) { return c.slowlog_reset(); }, ok);

  const std::vector<std::string_view> spike = {"CONFIG SET latency-monitor-threshold 1", "DEBUG SLEEP 0.002",
                                               "CONFIG SET latency-monitor-threshold 0"};
  examples.add(
      {.words = "LATENCY LATEST", .given = spike, .unpredictable = true}, [](auto& c) { return c.latency_latest(); },
      [](const std::vector<LatencyEvent>& events) {
        // On a busy machine something else may be slow as well.
        return std::any_of(events.begin(), events.end(), [](const LatencyEvent& event) {
          return event.event == "command" && is_now(event.time) && event.latest >= 2ms && event.longest >= event.latest;
        });
      });
  examples.add(
      {.words = "LATENCY HISTORY command", .given = spike, .unpredictable = true},
      [](auto& c) { return c.latency_history("command"); },
      [](const std::vector<LatencySample>& samples) {
        return !samples.empty() && is_now(samples.back().time) && samples.back().latency > 0ms;
      });
  examples.add(
      {"LATENCY HISTORY command"}, [](auto& c) { return c.latency_history("command"); }, std::vector<LatencySample>{});
  examples.add(
      {.words = "LATENCY GRAPH command", .given = spike, .unpredictable = true},
      [](auto& c) { return c.latency_graph("command"); },
      [](const std::string& graph) { return graph.starts_with("command - high"); });
  examples.add(
      {.words = "LATENCY DOCTOR", .unpredictable = true}, [](auto& c) { return c.latency_doctor(); },
      [](const std::string& words) { return !words.empty(); });
  const auto has_set_and_get = [](const std::unordered_map<std::string, LatencyHistogram>& histograms) {
    if (!histograms.contains("set") || !histograms.contains("get")) return false;
    const LatencyHistogram& set = histograms.at("set");
    return set.calls == 1 && set.up_to.size() == 1 && set.up_to[0].first < 1s && set.up_to[0].second == 1;
  };
  examples.add(
      {.words = "LATENCY HISTOGRAM set get append", .given = {"SET k v", "GET k"}, .unpredictable = true},
      [](auto& c) {
        return c.latency_histogram({"set", "get", "append"});
      },
      has_set_and_get);
  examples.add(
      {.words = "LATENCY HISTOGRAM", .given = {"SET k v", "GET k"}, .unpredictable = true},
      [](auto& c) { return c.latency_histogram(); }, has_set_and_get);
  const auto is_some_kind = [](std::int64_t kinds) { return kinds >= 1; };
  examples.add(
      {.words = "LATENCY RESET", .given = spike, .unpredictable = true}, [](auto& c) { return c.latency_reset(); },
      is_some_kind);
  examples.add(
      {.words = "LATENCY RESET command fork", .given = spike, .unpredictable = true},
      [](auto& c) {
        return c.latency_reset({"command", "fork"});
      },
      is_some_kind);
}

void add_memory(Examples& examples) {
  const auto is_some = [](const std::optional<std::int64_t>& bytes) {
    return bytes && *bytes > 10 && *bytes < 100'000;
  };
  examples.add(
      {.words = "MEMORY USAGE k", .given = {"SET k v"}, .unpredictable = true},
      [](auto& c) { return c.memory_usage("k"); }, is_some);
  examples.add(
      {.words = "MEMORY USAGE k SAMPLES 0", .given = {"RPUSH k a b c"}, .unpredictable = true},
      [](auto& c) { return c.memory_usage("k", 0); }, is_some);
  examples.add(
      {"MEMORY USAGE none"}, [](auto& c) { return c.memory_usage("none"); }, std::nullopt);
  examples.add(
      {.words = "MEMORY STATS", .given = {"SET k v"}, .unpredictable = true}, [](auto& c) { return c.memory_stats(); },
      [](const std::unordered_map<std::string, double>& stats) {
        return stats.at("keys.count") == 1 && stats.at("total.allocated") > 0 && stats.at("fragmentation") > 0 &&
               stats.at("db.0.overhead.hashtable.main") > 0;
      });
  examples.add(
      {.words = "MEMORY DOCTOR", .unpredictable = true}, [](auto& c) { return c.memory_doctor(); },
      [](const std::string& words) { return !words.empty(); });
  examples.add(
      {.words = "MEMORY MALLOC-STATS", .unpredictable = true}, [](auto& c) { return c.memory_malloc_stats(); },
      [](const std::string& words) { return !words.empty(); });
  examples.add(
      {"MEMORY PURGE"}, [](auto& c) { return c.memory_purge(); }, ok);
}

void add_commands(Examples& examples) {
  examples.add(
      {.words = "COMMAND COUNT", .unpredictable = true}, [](auto& c) { return c.command_count(); },
      [](std::int64_t count) { return count > 200; });
  const auto knows_get = [](const std::vector<std::optional<CommandInfo>>& all) {
    return std::any_of(all.begin(), all.end(), [](const std::optional<CommandInfo>& info) {
      return info && info->name == "get" && info->arity == 2 && info->flags == Strings{"readonly", "fast"} &&
             info->first_key == 1 && info->last_key == 1 && info->step == 1 &&
             info->categories == Strings{"@read", "@string", "@fast"};
    });
  };
  examples.add(
      {.words = "COMMAND INFO get nosuchcommand", .unpredictable = true},
      [](auto& c) {
        return c.command_info({"get", "nosuchcommand"});
      },
      [=](const std::vector<std::optional<CommandInfo>>& all) { return all.size() == 2 && !all[1] && knows_get(all); });
  examples.add(
      {.words = "COMMAND INFO", .unpredictable = true}, [](auto& c) { return c.command_info(); }, knows_get);
  examples.add(
      {"COMMAND GETKEYS MSET k v l w"},
      [](auto& c) {
        return c.command_getkeys({"MSET", "k", "v", "l", "w"});
      },
      Strings{"k", "l"});
  const auto has_get = [](const Strings& names) { return std::find(names.begin(), names.end(), "get") != names.end(); };
  examples.add(
      {.words = "COMMAND LIST", .unpredictable = true}, [](auto& c) { return c.command_list(); }, has_get);
  examples.add(
      {.words = "COMMAND LIST FILTERBY ACLCAT string", .unpredictable = true},
      [](auto& c) { return c.command_list({.category = "string"}); }, has_get);
  examples.add(
      {"COMMAND LIST FILTERBY PATTERN incrb*t"}, [](auto& c) { return c.command_list({.pattern = "incrb*t"}); },
      Strings{"incrbyfloat"});
  examples.add(
      {"COMMAND LIST FILTERBY MODULE none"}, [](auto& c) { return c.command_list({.module = "none"}); }, Strings{});
}

void add_messages(Examples& examples) {
  examples.add(
      {"PUBLISH channel message"}, [](auto& c) { return c.publish("channel", "message"); }, 0);
  examples.add(
      {"SPUBLISH channel message"}, [](auto& c) { return c.spublish("channel", "message"); }, 0);
  examples.add(
      {"PUBSUB CHANNELS"}, [](auto& c) { return c.pubsub_channels(); }, Strings{});
  examples.add(
      {"PUBSUB CHANNELS news*"}, [](auto& c) { return c.pubsub_channels("news*"); }, Strings{});
  examples.add(
      {"PUBSUB NUMSUB a b"},
      [](auto& c) {
        return c.pubsub_numsub({"a", "b"});
      },
      Counts{{"a", 0}, {"b", 0}});
  examples.add(
      {"PUBSUB NUMPAT"}, [](auto& c) { return c.pubsub_numpat(); }, 0);
  examples.add(
      {"PUBSUB SHARDCHANNELS"}, [](auto& c) { return c.pubsub_shardchannels(); }, Strings{});
  examples.add(
      {"PUBSUB SHARDCHANNELS news*"}, [](auto& c) { return c.pubsub_shardchannels("news*"); }, Strings{});
  examples.add(
      {"PUBSUB SHARDNUMSUB a b"},
      [](auto& c) {
        return c.pubsub_shardnumsub({"a", "b"});
      },
      Counts{{"a", 0}, {"b", 0}});
}

}  // namespace

void add_server_examples(Examples& examples) {
  add_facts(examples);
  add_maintenance(examples);
  add_slowness(examples);
  add_memory(examples);
  add_commands(examples);
  add_messages(examples);
}

}  // namespace meridian::conformance
