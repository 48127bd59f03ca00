// The decoders of <meridian/commands/cluster.hpp>.
#include <meridian/commands/cluster.hpp>

#include "resp/decode_support.hpp"

namespace meridian::detail {
namespace {

using Milliseconds = std::chrono::sys_time<std::chrono::milliseconds>;

Milliseconds time_of(std::int64_t milliseconds) { return Milliseconds(std::chrono::milliseconds(milliseconds)); }

std::optional<SlotRange> slots_of(std::string_view text) {
  const std::optional<std::int64_t> first = integer_in(take_until(text, '-'));
  if (!first) return std::nullopt;
  const std::optional<std::int64_t> last = text.empty() ? first : integer_in(text);
  return last ? std::optional(SlotRange{*first, *last}) : std::nullopt;
}

// "<id> <address> <flags> <master> <ping> <pong> <epoch> <state> <slots …>"
std::optional<ClusterNode> node_of(std::string_view line) {
  ClusterNode node;
  node.id = take_until(line, ' ');
  node.address = take_until(line, ' ');
  for (std::string_view flags = take_until(line, ' '); !flags.empty();) node.flags.emplace_back(take_until(flags, ','));
  const std::string_view master = take_until(line, ' ');
  if (master != "-") node.master = master;
  const std::optional<std::int64_t> ping = integer_in(take_until(line, ' '));
  const std::optional<std::int64_t> pong = integer_in(take_until(line, ' '));
  const std::optional<std::int64_t> epoch = integer_in(take_until(line, ' '));
  const std::string_view state = take_until(line, ' ');
  if (!ping || !pong || !epoch || state.empty()) return std::nullopt;
  node.ping_sent = time_of(*ping);
  node.pong_received = time_of(*pong);
  node.config_epoch = *epoch;
  node.connected = state == "connected";
  while (!line.empty()) {
    const std::string_view word = take_until(line, ' ');
    if (word.starts_with('[')) {
      node.moving.emplace_back(word);
      continue;
    }
    const std::optional<SlotRange> slots = slots_of(word);
    if (!slots) return std::nullopt;
    node.slots.push_back(*slots);
  }
  return node;
}

Result<ClusterSlots::Node> node_of_slots(ReplyView reply) {
  const std::vector<ReplyView> parts = elements_of(reply, 2);
  if (parts.empty()) return mismatch(reply, "a node: host, port and id");
  const std::optional<std::int64_t> port = integer_of(parts[1]);
  if (!port) return mismatch(reply, "a node: host, port and id");
  return ClusterSlots::Node{text_of(parts[0]), *port, parts.size() > 2 ? text_of(parts[2]).value_or("") : ""};
}

Result<ClusterSlots> slots_and_nodes(ReplyView reply) {
  constexpr std::string_view promised = "slots: first, last, and nodes";
  const std::vector<ReplyView> parts = elements_of(reply, 2);
  if (parts.empty()) return mismatch(reply, promised);
  const std::optional<std::int64_t> first = integer_of(parts[0]);
  const std::optional<std::int64_t> last = integer_of(parts[1]);
  if (!first || !last) return mismatch(reply, promised);
  ClusterSlots slots{.slots = {*first, *last}};
  for (std::size_t i = 2; i < parts.size(); ++i) {
    Result<ClusterSlots::Node> node = node_of_slots(parts[i]);
    if (!node) return mismatch_inside(reply, parts[i], promised);
    slots.nodes.push_back(std::move(*node));
  }
  return slots;
}

Result<ClusterShard::Node> node_of_shard(ReplyView reply) {
  const std::optional<Fields> fields = Fields::of(reply);
  std::optional<std::string> id = fields ? fields->text("id") : std::nullopt;
  if (!id) return mismatch(reply, "a node: id, port, ip, endpoint, role, replication offset and health");
  return ClusterShard::Node{
      .id = std::move(*id),
      .port = fields->integer("port"),
      .tls_port = fields->integer("tls-port"),
      .ip = fields->text("ip").value_or(""),
      .endpoint = fields->text("endpoint").value_or(""),
      .hostname = fields->text("hostname").value_or(""),
      .role = fields->text("role").value_or(""),
      .replication_offset = fields->integer("replication-offset").value_or(0),
      .health = fields->text("health").value_or(""),
  };
}

Result<ClusterShard> shard_of(ReplyView reply) {
  constexpr std::string_view promised = "a shard: slots and nodes";
  const std::optional<Fields> fields = Fields::of(reply);
  const std::optional<ReplyView> slots = fields ? fields->find("slots") : std::nullopt;
  const std::optional<ReplyView> nodes = fields ? fields->find("nodes") : std::nullopt;
  if (!slots || !nodes) return mismatch(reply, promised);
  Result<std::vector<std::int64_t>> bounds = decode<std::vector<std::int64_t>>(*slots);
  if (!bounds || bounds->size() % 2 != 0) return mismatch(reply, promised);
  Result<std::vector<ClusterShard::Node>> all = list_of<ClusterShard::Node>(*nodes, node_of_shard, promised);
  if (!all) return Unexpected(std::move(all.error()));
  ClusterShard shard{.nodes = std::move(*all)};
  for (std::size_t i = 0; i < bounds->size(); i += 2) shard.slots.push_back({(*bounds)[i], (*bounds)[i + 1]});
  return shard;
}

Result<ClusterLink> link_of(ReplyView reply) {
  const std::optional<Fields> fields = Fields::of(reply);
  std::optional<std::string> direction = fields ? fields->text("direction") : std::nullopt;
  std::optional<std::string> node = fields ? fields->text("node") : std::nullopt;
  if (!direction || !node) return mismatch(reply, "a link: direction, node, time, events and buffers");
  return ClusterLink{
      .direction = std::move(*direction),
      .node = std::move(*node),
      .created = time_of(fields->integer("create-time").value_or(0)),
      .events = fields->text("events").value_or(""),
      .send_buffer_allocated = fields->integer("send-buffer-allocated").value_or(0),
      .send_buffer_used = fields->integer("send-buffer-used").value_or(0),
  };
}

}  // namespace

Result<std::unordered_map<std::string, std::string>> decode_info_lines(ReplyView reply) {
  const std::optional<std::string> text = text_of(reply);
  if (!text) return mismatch(reply, "lines of name:value");
  std::unordered_map<std::string, std::string> values;
  for_each_line(*text, [&](std::string_view line) {
    const std::string_view name = take_until(line, ':');
    values.insert_or_assign(std::string(name), std::string(line));
  });
  return values;
}

Result<std::vector<ClusterNode>> decode_cluster_nodes(ReplyView reply) {
  constexpr std::string_view promised = "lines that describe nodes";
  std::vector<ClusterNode> nodes;
  bool all_are_nodes = true;
  const auto take = [&](std::string_view line) {
    std::optional<ClusterNode> node = node_of(line);
    if (node) nodes.push_back(std::move(*node));
    else all_are_nodes = false;
  };
  if (is_list(reply)) {
    for (const ReplyView element : reply) {
      const std::optional<std::string> line = text_of(element);
      if (!line) return mismatch_inside(reply, element, promised);
      for_each_line(*line, take);
    }
  } else if (const std::optional<std::string> text = text_of(reply)) {
    for_each_line(*text, take);
  } else {
    all_are_nodes = false;
  }
  if (!all_are_nodes) return mismatch(reply, promised);
  return nodes;
}

Result<std::vector<ClusterSlots>> decode_cluster_slots(ReplyView reply) {
  return list_of<ClusterSlots>(reply, slots_and_nodes, "an array of slots and nodes");
}

Result<std::vector<ClusterShard>> decode_cluster_shards(ReplyView reply) {
  return list_of<ClusterShard>(reply, shard_of, "an array of shards");
}

Result<std::vector<ClusterLink>> decode_cluster_links(ReplyView reply) {
  return list_of<ClusterLink>(reply, link_of, "an array of links");
}

}  // namespace meridian::detail
