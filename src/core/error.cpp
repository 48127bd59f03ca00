// Error codes by name, and the one line that an error says.
#include <meridian/error.hpp>

#include <cstdio>
#include <utility>

namespace meridian {
namespace {

std::string milliseconds(Duration elapsed) {
  char text[48];
  std::snprintf(text, sizeof text, "%.1f ms", std::chrono::duration<double, std::milli>(elapsed).count());
  return text;
}

// "connection to 127.0.0.1:6379 lost (INCR on east, epoch 3, attempt 1, 12.4 ms, in_doubt, connection_lost)"
std::string compose(const ErrorDetails& details) {
  std::string line = details.message;
  line += line.empty() ? "(" : " (";
  if (!details.command.empty()) line += details.command;
  if (!details.database.empty()) {
    if (!details.command.empty()) line += ' ';
    line += "on " + details.database;
  }
  if (!details.command.empty() || !details.database.empty()) line += ", ";
  if (details.epoch != 0) line += "epoch " + std::to_string(details.epoch) + ", ";
  if (details.attempts != 0) line += "attempt " + std::to_string(details.attempts) + ", ";
  if (details.elapsed != Duration::zero()) line += milliseconds(details.elapsed) + ", ";
  line += to_string(details.delivery);
  line += ", ";
  line += to_string(details.code);
  line += ')';
  return line;
}

}  // namespace

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::initial_health_check_failed: return "initial_health_check_failed";
    case ErrorCode::closed: return "closed";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::would_deadlock: return "would_deadlock";
    case ErrorCode::queue_full: return "queue_full";
    case ErrorCode::name_not_resolved: return "name_not_resolved";
    case ErrorCode::connect_refused: return "connect_refused";
    case ErrorCode::connect_failed: return "connect_failed";
    case ErrorCode::connect_timeout: return "connect_timeout";
    case ErrorCode::tls_failed: return "tls_failed";
    case ErrorCode::authentication_failed: return "authentication_failed";
    case ErrorCode::local_resource: return "local_resource";
    case ErrorCode::connection_lost: return "connection_lost";
    case ErrorCode::timed_out: return "timed_out";
    case ErrorCode::protocol_error: return "protocol_error";
    case ErrorCode::unexpected_reply: return "unexpected_reply";
    case ErrorCode::server_error: return "server_error";
    case ErrorCode::wrong_type: return "wrong_type";
    case ErrorCode::no_permission: return "no_permission";
    case ErrorCode::no_script: return "no_script";
    case ErrorCode::exec_abort: return "exec_abort";
    case ErrorCode::loading: return "loading";
    case ErrorCode::master_down: return "master_down";
    case ErrorCode::cluster_down: return "cluster_down";
    case ErrorCode::busy: return "busy";
    case ErrorCode::read_only: return "read_only";
    case ErrorCode::misconfigured: return "misconfigured";
    case ErrorCode::no_replicas: return "no_replicas";
    case ErrorCode::out_of_memory: return "out_of_memory";
    case ErrorCode::moved: return "moved";
    case ErrorCode::try_again: return "try_again";
    case ErrorCode::max_clients: return "max_clients";
    case ErrorCode::transaction_aborted: return "transaction_aborted";
    case ErrorCode::transaction_conflict: return "transaction_conflict";
    case ErrorCode::temporarily_unavailable: return "temporarily_unavailable";
    case ErrorCode::database_changed: return "database_changed";
    case ErrorCode::no_valid_database: return "no_valid_database";
  }
  return "unknown";
}

Error::Error(ErrorDetails details) {
  std::string what = compose(details);
  shared_ = std::make_shared<const Shared>(Shared{std::move(details), std::move(what)});
}

Error::Error(ErrorCode code, Delivery delivery, std::string message)
    : Error([&] {
        ErrorDetails details;
        details.code = code;
        details.delivery = delivery;
        details.message = std::move(message);
        return details;
      }()) {}

}  // namespace meridian
