/// \file
/// Which database is next: derive, or pass a function.
///
/// \code
/// // The one that was left longest ago.
/// config.failover_strategy = meridian::failover_strategy(
///     [](std::span<const meridian::DatabaseStatus> candidates) -> std::optional<std::size_t> { … });
/// \endcode
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include <meridian/events.hpp>
#include <meridian/export.hpp>

namespace meridian {

/// Picks the target of a failover. It is asked on a thread of the client's for the program's own code, never two
/// questions at once. One that throws, answers something else, or takes longer than 100 ms is passed over: then the
/// heaviest candidate is taken (FO-1). Failback (FB-1) and what is done by hand (MAN-1 … MAN-3) do not ask it.
/// Destroying the client waits for a call of it that is under way: it must return some time.
class MERIDIAN_EXPORT FailoverStrategy {
 public:
  virtual ~FailoverStrategy() = default;

  /// The index of one of the `candidates`: at least one, all of them usable, in the order of the configuration.
  /// Nothing: the heaviest.
  [[nodiscard]] virtual std::optional<std::size_t> choose(std::span<const DatabaseStatus> candidates) = 0;
};

/// A strategy from a function.
[[nodiscard]] MERIDIAN_EXPORT std::shared_ptr<FailoverStrategy> failover_strategy(
    std::function<std::optional<std::size_t>(std::span<const DatabaseStatus>)> choose);

}  // namespace meridian
