/// \file
/// What a node knows of its Redis Cluster. The builders are in `meridian::cmd`; `ClusterCommands` has the same as
/// methods. A server without cluster mode answers all of them with an error. Changing a cluster is for operators.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// Hash slots `first` … `last`, both inclusive.
struct SlotRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  friend bool operator==(const SlotRange&, const SlotRange&) = default;
};

/// One node: a line of CLUSTER NODES.
struct ClusterNode {
  std::string id{};
  std::string address{};             ///< "127.0.0.1:7000@17000", with ",hostname" if it has one.
  std::vector<std::string> flags{};  ///< "myself", "master", "slave", "fail?", "fail" …
  std::string master{};              ///< The id of the master of a replica; empty for a master.
  std::chrono::sys_time<std::chrono::milliseconds> ping_sent{};      ///< The epoch: no PING is under way.
  std::chrono::sys_time<std::chrono::milliseconds> pong_received{};  ///< The last one.
  std::int64_t config_epoch = 0;
  bool connected = false;
  std::vector<SlotRange> slots{};
  /// Slots on the move: "[93->-node]" to that node, "[77-<-node]" from it.
  std::vector<std::string> moving{};
  friend bool operator==(const ClusterNode&, const ClusterNode&) = default;
};

/// Slots and who serves them: an element of CLUSTER SLOTS.
struct ClusterSlots {
  struct Node {
    std::optional<std::string> host{};  ///< nullopt: the one that was asked.
    std::int64_t port = 0;
    std::string id{};
    friend bool operator==(const Node&, const Node&) = default;
  };
  SlotRange slots{};
  std::vector<Node> nodes{};  ///< The master first.
  friend bool operator==(const ClusterSlots&, const ClusterSlots&) = default;
};

/// A master with its replicas: an element of CLUSTER SHARDS.
struct ClusterShard {
  struct Node {
    std::string id{};
    std::optional<std::int64_t> port{};
    std::optional<std::int64_t> tls_port{};
    std::string ip{};
    std::string endpoint{};
    std::string hostname{};  ///< Empty if it has none.
    std::string role{};      ///< "master" or "replica".
    std::int64_t replication_offset = 0;
    std::string health{};  ///< "online", "failed" or "loading".
    friend bool operator==(const Node&, const Node&) = default;
  };
  std::vector<SlotRange> slots{};
  std::vector<Node> nodes{};
  friend bool operator==(const ClusterShard&, const ClusterShard&) = default;
};

/// A connection between two nodes: an element of CLUSTER LINKS.
struct ClusterLink {
  std::string direction{};  ///< "to" or "from".
  std::string node{};       ///< The id of the other node.
  std::chrono::sys_time<std::chrono::milliseconds> created{};
  std::string events{};  ///< "r", "w"
  std::int64_t send_buffer_allocated = 0;
  std::int64_t send_buffer_used = 0;
  friend bool operator==(const ClusterLink&, const ClusterLink&) = default;
};

namespace detail {

/// Lines of `name:value`.
[[nodiscard]] MERIDIAN_EXPORT Result<std::unordered_map<std::string, std::string>> decode_info_lines(ReplyView reply);
/// Lines of CLUSTER NODES in one text, or as an array of texts.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<ClusterNode>> decode_cluster_nodes(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<ClusterSlots>> decode_cluster_slots(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<ClusterShard>> decode_cluster_shards(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<ClusterLink>> decode_cluster_links(ReplyView reply);

}  // namespace detail

namespace cmd {

/// The state of the cluster as the node sees it: "cluster_state" is "ok" or "fail", and more.
/// https://redis.io/docs/latest/commands/cluster-info/
[[nodiscard]] inline Command<std::unordered_map<std::string, std::string>> cluster_info() {
  return {{"CLUSTER INFO", detail::read_only}, detail::decode_info_lines};
}

/// All nodes that the node knows, itself among them.
/// https://redis.io/docs/latest/commands/cluster-nodes/
[[nodiscard]] inline Command<std::vector<ClusterNode>> cluster_nodes() {
  return {{"CLUSTER NODES", detail::read_only}, detail::decode_cluster_nodes};
}

/// Which nodes serve which slots. Superseded by `cluster_shards` from Redis 7 on.
/// https://redis.io/docs/latest/commands/cluster-slots/
[[nodiscard]] inline Command<std::vector<ClusterSlots>> cluster_slots() {
  return {{"CLUSTER SLOTS", detail::read_only}, detail::decode_cluster_slots};
}

/// Which nodes serve which slots, and how they are.
/// https://redis.io/docs/latest/commands/cluster-shards/
[[nodiscard]] inline Command<std::vector<ClusterShard>> cluster_shards() {
  return {{"CLUSTER SHARDS", detail::read_only}, detail::decode_cluster_shards};
}

/// The slot of `key`.
/// https://redis.io/docs/latest/commands/cluster-keyslot/
[[nodiscard]] inline Command<std::int64_t> cluster_keyslot(std::string_view key) {
  return {{"CLUSTER KEYSLOT", detail::read_only, key}, decode<std::int64_t>};
}

/// How many keys the node has in `slot`.
/// https://redis.io/docs/latest/commands/cluster-countkeysinslot/
[[nodiscard]] inline Command<std::int64_t> cluster_countkeysinslot(std::int64_t slot) {
  return {{"CLUSTER COUNTKEYSINSLOT", detail::read_only, slot}, decode<std::int64_t>};
}

/// At most `count` keys that the node has in `slot`.
/// https://redis.io/docs/latest/commands/cluster-getkeysinslot/
[[nodiscard]] inline Command<std::vector<std::string>> cluster_getkeysinslot(std::int64_t slot, std::int64_t count) {
  return {{"CLUSTER GETKEYSINSLOT", detail::read_only, slot, count}, decode<std::vector<std::string>>};
}

/// The id of the node.
/// https://redis.io/docs/latest/commands/cluster-myid/
[[nodiscard]] inline Command<std::string> cluster_myid() {
  return {{"CLUSTER MYID", detail::read_only}, decode<std::string>};
}

/// The id of the node's shard. Redis 7.2.
/// https://redis.io/docs/latest/commands/cluster-myshardid/
[[nodiscard]] inline Command<std::string> cluster_myshardid() {
  return {{"CLUSTER MYSHARDID", detail::read_only}, decode<std::string>};
}

/// The connections of the node to others.
/// https://redis.io/docs/latest/commands/cluster-links/
[[nodiscard]] inline Command<std::vector<ClusterLink>> cluster_links() {
  return {{"CLUSTER LINKS", detail::read_only}, detail::decode_cluster_links};
}

/// The replicas of the master `id`.
/// https://redis.io/docs/latest/commands/cluster-replicas/
[[nodiscard]] inline Command<std::vector<ClusterNode>> cluster_replicas(std::string_view id) {
  return {{"CLUSTER REPLICAS", detail::read_only, id}, detail::decode_cluster_nodes};
}

/// How many nodes report `id` as failed.
/// https://redis.io/docs/latest/commands/cluster-count-failure-reports/
[[nodiscard]] inline Command<std::int64_t> cluster_count_failure_reports(std::string_view id) {
  return {{"CLUSTER COUNT-FAILURE-REPORTS", detail::read_only, id}, decode<std::int64_t>};
}

}  // namespace cmd

/// The commands on Redis Cluster as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class ClusterCommands {
 public:
  auto cluster_info() { return self().run(cmd::cluster_info()); }
  auto cluster_nodes() { return self().run(cmd::cluster_nodes()); }
  auto cluster_slots() { return self().run(cmd::cluster_slots()); }
  auto cluster_shards() { return self().run(cmd::cluster_shards()); }
  auto cluster_keyslot(std::string_view key) { return self().run(cmd::cluster_keyslot(key)); }
  auto cluster_countkeysinslot(std::int64_t slot) { return self().run(cmd::cluster_countkeysinslot(slot)); }
  auto cluster_getkeysinslot(std::int64_t slot, std::int64_t count) {
    return self().run(cmd::cluster_getkeysinslot(slot, count));
  }
  auto cluster_myid() { return self().run(cmd::cluster_myid()); }
  auto cluster_myshardid() { return self().run(cmd::cluster_myshardid()); }
  auto cluster_links() { return self().run(cmd::cluster_links()); }
  auto cluster_replicas(std::string_view id) { return self().run(cmd::cluster_replicas(id)); }
  auto cluster_count_failure_reports(std::string_view id) { return self().run(cmd::cluster_count_failure_reports(id)); }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
