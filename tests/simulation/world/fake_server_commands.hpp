// What a fake server knows of a command before it runs it.
#pragma once

#include "simulation/world/fake_server.hpp"

namespace meridian::simulation {

// The flags of `COMMAND INFO` (Redis 7.0) that decide who is refused when.
inline constexpr unsigned is_write_command = 1;
inline constexpr unsigned deny_oom = 2;
inline constexpr unsigned while_loading = 4;
inline constexpr unsigned while_stale = 8;
inline constexpr unsigned no_auth = 16;
inline constexpr unsigned allow_busy = 32;

struct FakeServer::CommandSpec {
  std::string_view name;  // upper case
  std::string_view lower_name;
  Verb verb;
  int arity;  // as Redis counts: the name included, negative for "at least"
  unsigned flags;
};

}  // namespace meridian::simulation
