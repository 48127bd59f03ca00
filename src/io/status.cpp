// Human words for a status.
#include "io/stream.hpp"

namespace meridian::io {

std::string_view to_string(IoStatus status) noexcept {
  switch (status) {
    case IoStatus::ok: return "ok";
    case IoStatus::would_block: return "would block";
    case IoStatus::eof: return "closed by the peer";
    case IoStatus::reset: return "connection reset";
    case IoStatus::refused: return "connection refused";
    case IoStatus::unreachable: return "unreachable";
    case IoStatus::timed_out: return "timed out";
    case IoStatus::not_resolved: return "name not resolved";
    case IoStatus::tls: return "TLS failed";
    case IoStatus::local: return "out of local resources";
  }
  return "unknown status";
}

}  // namespace meridian::io
