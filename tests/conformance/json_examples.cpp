// The JSON commands of the Redis stack. Where the server has none of them, their words are checked; what they answer is
// in tests/unit/commands/json_decode_test.cpp.
#include <meridian/json.hpp>

#include <optional>
#include <string>
#include <vector>

#include "conformance/examples.hpp"

namespace meridian::conformance {
namespace {

using Integers = std::vector<std::optional<std::int64_t>>;
using Numbers = std::vector<std::optional<double>>;
using Text = std::optional<std::string>;
using Texts = std::vector<Text>;

constexpr std::string_view document = R"(JSON.SET d $ {"a":1,"s":"x","l":[1,2,3],"t":true})";

void add_documents(Examples& examples) {
  examples.add(
      {R"(JSON.SET d $ {"a":1})"}, [](auto& c) { return json(c).set("d", "$", R"({"a":1})"); }, true);
  examples.add(
      {"JSON.SET d $ 1 NX", {document}}, [](auto& c) { return json(c).set("d", "$", "1", {.nx = true}); }, false);
  examples.add(
      {"JSON.SET d $.a 2 XX", {document}}, [](auto& c) { return json(c).set("d", "$.a", "2", {.xx = true}); }, true);
  examples.add(
      {"JSON.MSET d $ 1 e $ 2"},
      [](auto& c) {
        return json(c).mset({{"d", "$", "1"}, {"e", "$", "2"}});
      },
      ok);
  examples.add(
      {R"(JSON.MERGE d $ {"a":null})", {document}}, [](auto& c) { return json(c).merge("d", "$", R"({"a":null})"); },
      ok);
  examples.add(
      {"JSON.GET d $.a", {document}}, [](auto& c) { return json(c).get("d", "$.a"); }, Text("[1]"));
  examples.add(
      {"JSON.GET d $"}, [](auto& c) { return json(c).get("d"); }, Text());
  examples.add(
      {.words = R"(JSON.GET d INDENT '  ' NEWLINE / SPACE ' ' $.a $.s)", .given = {document}, .unpredictable = true},
      [](auto& c) {
        return json(c).get("d", {"$.a", "$.s"}, {.indent = "  ", .newline = "/", .space = " "});
      },
      [](const Text& text) { return text && text->find("\"$.a\": [") != std::string::npos; });
  examples.add(
      {"JSON.MGET d none $.a", {document}},
      [](auto& c) {
        return json(c).mget({"d", "none"}, "$.a");
      },
      Texts{"[1]", std::nullopt});
  examples.add(
      {"JSON.DEL d $.a", {document}}, [](auto& c) { return json(c).del("d", "$.a"); }, 1);
  examples.add(
      {"JSON.DEL d $.l[0]", {document}}, [](auto& c) { return json(c).del("d", "$.l[0]"); }, 1);
  examples.add(
      {"JSON.DEL none $"}, [](auto& c) { return json(c).del("none"); }, 0);
  examples.add(
      {"JSON.CLEAR d $.l", {document}}, [](auto& c) { return json(c).clear("d", "$.l"); }, 1);
  examples.add(
      {"JSON.TYPE d $.l", {document}}, [](auto& c) { return json(c).type("d", "$.l"); },
      std::vector<std::string>{"array"});
  examples.add(
      {.words = "JSON.DEBUG MEMORY d $", .given = {document}, .unpredictable = true},
      [](auto& c) { return json(c).debug_memory("d"); },
      [](const Integers& bytes) { return bytes.size() == 1 && bytes[0] > 0; });
}

void add_values(Examples& examples) {
  examples.add(
      {.words = "JSON.NUMINCRBY d $.a 1.5", .given = {document}, .unpredictable = true},
      [](auto& c) { return json(c).numincrby("d", "$.a", 1.5); }, Numbers{2.5});
  examples.add(
      {.words = "JSON.NUMMULTBY d $.a 3", .given = {document}, .unpredictable = true},
      [](auto& c) { return json(c).nummultby("d", "$.a", 3); }, Numbers{3});
  examples.add(
      {"JSON.TOGGLE d $.t", {document}}, [](auto& c) { return json(c).toggle("d", "$.t"); },
      std::vector<std::optional<bool>>{false});
  examples.add(
      {R"(JSON.STRAPPEND d $.s "yz")", {document}}, [](auto& c) { return json(c).strappend("d", "$.s", "\"yz\""); },
      Integers{3});
  examples.add(
      {"JSON.STRLEN d $.s", {document}}, [](auto& c) { return json(c).strlen("d", "$.s"); }, Integers{1});
  examples.add(
      {"JSON.OBJKEYS d $", {document}}, [](auto& c) { return json(c).objkeys("d"); },
      std::vector<std::optional<std::vector<std::string>>>{{{"a", "s", "l", "t"}}});
  examples.add(
      {"JSON.OBJLEN d $", {document}}, [](auto& c) { return json(c).objlen("d"); }, Integers{4});
}

void add_arrays(Examples& examples) {
  examples.add(
      {"JSON.ARRAPPEND d $.l 4 5", {document}},
      [](auto& c) {
        return json(c).arrappend("d", "$.l", {"4", "5"});
      },
      Integers{5});
  examples.add(
      {"JSON.ARRINSERT d $.l 0 9", {document}}, [](auto& c) { return json(c).arrinsert("d", "$.l", 0, "9"); },
      Integers{4});
  examples.add(
      {"JSON.ARRINDEX d $.l 2 0 0", {document}}, [](auto& c) { return json(c).arrindex("d", "$.l", "2"); },
      Integers{1});
  examples.add(
      {"JSON.ARRINDEX d $.l 2 2 3", {document}}, [](auto& c) { return json(c).arrindex("d", "$.l", "2", 2, 3); },
      Integers{-1});
  examples.add(
      {"JSON.ARRLEN d $.*", {document}}, [](auto& c) { return json(c).arrlen("d", "$.*"); },
      Integers{std::nullopt, std::nullopt, 3, std::nullopt});
  examples.add(
      {"JSON.ARRPOP d $.l -1", {document}}, [](auto& c) { return json(c).arrpop("d", "$.l"); }, Texts{"3"});
  examples.add(
      {"JSON.ARRPOP d $.l 0", {document}}, [](auto& c) { return json(c).arrpop("d", "$.l", 0); }, Texts{"1"});
  examples.add(
      {"JSON.ARRTRIM d $.l 1 2", {document}}, [](auto& c) { return json(c).arrtrim("d", "$.l", 1, 2); }, Integers{2});
}

}  // namespace

void add_json_examples(Examples& examples) {
  add_documents(examples);
  add_values(examples);
  add_arrays(examples);
}

}  // namespace meridian::conformance
