// The table of the commands without a typed form.
#include "conformance/untyped_commands.hpp"

#include <algorithm>
#include <iterator>

namespace meridian::conformance {
namespace {

constexpr std::string_view connection = "belongs to the connection it runs on, and connections are shared";
constexpr std::string_view selected = "belongs to the connection it runs on; the URI and `ClientOptions` say it";
constexpr std::string_view looks_at_connection =
    "looks at the connection it runs on, which may be any of the client's; `client_list` shows all";
constexpr std::string_view in_transaction = "part of a transaction: `transaction`";
constexpr std::string_view in_subscriber = "part of a subscription: `Subscriber`";
constexpr std::string_view operators = "for operators: changes the server, not data";
constexpr std::string_view internal = "internal: servers use it among themselves";
constexpr std::string_view tests_of_server = "internal: for the tests of the server";
constexpr std::string_view for_people = "a text for people at a terminal";
constexpr std::string_view for_tools = "for tools that generate clients; `command` runs it";
constexpr std::string_view never_ends = "turns its connection into a stream that never ends";
constexpr std::string_view cluster_words = "belongs to the connection it runs on; part of following a cluster";
constexpr std::string_view waits = "speaks of the writes of the connection it runs on, and each call may use another";

struct Reason {
  std::string_view command;
  std::string_view why;
};

constexpr Reason reasons[] = {
    {"ACL DELUSER", operators},
    {"ACL LOAD", operators},
    {"ACL SAVE", operators},
    {"ACL SETUSER", operators},
    {"ASKING", cluster_words},
    {"AUTH", selected},
    {"BRPOPLPUSH", "superseded by `blmove`"},
    {"CLIENT CACHING", connection},
    {"CLIENT GETNAME", looks_at_connection},
    {"CLIENT GETREDIR", looks_at_connection},
    {"CLIENT ID", looks_at_connection},
    {"CLIENT INFO", looks_at_connection},
    {"CLIENT NO-EVICT", connection},
    {"CLIENT NO-TOUCH", connection},
    {"CLIENT REPLY", connection},
    {"CLIENT SETINFO", connection},
    {"CLIENT SETNAME", selected},
    {"CLIENT TRACKING", connection},
    {"CLIENT TRACKINGINFO", looks_at_connection},
    {"CLUSTER ADDSLOTS", operators},
    {"CLUSTER ADDSLOTSRANGE", operators},
    {"CLUSTER BUMPEPOCH", operators},
    {"CLUSTER DELSLOTS", operators},
    {"CLUSTER DELSLOTSRANGE", operators},
    {"CLUSTER FAILOVER", operators},
    {"CLUSTER FLUSHSLOTS", operators},
    {"CLUSTER FORGET", operators},
    {"CLUSTER MEET", operators},
    {"CLUSTER REPLICATE", operators},
    {"CLUSTER RESET", operators},
    {"CLUSTER SAVECONFIG", operators},
    {"CLUSTER SET-CONFIG-EPOCH", operators},
    {"CLUSTER SETSLOT", operators},
    {"CLUSTER SLAVES", "superseded by `cluster_replicas`"},
    {"COMMAND DOCS", for_tools},
    {"COMMAND GETKEYSANDFLAGS", for_tools},
    {"DEBUG", tests_of_server},
    {"DISCARD", in_transaction},
    {"EXEC", in_transaction},
    {"FAILOVER", operators},
    {"GEORADIUS", "superseded by `geosearch` and `geosearchstore`"},
    {"GEORADIUSBYMEMBER", "superseded by `geosearch` and `geosearchstore`"},
    {"GEORADIUSBYMEMBER_RO", "superseded by `geosearch`"},
    {"GEORADIUS_RO", "superseded by `geosearch`"},
    {"HELLO", selected},
    {"HMSET", "superseded by `hset`"},
    {"MIGRATE", "for operators: moves keys to another server"},
    {"MODULE LIST", "for operators"},
    {"MODULE LOAD", operators},
    {"MODULE LOADEX", operators},
    {"MODULE UNLOAD", operators},
    {"MONITOR", never_ends},
    {"MULTI", in_transaction},
    {"PFDEBUG", tests_of_server},
    {"PFSELFTEST", tests_of_server},
    {"PSETEX", "superseded by `set` with `px`"},
    {"PSUBSCRIBE", in_subscriber},
    {"PSYNC", internal},
    {"PUNSUBSCRIBE", in_subscriber},
    {"QUIT", "superseded by `close`, which ends all connections"},
    {"READONLY", cluster_words},
    {"READWRITE", cluster_words},
    {"REPLCONF", internal},
    {"REPLICAOF", operators},
    {"RESET", connection},
    {"RESTORE-ASKING", internal},
    {"RPOPLPUSH", "superseded by `lmove`"},
    {"SCRIPT DEBUG", connection},
    {"SELECT", selected},
    {"SETEX", "superseded by `set` with `ex`"},
    {"SETNX", "superseded by `set` with `nx`"},
    {"SHUTDOWN", operators},
    {"SLAVEOF", "superseded by REPLICAOF, which is for operators"},
    {"SSUBSCRIBE", in_subscriber},
    {"SUBSCRIBE", in_subscriber},
    {"SUBSTR", "superseded by `getrange`"},
    {"SUNSUBSCRIBE", in_subscriber},
    {"SYNC", internal},
    {"UNSUBSCRIBE", in_subscriber},
    {"UNWATCH", in_transaction},
    {"WAIT", waits},
    {"WAITAOF", waits},
    {"WATCH", in_transaction},
    {"ZRANGEBYLEX", "superseded by `zrange`"},
    {"ZRANGEBYSCORE", "superseded by `zrange`"},
    {"ZREVRANGE", "superseded by `zrange`"},
    {"ZREVRANGEBYLEX", "superseded by `zrange`"},
    {"ZREVRANGEBYSCORE", "superseded by `zrange`"},
};

}  // namespace

std::string_view why_untyped(std::string_view command) {
  if (command.ends_with(" HELP")) return for_people;
  const auto* const found = std::find_if(std::begin(reasons), std::end(reasons),
                                         [&](const Reason& reason) { return reason.command == command; });
  return found == std::end(reasons) ? std::string_view() : found->why;
}

}  // namespace meridian::conformance
