/// \file
/// `MultiDbClient`: one client over several databases, with failover and failback.
///
/// \code
/// meridian::MultiDbClient client({
///     .databases = {
///         {.uri = "redis://redis-east.example.com:14000", .weight = 1.0},
///         {.uri = "redis://redis-west.example.com:14000", .weight = 0.5},
///     },
/// });
/// client.on_event([](const meridian::ActiveDatabaseChanged& e) {
///   std::clog << e.from << " -> " << e.to << ": " << e.evidence << '\n';
/// });
/// client.set("key", "value");
/// \endcode
#pragma once

#include <memory>

#include <meridian/multi_db_front_end.hpp>

namespace meridian {

/// A client of the heaviest database that is well. Same commands as `Client`. Thread-safe; movable, not copyable. A
/// moved-from client may only be destroyed or assigned to. Not fork-safe: use it only in the process that made it.
class MERIDIAN_EXPORT MultiDbClient : public MultiDbFrontEnd<MultiDbClient> {
 public:
  /// Validates everything (INIT-4), runs the first round of checks and blocks until the initial policy is decided
  /// (INIT-5). Throws `Error`: `invalid_argument` names field and value; `initial_health_check_failed` names each
  /// database and why (INIT-3), and nothing is left running; `local_resource`: no threads or descriptors left.
  explicit MultiDbClient(const MultiDbConfig& config);

  /// The same without exceptions.
  [[nodiscard]] static Result<MultiDbClient> create(const MultiDbConfig& config);

  /// On a ready engine. For the library and its tests.
  explicit MultiDbClient(std::shared_ptr<detail::MultiDbEngine> engine) noexcept;
};

}  // namespace meridian
