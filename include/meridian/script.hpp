/// \file
/// Lua scripts that are sent by their SHA-1, and whole only to a server that does not know them: after a restart, and
/// after a switch to another database (SCRIPT-1).
///
/// \code
/// const meridian::Script add_below("if redis.call('INCRBY', KEYS[1], ARGV[1]) …");
/// auto left = client.run_script<std::int64_t>(add_below, {"key"}, {"5"});
/// \endcode
///
/// In a pipeline or a transaction the script always goes whole, because what follows must not overtake it.
/// https://redis.io/docs/latest/develop/programmability/eval-intro/
#pragma once

#include <memory>
#include <string>

#include <meridian/commands/arguments.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// The source of a script and its hash. Cheap to copy; thread-safe to use.
class MERIDIAN_EXPORT Script {
 public:
  /// What a script may do to the data, and so how safe it is to run it again when nobody knows whether it ran.
  enum class Effect {
    writes,  ///< Runs as EVALSHA; in doubt it is not repeated (`Repeat::accumulate`).
    reads,   ///< Runs as EVALSHA_RO (Redis 7), which refuses writes; repeated like every other read.
  };

  /// Throws `Error` (`local_resource`) if this machine cannot compute SHA-1.
  explicit Script(std::string source, Effect effect = Effect::writes);

  [[nodiscard]] const std::string& source() const noexcept { return *source_; }
  /// 40 hexadecimal digits.
  [[nodiscard]] const std::string& sha1() const noexcept { return sha1_; }
  [[nodiscard]] Effect effect() const noexcept { return effect_; }

  /// The request that runs it.
  [[nodiscard]] Request request(const StringArgs& keys, const StringArgs& arguments) const;

 private:
  std::shared_ptr<const std::string> source_;
  std::string sha1_;
  Effect effect_;
};

namespace cmd {

/// Runs the script; its reply is decoded as a `T`.
/// https://redis.io/docs/latest/commands/evalsha/
template <class T = Reply>
[[nodiscard]] Command<T> run_script(const Script& script, const StringArgs& keys = {},
                                    const StringArgs& arguments = {}) {
  return {script.request(keys, arguments), decode<T>};
}

}  // namespace cmd

/// The same as a method.
template <class Derived>
class ScriptObjectCommands {
 public:
  template <class T = Reply>
  auto run_script(const Script& script, const StringArgs& keys = {}, const StringArgs& arguments = {}) {
    return static_cast<Derived&>(*this).run(cmd::run_script<T>(script, keys, arguments));
  }
};

}  // namespace meridian
