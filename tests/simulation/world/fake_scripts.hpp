// The scripts that a fake server knows. It speaks one sentence of Lua: return redis.call('INCR', KEYS[1]), with any
// data command, which is given all keys and then all arguments.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/world/keyspace.hpp"

namespace meridian::simulation {

// 40 hexadecimal digits. https://www.rfc-editor.org/rfc/rfc3174
[[nodiscard]] std::string sha1_of(std::string_view text);

class FakeScripts {
 public:
  // EVAL and EVALSHA: the command to run, or the error to answer with.
  struct Outcome {
    std::vector<std::string> command;
    std::string error;
  };
  [[nodiscard]] Outcome eval(Keyspace::Words words);
  [[nodiscard]] Outcome evalsha(Keyspace::Words words) const;

  // As SCRIPT FLUSH and a restart do.
  void forget() { known_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

 private:
  [[nodiscard]] static Outcome command_of(std::string_view source, Keyspace::Words words);
  std::map<std::string, std::string> known_;  // by their hashes
};

}  // namespace meridian::simulation
