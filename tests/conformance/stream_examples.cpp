// The commands on streams.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "conformance/examples.hpp"

namespace meridian::conformance {

void flatten(const StreamEntry& value, Leaves& leaves) {
  leaves.add(value.id);
  if (value.deleted) leaves.add_null();
  else flatten(value.fields, leaves);
}

void flatten(const StreamEntries& value, Leaves& leaves) {
  leaves.add(value.key);
  flatten(value.entries, leaves);
}

void flatten(const PendingSummary& value, Leaves& leaves) {
  leaves.add(value.pending);
  flatten(value.lowest_id, leaves);
  flatten(value.highest_id, leaves);
  if (value.consumers.empty()) leaves.add_null();
  for (const PendingSummary::Consumer& consumer : value.consumers) {
    leaves.add(consumer.name);
    leaves.add(consumer.pending);
  }
}

void flatten(const PendingEntry& value, Leaves& leaves) {
  leaves.add(value.id);
  leaves.add(value.consumer);
  leaves.add(value.idle.count());
  leaves.add(value.deliveries);
}

void flatten(const AutoClaimed& value, Leaves& leaves) {
  leaves.add(value.next);
  flatten(value.entries, leaves);
  flatten(value.deleted, leaves);
}

void flatten(const AutoClaimedIds& value, Leaves& leaves) {
  leaves.add(value.next);
  flatten(value.ids, leaves);
  flatten(value.deleted, leaves);
}

namespace {

using namespace std::chrono_literals;

using Entries = std::vector<StreamEntry>;
using Streams = std::vector<StreamEntries>;
using Strings = std::vector<std::string>;

template <class Value>
void add_named(Leaves& leaves, std::string_view name, const Value& value) {
  leaves.add(name);
  flatten(value, leaves);
}

// What the two forms of XINFO STREAM begin with.
template <class Info>
void add_common_info(const Info& info, Leaves& leaves) {
  add_named(leaves, "length", info.length);
  add_named(leaves, "radix-tree-keys", info.radix_tree_keys);
  add_named(leaves, "radix-tree-nodes", info.radix_tree_nodes);
  add_named(leaves, "last-generated-id", info.last_generated_id);
  if (info.max_deleted_entry_id) add_named(leaves, "max-deleted-entry-id", *info.max_deleted_entry_id);
  if (info.entries_added) add_named(leaves, "entries-added", *info.entries_added);
  if (info.recorded_first_entry_id) add_named(leaves, "recorded-first-entry-id", *info.recorded_first_entry_id);
}

}  // namespace

void flatten(const StreamInfo& value, Leaves& leaves) {
  add_common_info(value, leaves);
  add_named(leaves, "groups", value.groups);
  add_named(leaves, "first-entry", value.first_entry);
  add_named(leaves, "last-entry", value.last_entry);
}

// For messages, and for a stream without consumers: times are the server's.
void flatten(const StreamFullInfo& value, Leaves& leaves) {
  add_common_info(value, leaves);
  add_named(leaves, "entries", value.entries);
  leaves.add(std::string_view("groups"));
  for (const StreamFullInfo::Group& group : value.groups) {
    add_named(leaves, "name", group.name);
    add_named(leaves, "last-delivered-id", group.last_delivered_id);
    add_named(leaves, "entries-read", group.entries_read);
    add_named(leaves, "lag", group.lag);
    add_named(leaves, "pel-count", group.pending_count);
    leaves.add(std::string_view("pending"));
    leaves.add(std::string_view("consumers"));
    for (const StreamFullInfo::Consumer& consumer : group.consumers) leaves.add(consumer.name);
  }
}

void flatten(const StreamGroup& value, Leaves& leaves) {
  add_named(leaves, "name", value.name);
  add_named(leaves, "consumers", value.consumers);
  add_named(leaves, "pending", value.pending);
  add_named(leaves, "last-delivered-id", value.last_delivered_id);
  add_named(leaves, "entries-read", value.entries_read);
  add_named(leaves, "lag", value.lag);
}

void flatten(const StreamConsumer& value, Leaves& leaves) {
  add_named(leaves, "name", value.name);
  add_named(leaves, "pending", value.pending);
  add_named(leaves, "idle", std::int64_t{value.idle.count()});
}

namespace {

constexpr std::string_view first = "XADD s 1-1 a b";
constexpr std::string_view second = "XADD s 2-1 c d e f";
constexpr std::string_view third = "XADD s 3-1 g h";
constexpr std::string_view other = "XADD t 9-1 x y";
constexpr std::string_view group = "XGROUP CREATE s g 0";
constexpr std::string_view delivered = "XREADGROUP GROUP g ada COUNT 2 STREAMS s >";

const StreamEntry first_entry{"1-1", {{"a", "b"}}};
const StreamEntry second_entry{"2-1", {{"c", "d"}, {"e", "f"}}};
const StreamEntry third_entry{"3-1", {{"g", "h"}}};

const std::vector<std::string_view> three = {first, second, third};
const std::vector<std::string_view> three_for_group = {first, second, third, group};
const std::vector<std::string_view> two_pending = {first, second, third, group, delivered};

void add_writing(Examples& examples) {
  examples.add(
      {.words = "XADD s * a b", .unpredictable = true},
      [](auto& c) {
        return c.xadd("s", {{"a", "b"}});
      },
      [](const std::string& id) { return id.size() > 13 && id.find('-') != std::string::npos; });
  examples.add(
      {"XADD s 5-1 a b c d"},
      [](auto& c) {
        return c.xadd("s", {{"a", "b"}, {"c", "d"}}, {.id = "5-1"});
      },
      "5-1");
  examples.add(
      {"XADD s 3-* a b", three},
      [](auto& c) {
        return c.xadd("s", {{"a", "b"}}, {.id = "3-*"});
      },
      "3-2");
  examples.add(
      {"XADD s MAXLEN 2 4-1 a b", three},
      [](auto& c) {
        return c.xadd("s", {{"a", "b"}}, {.trim = {.maxlen = 2}, .id = "4-1"});
      },
      "4-1");
  examples.add(
      {"XADD s MAXLEN ~ 1000 LIMIT 50 4-1 a b"},
      [](auto& c) {
        return c.xadd("s", {{"a", "b"}}, {.trim = {.maxlen = 1000, .approximate = true, .limit = 50}, .id = "4-1"});
      },
      "4-1");
  examples.add(
      {"XADD s MINID ~ 2-1 4-1 a b", three},
      [](auto& c) {
        return c.xadd("s", {{"a", "b"}}, {.trim = {.minid = "2-1", .approximate = true}, .id = "4-1"});
      },
      "4-1");
  examples.add(
      {"XADD s NOMKSTREAM MAXLEN 5 4-1 a b", three},
      [](auto& c) {
        return c.xadd_nomkstream("s", {{"a", "b"}}, {.trim = {.maxlen = 5}, .id = "4-1"});
      },
      std::optional<std::string>("4-1"));
  examples.add(
      {"XADD none NOMKSTREAM * a b"},
      [](auto& c) {
        return c.xadd_nomkstream("none", {{"a", "b"}});
      },
      std::optional<std::string>());
  examples.add(
      {"XDEL s 1-1 9-9", three},
      [](auto& c) {
        return c.xdel("s", {"1-1", "9-9"});
      },
      1);
  examples.add(
      {"XTRIM s MAXLEN 1", three}, [](auto& c) { return c.xtrim("s", {.maxlen = 1}); }, 2);
  examples.add(
      {"XTRIM s MINID 2-1", three}, [](auto& c) { return c.xtrim("s", {.minid = "2-1"}); }, 1);
  examples.add(
      {"XTRIM s MAXLEN ~ 1 LIMIT 0", three},
      [](auto& c) { return c.xtrim("s", {.maxlen = 1, .approximate = true, .limit = 0}); }, 0);
  examples.add(
      {"XSETID s 9-1", three}, [](auto& c) { return c.xsetid("s", "9-1"); }, ok);
  examples.add(
      {"XSETID s 9-1 ENTRIESADDED 7 MAXDELETEDID 4-1", three},
      [](auto& c) { return c.xsetid("s", "9-1", {.entriesadded = 7, .maxdeletedid = "4-1"}); }, ok);
}

void add_reading(Examples& examples) {
  examples.add(
      {"XLEN s", three}, [](auto& c) { return c.xlen("s"); }, 3);
  examples.add(
      {"XRANGE s - +", three}, [](auto& c) { return c.xrange("s", "-", "+"); },
      Entries{first_entry, second_entry, third_entry});
  examples.add(
      {"XRANGE s (1-1 + COUNT 1", three}, [](auto& c) { return c.xrange("s", "(1-1", "+", 1); }, Entries{second_entry});
  examples.add(
      {"XRANGE none - +"}, [](auto& c) { return c.xrange("none", "-", "+"); }, Entries{});
  examples.add(
      {"XREVRANGE s + 2-1", three}, [](auto& c) { return c.xrevrange("s", "+", "2-1"); },
      Entries{third_entry, second_entry});
  examples.add(
      {"XREVRANGE s + - COUNT 1", three}, [](auto& c) { return c.xrevrange("s", "+", "-", 1); }, Entries{third_entry});
  examples.add(
      {"XREAD STREAMS s t 1-1 0", {first, second, other}},
      [](auto& c) {
        return c.xread({{"s", "1-1"}, {"t", "0"}});
      },
      Streams{{"s", {second_entry}}, {"t", {{"9-1", {{"x", "y"}}}}}});
  examples.add(
      {"XREAD COUNT 1 STREAMS s 0", three},
      [](auto& c) {
        return c.xread({{"s", "0"}}, {.count = 1});
      },
      Streams{{"s", {first_entry}}});
  examples.add(
      {"XREAD STREAMS s $", three, "nil"},
      [](auto& c) {
        return c.xread({{"s", "$"}});
      },
      Streams{});
  examples.add(
      {"XREAD COUNT 5 BLOCK 2000 STREAMS s 2-1", three},
      [](auto& c) {
        return c.xread({{"s", "2-1"}}, {.count = 5, .block = 2s});
      },
      Streams{{"s", {third_entry}}});
  examples.add(
      {"XREAD BLOCK 0 STREAMS s 2-1", three},
      [](auto& c) {
        return c.xread({{"s", "2-1"}}, {.block = 0s});
      },
      Streams{{"s", {third_entry}}});
  examples.add(
      {"XREAD BLOCK 10 STREAMS s $", three, "nil"},
      [](auto& c) {
        return c.xread({{"s", "$"}}, {.block = 10ms});
      },
      Streams{});
}

void add_group_reading(Examples& examples) {
  examples.add(
      {"XREADGROUP GROUP g ada STREAMS s >", three_for_group},
      [](auto& c) {
        return c.xreadgroup("g", "ada", {{"s", ">"}});
      },
      Streams{{"s", {first_entry, second_entry, third_entry}}});
  examples.add(
      {"XREADGROUP GROUP g ada COUNT 1 BLOCK 1000 NOACK STREAMS s >", three_for_group},
      [](auto& c) {
        return c.xreadgroup("g", "ada", {{"s", ">"}}, {.count = 1, .block = 1s, .noack = true});
      },
      Streams{{"s", {first_entry}}});
  examples.add(
      {"XREADGROUP GROUP g ada BLOCK 10 STREAMS s >", {first, "XGROUP CREATE s g $"}, "nil"},
      [](auto& c) {
        return c.xreadgroup("g", "ada", {{"s", ">"}}, {.block = 10ms});
      },
      Streams{});
  examples.add(
      {"XREADGROUP GROUP g ada STREAMS s 0", {first, second, group, delivered, "XDEL s 1-1"}},
      [](auto& c) {
        return c.xreadgroup("g", "ada", {{"s", "0"}});
      },
      Streams{{"s", {{.id = "1-1", .deleted = true}, second_entry}}});
  examples.add(
      {"XACK s g 1-1 9-9", two_pending},
      [](auto& c) {
        return c.xack("s", "g", {"1-1", "9-9"});
      },
      1);
}

void add_pending(Examples& examples) {
  examples.add(
      {"XPENDING s g", two_pending}, [](auto& c) { return c.xpending("s", "g"); },
      PendingSummary{2, "1-1", "2-1", {{"ada", 2}}});
  examples.add(
      {"XPENDING s g", three_for_group}, [](auto& c) { return c.xpending("s", "g"); }, PendingSummary{});
  const auto is_second = [](const std::vector<PendingEntry>& pending) {
    return pending.size() == 1 && pending[0].id == "2-1" && pending[0].consumer == "ada" && pending[0].idle >= 0ms &&
           pending[0].idle < 1min && pending[0].deliveries == 1;
  };
  examples.add(
      {.words = "XPENDING s g (1-1 + 10", .given = two_pending, .unpredictable = true},
      [](auto& c) { return c.xpending_range("s", "g", "(1-1", "+", 10); }, is_second);
  examples.add(
      {.words = "XPENDING s g IDLE 0 2-1 + 1 ada", .given = two_pending, .unpredictable = true},
      [](auto& c) { return c.xpending_range("s", "g", "2-1", "+", 1, {.idle = 0ms, .consumer = "ada"}); }, is_second);
  examples.add(
      {"XPENDING s g IDLE 60000 - + 1", two_pending},
      [](auto& c) { return c.xpending_range("s", "g", "-", "+", 1, {.idle = 1min}); }, std::vector<PendingEntry>{});
}

void add_claims(Examples& examples) {
  examples.add(
      {"XCLAIM s g bob 0 1-1 2-1", two_pending},
      [](auto& c) {
        return c.xclaim("s", "g", "bob", 0ms, {"1-1", "2-1"});
      },
      Entries{first_entry, second_entry});
  examples.add(
      {"XCLAIM s g bob 0 3-1 IDLE 2000 RETRYCOUNT 4 FORCE LASTID 3-1", two_pending},
      [](auto& c) {
        return c.xclaim("s", "g", "bob", 0ms, "3-1", {.idle = 2s, .retrycount = 4, .force = true, .lastid = "3-1"});
      },
      Entries{third_entry});
  examples.add(
      {"XCLAIM s g bob 0 1-1 TIME 1700000000000", two_pending},
      [](auto& c) { return c.xclaim("s", "g", "bob", 0ms, "1-1", {.time = ServerMilliseconds(1700000000000ms)}); },
      Entries{first_entry});
  examples.add(
      {"XCLAIM s g bob 60000 1-1", two_pending}, [](auto& c) { return c.xclaim("s", "g", "bob", 1min, "1-1"); },
      Entries{});
  examples.add(
      {"XCLAIM s g bob 0 1-1 2-1 RETRYCOUNT 2 JUSTID", two_pending},
      [](auto& c) {
        return c.xclaim_justid("s", "g", "bob", 0ms, {"1-1", "2-1"}, {.retrycount = 2});
      },
      Strings{"1-1", "2-1"});
  examples.add(
      {"XAUTOCLAIM s g bob 0 0", {first, second, group, delivered, "XDEL s 1-1"}},
      [](auto& c) { return c.xautoclaim("s", "g", "bob", 0ms, "0"); }, AutoClaimed{"0-0", {second_entry}, {"1-1"}});
  examples.add(
      {"XAUTOCLAIM s g bob 0 - COUNT 1", two_pending},
      [](auto& c) { return c.xautoclaim("s", "g", "bob", 0ms, "-", 1); }, AutoClaimed{"2-1", {first_entry}, {}});
  examples.add(
      {"XAUTOCLAIM s g bob 0 0 COUNT 5 JUSTID", {first, second, group, delivered, "XDEL s 1-1"}},
      [](auto& c) { return c.xautoclaim_justid("s", "g", "bob", 0ms, "0", 5); },
      AutoClaimedIds{"0-0", {"2-1"}, {"1-1"}});
}

void add_groups(Examples& examples) {
  examples.add(
      {"XGROUP CREATE s g $", {first}}, [](auto& c) { return c.xgroup_create("s", "g", "$"); }, ok);
  examples.add(
      {"XGROUP CREATE s g 0 MKSTREAM ENTRIESREAD 3"},
      [](auto& c) { return c.xgroup_create("s", "g", "0", {.mkstream = true, .entriesread = 3}); }, ok);
  examples.add(
      {"XGROUP SETID s g 2-1", three_for_group}, [](auto& c) { return c.xgroup_setid("s", "g", "2-1"); }, ok);
  examples.add(
      {"XGROUP SETID s g 2-1 ENTRIESREAD 2", three_for_group},
      [](auto& c) { return c.xgroup_setid("s", "g", "2-1", 2); }, ok);
  examples.add(
      {"XGROUP DESTROY s g", three_for_group}, [](auto& c) { return c.xgroup_destroy("s", "g"); }, true);
  examples.add(
      {"XGROUP DESTROY s none", three_for_group}, [](auto& c) { return c.xgroup_destroy("s", "none"); }, false);
  examples.add(
      {"XGROUP CREATECONSUMER s g bob", three_for_group},
      [](auto& c) { return c.xgroup_createconsumer("s", "g", "bob"); }, true);
  examples.add(
      {"XGROUP DELCONSUMER s g ada", two_pending}, [](auto& c) { return c.xgroup_delconsumer("s", "g", "ada"); }, 2);
}

void add_info(Examples& examples) {
  examples.add(
      {"XINFO STREAM s", {first, second, third, group, "XDEL s 3-1"}}, [](auto& c) { return c.xinfo_stream("s"); },
      [](const StreamInfo& info) {
        return info.length == 2 && info.groups == 1 && info.last_generated_id == "3-1" &&
               info.max_deleted_entry_id == "3-1" && info.entries_added == 3 && info.recorded_first_entry_id == "1-1" &&
               info.first_entry == first_entry && info.last_entry == second_entry && info.radix_tree_keys == 1;
      });
  examples.add(
      {"XINFO STREAM s", {"XGROUP CREATE s g $ MKSTREAM"}}, [](auto& c) { return c.xinfo_stream("s"); },
      [](const StreamInfo& info) { return info.length == 0 && !info.first_entry && !info.last_entry; });
  examples.add(
      {"XINFO STREAM s FULL COUNT 1", three_for_group}, [](auto& c) { return c.xinfo_stream_full("s", 1); },
      [](const StreamFullInfo& info) {
        return info.entries == Entries{first_entry} && info.groups.size() == 1 && info.groups[0].name == "g" &&
               info.groups[0].consumers.empty();
      });
  examples.add(
      {.words = "XINFO STREAM s FULL", .given = two_pending, .unpredictable = true},
      [](auto& c) { return c.xinfo_stream_full("s"); },
      [](const StreamFullInfo& info) {
        if (info.length != 3 || info.entries.size() != 3 || info.groups.size() != 1) return false;
        const StreamFullInfo::Group& only = info.groups[0];
        if (only.last_delivered_id != "2-1" || only.entries_read != 2 || only.lag != 1) return false;
        if (only.pending_count != 2 || only.pending.size() != 2 || only.consumers.size() != 1) return false;
        const StreamFullInfo::Consumer& ada = only.consumers[0];
        return ada.name == "ada" && ada.pending_count == 2 && ada.pending == only.pending &&
               ada.pending[1].id == "2-1" && ada.pending[1].deliveries == 1 &&
               ada.pending[1].delivered_at.time_since_epoch() > 1'600'000'000s &&
               ada.seen_at >= ada.pending[1].delivered_at;
      });
  examples.add(
      {"XINFO GROUPS s", two_pending}, [](auto& c) { return c.xinfo_groups("s"); },
      std::vector<StreamGroup>{{"g", 1, 2, "2-1", 2, 1}});
  examples.add(
      {"XINFO GROUPS s", {first}}, [](auto& c) { return c.xinfo_groups("s"); }, std::vector<StreamGroup>{});
  examples.add(
      {.words = "XINFO CONSUMERS s g", .given = two_pending, .unpredictable = true},
      [](auto& c) { return c.xinfo_consumers("s", "g"); },
      [](const std::vector<StreamConsumer>& consumers) {
        return consumers.size() == 1 && consumers[0].name == "ada" && consumers[0].pending == 2 &&
               consumers[0].idle >= 0ms && consumers[0].idle < 1min;
      });
}

}  // namespace

void add_stream_examples(Examples& examples) {
  add_writing(examples);
  add_reading(examples);
  add_group_reading(examples);
  add_pending(examples);
  add_claims(examples);
  add_groups(examples);
  add_info(examples);
}

}  // namespace meridian::conformance
