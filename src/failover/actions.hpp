// What the brain wants done, in this order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <meridian/events.hpp>

#include "core/probe.hpp"

namespace meridian::failover {

using DatabaseIndex = std::size_t;
using ProbeId = std::uint64_t;

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

// FO-4: retire `from`, publish `epoch`, activate `to`; in this order. Without `to` nothing is usable (FO-6); without
// `from` nothing was.
struct Switch {
  std::optional<DatabaseIndex> from;
  std::optional<DatabaseIndex> to;
  std::uint64_t epoch = 0;
  Duration drain{};
};

// The first database is chosen (a Switch went before), or the initial policy cannot be met any more (INIT-3).
struct StartDecided {
  std::optional<std::string> refused;
};

// A suspicion was cleared or confirmed: calls that waited for it go on.
struct VerdictReached {};

struct Tell {
  Event event;
};

using Action = std::variant<StartProbe, CheckNow, Switch, StartDecided, VerdictReached, Tell>;

}  // namespace meridian::failover
