/// \file
/// All commands: `cmd::get("k")` and its like build them as values, `Commands` has them as methods, and
/// `cmd::custom("NAME", …)` / `command("NAME", …)` is for those that have neither.
#pragma once

#include <meridian/commands/acl.hpp>
#include <meridian/commands/bitmaps.hpp>
#include <meridian/commands/cluster.hpp>
#include <meridian/commands/connection.hpp>
#include <meridian/commands/custom.hpp>
#include <meridian/commands/geo.hpp>
#include <meridian/commands/hashes.hpp>
#include <meridian/commands/hyperloglog.hpp>
#include <meridian/commands/keys.hpp>
#include <meridian/commands/lists.hpp>
#include <meridian/commands/scripting.hpp>
#include <meridian/commands/server.hpp>
#include <meridian/commands/sets.hpp>
#include <meridian/commands/sorted_sets.hpp>
#include <meridian/commands/streams.hpp>
#include <meridian/commands/strings.hpp>
#include <meridian/script.hpp>

namespace meridian {

/// The named commands of a front end, which derives from it as `class Mine : public Commands<Mine>` and has a
/// `run(Command<T>)`. Every method returns what `run` returns for the command: a value, a `Result`, a future.
template <class Derived>
class Commands : public StringCommands<Derived>,
                 public BitmapCommands<Derived>,
                 public KeyCommands<Derived>,
                 public HashCommands<Derived>,
                 public ListCommands<Derived>,
                 public SetCommands<Derived>,
                 public SortedSetCommands<Derived>,
                 public HyperLogLogCommands<Derived>,
                 public GeoCommands<Derived>,
                 public StreamCommands<Derived>,
                 public ScriptingCommands<Derived>,
                 public ServerCommands<Derived>,
                 public ConnectionCommands<Derived>,
                 public AclCommands<Derived>,
                 public ClusterCommands<Derived>,
                 public ScriptObjectCommands<Derived>,
                 public CustomCommands<Derived> {};

}  // namespace meridian
