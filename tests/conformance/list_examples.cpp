// Examples of the commands on lists.
#include "conformance/examples.hpp"

namespace meridian::conformance {

void flatten(const PoppedElements& value, Leaves& leaves) {
  flatten(value.key, leaves);
  flatten(value.elements, leaves);
}

namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;
using Integers = std::vector<std::int64_t>;
using Popped = std::optional<PoppedElements>;
using KeyAndElement = std::pair<std::string, std::string>;

const std::vector<std::string_view> three = {"RPUSH l a b c"};

void add_push_and_pop_examples(Examples& examples) {
  examples.add(
      {"LPUSH l x y", three},
      [](auto& c) {
        return c.lpush("l", {"x", "y"});
      },
      5);
  examples.add(
      {"RPUSH l x y"},
      [](auto& c) {
        return c.rpush("l", {"x", "y"});
      },
      2);
  examples.add(
      {"LPUSHX l x y", three},
      [](auto& c) {
        return c.lpushx("l", {"x", "y"});
      },
      5);
  examples.add(
      {"LPUSHX l x"}, [](auto& c) { return c.lpushx("l", "x"); }, 0);
  examples.add(
      {"RPUSHX l x", three}, [](auto& c) { return c.rpushx("l", "x"); }, 4);
  examples.add(
      {"LPOP l", three}, [](auto& c) { return c.lpop("l"); }, "a");
  examples.add(
      {"LPOP l"}, [](auto& c) { return c.lpop("l"); }, std::nullopt);
  examples.add(
      {"LPOP l 2", three}, [](auto& c) { return c.lpop_many("l", 2); }, Strings{"a", "b"});
  examples.add(
      {.words = "LPOP l 2", .raw = "nil"}, [](auto& c) { return c.lpop_many("l", 2); }, Strings{});
  examples.add(
      {"RPOP l", three}, [](auto& c) { return c.rpop("l"); }, "c");
  examples.add(
      {"RPOP l 9", three}, [](auto& c) { return c.rpop_many("l", 9); }, Strings{"c", "b", "a"});
  examples.add(
      {"LMPOP 2 none l LEFT", three},
      [](auto& c) {
        return c.lmpop({"none", "l"}, ListEnd::left);
      },
      Popped({"l", {"a"}}));
  examples.add(
      {"LMPOP 1 l RIGHT COUNT 2", three}, [](auto& c) { return c.lmpop("l", ListEnd::right, 2); },
      Popped({"l", {"c", "b"}}));
  examples.add(
      {"LMPOP 1 l LEFT"}, [](auto& c) { return c.lmpop("l", ListEnd::left); }, std::nullopt);
  examples.add(
      {"LMOVE l m LEFT RIGHT", {"RPUSH l a b c", "RPUSH m x"}},
      [](auto& c) { return c.lmove("l", "m", ListEnd::left, ListEnd::right); }, "a");
  examples.add(
      {"LMOVE l l RIGHT LEFT"}, [](auto& c) { return c.lmove("l", "l", ListEnd::right, ListEnd::left); }, std::nullopt);
}

void add_blocking_examples(Examples& examples) {
  examples.add(
      {"BLPOP none l 1", three},
      [](auto& c) {
        return c.blpop({"none", "l"}, 1s);
      },
      KeyAndElement("l", "a"));
  examples.add(
      {"BLPOP l 0.01"}, [](auto& c) { return c.blpop("l", 10ms); }, std::nullopt);
  examples.add(
      {"BRPOP l 0", three}, [](auto& c) { return c.brpop("l", 0s); }, KeyAndElement("l", "c"));
  examples.add(
      {"BRPOP l 0.01"}, [](auto& c) { return c.brpop("l", 10ms); }, std::nullopt);
  examples.add(
      {"BLMOVE l m RIGHT LEFT 1.5", three},
      [](auto& c) { return c.blmove("l", "m", ListEnd::right, ListEnd::left, 1500ms); }, "c");
  examples.add(
      {"BLMOVE l m LEFT LEFT 0.01"}, [](auto& c) { return c.blmove("l", "m", ListEnd::left, ListEnd::left, 10ms); },
      std::nullopt);
  examples.add(
      {"BLMPOP 1 2 none l LEFT", three},
      [](auto& c) {
        return c.blmpop(1s, {"none", "l"}, ListEnd::left);
      },
      Popped({"l", {"a"}}));
  examples.add(
      {"BLMPOP 1 1 l RIGHT COUNT 2", three}, [](auto& c) { return c.blmpop(1s, "l", ListEnd::right, 2); },
      Popped({"l", {"c", "b"}}));
  examples.add(
      {"BLMPOP 0.01 1 l LEFT"}, [](auto& c) { return c.blmpop(10ms, "l", ListEnd::left); }, std::nullopt);
}

void add_element_examples(Examples& examples) {
  examples.add(
      {"LLEN l", three}, [](auto& c) { return c.llen("l"); }, 3);
  examples.add(
      {"LLEN l"}, [](auto& c) { return c.llen("l"); }, 0);
  examples.add(
      {"LRANGE l 1 -1", three}, [](auto& c) { return c.lrange("l", 1, -1); }, Strings{"b", "c"});
  examples.add(
      {"LRANGE l 0 -1"}, [](auto& c) { return c.lrange("l", 0, -1); }, Strings{});
  examples.add(
      {"LINDEX l -1", three}, [](auto& c) { return c.lindex("l", -1); }, "c");
  examples.add(
      {"LINDEX l 5", three}, [](auto& c) { return c.lindex("l", 5); }, std::nullopt);
  examples.add(
      {"LSET l 1 x", three}, [](auto& c) { return c.lset("l", 1, "x"); }, ok);
  examples.add(
      {"LTRIM l 0 1", three}, [](auto& c) { return c.ltrim("l", 0, 1); }, ok);
  examples.add(
      {"LTRIM l 1 -1", three}, [](auto& c) { return c.ltrim("l", 1, -1); }, ok);
  examples.add(
      {"LINSERT l BEFORE b x", three}, [](auto& c) { return c.linsert("l", ListSide::before, "b", "x"); }, 4);
  examples.add(
      {"LINSERT l AFTER z x", three}, [](auto& c) { return c.linsert("l", ListSide::after, "z", "x"); }, -1);
  examples.add(
      {"LINSERT l AFTER z x"}, [](auto& c) { return c.linsert("l", ListSide::after, "z", "x"); }, 0);

  const std::vector<std::string_view> repeated = {"RPUSH l a b a c a"};
  examples.add(
      {"LREM l 0 a", repeated}, [](auto& c) { return c.lrem("l", 0, "a"); }, 3);
  examples.add(
      {"LREM l -1 a", repeated}, [](auto& c) { return c.lrem("l", -1, "a"); }, 1);
  examples.add(
      {"LPOS l c", repeated}, [](auto& c) { return c.lpos("l", "c"); }, 3);
  examples.add(
      {"LPOS l z", repeated}, [](auto& c) { return c.lpos("l", "z"); }, std::nullopt);
  examples.add(
      {"LPOS l a RANK -1", repeated}, [](auto& c) { return c.lpos("l", "a", {.rank = -1}); }, 4);
  examples.add(
      {"LPOS l c MAXLEN 2", repeated}, [](auto& c) { return c.lpos("l", "c", {.maxlen = 2}); }, std::nullopt);
  examples.add(
      {"LPOS l a COUNT 0", repeated}, [](auto& c) { return c.lpos_many("l", "a", 0); }, Integers{0, 2, 4});
  examples.add(
      {"LPOS l a COUNT 2 RANK 2 MAXLEN 3", repeated},
      [](auto& c) { return c.lpos_many("l", "a", 2, {.rank = 2, .maxlen = 3}); }, Integers{2});
  examples.add(
      {"LPOS l a COUNT 0"}, [](auto& c) { return c.lpos_many("l", "a", 0); }, Integers{});
}

}  // namespace

void add_list_examples(Examples& examples) {
  add_push_and_pop_examples(examples);
  add_blocking_examples(examples);
  add_element_examples(examples);
}

}  // namespace meridian::conformance
