/// \file
/// Scripts and functions. The builders are in `meridian::cmd`; `ScriptingCommands` has the same as methods. `T` is what
/// the reply is decoded as: `client.eval<std::int64_t>("return redis.call('INCR', KEYS[1])", "hits")`.
///
/// A script that fails may have run in part: its error replies say `Delivery::in_doubt`. The `_ro` forms cannot write,
/// and are repeated like every other read.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/commands/flush_mode.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// Options of FUNCTION LOAD.
struct FunctionLoadOptions {
  bool replace = false;  ///< In the place of the library of the same name, if there is one.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (replace) builder.arg("REPLACE");
  }
};

/// Options of FUNCTION LIST.
struct FunctionListOptions {
  std::string_view library{};  ///< A glob pattern for the names of the libraries; empty: all.
  bool with_code = false;      ///< With their source.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (!library.empty()) builder.arg("LIBRARYNAME").arg(library);
    if (with_code) builder.arg("WITHCODE");
  }
};

/// What FUNCTION RESTORE does with the libraries that are there.
enum class FunctionRestorePolicy {
  append,   ///< Keeps them; a library of the same name is an error.
  flush,    ///< Deletes all of them first.
  replace,  ///< Keeps them, but for those of the same name.
};

/// One function of a library.
struct FunctionInfo {
  std::string name{};
  std::optional<std::string> description{};
  std::vector<std::string> flags{};  ///< "no-writes", "allow-oom" …
  friend bool operator==(const FunctionInfo&, const FunctionInfo&) = default;
};

/// One library: an element of FUNCTION LIST.
struct LibraryInfo {
  std::string name{};
  std::string engine{};  ///< "LUA"
  std::vector<FunctionInfo> functions{};
  std::optional<std::string> code{};  ///< If it was asked for.
  friend bool operator==(const LibraryInfo&, const LibraryInfo&) = default;
};

/// What FUNCTION STATS answers.
struct FunctionStats {
  /// A function that runs now.
  struct Running {
    std::string name{};
    std::vector<std::string> command{};  ///< The words of the call.
    std::chrono::milliseconds duration{};
    friend bool operator==(const Running&, const Running&) = default;
  };
  struct Engine {
    std::int64_t libraries = 0;
    std::int64_t functions = 0;
    friend bool operator==(const Engine&, const Engine&) = default;
  };
  std::optional<Running> running{};
  std::unordered_map<std::string, Engine> engines{};
  friend bool operator==(const FunctionStats&, const FunctionStats&) = default;
};

namespace detail {

/// Scripts that may write: an error does not prove that nothing ran.
inline constexpr CommandTraits script_that_writes{Repeat::accumulate, true};

[[nodiscard]] inline std::string_view word_of(FunctionRestorePolicy policy) noexcept {
  switch (policy) {
    case FunctionRestorePolicy::append: return "APPEND";
    case FunctionRestorePolicy::flush: return "FLUSH";
    case FunctionRestorePolicy::replace: return "REPLACE";
  }
  return {};
}

[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<LibraryInfo>> decode_function_list(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<FunctionStats> decode_function_stats(ReplyView reply);

}  // namespace detail

namespace cmd {

/// Runs `script`, which sees `keys` as KEYS and `args` as ARGV.
/// https://redis.io/docs/latest/commands/eval/
template <class T = Reply>
[[nodiscard]] Command<T> eval(std::string_view script, const StringArgs& keys = {}, const StringArgs& args = {}) {
  return {{"EVAL", detail::script_that_writes, script, detail::CountedKeys{keys}, args}, decode<T>};
}

/// Runs the script that the server knows by `sha1`; `ErrorCode::server_error` NOSCRIPT if it does not know it.
/// https://redis.io/docs/latest/commands/evalsha/
template <class T = Reply>
[[nodiscard]] Command<T> evalsha(std::string_view sha1, const StringArgs& keys = {}, const StringArgs& args = {}) {
  return {{"EVALSHA", detail::script_that_writes, sha1, detail::CountedKeys{keys}, args}, decode<T>};
}

/// Runs a script that must not write.
/// https://redis.io/docs/latest/commands/eval_ro/
template <class T = Reply>
[[nodiscard]] Command<T> eval_ro(std::string_view script, const StringArgs& keys = {}, const StringArgs& args = {}) {
  return {{"EVAL_RO", detail::read_only, script, detail::CountedKeys{keys}, args}, decode<T>};
}

/// Runs a script that the server knows by `sha1` and that must not write.
/// https://redis.io/docs/latest/commands/evalsha_ro/
template <class T = Reply>
[[nodiscard]] Command<T> evalsha_ro(std::string_view sha1, const StringArgs& keys = {}, const StringArgs& args = {}) {
  return {{"EVALSHA_RO", detail::read_only, sha1, detail::CountedKeys{keys}, args}, decode<T>};
}

/// Makes the server know a script without running it; answers its SHA-1, 40 lower-case hexadecimal digits.
/// https://redis.io/docs/latest/commands/script-load/
[[nodiscard]] inline Command<std::string> script_load(std::string_view script) {
  return {{"SCRIPT LOAD", detail::overwrite, script}, decode<std::string>};
}

/// Which of these scripts the server knows, in their order.
/// https://redis.io/docs/latest/commands/script-exists/
[[nodiscard]] inline Command<std::vector<bool>> script_exists(const StringArgs& sha1s) {
  return {{"SCRIPT EXISTS", detail::read_only, sha1s}, decode<std::vector<bool>>};
}

/// Makes the server forget all scripts.
/// https://redis.io/docs/latest/commands/script-flush/
[[nodiscard]] inline Command<void> script_flush(FlushMode mode = FlushMode::as_configured) {
  return {{"SCRIPT FLUSH", detail::administrative, detail::FlushWord{mode}}, decode<void>};
}

/// Ends the script that runs now, if it has not written yet. An error if none runs.
/// https://redis.io/docs/latest/commands/script-kill/
[[nodiscard]] inline Command<void> script_kill() { return {{"SCRIPT KILL", detail::administrative}, decode<void>}; }

/// Calls a function of a loaded library.
/// https://redis.io/docs/latest/commands/fcall/
template <class T = Reply>
[[nodiscard]] Command<T> fcall(std::string_view function, const StringArgs& keys = {}, const StringArgs& args = {}) {
  return {{"FCALL", detail::script_that_writes, function, detail::CountedKeys{keys}, args}, decode<T>};
}

/// Calls a function that has the flag `no-writes`.
/// https://redis.io/docs/latest/commands/fcall_ro/
template <class T = Reply>
[[nodiscard]] Command<T> fcall_ro(std::string_view function, const StringArgs& keys = {}, const StringArgs& args = {}) {
  return {{"FCALL_RO", detail::read_only, function, detail::CountedKeys{keys}, args}, decode<T>};
}

/// Loads a library from its source, which begins with `#!lua name=…`; answers its name.
/// https://redis.io/docs/latest/commands/function-load/
[[nodiscard]] inline Command<std::string> function_load(std::string_view code,
                                                        const FunctionLoadOptions& options = {}) {
  return {{"FUNCTION LOAD", detail::administrative, options, code}, decode<std::string>};
}

/// Deletes a library. An error if there is none.
/// https://redis.io/docs/latest/commands/function-delete/
[[nodiscard]] inline Command<void> function_delete(std::string_view library) {
  return {{"FUNCTION DELETE", detail::administrative, library}, decode<void>};
}

/// The libraries and their functions.
/// https://redis.io/docs/latest/commands/function-list/
[[nodiscard]] inline Command<std::vector<LibraryInfo>> function_list(const FunctionListOptions& options = {}) {
  return {{"FUNCTION LIST", detail::read_only, options}, detail::decode_function_list};
}

/// All libraries in a binary form for `function_restore`.
/// https://redis.io/docs/latest/commands/function-dump/
[[nodiscard]] inline Command<std::string> function_dump() {
  return {{"FUNCTION DUMP", detail::read_only}, decode<std::string>};
}

/// Loads what `function_dump` gave, all or nothing.
/// https://redis.io/docs/latest/commands/function-restore/
[[nodiscard]] inline Command<void> function_restore(std::string_view dump,
                                                    FunctionRestorePolicy policy = FunctionRestorePolicy::append) {
  return {{"FUNCTION RESTORE", detail::administrative, dump, detail::word_of(policy)}, decode<void>};
}

/// What runs now, and how much there is. Answered even while a function keeps the server busy.
/// https://redis.io/docs/latest/commands/function-stats/
[[nodiscard]] inline Command<FunctionStats> function_stats() {
  return {{"FUNCTION STATS", detail::read_only}, detail::decode_function_stats};
}

/// Deletes all libraries.
/// https://redis.io/docs/latest/commands/function-flush/
[[nodiscard]] inline Command<void> function_flush(FlushMode mode = FlushMode::as_configured) {
  return {{"FUNCTION FLUSH", detail::administrative, detail::FlushWord{mode}}, decode<void>};
}

/// Ends the function that runs now, if it has not written yet. An error if none runs.
/// https://redis.io/docs/latest/commands/function-kill/
[[nodiscard]] inline Command<void> function_kill() { return {{"FUNCTION KILL", detail::administrative}, decode<void>}; }

}  // namespace cmd

/// Scripts and functions as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class ScriptingCommands {
 public:
  template <class T = Reply>
  auto eval(std::string_view script, const StringArgs& keys = {}, const StringArgs& args = {}) {
    return self().run(cmd::eval<T>(script, keys, args));
  }
  template <class T = Reply>
  auto evalsha(std::string_view sha1, const StringArgs& keys = {}, const StringArgs& args = {}) {
    return self().run(cmd::evalsha<T>(sha1, keys, args));
  }
  template <class T = Reply>
  auto eval_ro(std::string_view script, const StringArgs& keys = {}, const StringArgs& args = {}) {
    return self().run(cmd::eval_ro<T>(script, keys, args));
  }
  template <class T = Reply>
  auto evalsha_ro(std::string_view sha1, const StringArgs& keys = {}, const StringArgs& args = {}) {
    return self().run(cmd::evalsha_ro<T>(sha1, keys, args));
  }
  auto script_load(std::string_view script) { return self().run(cmd::script_load(script)); }
  auto script_exists(const StringArgs& sha1s) { return self().run(cmd::script_exists(sha1s)); }
  auto script_flush(FlushMode mode = FlushMode::as_configured) { return self().run(cmd::script_flush(mode)); }
  auto script_kill() { return self().run(cmd::script_kill()); }
  template <class T = Reply>
  auto fcall(std::string_view function, const StringArgs& keys = {}, const StringArgs& args = {}) {
    return self().run(cmd::fcall<T>(function, keys, args));
  }
  template <class T = Reply>
  auto fcall_ro(std::string_view function, const StringArgs& keys = {}, const StringArgs& args = {}) {
    return self().run(cmd::fcall_ro<T>(function, keys, args));
  }
  auto function_load(std::string_view code, const FunctionLoadOptions& options = {}) {
    return self().run(cmd::function_load(code, options));
  }
  auto function_delete(std::string_view library) { return self().run(cmd::function_delete(library)); }
  auto function_list(const FunctionListOptions& options = {}) { return self().run(cmd::function_list(options)); }
  auto function_dump() { return self().run(cmd::function_dump()); }
  auto function_restore(std::string_view dump, FunctionRestorePolicy policy = FunctionRestorePolicy::append) {
    return self().run(cmd::function_restore(dump, policy));
  }
  auto function_stats() { return self().run(cmd::function_stats()); }
  auto function_flush(FlushMode mode = FlushMode::as_configured) { return self().run(cmd::function_flush(mode)); }
  auto function_kill() { return self().run(cmd::function_kill()); }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
