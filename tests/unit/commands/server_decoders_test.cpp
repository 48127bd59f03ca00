// Replies of servers that are not at hand in every test: replicas, Sentinels, larger clusters, other versions; and of
// servers that say what they should not.
#include <meridian/commands.hpp>

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace meridian {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}
std::string number(std::int64_t value) { return ":" + std::to_string(value) + "\r\n"; }
std::string list(std::initializer_list<std::string> elements) {
  std::string wire = "*" + std::to_string(elements.size()) + "\r\n";
  for (const std::string& element : elements) wire += element;
  return wire;
}
const std::string null = "$-1\r\n";

template <class T>
T decoded(const std::string& wire, Decoder<T> decoder) {
  Result<T> value = decoder(ReplyView(wire));
  if (!value) {
    ADD_FAILURE() << value.error().what();
    return T{};
  }
  return *value;
}

template <class T>
void expect_refused(const std::string& wire, Decoder<T> decoder) {
  const Result<T> value = decoder(ReplyView(wire));
  ASSERT_FALSE(value) << wire;
  EXPECT_EQ(value.error().code(), ErrorCode::unexpected_reply) << wire;
  EXPECT_EQ(value.error().delivery(), Delivery::answered) << wire;
}

TEST(Role, of_a_master_names_its_replicas) {
  const std::string wire = list({bulk("master"), number(3129659),
                                 list({list({bulk("127.0.0.1"), bulk("9001"), bulk("3129242")}),
                                       list({bulk("127.0.0.2"), bulk("9002"), bulk("3129543")})})});
  EXPECT_EQ(decoded(wire, detail::decode_role),
            Role((MasterRole{3129659, {{"127.0.0.1", 9001, 3129242}, {"127.0.0.2", 9002, 3129543}}})));
}

TEST(Role, of_a_replica_names_its_master) {
  const std::string wire = list({bulk("slave"), bulk("127.0.0.1"), number(9000), bulk("connected"), number(3167038)});
  EXPECT_EQ(decoded(wire, detail::decode_role), Role((ReplicaRole{"127.0.0.1", 9000, "connected", 3167038})));
}

TEST(Role, of_a_sentinel_names_what_it_watches) {
  const std::string wire = list({bulk("sentinel"), list({bulk("east"), bulk("west")})});
  EXPECT_EQ(decoded(wire, detail::decode_role), Role(SentinelRole{{"east", "west"}}));
}

TEST(Role, that_is_none_of_these_is_refused) {
  for (const std::string& wire : {list({}), list({bulk("master"), number(1)}), list({bulk("slave"), bulk("h")}),
                                  list({bulk("god"), number(1), list({})}), bulk("master"), null,
                                  list({bulk("master"), number(1), list({list({bulk("h")})})})}) {
    expect_refused(wire, detail::decode_role);
  }
}

TEST(Info, is_taken_apart_by_sections) {
  const ServerInfo info =
      decoded(bulk("# Server\r\nredis_version:7.0.15\r\nurl:http://a:1\r\n\r\n# Modules\r\n"), detail::decode_info);
  EXPECT_EQ(info.size(), 2U);
  EXPECT_EQ(info.at("Server").at("redis_version"), "7.0.15");
  EXPECT_EQ(info.at("Server").at("url"), "http://a:1");
  EXPECT_TRUE(info.at("Modules").empty());
  expect_refused(number(1), detail::decode_info);
}

TEST(Slowlog, of_older_servers_has_no_client) {
  const std::string wire = list({list({number(14), number(1309448221), number(15), list({bulk("ping")})})});
  const std::vector<SlowlogEntry> entries = decoded(wire, detail::decode_slowlog);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(
      entries[0],
      (SlowlogEntry{.id = 14, .time = std::chrono::sys_seconds(1309448221s), .duration = 15us, .words = {"ping"}}));
  expect_refused(list({list({number(14)})}), detail::decode_slowlog);
  expect_refused(list({number(14)}), detail::decode_slowlog);
}

TEST(Latency, is_taken_apart) {
  const std::string event = list({bulk("command"), number(1405067976), number(251), number(1001)});
  EXPECT_EQ(decoded(list({event}), detail::decode_latency_latest),
            (std::vector<LatencyEvent>{{"command", std::chrono::sys_seconds(1405067976s), 251ms, 1001ms}}));
  EXPECT_EQ(decoded(list({list({number(1405067822), number(251)})}), detail::decode_latency_history),
            (std::vector<LatencySample>{{std::chrono::sys_seconds(1405067822s), 251ms}}));
  const std::string histogram =
      list({bulk("calls"), number(3), bulk("histogram_usec"), list({number(1), number(2), number(4), number(3)})});
  const auto histograms = decoded(list({bulk("set"), histogram}), detail::decode_latency_histogram);
  EXPECT_EQ(histograms.at("set"), (LatencyHistogram{3, {{1us, 2}, {4us, 3}}}));
  expect_refused(list({bulk("command")}), detail::decode_latency_latest);
  expect_refused(list({list({number(1)})}), detail::decode_latency_history);
  expect_refused(list({bulk("set"), list({bulk("calls"), number(3)})}), detail::decode_latency_histogram);
}

TEST(MemoryStats, leave_out_what_is_no_number) {
  const auto stats = decoded(list({bulk("keys.count"), number(7), bulk("dataset.percentage"), bulk("1.5"), bulk("db.0"),
                                   list({bulk("overhead.hashtable.main"), number(72)}), bulk("words"), bulk("none")}),
                             detail::decode_memory_stats);
  EXPECT_EQ(stats, (std::unordered_map<std::string, double>{
                       {"keys.count", 7}, {"dataset.percentage", 1.5}, {"db.0.overhead.hashtable.main", 72}}));
  expect_refused(list({bulk("keys.count")}), detail::decode_memory_stats);
}

TEST(CommandInfo, of_redis_6_is_shorter) {
  const std::string get = list({bulk("get"), number(2), list({"+readonly\r\n"}), number(1), number(1), number(1)});
  const auto all = decoded(list({get, null}), detail::decode_command_info);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0], (CommandInfo{"get", 2, {"readonly"}, 1, 1, 1, {}}));
  EXPECT_EQ(all[1], std::nullopt);
  expect_refused(list({list({bulk("get")})}), detail::decode_command_info);
}

TEST(ClientList, has_every_field_by_its_name) {
  const auto clients = decoded(
      bulk("id=3 addr=127.0.0.1:60 laddr=127.0.0.1:6379 name=worker age=7 idle=2 flags=b db=1 cmd=client|list user=app "
           "lib-name=\nid=4 addr=/tmp/s:0 name=\n"),
      detail::decode_client_list);
  ASSERT_EQ(clients.size(), 2U);
  EXPECT_EQ(clients[0].id, 3);
  EXPECT_EQ(clients[0].address, "127.0.0.1:60");
  EXPECT_EQ(clients[0].local_address, "127.0.0.1:6379");
  EXPECT_EQ(clients[0].name, "worker");
  EXPECT_EQ(clients[0].age, 7s);
  EXPECT_EQ(clients[0].idle, 2s);
  EXPECT_EQ(clients[0].flags, "b");
  EXPECT_EQ(clients[0].database, 1);
  EXPECT_EQ(clients[0].last_command, "client|list");
  EXPECT_EQ(clients[0].user, "app");
  EXPECT_EQ(clients[0].fields.at("lib-name"), "");
  EXPECT_EQ(clients[1].address, "/tmp/s:0");
  expect_refused(number(1), detail::decode_client_list);
}

TEST(FunctionStats, tell_what_runs) {
  const std::string running = list(
      {bulk("name"), bulk("f"), bulk("command"), list({bulk("fcall"), bulk("f")}), bulk("duration_ms"), number(25)});
  const std::string engines =
      list({bulk("LUA"), list({bulk("libraries_count"), number(1), bulk("functions_count"), number(2)})});
  const FunctionStats stats =
      decoded(list({bulk("running_script"), running, bulk("engines"), engines}), detail::decode_function_stats);
  EXPECT_EQ(stats.running, (FunctionStats::Running{"f", {"fcall", "f"}, 25ms}));
  EXPECT_EQ(stats.engines.at("LUA"), (FunctionStats::Engine{1, 2}));
  expect_refused(list({bulk("engines"), engines}), detail::decode_function_stats);
  expect_refused(list({bulk("running_script"), list({}), bulk("engines"), engines}), detail::decode_function_stats);
  expect_refused(list({bulk("running_script"), null, bulk("engines"), list({bulk("LUA"), null})}),
                 detail::decode_function_stats);
}

TEST(FunctionList, of_another_shape_is_refused) {
  expect_refused(list({list({bulk("library_name"), bulk("l")})}), detail::decode_function_list);
  expect_refused(list({list({bulk("library_name"), bulk("l"), bulk("engine"), bulk("LUA"), bulk("functions"),
                             list({list({bulk("name"), bulk("f")})})})}),
                 detail::decode_function_list);
  expect_refused(null, detail::decode_function_list);
}

TEST(AclUser, of_redis_6_has_patterns_as_arrays) {
  const std::string wire =
      list({bulk("flags"), list({bulk("on")}), bulk("passwords"), list({bulk("2d9c")}), bulk("commands"), bulk("+@all"),
            bulk("keys"), list({bulk("a:*"), bulk("b:*")}), bulk("channels"), list({bulk("*")})});
  EXPECT_EQ(decoded(wire, detail::decode_acl_user), (AclUser{{"on"}, {"2d9c"}, "+@all", "~a:* ~b:*", "&*", {}}));
  EXPECT_EQ(decoded(null, detail::decode_acl_user), std::nullopt);
  expect_refused(list({bulk("flags"), list({})}), detail::decode_acl_user);
}

TEST(AclLog, is_taken_apart) {
  const std::string entry =
      list({bulk("count"), number(2), bulk("reason"), bulk("command"), bulk("context"), bulk("toplevel"),
            bulk("object"), bulk("get"), bulk("username"), bulk("bob"), bulk("age-seconds"), bulk("4.5"),
            bulk("client-info"), bulk("id=7"), bulk("entry-id"), number(0)});
  EXPECT_EQ(decoded(list({entry}), detail::decode_acl_log),
            (std::vector<AclLogEntry>{{2, "command", "toplevel", "get", "bob", 4500ms, "id=7"}}));
  expect_refused(list({list({bulk("count"), number(2)})}), detail::decode_acl_log);
}

TEST(ClusterNodes, are_read_line_by_line) {
  const std::string lines =
      "07c3 127.0.0.1:30004@31004,host4 slave e7d1 0 1426238317239 4 connected\n"
      "e7d1 127.0.0.1:30001@31001 myself,master - 5 0 1 disconnected 0-5460 7000 [93->-292f] [77-<-e7d1]\n";
  const std::vector<ClusterNode> nodes = decoded(bulk(lines), detail::decode_cluster_nodes);
  using Time = std::chrono::sys_time<std::chrono::milliseconds>;
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[0], (ClusterNode{.id = "07c3",
                                   .address = "127.0.0.1:30004@31004,host4",
                                   .flags = {"slave"},
                                   .master = "e7d1",
                                   .pong_received = Time(1426238317239ms),
                                   .config_epoch = 4,
                                   .connected = true}));
  EXPECT_EQ(nodes[1], (ClusterNode{.id = "e7d1",
                                   .address = "127.0.0.1:30001@31001",
                                   .flags = {"myself", "master"},
                                   .ping_sent = Time(5ms),
                                   .config_epoch = 1,
                                   .slots = {{0, 5460}, {7000, 7000}},
                                   .moving = {"[93->-292f]", "[77-<-e7d1]"}}));
  // CLUSTER REPLICAS has a text for each.
  EXPECT_EQ(decoded(list({bulk(lines.substr(0, lines.find('\n')))}), detail::decode_cluster_nodes),
            std::vector<ClusterNode>{nodes[0]});
}

TEST(ClusterNodes, of_another_shape_are_refused) {
  for (const std::string& wire :
       {bulk("07c3 127.0.0.1:30004@31004 slave\n"), bulk("a b c d x 0 0 connected\n"), list({number(1)}), number(1),
        bulk("a b c d 0 0 0 connected 5-x\n"), bulk("a b c d 0 0 0 connected words\n")}) {
    expect_refused(wire, detail::decode_cluster_nodes);
  }
}

TEST(ClusterSlots, name_the_master_first) {
  const std::string wire =
      list({list({number(0), number(5460), list({bulk("127.0.0.1"), number(30001), bulk("09db"), list({})}),
                  list({null, number(30004), bulk("821d")})})});
  EXPECT_EQ(decoded(wire, detail::decode_cluster_slots),
            (std::vector<ClusterSlots>{{{0, 5460}, {{"127.0.0.1", 30001, "09db"}, {std::nullopt, 30004, "821d"}}}}));
  expect_refused(list({list({number(0)})}), detail::decode_cluster_slots);
  expect_refused(list({list({number(0), number(1), list({bulk("h")})})}), detail::decode_cluster_slots);
}

TEST(ClusterShards, have_slots_in_pairs) {
  const std::string node =
      list({bulk("id"), bulk("e10b"), bulk("port"), number(30001), bulk("tls-port"), number(30002), bulk("ip"),
            bulk("127.0.0.1"), bulk("endpoint"), bulk("127.0.0.1"), bulk("hostname"), bulk("h"), bulk("role"),
            bulk("master"), bulk("replication-offset"), number(72156), bulk("health"), bulk("online")});
  const std::string slots = list({number(0), number(5460), number(7000), number(7000)});
  EXPECT_EQ(decoded(list({list({bulk("slots"), slots, bulk("nodes"), list({node})})}), detail::decode_cluster_shards),
            (std::vector<ClusterShard>{
                {{{0, 5460}, {7000, 7000}},
                 {{"e10b", 30001, 30002, "127.0.0.1", "127.0.0.1", "h", "master", 72156, "online"}}}}));
  expect_refused(list({list({bulk("slots"), list({number(0)}), bulk("nodes"), list({})})}),
                 detail::decode_cluster_shards);
  expect_refused(list({list({bulk("slots"), slots})}), detail::decode_cluster_shards);
}

TEST(ClusterLinks, are_taken_apart) {
  const std::string link = list({bulk("direction"), bulk("to"), bulk("node"), bulk("8149"), bulk("create-time"),
                                 number(1639442739375), bulk("events"), bulk("rw"), bulk("send-buffer-allocated"),
                                 number(4512), bulk("send-buffer-used"), number(8)});
  EXPECT_EQ(decoded(list({link}), detail::decode_cluster_links),
            (std::vector<ClusterLink>{
                {"to", "8149", std::chrono::sys_time<std::chrono::milliseconds>(1639442739375ms), "rw", 4512, 8}}));
  expect_refused(list({list({bulk("direction"), bulk("to")})}), detail::decode_cluster_links);
}

TEST(ClusterInfo, is_lines_of_names_and_values) {
  EXPECT_EQ(decoded(bulk("cluster_state:ok\r\ncluster_size:3\r\n"), detail::decode_info_lines),
            (std::unordered_map<std::string, std::string>{{"cluster_state", "ok"}, {"cluster_size", "3"}}));
}

}  // namespace
}  // namespace meridian
