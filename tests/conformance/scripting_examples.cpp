// Examples of scripts and functions.
#include "conformance/examples.hpp"

namespace meridian::conformance {

void flatten(const FunctionInfo& function, Leaves& leaves) { leaves.add(std::string_view(function.name)); }
void flatten(const LibraryInfo& library, Leaves& leaves) {
  leaves.add(std::string_view(library.name));
  flatten(library.functions, leaves);
}
void flatten(const FunctionStats& stats, Leaves& leaves) {
  leaves.add(std::string_view("running_script"));
  leaves.add_null();
  leaves.add(std::string_view("engines"));
  for (const auto& [name, engine] : stats.engines) {
    leaves.add(std::string_view(name));
    leaves.add(std::string_view("libraries_count"));
    leaves.add(engine.libraries);
    leaves.add(std::string_view("functions_count"));
    leaves.add(engine.functions);
  }
}

namespace {

using Strings = std::vector<std::string>;

const std::string seven = "59b6ab2fbe0ee4b25733de0f62e6cda4899ef8e9";  // SHA-1 of "return 7"

// Two functions; one changes nothing.
const std::string library =
    "#!lua name=library\n"
    "redis.register_function(\"writes\", function(keys, args) return keys[1] .. args[1] end)\n"
    "redis.register_function{function_name=\"reads\", callback=function(keys) return #keys end, "
    "description=\"Counts.\", flags={\"no-writes\"}}";
const std::string load = "FUNCTION LOAD '" + library + "'";
const std::string load_again = "FUNCTION LOAD REPLACE '" + library + "'";

// FUNCTION DUMP of no functions at all: the version of the format and a checksum.
const std::string empty_dump("\n\0]\x9b\\@\x0f\x7f\xa2\xda", 10);
const std::string restore = "FUNCTION RESTORE " + empty_dump;

const std::string evalsha = "EVALSHA " + seven + " 1 k";
const std::string evalsha_ro = "EVALSHA_RO " + seven + " 0";
const std::string script_exists = "SCRIPT EXISTS " + seven + " none";

void add_scripts(Examples& examples) {
  examples.add(
      {"EVAL 'return 7' 0"}, [](auto& c) { return c.template eval<std::int64_t>("return 7"); }, 7);
  examples.add(
      {"EVAL 'return {KEYS[1],KEYS[2],ARGV[1]}' 2 k l a"},
      [](auto& c) {
        return c.template eval<Strings>("return {KEYS[1],KEYS[2],ARGV[1]}", {"k", "l"}, "a");
      },
      Strings{"k", "l", "a"});
  examples.add(
      {"EVAL 'return redis.call(\"GET\",KEYS[1])' 1 k"},
      [](auto& c) { return c.template eval<std::optional<std::string>>("return redis.call(\"GET\",KEYS[1])", "k"); },
      std::nullopt);
  examples.add(
      {"EVAL 'return {1,{2}}' 0"}, [](auto& c) { return c.eval("return {1,{2}}"); },
      [](const Reply& reply) { return reply.size() == 2; });
  examples.add(
      {evalsha, {"SCRIPT LOAD 'return 7'"}}, [](auto& c) { return c.template evalsha<std::int64_t>(seven, "k"); }, 7);
  examples.add(
      {"EVAL_RO 'return #ARGV' 0 a b"},
      [](auto& c) {
        return c.template eval_ro<std::int64_t>("return #ARGV", {}, {"a", "b"});
      },
      2);
  examples.add(
      {evalsha_ro, {"SCRIPT LOAD 'return 7'"}}, [](auto& c) { return c.template evalsha_ro<std::int64_t>(seven); }, 7);
  examples.add(
      {"SCRIPT LOAD 'return 7'"}, [](auto& c) { return c.script_load("return 7"); }, seven);
  examples.add(
      {script_exists, {"SCRIPT LOAD 'return 7'"}},
      [](auto& c) {
        return c.script_exists({seven, "none"});
      },
      std::vector<bool>{true, false});
  examples.add(
      {"SCRIPT FLUSH"}, [](auto& c) { return c.script_flush(); }, ok);
  examples.add(
      {"SCRIPT FLUSH ASYNC"}, [](auto& c) { return c.script_flush(FlushMode::async); }, ok);
  examples.add(
      {"SCRIPT FLUSH SYNC"}, [](auto& c) { return c.script_flush(FlushMode::sync); }, ok);
  examples.add(
      {.words = "SCRIPT KILL", .error = "NOTBUSY"}, [](auto& c) { return c.script_kill(); }, ok);
}

void add_functions(Examples& examples) {
  examples.add(
      {"FCALL writes 1 k v", {load}}, [](auto& c) { return c.template fcall<std::string>("writes", "k", "v"); }, "kv");
  examples.add(
      {"FCALL reads 0", {load}}, [](auto& c) { return c.fcall("reads"); },
      [](const Reply& reply) { return reply.as_integer() == 0; });
  examples.add(
      {"FCALL_RO reads 2 k l", {load}},
      [](auto& c) {
        return c.template fcall_ro<std::int64_t>("reads", {"k", "l"});
      },
      2);
  examples.add(
      {load}, [](auto& c) { return c.function_load(library); }, "library");
  examples.add(
      {load_again, {load}}, [](auto& c) { return c.function_load(library, {.replace = true}); }, "library");
  examples.add(
      {"FUNCTION DELETE library", {load}}, [](auto& c) { return c.function_delete("library"); }, ok);

  const auto is_library = [](bool with_code) {
    return [with_code](const std::vector<LibraryInfo>& all) {
      if (all.size() != 1 || all[0].name != "library" || all[0].engine != "LUA") return false;
      if (all[0].code != (with_code ? std::optional(library) : std::nullopt)) return false;
      std::vector<FunctionInfo> functions = all[0].functions;
      if (functions.size() != 2) return false;
      if (functions[0].name != "reads") std::swap(functions[0], functions[1]);
      return functions[0] == FunctionInfo{"reads", "Counts.", {"no-writes"}} &&
             functions[1] == FunctionInfo{"writes", std::nullopt, {}};
    };
  };
  examples.add(
      {.words = "FUNCTION LIST", .given = {load}, .unpredictable = true}, [](auto& c) { return c.function_list(); },
      is_library(false));
  examples.add(
      {.words = "FUNCTION LIST LIBRARYNAME lib* WITHCODE", .given = {load}, .unpredictable = true},
      [](auto& c) { return c.function_list({.library = "lib*", .with_code = true}); }, is_library(true));
  examples.add(
      {"FUNCTION LIST"}, [](auto& c) { return c.function_list(); }, std::vector<LibraryInfo>{});
  examples.add(
      {"FUNCTION STATS", {load}}, [](auto& c) { return c.function_stats(); },
      FunctionStats{.engines = {{"LUA", {.libraries = 1, .functions = 2}}}});
  examples.add(
      {.words = "FUNCTION DUMP", .unpredictable = true}, [](auto& c) { return c.function_dump(); },
      [](const std::string& dump) { return dump.size() == empty_dump.size(); });
  static const std::string append = restore + " APPEND";
  examples.add(
      {append, {load}}, [](auto& c) { return c.function_restore(empty_dump); }, ok);
  static const std::string flush = restore + " FLUSH";
  examples.add(
      {flush, {load}}, [](auto& c) { return c.function_restore(empty_dump, FunctionRestorePolicy::flush); }, ok);
  static const std::string replace = restore + " REPLACE";
  examples.add(
      {replace, {load}}, [](auto& c) { return c.function_restore(empty_dump, FunctionRestorePolicy::replace); }, ok);
  examples.add(
      {"FUNCTION FLUSH", {load}}, [](auto& c) { return c.function_flush(); }, ok);
  examples.add(
      {"FUNCTION FLUSH ASYNC"}, [](auto& c) { return c.function_flush(FlushMode::async); }, ok);
  examples.add(
      {"FUNCTION FLUSH SYNC"}, [](auto& c) { return c.function_flush(FlushMode::sync); }, ok);
  examples.add(
      {.words = "FUNCTION KILL", .error = "NOTBUSY"}, [](auto& c) { return c.function_kill(); }, ok);
}

}  // namespace

void add_scripting_examples(Examples& examples) {
  add_scripts(examples);
  add_functions(examples);
}

}  // namespace meridian::conformance
