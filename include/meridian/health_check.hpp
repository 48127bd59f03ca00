/// \file
/// One way to ask a database whether it is well. Derive to write your own:
///
/// \code
/// class HasFlag : public meridian::HealthCheck {
///   std::string_view name() const noexcept override { return "has-flag"; }
///   meridian::Request probe() const override { return meridian::cmd::exists({"serving"}).request; }
///   bool is_healthy(meridian::ReplyView reply) const override { return reply.as_integer() == 1; }
/// };
/// config.health_checks = {std::make_shared<HasFlag>()};
/// \endcode
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <meridian/command.hpp>
#include <meridian/export.hpp>

namespace meridian {

/// Several checks of a database run side by side and all must pass. One object may serve many databases at once: its
/// methods are called on a thread that each database has for such code, and must be safe to call from several of them.
/// A method that throws, or takes longer than the probe's share of `health_check_timeout`, makes the probe a failed
/// one, nothing else (HC-3). Destroying the client (also in a constructor that gives up) waits for a call of it that is
/// under way, so that it never outlives what it uses: it must return some time.
class MERIDIAN_EXPORT HealthCheck {
 public:
  virtual ~HealthCheck() = default;

  /// For events and errors.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// The command that one probe sends, on the database's check connection. One that blocks or changes its connection is
  /// a failed probe.
  [[nodiscard]] virtual Request probe() const = 0;

  /// Judges the reply, which may be an error reply. `reply` is valid during the call only.
  [[nodiscard]] virtual bool is_healthy(ReplyView reply) const = 0;

  /// True: the two above never block, and are called on the I/O thread, which saves two hops between threads.
  [[nodiscard]] virtual bool is_immediate() const noexcept { return false; }
};

using HealthChecks = std::vector<std::shared_ptr<const HealthCheck>>;

/// PING, answered by PONG. The default.
[[nodiscard]] MERIDIAN_EXPORT std::shared_ptr<const HealthCheck> ping_health_check();

/// ECHO of a fixed text.
[[nodiscard]] MERIDIAN_EXPORT std::shared_ptr<const HealthCheck> echo_health_check();

/// How the probes of one check make a verdict; it stops as soon as it is decided (HC-2). `majority`: more than half of
/// `health_check_probes`.
enum class HealthCheckPolicy { all, any, majority };

/// How many databases must be healthy before a client starts (INIT-3).
enum class InitialHealthCheckPolicy { one_available, majority_available, all_available };

}  // namespace meridian
