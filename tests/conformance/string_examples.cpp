// Examples of the commands on strings.
#include "conformance/examples.hpp"

namespace meridian::conformance {

void flatten(const LcsMatches& value, Leaves& leaves) {
  leaves.add(std::string_view("matches"));
  for (const LcsMatch& match : value.matches) {
    for (const auto end : {match.first_begin, match.first_end, match.second_begin, match.second_end}) leaves.add(end);
  }
  leaves.add(std::string_view("len"));
  leaves.add(value.length);
}

namespace {

using namespace std::chrono_literals;
using OptionalStrings = std::vector<std::optional<std::string>>;

constexpr std::chrono::sys_time<std::chrono::seconds> in_2100{4102444800s};

void add_set_command_examples(Examples& examples) {
  examples.add(
      {"SET k v"}, [](auto& c) { return c.set("k", "v"); }, true);
  examples.add(
      {"SET k 'two words'"}, [](auto& c) { return c.set("k", "two words"); }, true);
  examples.add(
      {"SET k ''"}, [](auto& c) { return c.set("k", ""); }, true);
  examples.add(
      {"SET k v EX 60"}, [](auto& c) { return c.set("k", "v", {.ex = 60s}); }, true);
  examples.add(
      {"SET k v PX 250"}, [](auto& c) { return c.set("k", "v", {.px = 250ms}); }, true);
  examples.add(
      {"SET k v EXAT 4102444800"}, [](auto& c) { return c.set("k", "v", {.exat = in_2100}); }, true);
  examples.add(
      {"SET k v PXAT 4102444800005"}, [](auto& c) { return c.set("k", "v", {.pxat = in_2100 + 5ms}); }, true);
  examples.add(
      {"SET k v NX"}, [](auto& c) { return c.set("k", "v", {.nx = true}); }, true);
  examples.add(
      {"SET k v NX", {"SET k old"}}, [](auto& c) { return c.set("k", "v", {.nx = true}); }, false);
  examples.add(
      {"SET k v XX"}, [](auto& c) { return c.set("k", "v", {.xx = true}); }, false);
  examples.add(
      {"SET k v PX 1000 XX", {"SET k old"}}, [](auto& c) { return c.set("k", "v", {.px = 1s, .xx = true}); }, true);
  examples.add(
      {"SET k v KEEPTTL", {"SET k old EX 60"}}, [](auto& c) { return c.set("k", "v", {.keepttl = true}); }, true);
  examples.add(
      {"SET k v GET"}, [](auto& c) { return c.set_get("k", "v"); }, std::nullopt);
  examples.add(
      {"SET k v GET", {"SET k old"}}, [](auto& c) { return c.set_get("k", "v"); }, "old");
  examples.add(
      {"SET k v NX GET", {"SET k old"}}, [](auto& c) { return c.set_get("k", "v", {.nx = true}); }, "old");
  examples.add(
      {"SET k v EX 60 XX GET"}, [](auto& c) { return c.set_get("k", "v", {.ex = 60s, .xx = true}); }, std::nullopt);
}

void add_read_and_expire_examples(Examples& examples) {
  examples.add(
      {"GET k"}, [](auto& c) { return c.get("k"); }, std::nullopt);
  examples.add(
      {"GET k", {"SET k v"}}, [](auto& c) { return c.get("k"); }, "v");
  examples.add(
      {"GETEX k EX 1800", {"SET k v"}}, [](auto& c) { return c.getex("k", {.ex = 30min}); }, "v");
  examples.add(
      {"GETEX k PX 250", {"SET k v"}}, [](auto& c) { return c.getex("k", {.px = 250ms}); }, "v");
  examples.add(
      {"GETEX k EXAT 4102444800", {"SET k v"}}, [](auto& c) { return c.getex("k", {.exat = in_2100}); }, "v");
  examples.add(
      {"GETEX k PXAT 4102444800005", {"SET k v"}}, [](auto& c) { return c.getex("k", {.pxat = in_2100 + 5ms}); }, "v");
  examples.add(
      {"GETEX k PERSIST", {"SET k v EX 60"}}, [](auto& c) { return c.getex("k", {.persist = true}); }, "v");
  examples.add(
      {"GETEX k"}, [](auto& c) { return c.getex("k", {}); }, std::nullopt);
  examples.add(
      {"GETDEL k"}, [](auto& c) { return c.getdel("k"); }, std::nullopt);
  examples.add(
      {"GETDEL k", {"SET k v"}}, [](auto& c) { return c.getdel("k"); }, "v");
  examples.add(
      {"GETSET k new"}, [](auto& c) { return c.getset("k", "new"); }, std::nullopt);
  examples.add(
      {"GETSET k new", {"SET k v"}}, [](auto& c) { return c.getset("k", "new"); }, "v");
  examples.add(
      {"MGET k none l", {"MSET k v l w"}},
      [](auto& c) {
        return c.mget({"k", "none", "l"});
      },
      OptionalStrings{"v", std::nullopt, "w"});
  examples.add(
      {"MSET k v l w"},
      [](auto& c) {
        return c.mset({{"k", "v"}, {"l", "w"}});
      },
      ok);
  examples.add(
      {"MSETNX k v l w"},
      [](auto& c) {
        return c.msetnx({{"k", "v"}, {"l", "w"}});
      },
      true);
  examples.add(
      {"MSETNX k v l w", {"SET l old"}},
      [](auto& c) {
        return c.msetnx({{"k", "v"}, {"l", "w"}});
      },
      false);
}

void add_arithmetic_examples(Examples& examples) {
  examples.add(
      {"INCR k"}, [](auto& c) { return c.incr("k"); }, 1);
  examples.add(
      {"INCRBY k -5", {"SET k 3"}}, [](auto& c) { return c.incrby("k", -5); }, -2);
  examples.add(
      {"DECR k", {"SET k 3"}}, [](auto& c) { return c.decr("k"); }, 2);
  examples.add(
      {"DECRBY k 5", {"SET k 3"}}, [](auto& c) { return c.decrby("k", 5); }, -2);
  examples.add(
      {"INCRBYFLOAT k 0.5", {"SET k 10.25"}}, [](auto& c) { return c.incrbyfloat("k", 0.5); }, 10.75);
}

void add_substring_examples(Examples& examples) {
  examples.add(
      {"APPEND k ' end'", {"SET k v"}}, [](auto& c) { return c.append("k", " end"); }, 5);
  examples.add(
      {"STRLEN k"}, [](auto& c) { return c.strlen("k"); }, 0);
  examples.add(
      {"STRLEN k", {"SET k value"}}, [](auto& c) { return c.strlen("k"); }, 5);
  examples.add(
      {"SETRANGE k 3 xy", {"SET k value"}}, [](auto& c) { return c.setrange("k", 3, "xy"); }, 5);
  examples.add(
      {"GETRANGE k 1 -2", {"SET k value"}}, [](auto& c) { return c.getrange("k", 1, -2); }, "alu");
  examples.add(
      {"GETRANGE k 0 -1"}, [](auto& c) { return c.getrange("k", 0, -1); }, "");

  const std::vector<std::string_view> texts = {"MSET a ohmytext b mynewtext"};
  examples.add(
      {"LCS a b", texts}, [](auto& c) { return c.lcs("a", "b"); }, "mytext");
  examples.add(
      {"LCS a b LEN", texts}, [](auto& c) { return c.lcs_len("a", "b"); }, 6);
  examples.add(
      {"LCS a b IDX", texts}, [](auto& c) { return c.lcs_idx("a", "b"); }, LcsMatches{{{4, 7, 5, 8}, {2, 3, 0, 1}}, 6});
  examples.add(
      {"LCS a b IDX MINMATCHLEN 4", texts}, [](auto& c) { return c.lcs_idx("a", "b", {.minmatchlen = 4}); },
      [](const LcsMatches& value) {
        return value == LcsMatches{{{4, 7, 5, 8}}, 6} && value.matches.front().length() == 4;
      });
  examples.add(
      {"LCS a b IDX"}, [](auto& c) { return c.lcs_idx("a", "b"); }, LcsMatches{});
}

}  // namespace

void add_string_examples(Examples& examples) {
  add_set_command_examples(examples);
  add_read_and_expire_examples(examples);
  add_arithmetic_examples(examples);
  add_substring_examples(examples);
}

}  // namespace meridian::conformance
