// The decoders of <meridian/commands/scripting.hpp>.
#include <meridian/commands/scripting.hpp>

#include "resp/decode_support.hpp"

namespace meridian::detail {
namespace {

Result<FunctionInfo> function_of(ReplyView reply) {
  constexpr std::string_view promised = "a function: name, description and flags";
  const std::optional<Fields> fields = Fields::of(reply);
  std::optional<std::string> name = fields ? fields->text("name") : std::nullopt;
  const std::optional<ReplyView> flags = fields ? fields->find("flags") : std::nullopt;
  if (!name || !flags) return mismatch(reply, promised);
  Result<std::vector<std::string>> words = decode<std::vector<std::string>>(*flags);
  if (!words) return mismatch(reply, promised);
  return FunctionInfo{std::move(*name), fields->text("description"), std::move(*words)};
}

Result<LibraryInfo> library_of(ReplyView reply) {
  constexpr std::string_view promised = "a library: name, engine and functions";
  const std::optional<Fields> fields = Fields::of(reply);
  std::optional<std::string> name = fields ? fields->text("library_name") : std::nullopt;
  std::optional<std::string> engine = fields ? fields->text("engine") : std::nullopt;
  const std::optional<ReplyView> functions = fields ? fields->find("functions") : std::nullopt;
  if (!name || !engine || !functions) return mismatch(reply, promised);
  Result<std::vector<FunctionInfo>> all = list_of<FunctionInfo>(*functions, function_of, "an array of functions");
  if (!all) return mismatch(reply, promised);
  return LibraryInfo{std::move(*name), std::move(*engine), std::move(*all), fields->text("library_code")};
}

Result<FunctionStats::Running> running_of(ReplyView reply) {
  constexpr std::string_view promised = "a running function: name, command and milliseconds";
  const std::optional<Fields> fields = Fields::of(reply);
  std::optional<std::string> name = fields ? fields->text("name") : std::nullopt;
  const std::optional<ReplyView> command = fields ? fields->find("command") : std::nullopt;
  const std::optional<std::int64_t> duration = fields ? fields->integer("duration_ms") : std::nullopt;
  if (!name || !command || !duration) return mismatch(reply, promised);
  Result<std::vector<std::string>> words = decode<std::vector<std::string>>(*command);
  if (!words) return mismatch(reply, promised);
  return FunctionStats::Running{std::move(*name), std::move(*words), std::chrono::milliseconds(*duration)};
}

}  // namespace

Result<std::vector<LibraryInfo>> decode_function_list(ReplyView reply) {
  return list_of<LibraryInfo>(reply, library_of, "an array of libraries");
}

Result<FunctionStats> decode_function_stats(ReplyView reply) {
  constexpr std::string_view promised = "what runs now, and the engines with their libraries and functions";
  const std::optional<Fields> fields = Fields::of(reply);
  const std::optional<ReplyView> running = fields ? fields->find("running_script") : std::nullopt;
  const std::optional<ReplyView> all = fields ? fields->find("engines") : std::nullopt;
  const std::optional<Fields> engines = all ? Fields::of(*all) : std::nullopt;
  if (!running || !engines) return mismatch(reply, promised);
  FunctionStats stats;
  if (!running->is_null()) {
    Result<FunctionStats::Running> now = running_of(*running);
    if (!now) return Unexpected(std::move(now.error()));
    stats.running = std::move(*now);
  }
  for (const auto& [name, value] : *engines) {
    const std::optional<Fields> counts = Fields::of(value);
    const std::optional<std::int64_t> libraries = counts ? counts->integer("libraries_count") : std::nullopt;
    const std::optional<std::int64_t> functions = counts ? counts->integer("functions_count") : std::nullopt;
    if (!libraries || !functions) return mismatch_inside(reply, value, promised);
    stats.engines.insert_or_assign(std::string(name), FunctionStats::Engine{*libraries, *functions});
  }
  return stats;
}

}  // namespace meridian::detail
