// The table from error numbers to statuses.
#include "net/io_errors.hpp"

#include <cerrno>
#include <system_error>

namespace meridian::net {

using io::IoStatus;

IoStatus connect_status(int error) noexcept {
  switch (error) {
    case 0: return IoStatus::ok;
    case ECONNREFUSED: return IoStatus::refused;
    case ETIMEDOUT: return IoStatus::timed_out;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE: return IoStatus::reset;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL:  // no local port left
    case EADDRINUSE:
    case EAGAIN:
    case EPERM:  // our own packet filter
    case EACCES: return IoStatus::local;
    default:  // EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN, EAFNOSUPPORT (IPv6 is switched off) …
      return IoStatus::unreachable;
  }
}

IoStatus transfer_status(int error) noexcept {
  switch (error) {
    case EAGAIN: return IoStatus::would_block;
    case ENOBUFS:
    case ENOMEM: return IoStatus::local;
    case EHOSTUNREACH:  // with TCP_USER_TIMEOUT over, the kernel may report why nothing came through
    case ENETUNREACH: return IoStatus::unreachable;
    default:  // ECONNRESET, EPIPE, ETIMEDOUT (TCP_USER_TIMEOUT, keepalive) …: the connection is dead
      return IoStatus::reset;
  }
}

std::string reason_text(IoStatus status, int error) {
  const bool says_more = status == IoStatus::unreachable || status == IoStatus::local;
  return says_more ? reason_with_words(status, error) : std::string(io::to_string(status));
}

std::string reason_with_words(IoStatus status, int error) {
  return std::string(io::to_string(status)) + " (" + std::generic_category().message(error) + ")";
}

}  // namespace meridian::net
