// Examples of the commands on sets.
#include "conformance/examples.hpp"

namespace meridian::conformance {
namespace {

using Members = std::unordered_set<std::string>;
using Strings = std::vector<std::string>;
using Page = ScanPage<std::string>;

const std::vector<std::string_view> two_sets = {"SADD s a b c", "SADD t b c d"};

void add_member_examples(Examples& examples) {
  examples.add(
      {"SADD s a b", {"SADD s a"}},
      [](auto& c) {
        return c.sadd("s", {"a", "b"});
      },
      1);
  examples.add(
      {"SREM s a z", two_sets},
      [](auto& c) {
        return c.srem("s", {"a", "z"});
      },
      1);
  examples.add(
      {"SMEMBERS s", two_sets}, [](auto& c) { return c.smembers("s"); }, Members{"a", "b", "c"});
  examples.add(
      {"SMEMBERS none"}, [](auto& c) { return c.smembers("none"); }, Members{});
  examples.add(
      {"SISMEMBER s a", two_sets}, [](auto& c) { return c.sismember("s", "a"); }, true);
  examples.add(
      {"SISMEMBER s z", two_sets}, [](auto& c) { return c.sismember("s", "z"); }, false);
  examples.add(
      {"SMISMEMBER s a z", two_sets},
      [](auto& c) {
        return c.smismember("s", {"a", "z"});
      },
      std::vector<bool>{true, false});
  examples.add(
      {"SCARD s", two_sets}, [](auto& c) { return c.scard("s"); }, 3);
  examples.add(
      {"SMOVE s t a", two_sets}, [](auto& c) { return c.smove("s", "t", "a"); }, true);
  examples.add(
      {"SMOVE s t z", two_sets}, [](auto& c) { return c.smove("s", "t", "z"); }, false);
  examples.add(
      {"SPOP s", {"SADD s a"}}, [](auto& c) { return c.spop("s"); }, "a");
  examples.add(
      {"SPOP s"}, [](auto& c) { return c.spop("s"); }, std::nullopt);
  examples.add(
      {"SPOP s 5", two_sets}, [](auto& c) { return c.spop_many("s", 5); }, Members{"a", "b", "c"});
  examples.add(
      {.words = "SPOP s 2", .given = two_sets, .unpredictable = true}, [](auto& c) { return c.spop_many("s", 2); },
      [](const Members& members) { return members.size() == 2; });
  examples.add(
      {"SPOP s 2"}, [](auto& c) { return c.spop_many("s", 2); }, Members{});
  examples.add(
      {.words = "SRANDMEMBER s", .given = two_sets, .unpredictable = true}, [](auto& c) { return c.srandmember("s"); },
      [](const std::optional<std::string>& member) { return member == "a" || member == "b" || member == "c"; });
  examples.add(
      {"SRANDMEMBER s"}, [](auto& c) { return c.srandmember("s"); }, std::nullopt);
  examples.add(
      {.words = "SRANDMEMBER s 2", .given = two_sets, .unpredictable = true},
      [](auto& c) { return c.srandmember_many("s", 2); }, [](const Strings& members) { return members.size() == 2; });
  examples.add(
      {"SRANDMEMBER s -3", {"SADD s a"}}, [](auto& c) { return c.srandmember_many("s", -3); }, Strings{"a", "a", "a"});
}

void add_combining_examples(Examples& examples) {
  examples.add(
      {"SINTER s t", two_sets},
      [](auto& c) {
        return c.sinter({"s", "t"});
      },
      Members{"b", "c"});
  examples.add(
      {"SUNION s t", two_sets},
      [](auto& c) {
        return c.sunion({"s", "t"});
      },
      Members{"a", "b", "c", "d"});
  examples.add(
      {"SDIFF s t", two_sets},
      [](auto& c) {
        return c.sdiff({"s", "t"});
      },
      Members{"a"});
  examples.add(
      {"SINTERCARD 2 s t", two_sets},
      [](auto& c) {
        return c.sintercard({"s", "t"});
      },
      2);
  examples.add(
      {"SINTERCARD 2 s t LIMIT 1", two_sets},
      [](auto& c) {
        return c.sintercard({"s", "t"}, {.limit = 1});
      },
      1);
  examples.add(
      {"SINTERSTORE d s t", two_sets},
      [](auto& c) {
        return c.sinterstore("d", {"s", "t"});
      },
      2);
  examples.add(
      {"SUNIONSTORE d s t", two_sets},
      [](auto& c) {
        return c.sunionstore("d", {"s", "t"});
      },
      4);
  examples.add(
      {"SDIFFSTORE d s t", two_sets},
      [](auto& c) {
        return c.sdiffstore("d", {"s", "t"});
      },
      1);
  // Over its own source: the next run would give something else.
  examples.add(
      {"SDIFFSTORE s s t", two_sets},
      [](auto& c) {
        return c.sdiffstore("s", {"s", "t"});
      },
      1);
}

void add_scan_examples(Examples& examples) {
  examples.add(
      {"SSCAN s 0", {"SADD s a"}}, [](auto& c) { return c.sscan("s", 0); }, Page{0, {"a"}});
  examples.add(
      {"SSCAN s 0 MATCH a* COUNT 100", {"SADD s apple pear"}},
      [](auto& c) { return c.sscan("s", 0, {.match = "a*", .count = 100}); }, Page{0, {"apple"}});
  examples.add(
      {"SSCAN none 0"}, [](auto& c) { return c.sscan("none", 0); }, Page{});
}

}  // namespace

void add_set_examples(Examples& examples) {
  add_member_examples(examples);
  add_combining_examples(examples);
  add_scan_examples(examples);
}

}  // namespace meridian::conformance
