// Examples of what a node knows of its cluster, which consists of that node alone.
#include "conformance/examples.hpp"

namespace meridian::conformance {

void flatten(const ClusterNode& node, Leaves& leaves) { leaves.add(std::string_view(node.id)); }
void flatten(const ClusterSlots& slots, Leaves& leaves) {
  leaves.add(slots.slots.first);
  leaves.add(slots.slots.last);
  for (const ClusterSlots::Node& node : slots.nodes) {
    flatten(node.host, leaves);
    leaves.add(node.port);
    leaves.add(std::string_view(node.id));
  }
}
void flatten(const ClusterShard& shard, Leaves& leaves) { leaves.add(shard.slots.size()); }
void flatten(const ClusterLink& link, Leaves& leaves) { leaves.add(std::string_view(link.node)); }

void add_cluster_examples(Examples& examples) {
  using namespace std::chrono_literals;
  using Strings = std::vector<std::string>;
  constexpr std::size_t id_size = 40;
  const std::vector<SlotRange> all_slots = {{0, 16383}};

  examples.add(
      {.words = "CLUSTER INFO", .unpredictable = true, .on_cluster = true}, [](auto& c) { return c.cluster_info(); },
      [](const std::unordered_map<std::string, std::string>& info) {
        return info.at("cluster_state") == "ok" && info.at("cluster_slots_assigned") == "16384";
      });
  examples.add(
      {.words = "CLUSTER NODES", .unpredictable = true, .on_cluster = true}, [](auto& c) { return c.cluster_nodes(); },
      [=](const std::vector<ClusterNode>& nodes) {
        return nodes.size() == 1 && nodes[0].id.size() == id_size && nodes[0].address.find('@') != std::string::npos &&
               nodes[0].flags == Strings{"myself", "master"} && nodes[0].master.empty() && nodes[0].connected &&
               nodes[0].slots == all_slots && nodes[0].moving.empty();
      });
  examples.add(
      {.words = "CLUSTER SLOTS", .unpredictable = true, .on_cluster = true}, [](auto& c) { return c.cluster_slots(); },
      [=](const std::vector<ClusterSlots>& slots) {
        return slots.size() == 1 && slots[0].slots == all_slots[0] && slots[0].nodes.size() == 1 &&
               slots[0].nodes[0].port > 0 && slots[0].nodes[0].id.size() == id_size;
      });
  examples.add(
      {.words = "CLUSTER SHARDS", .unpredictable = true, .on_cluster = true},
      [](auto& c) { return c.cluster_shards(); },
      [=](const std::vector<ClusterShard>& shards) {
        if (shards.size() != 1 || shards[0].slots != all_slots || shards[0].nodes.size() != 1) return false;
        const ClusterShard::Node& node = shards[0].nodes[0];
        return node.id.size() == id_size && node.port > 0 && !node.tls_port && node.role == "master" &&
               node.health == "online";
      });
  examples.add(
      {.words = "CLUSTER KEYSLOT key", .on_cluster = true}, [](auto& c) { return c.cluster_keyslot("key"); }, 12539);
  examples.add(
      {.words = "CLUSTER COUNTKEYSINSLOT 12539", .given = {"SET key v"}, .on_cluster = true},
      [](auto& c) { return c.cluster_countkeysinslot(12539); }, 1);
  examples.add(
      {.words = "CLUSTER GETKEYSINSLOT 12539 10", .given = {"SET key v"}, .on_cluster = true},
      [](auto& c) { return c.cluster_getkeysinslot(12539, 10); }, Strings{"key"});
  examples.add(
      {.words = "CLUSTER MYID", .on_cluster = true}, [](auto& c) { return c.cluster_myid(); },
      [=](const std::string& id) { return id.size() == id_size; });
  examples.add(
      {.words = "CLUSTER MYSHARDID", .on_cluster = true}, [](auto& c) { return c.cluster_myshardid(); },
      [=](const std::string& id) { return id.size() == id_size; });
  examples.add(
      {.words = "CLUSTER LINKS", .on_cluster = true}, [](auto& c) { return c.cluster_links(); },
      std::vector<ClusterLink>{});
  examples.add(
      {.words = "CLUSTER REPLICAS 0000000000000000000000000000000000000000",
       .on_cluster = true,
       .error = "ERR Unknown node"},
      [](auto& c) { return c.cluster_replicas("0000000000000000000000000000000000000000"); },
      std::vector<ClusterNode>{});
  examples.add(
      {.words = "CLUSTER COUNT-FAILURE-REPORTS 0000000000000000000000000000000000000000",
       .on_cluster = true,
       .error = "ERR Unknown node"},
      [](auto& c) { return c.cluster_count_failure_reports("0000000000000000000000000000000000000000"); }, 0);
}

}  // namespace meridian::conformance
