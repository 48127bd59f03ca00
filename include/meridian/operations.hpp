/// \file
/// What an operator does to a running client of several databases (behaviour.md, MAN-1 … MAN-3): values, as commands
/// are. `client.operate(op::SetWeight{"west", 2.0})` gives a `Result<void>` (or an awaitable of it); the methods of the
/// same names, `client.set_weight("west", 2.0)`, throw.
///
/// Errors: `invalid_argument` names what is wrong; `temporarily_unavailable`: the target is not well, or there is no
/// other to go to; `cancelled`: another database was chosen meanwhile; `closed`; `would_deadlock`: a blocking client's,
/// inside a callback.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <meridian/multi_db_config.hpp>

namespace meridian::op {

/// MAN-1: probes the database first, and refuses one that is unknown, drained or not well. The choice holds for at
/// least one grace period of its before automatic failback may undo it. Failing over away from it is possible at any
/// time. If it is the active one already, nothing moves and nothing is told, and no longer hold is shortened.
struct SetActiveDatabase {
  std::string database;
};

/// The same with the time for which it holds from now on, > 0.
struct ForceActiveDatabase {
  std::string database;
  Duration duration{};
};

/// No automatic failback until it is unpinned.
struct Pin {};
struct Unpin {};

/// MAN-3: it is not chosen any more; if it is the active one, another takes over now, or as soon as one is usable. The
/// last one that is not drained cannot be.
struct Drain {
  std::string database;
};
struct Undrain {
  std::string database;
};

/// MAN-3: what the client decides by itself. Choices by hand are carried out in every mode.
struct SetDecisionMode {
  DecisionMode mode{};
};

/// MAN-2: validated as at the start (INIT-4); it is used once its checks have passed. Done when it is in the set.
struct AddDatabase {
  DatabaseConfig database;
};

/// MAN-2: if it is the active one, the client switches first, to one that is usable; if there is none, or it is the
/// last that is not drained, it stays. What it owes is awaited for `MultiDbConfig::drain`.
struct RemoveDatabase {
  std::string database;
};

/// FB-4: > 0 and finite. One that is raised above the active database is taken up at once if it is well, as in a
/// failback: not while that is off, pinned, held or frozen.
struct SetWeight {
  std::string database;
  double weight = 1.0;
};

/// MAN-2: a further check for one database, or for all there are. Replaces one of the same name.
struct AddHealthCheck {
  std::shared_ptr<const HealthCheck> check;
  std::string database{};  ///< Empty: all.
};

/// MAN-2: a further judge of the traffic, for all attempts or only for those that ended with one of `codes` (and those
/// that were answered).
struct AddFailureDetector {
  std::shared_ptr<FailureDetector> detector;
  std::vector<ErrorCode> codes{};
};

/// Takes over timings and rules from `config`: all but `databases`, `runtime`, `cache`, `event_listeners`,
/// `health_checks`, `failure_detectors`, `command_retry.rule` and `initial_health_check_policy`, which stay as they
/// are.
struct Reconfigure {
  MultiDbConfig config;
};

using Operation = std::variant<SetActiveDatabase, ForceActiveDatabase, Pin, Unpin, Drain, Undrain, SetDecisionMode,
                               AddDatabase, RemoveDatabase, SetWeight, AddHealthCheck, AddFailureDetector, Reconfigure>;

}  // namespace meridian::op
