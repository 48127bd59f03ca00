/// \file
/// Configurations to begin with, for what the defaults are not made for. They have no databases yet:
///
/// \code
/// meridian::MultiDbConfig config = meridian::profiles::fast();
/// config.databases = {
///     {.uri = "redis://redis-east.example.com:14000", .options = meridian::profiles::fast_options()},
///     {.uri = "redis://redis-west.example.com:14000", .options = meridian::profiles::fast_options(), .weight = 0.5},
/// };
/// \endcode
///
/// What is not named here is as in a default `MultiDbConfig` or `ClientOptions`.
#pragma once

#include <meridian/export.hpp>
#include <meridian/multi_db_config.hpp>
#include <meridian/options.hpp>

namespace meridian::profiles {

/// The figures of other clients with this feature, for programs that come from them and are to meet no surprise.
///
/// - `repeat_up_to` is `accumulate`: what may have run is sent again, so INCR may count twice. They do the same.
/// - `command_retry`: 3 repetitions after full jitter of 1, 2 and 4 s, as theirs; `command_deadline` 15 s, which has
///   room for them and for four attempts; `retry_budget` has room for all of them, because they have none.
/// - `consecutive_failures` and `sustained_failures` are off: traffic opens a breaker by the window rule alone (1000
///   failures and 10 % within 2 s), so that it takes a storm, or failed checks, to leave a database.
/// - Checks, grace period, failover and failback have their figures by default.
///
/// Suspicion (DET-5) stays: it asks a database that has gone silent, and counts nothing. Their retries are the reason
/// for most of their duplicates; the defaults of Meridian are the better choice for a new program.
[[nodiscard]] MERIDIAN_EXPORT MultiDbConfig compatible();

/// Leaves a database that fell silent after half a second instead of 1.1 s. For databases that answer within 20 ms
/// or so; further away, or on a machine that stalls, it takes slowness for death.
///
/// - `suspicion_after` 100 ms, `suspicion_probe_timeout` 200 ms, `suspicion_probes` 2.
/// - `health_check_interval` 1 s, `health_check_probes_delay` 100 ms, `health_check_timeout` 1 s: databases that carry
///   no traffic are known to be well or not, and are trusted again, five times as fast, for five times as many PINGs.
[[nodiscard]] MERIDIAN_EXPORT MultiDbConfig fast();
/// For its databases: `idle_ping` 1 s, so that an idle client or a subscriber notices silence as early (DET-6).
[[nodiscard]] MERIDIAN_EXPORT ClientOptions fast_options();

/// For a command now and then, where rules that count never have enough to count.
///
/// - `consecutive_failures` 2: five failures of a command a minute are five minutes.
/// - The window rule takes 3 failures and half of the traffic within a minute, for errors that come and go.
///
/// Silence and refused connections need no traffic to be noticed and are left as they are.
[[nodiscard]] MERIDIAN_EXPORT MultiDbConfig low_traffic();
/// For its databases: `idle_ping` 2 s, because it is the PING and not the next command that meets a dead server; and
/// one connection, which the PINGs keep warm, instead of up to four.
[[nodiscard]] MERIDIAN_EXPORT ClientOptions low_traffic_options();

}  // namespace meridian::profiles
