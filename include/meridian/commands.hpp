/// \file
/// All commands: `cmd::get("k")` and its like build them as values, `Commands` has them as methods, and
/// `cmd::custom("NAME", …)` / `command("NAME", …)` is for those that have neither.
#pragma once

#include <meridian/commands/custom.hpp>
#include <meridian/commands/hashes.hpp>
#include <meridian/commands/keys.hpp>
#include <meridian/commands/lists.hpp>
#include <meridian/commands/server.hpp>
#include <meridian/commands/sets.hpp>
#include <meridian/commands/strings.hpp>

namespace meridian {

/// The named commands of a front end, which derives from it as `class Mine : public Commands<Mine>` and has a
/// `run(Command<T>)`. Every method returns what `run` returns for the command: a value, a `Result`, a future.
template <class Derived>
class Commands : public StringCommands<Derived>,
                 public KeyCommands<Derived>,
                 public HashCommands<Derived>,
                 public ListCommands<Derived>,
                 public SetCommands<Derived>,
                 public ServerCommands<Derived>,
                 public CustomCommands<Derived> {};

}  // namespace meridian
