// What the brain wants done, in this order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <meridian/events.hpp>

#include "core/probe.hpp"

namespace meridian::failover {

using DatabaseIndex = std::size_t;
using ProbeId = std::uint64_t;
using OperationId = std::uint64_t;
using QuestionId = std::uint64_t;

// Probe this database; report with `Brain::on_probe`.
struct StartProbe {
  ProbeId id = 0;
  DatabaseIndex database = 0;
  core::ProbeKind kind{};
  Duration timeout{};
};

// Run a health check round now instead of at its next tick.
struct CheckNow {
  DatabaseIndex database = 0;
};

// Where calls go. `main` takes all of them; in a stage of a failback (FB-3) `next` takes some of them already.
struct Traffic {
  std::optional<DatabaseIndex> main{};  // none: nothing is usable (FO-6)
  std::optional<DatabaseIndex> next{};
  SwitchScope scope = SwitchScope::all;  // of what goes to `next`
  int percent = 100;                     // of the callers that do

  [[nodiscard]] bool uses(DatabaseIndex i) const noexcept { return main == i || next == i; }
};

// FO-4: retire what `to` does not use any more, publish `epoch`, activate what it uses from now on; in this order.
struct Switch {
  Traffic to;
  std::uint64_t epoch = 0;
  Duration drain{};
};

// What an operator wanted is done, or refused.
struct OperationDone {
  OperationId id = 0;
  std::optional<Error> error{};
};

// A database was removed, and what it owed has been awaited: let go of it. Its index is not used again.
struct Forget {
  DatabaseIndex database = 0;
};

// The program is to pick one of them; answer with `Brain::on_strategy`.
struct AskStrategy {
  QuestionId id = 0;
  std::vector<DatabaseIndex> candidates;
};

// The breaker of a database has opened or closed, or it became active: what detectors counted is of the past.
struct ForgetAttempts {
  DatabaseIndex database = 0;
};

// The first database is chosen (a Switch went before), or the initial policy cannot be met any more (INIT-3).
struct StartDecided {
  std::optional<std::string> refused;
};

// A suspicion was cleared or confirmed: calls that waited for it go on.
struct VerdictReached {};

// A trial has passed on a database that carries traffic all the same, because nobody may leave it: what waits for its
// next attempt to connect there need not wait any more.
struct Reconnect {
  DatabaseIndex database = 0;
};

struct Tell {
  Event event;
};

using Action = std::variant<StartProbe, CheckNow, Switch, OperationDone, Forget, AskStrategy, ForgetAttempts,
                            StartDecided, VerdictReached, Reconnect, Tell>;

}  // namespace meridian::failover
