// The words in which a probe is asked for (failover) and answered (health).
#pragma once

#include <string>
#include <string_view>

#include <meridian/error.hpp>
#include <meridian/time.hpp>

namespace meridian::core {

enum class ProbeKind {
  ping,   // is anybody there?
  write,  // would a write be served? A write command that changes nothing (DET-3).
  large,  // do large packets pass? An ECHO of 4 KiB (DET-3).
};

enum class ProbeVerdict {
  answered,
  unanswered,     // nothing within the timeout
  refused,        // every address refused the connection, and no open connection answered
  failed,         // connected in vain: reset, closed, protocol error, credentials refused …
  cannot_serve,   // LOADING, READONLY … : `code` says which
  not_permitted,  // NOPERM: says nothing about the database
  local,          // our own machine has no descriptors, ports or memory: says nothing either
};

struct ProbeReport {
  ProbeVerdict verdict = ProbeVerdict::answered;
  ErrorCode code = ErrorCode::server_error;  // of what was not answered
  std::string text;
  Duration round_trip{0};  // of an answered one
};

[[nodiscard]] constexpr std::string_view to_string(ProbeKind kind) noexcept {
  switch (kind) {
    case ProbeKind::ping: return "PING";
    case ProbeKind::write: return "no-op write";
    case ProbeKind::large: return "4 KiB ECHO";
  }
  return "";
}

}  // namespace meridian::core
