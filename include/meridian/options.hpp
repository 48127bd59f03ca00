/// \file
/// How one database is reached and how calls to it behave. Plain structs with defaults: set what differs.
/// docs/options.md lists them all with their defaults (behaviour.md, section 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <meridian/backoff.hpp>
#include <meridian/credentials.hpp>
#include <meridian/delivery.hpp>
#include <meridian/result.hpp>
#include <meridian/retry_rule.hpp>
#include <meridian/secret.hpp>
#include <meridian/time.hpp>
#include <meridian/tls.hpp>

namespace meridian {

class Runtime;  // <meridian/runtime.hpp>

/// Where a standalone server listens: at a host and port, or at a Unix socket.
struct Endpoint {
  std::string host = "127.0.0.1";  ///< Name, IPv4 or IPv6 address (without brackets).
  std::uint16_t port = 6379;
  std::string path{};  ///< Absolute path of a Unix socket; if set, `host` and `port` do not count.
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// The RESP version to speak.
enum class Protocol {
  negotiate,  ///< HELLO 3; fall back to RESP2 where the server does not know it.
  resp2,
  resp3,  ///< As negotiate, but a server without RESP3 is refused.
};

/// How often a command that may have run is sent again (CMD-1). Commands that certainly did not run are not counted.
struct RetryPolicy {
  /// ≥ 0: how often a call that is in doubt is sent again; 0: never. What was never sent is repeated until the deadline
  /// all the same, and so is what the server rejected, while `retry_budget` lasts.
  int retries = 3;
  Backoff backoff{};
  /// Set: decides instead.
  std::shared_ptr<RetryRule> rule{};
};

/// What repetitions of calls that were sent may cost: a share of the traffic and a number a second, saved up for ten
/// seconds at most. When it is used up, a call ends with the error of its last attempt. What was never sent is free.
struct RetryBudget {
  double share = 0.2;        ///< Of the attempts that are not repetitions, 0 … 10.
  double per_second = 10.0;  ///< Beside it, ≥ 0. Both 0: nothing is repeated that was sent.
};

/// TCP keepalive; `idle` 0 turns it off.
struct Keepalive {
  Duration idle = std::chrono::seconds(5);
  Duration interval = std::chrono::seconds(2);
  int count = 3;
};

/// What a server may send before the connection is closed (faults.md, section 4).
struct ReplyLimits {
  std::size_t depth = 32;  ///< Nested aggregates, ≤ 128.
  std::size_t elements_per_aggregate = std::size_t{1} << 20;
  std::size_t elements_per_reply = std::size_t{16} << 20;
  std::size_t bulk_bytes = std::size_t{512} << 20;
  std::size_t line_bytes = std::size_t{64} << 10;
};

/// Client-side caching: replies to reads are kept here until the server says that a key has changed (RESP3 tracking).
/// https://redis.io/docs/latest/develop/reference/client-side-caching/
struct CacheOptions {
  std::size_t max_entries = 10'000;               ///< ≥ 1; beyond, what was not used for longest goes.
  std::size_t max_bytes = std::size_t{64} << 20;  ///< ≥ 1; texts and about what the tables cost.
  /// > 0. Unset: as long as the connection that would tell of changes is there. Set it if a connection that is silently
  /// dead must not keep old values alive until that is noticed.
  std::optional<Duration> max_age{};
};

/// What a client's cache did so far.
struct CacheStatistics {
  std::uint64_t hits = 0;           ///< Reads that were answered here.
  std::uint64_t misses = 0;         ///< Cacheable reads that were sent.
  std::uint64_t invalidations = 0;  ///< Keys that the server said have changed.
  std::uint64_t flushes = 0;        ///< Times that everything was dropped: a switch, a lost connection, FLUSHALL.
  std::size_t entries = 0;          ///< Replies that are kept now,
  std::size_t bytes = 0;            ///< and about what they cost.
};

/// Options of one database's connections and calls. Every time limit is finite.
struct ClientOptions {
  /// Whose threads do the I/O; null: those that all clients of the process share. For a plain `Client`; inside a
  /// `MultiDbClient` only `MultiDbConfig::runtime` counts.
  std::shared_ptr<Runtime> runtime{};

  /// ACL user; empty: the default user.
  std::string user{};
  /// Sent with AUTH or HELLO. If `user` and this are empty, the client does not authenticate.
  Secret password{};
  /// Asked for user and password at each connect, instead of the two above; null: none.
  std::shared_ptr<CredentialsProvider> credentials{};
  /// Database number for SELECT, ≥ 0.
  int database = 0;
  /// CLIENT SETNAME; empty: none. No spaces or control characters.
  std::string client_name{};

  Protocol protocol = Protocol::negotiate;

  /// Resolve + connect + handshake, > 0.
  Duration connect_timeout = std::chrono::seconds(1);
  /// One attempt of a command, > 0. What the socket has not even taken by then keeps its place in the line and is given
  /// the same time again.
  Duration command_timeout = std::chrono::seconds(2);
  /// The whole call: queueing, connecting, repetitions; > 0. `CallOptions::deadline` tightens it for one call. Inside a
  /// `MultiDbClient` it is ignored: `MultiDbConfig::command_deadline` takes its place. A blocking command has its own
  /// timeout + 5 s instead (0: none), and its timeout is added to `command_timeout` (CMD-4).
  Duration command_deadline = std::chrono::seconds(5);

  /// TCP_USER_TIMEOUT; unset: 2 × `command_timeout`.
  std::optional<Duration> tcp_user_timeout{};
  Keepalive keepalive{};

  /// The most connections for blocking commands and watched transactions, 1 … 10000. Each serves one caller at a time;
  /// who comes when all are taken waits for one, within the deadline.
  int dedicated_connections = 64;
  /// The most connections for commands, 1 … 64. One is opened at first; more while a few threads call at the same time.
  /// Many threads share one again: what goes out and comes back together costs both ends less.
  int connections = 4;

  /// Set: replies are cached, where the server speaks RESP3. Inside a `MultiDbClient` it is ignored:
  /// `MultiDbConfig::cache` takes its place.
  std::optional<CacheOptions> cache{};

  TlsOptions tls{};

  /// Commands and bytes that may wait for a connection; beyond, a call fails at once with `queue_full`. A
  /// `MultiDbClient` has one queue, bounded by the largest of its databases' limits.
  std::size_t max_queued = std::size_t{64} << 10;
  std::size_t max_queued_bytes = std::size_t{64} << 20;

  /// Waits between attempts to reconnect; never gives up.
  Backoff reconnect{.kind = Backoff::Kind::exponential,
                    .base = std::chrono::milliseconds(50),
                    .cap = std::chrono::seconds(5),
                    .full_jitter = true};
  /// A PING on a connection that was silent for so long; no answer is suspicion (DET-6). > 0.
  Duration idle_ping = std::chrono::seconds(5);

  /// For a plain `Client`. Inside a `MultiDbClient` only `MultiDbConfig::command_retry` and `repeat_up_to` count.
  RetryPolicy command_retry{};
  /// The highest grade that may be sent again when in doubt. Not `never`: to repeat nothing that is in doubt, set
  /// `command_retry.retries` to 0.
  Repeat repeat_up_to = Repeat::overwrite;
  /// For a plain `Client`, as the two above.
  RetryBudget retry_budget{};

  ReplyLimits limits{};
};

/// Where to connect and how: what a URI says.
struct Target {
  Endpoint endpoint{};
  ClientOptions options{};
};

/// Reads `redis://[user[:password]@]host[:port][/database][?option=value&…]` (also `valkey://`; with TLS `rediss://`
/// and `valkeys://`) and `unix://[user[:password]@]/path/of/the.sock[?option=value&…]`. User, password, path and values
/// are percent-decoded; options are `protocol` (2 or 3), `client_name`, `db` (as the path of the others),
/// `connect_timeout`, `command_timeout`, `command_deadline`, `idle_ping` (whole numbers with a unit: us, ms, s or m),
/// and with TLS `tls_ca_file`, `tls_certificate_file`, `tls_key_file`, `tls_server_name`. What the URI does not say
/// comes from `base`. Errors: `invalid_argument`, naming the part and its value; a password is never quoted.
[[nodiscard]] MERIDIAN_EXPORT Result<Target> parse_uri(std::string_view uri, const ClientOptions& base = {});

/// The URI without its password, fit for logs: `redis://user:***@host:port/0`. An unreadable URI gives "(unreadable
/// URI)".
[[nodiscard]] MERIDIAN_EXPORT std::string redact_uri(std::string_view uri);

/// Who answered a call (CMD-5). docs/configuration.md shows how to discard what was read before a switch.
struct CallInfo {
  std::string database{};  ///< Its name; empty for a client of one database.
  /// The number of the switch under which it ran: 1 at the start, and more with each switch, each stage of a failback,
  /// and whenever nothing is usable any more; 0 for a client of one database.
  std::uint64_t epoch = 0;
  int attempts = 0;  ///< How often the command was handed to a connection.
};

/// Options of a single call.
struct CallOptions {
  /// For this call; > 0. The tighter of this and the client's `command_deadline` (for a blocking command: its own
  /// timeout + 5 s) wins.
  std::optional<Duration> deadline{};
  /// Asking it to stop ends the call at once with `ErrorCode::cancelled`; the delivery says whether it may have run.
  std::stop_token stop{};
  /// Only if the database that it would go to has been in service since this epoch (`CallInfo::epoch`); else the call
  /// fails with `ErrorCode::database_changed`, before anything is sent. For what belongs to one database, such as a
  /// cursor (SCAN-1).
  std::optional<std::uint64_t> epoch{};
  /// Filled when the call succeeds (CMD-5); must stay until the call is over. Not for pipelines. A call with one asks
  /// the server, not the cache.
  CallInfo* info = nullptr;
  /// False: asks the server even if the client has a cached reply.
  bool use_cache = true;
  /// Who calls, for `Failback::ramp`: all calls of one caller go to the same database. 0: the calling thread. Give each
  /// session a number in asynchronous programs: all that is issued on the I/O thread is one caller otherwise.
  std::uint64_t caller = 0;
};

}  // namespace meridian
