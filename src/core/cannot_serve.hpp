// The ends of calls and attempts that say something about a database (rule DET-2).
#pragma once

#include <meridian/error.hpp>

namespace meridian::core {

// Replies that say that a server cannot serve for now.
[[nodiscard]] constexpr bool is_cannot_serve(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::loading:
    case ErrorCode::master_down:
    case ErrorCode::cluster_down:
    case ErrorCode::busy:
    case ErrorCode::read_only:
    case ErrorCode::misconfigured:
    case ErrorCode::no_replicas:
    case ErrorCode::out_of_memory: return true;
    default: return false;
  }
}

// Ends that say something about the database, not about the call.
[[nodiscard]] constexpr bool counts_against_database(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::connection_lost:
    case ErrorCode::timed_out:
    case ErrorCode::protocol_error:
    case ErrorCode::connect_refused:
    case ErrorCode::connect_failed:
    case ErrorCode::connect_timeout:
    case ErrorCode::name_not_resolved:
    case ErrorCode::tls_failed:
    case ErrorCode::authentication_failed:
    case ErrorCode::max_clients:
    case ErrorCode::temporarily_unavailable:
    case ErrorCode::no_valid_database: return true;
    default: return is_cannot_serve(code);
  }
}

}  // namespace meridian::core
