/// \file
/// The one error type. Calls that return `Result<T>` carry it as a value; the throwing forms throw it.
///
/// \code
/// auto r = client.execute(meridian::cmd::incr("hits"));
/// if (!r && r.error().delivery() == meridian::Delivery::in_doubt) {
///   // it may have run: look before repeating it
/// }
/// \endcode
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include <meridian/delivery.hpp>
#include <meridian/export.hpp>
#include <meridian/time.hpp>

namespace meridian {

/// What went wrong. `Error::delivery()` says whether the command ran; the two are independent.
enum class ErrorCode {
  // What the program asked for.
  invalid_argument,             ///< A configuration field, URI or argument is wrong; the message names it.
  initial_health_check_failed,  ///< INIT-3: the initial policy was not met; the message names each database and why.
  closed,                       ///< The client is closed, or was closed during the call.
  cancelled,                    ///< The caller gave the call up.
  would_deadlock,               ///< A blocking call was made on the library's own I/O thread.
  queue_full,                   ///< `max_queued` or `max_queued_bytes` reached.
  // Reaching a server.
  name_not_resolved,      ///< The host name has no address, or the name server did not answer.
  connect_refused,        ///< Every address refused the connection.
  connect_failed,         ///< Unreachable, reset during the handshake, closed at once.
  connect_timeout,        ///< Not connected and authenticated within `connect_timeout`.
  tls_failed,             ///< The TLS handshake or the verification of a certificate; the message says what.
  authentication_failed,  ///< NOAUTH, WRONGPASS, a refused user: a matter of configuration.
  local_resource,         ///< No descriptors, ports or memory on this machine; never blamed on the database.
  // An open connection.
  connection_lost,   ///< Closed or reset while the call was waiting.
  timed_out,         ///< No answer within the attempt's timeout or the call's deadline.
  protocol_error,    ///< The peer sent what RESP does not allow; the connection was closed.
  unexpected_reply,  ///< A valid reply of another type than the command promises.
  // What the server said. From `loading` on: that it did not run the command; `Error::delivery()` decides (after EVAL,
  // FCALL and EXEC it is `in_doubt`).
  server_error,   ///< Any other error reply; see `server_text()`.
  wrong_type,     ///< WRONGTYPE
  no_permission,  ///< NOPERM
  no_script,      ///< NOSCRIPT
  exec_abort,     ///< EXECABORT
  loading,        ///< LOADING: the data set is being read from disk.
  master_down,    ///< MASTERDOWN: a replica without its primary.
  cluster_down,   ///< CLUSTERDOWN
  busy,           ///< BUSY: a script does not end.
  read_only,      ///< READONLY: a replica, or a demoted primary.
  misconfigured,  ///< MISCONF: the server cannot persist.
  no_replicas,    ///< NOREPLICAS: fewer good replicas than `min-replicas-to-write`.
  out_of_memory,  ///< OOM: above `maxmemory`.
  moved,          ///< MOVED, ASK
  try_again,      ///< TRYAGAIN
  max_clients,    ///< The server has no connection left for us.
  // Transactions.
  transaction_aborted,   ///< TX-2: its connection or its database is gone; nothing was committed.
  transaction_conflict,  ///< TX-3: a watched key was changed by others, as often as it was tried; nothing was
                         ///< committed.
  // Several databases.
  temporarily_unavailable,  ///< FO-6: no database is usable at this moment; trials are running.
  database_changed,         ///< The call was for a database of before a switch (`CallOptions::epoch`); it was not sent.
  no_valid_database,        ///< FO-6: so for longer than `failover_attempts` × `failover_delay`.
};

/// The value's name as written in the code, e.g. "connection_lost".
[[nodiscard]] MERIDIAN_EXPORT std::string_view to_string(ErrorCode code) noexcept;

/// Everything an `Error` knows (rule CMD-3). Fields that do not apply stay at their default.
struct ErrorDetails {
  ErrorCode code = ErrorCode::server_error;
  Delivery delivery = Delivery::not_sent;
  std::string message{};      ///< What happened, in words; names the field, the address or the command.
  std::string command{};      ///< The command's name, never its arguments.
  std::string server_text{};  ///< The server's own words: control characters escaped, cut at 256 bytes.
  std::string database{};     ///< The name of the database that the last attempt went to.
  std::uint64_t epoch = 0;    ///< The epoch of the last attempt; 0 for a plain `Client`.
  int attempts = 0;           ///< How often the command was handed to a connection.
  Duration elapsed{0};        ///< From the call to this error.
};

/// An immutable, cheaply copied error. Thread-safe like any `const` object.
class MERIDIAN_EXPORT Error : public std::exception {
 public:
  explicit Error(ErrorDetails details);
  Error(ErrorCode code, Delivery delivery, std::string message);

  [[nodiscard]] ErrorCode code() const noexcept { return shared_->details.code; }
  [[nodiscard]] Delivery delivery() const noexcept { return shared_->details.delivery; }
  [[nodiscard]] const std::string& message() const noexcept { return shared_->details.message; }
  [[nodiscard]] const std::string& command() const noexcept { return shared_->details.command; }
  [[nodiscard]] const std::string& server_text() const noexcept { return shared_->details.server_text; }
  [[nodiscard]] const std::string& database() const noexcept { return shared_->details.database; }
  [[nodiscard]] std::uint64_t epoch() const noexcept { return shared_->details.epoch; }
  [[nodiscard]] int attempts() const noexcept { return shared_->details.attempts; }
  [[nodiscard]] Duration elapsed() const noexcept { return shared_->details.elapsed; }
  [[nodiscard]] const ErrorDetails& details() const noexcept { return shared_->details; }

  /// All of it in one line, for a log. Holds no argument of the command and no secret.
  [[nodiscard]] const char* what() const noexcept override { return shared_->what.c_str(); }

 private:
  struct Shared {
    ErrorDetails details;
    std::string what;
  };
  std::shared_ptr<const Shared> shared_;
};

}  // namespace meridian
