// The decoders of <meridian/commands/server.hpp>.
#include <meridian/commands/server.hpp>

#include "resp/decode_support.hpp"

namespace meridian::detail {
namespace {

Result<SlowlogEntry> slowlog_entry(ReplyView reply) {
  constexpr std::string_view promised = "an entry of SLOWLOG: id, time, microseconds, words, address and name";
  const std::vector<ReplyView> parts = elements_of(reply, 4);
  if (parts.empty()) return mismatch(reply, promised);
  const auto id = integer_of(parts[0]);
  const auto time = integer_of(parts[1]);
  const auto duration = integer_of(parts[2]);
  Result<std::vector<std::string>> words = decode<std::vector<std::string>>(parts[3]);
  if (!id || !time || !duration || !words) return mismatch(reply, promised);
  return SlowlogEntry{
      .id = *id,
      .time = std::chrono::sys_seconds(std::chrono::seconds(*time)),
      .duration = std::chrono::microseconds(*duration),
      .words = std::move(*words),
      .client_address = parts.size() > 4 ? text_of(parts[4]).value_or("") : "",
      .client_name = parts.size() > 5 ? text_of(parts[5]).value_or("") : "",
  };
}

Result<LatencyEvent> latency_event(ReplyView reply) {
  constexpr std::string_view promised = "a latency event: name, time, latest and longest milliseconds";
  const std::vector<ReplyView> parts = elements_of(reply, 4);
  if (parts.empty()) return mismatch(reply, promised);
  std::optional<std::string> name = text_of(parts[0]);
  const auto time = integer_of(parts[1]);
  const auto latest = integer_of(parts[2]);
  const auto longest = integer_of(parts[3]);
  if (!name || !time || !latest || !longest) return mismatch(reply, promised);
  return LatencyEvent{std::move(*name), std::chrono::sys_seconds(std::chrono::seconds(*time)),
                      std::chrono::milliseconds(*latest), std::chrono::milliseconds(*longest)};
}

Result<LatencySample> latency_sample(ReplyView reply) {
  constexpr std::string_view promised = "a latency sample: time and milliseconds";
  const std::vector<ReplyView> parts = elements_of(reply, 2);
  if (parts.empty()) return mismatch(reply, promised);
  const auto time = integer_of(parts[0]);
  const auto latency = integer_of(parts[1]);
  if (!time || !latency) return mismatch(reply, promised);
  return LatencySample{std::chrono::sys_seconds(std::chrono::seconds(*time)), std::chrono::milliseconds(*latency)};
}

Result<LatencyHistogram> latency_histogram(ReplyView reply) {
  constexpr std::string_view promised = "a latency histogram: calls and counts by microseconds";
  const std::optional<Fields> fields = Fields::of(reply);
  const std::optional<ReplyView> counts = fields ? fields->find("histogram_usec") : std::nullopt;
  const std::optional<std::int64_t> calls = fields ? fields->integer("calls") : std::nullopt;
  if (!calls || !counts || !is_map(*counts)) return mismatch(reply, promised);
  LatencyHistogram histogram{.calls = *calls};
  for (auto element = counts->begin(); element != counts->end(); ++element) {
    const auto bound = integer_of(*element);
    const auto count = integer_of(*++element);
    if (!bound || !count) return mismatch(*counts, promised);
    histogram.up_to.emplace_back(std::chrono::microseconds(*bound), *count);
  }
  return histogram;
}

Result<MasterRole::Replica> replica_of_master(ReplyView reply) {
  constexpr std::string_view promised = "a replica: host, port and offset";
  const std::vector<ReplyView> parts = elements_of(reply, 3);
  if (parts.empty()) return mismatch(reply, promised);
  std::optional<std::string> host = text_of(parts[0]);
  const auto port = integer_of(parts[1]);
  const auto offset = integer_of(parts[2]);
  if (!host || !port || !offset) return mismatch(reply, promised);
  return MasterRole::Replica{std::move(*host), *port, *offset};
}

Result<std::optional<CommandInfo>> command_info(ReplyView reply) {
  constexpr std::string_view promised = "a command: name, arity, flags, first key, last key, step, categories";
  if (reply.is_null()) return std::optional<CommandInfo>();
  const std::vector<ReplyView> parts = elements_of(reply, 6);
  if (parts.empty()) return mismatch(reply, promised);
  std::optional<std::string> name = text_of(parts[0]);
  const auto arity = integer_of(parts[1]);
  Result<std::vector<std::string>> flags = decode<std::vector<std::string>>(parts[2]);
  const auto first = integer_of(parts[3]);
  const auto last = integer_of(parts[4]);
  const auto step = integer_of(parts[5]);
  Result<std::vector<std::string>> categories =
      parts.size() > 6 ? decode<std::vector<std::string>>(parts[6]) : Result<std::vector<std::string>>();
  if (!name || !arity || !flags || !first || !last || !step || !categories) return mismatch(reply, promised);
  return CommandInfo{std::move(*name), *arity, std::move(*flags), *first, *last, *step, std::move(*categories)};
}

}  // namespace

Result<ServerInfo> decode_info(ReplyView reply) {
  const std::optional<std::string> text = text_of(reply);
  if (!text) return mismatch(reply, "lines of name:value in sections");
  ServerInfo info;
  std::string section;
  for_each_line(*text, [&](std::string_view line) {
    if (line.starts_with("# ")) {
      section = line.substr(2);
      info.try_emplace(section);
      return;
    }
    const std::string_view name = take_until(line, ':');
    info[section].insert_or_assign(std::string(name), std::string(line));
  });
  return info;
}

Result<std::vector<SlowlogEntry>> decode_slowlog(ReplyView reply) {
  return list_of<SlowlogEntry>(reply, slowlog_entry, "an array of slow commands");
}

Result<std::vector<LatencyEvent>> decode_latency_latest(ReplyView reply) {
  return list_of<LatencyEvent>(reply, latency_event, "an array of latency events");
}

Result<std::vector<LatencySample>> decode_latency_history(ReplyView reply) {
  return list_of<LatencySample>(reply, latency_sample, "an array of latency samples");
}

Result<std::unordered_map<std::string, LatencyHistogram>> decode_latency_histogram(ReplyView reply) {
  const std::optional<Fields> fields = Fields::of(reply);
  if (!fields) return mismatch(reply, "a map of latency histograms");
  std::unordered_map<std::string, LatencyHistogram> histograms;
  for (const auto& [name, value] : *fields) {
    Result<LatencyHistogram> histogram = latency_histogram(value);
    if (!histogram) return Unexpected(std::move(histogram.error()));
    histograms.insert_or_assign(std::string(name), std::move(*histogram));
  }
  return histograms;
}

Result<std::unordered_map<std::string, double>> decode_memory_stats(ReplyView reply) {
  const std::optional<Fields> fields = Fields::of(reply);
  if (!fields) return mismatch(reply, "a map of numbers");
  std::unordered_map<std::string, double> numbers;
  for (const auto& [name, value] : *fields) {
    if (const std::optional<double> number = double_of(value)) {
      numbers.insert_or_assign(std::string(name), *number);
      continue;
    }
    // Those of one database. Newer servers add what is no number at all.
    const std::optional<Fields> inner = Fields::of(value);
    if (!inner) continue;
    for (const auto& [inner_name, inner_value] : *inner) {
      const std::optional<double> number = double_of(inner_value);
      if (number) numbers.insert_or_assign(std::string(name) + "." + std::string(inner_name), *number);
    }
  }
  return numbers;
}

Result<std::chrono::sys_seconds> decode_unix_seconds(ReplyView reply) {
  const std::optional<std::int64_t> seconds = integer_of(reply);
  if (!seconds) return mismatch(reply, "a time: an integer of seconds");
  return std::chrono::sys_seconds(std::chrono::seconds(*seconds));
}

Result<Role> decode_role(ReplyView reply) {
  constexpr std::string_view promised = "the role of a master, a replica or a Sentinel";
  const std::vector<ReplyView> parts = elements_of(reply, 2);
  const std::optional<std::string> kind = parts.empty() ? std::nullopt : text_of(parts[0]);
  if (kind == "master" && parts.size() >= 3) {
    const auto offset = integer_of(parts[1]);
    Result<std::vector<MasterRole::Replica>> replicas =
        list_of<MasterRole::Replica>(parts[2], replica_of_master, "an array of replicas");
    if (offset && replicas) return MasterRole{*offset, std::move(*replicas)};
  } else if (kind == "slave" && parts.size() >= 5) {
    std::optional<std::string> host = text_of(parts[1]);
    const auto port = integer_of(parts[2]);
    std::optional<std::string> state = text_of(parts[3]);
    const auto offset = integer_of(parts[4]);
    if (host && port && state && offset) return ReplicaRole{std::move(*host), *port, std::move(*state), *offset};
  } else if (kind == "sentinel") {
    Result<std::vector<std::string>> masters = decode<std::vector<std::string>>(parts[1]);
    if (masters) return SentinelRole{std::move(*masters)};
  }
  return mismatch(reply, promised);
}

Result<std::vector<std::optional<CommandInfo>>> decode_command_info(ReplyView reply) {
  return list_of<std::optional<CommandInfo>>(reply, command_info, "an array of commands");
}

}  // namespace meridian::detail
