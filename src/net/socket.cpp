// System calls and socket options.
#include "net/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <limits>

namespace meridian::net {
namespace {

// The kernel counts in whole units; a wait is never made shorter by that, and never 0, which means the default.
template <class Unit>
int whole(Duration duration) noexcept {
  const auto count = std::chrono::ceil<Unit>(duration).count();
  return static_cast<int>(std::clamp<std::int64_t>(count, 1, std::numeric_limits<int>::max()));
}

bool set_option(int descriptor, int level, int name, int value) noexcept {
  return ::setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

bool apply_tcp_options(int descriptor, const io::SocketOptions& options) noexcept {
  bool done = set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  if (options.tcp_user_timeout > Duration::zero()) {
    const int timeout = whole<std::chrono::milliseconds>(options.tcp_user_timeout);
    done = done && set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, timeout);
  }
  if (options.keepalive_idle > Duration::zero()) {
    const int idle = whole<std::chrono::seconds>(options.keepalive_idle);
    done = done && set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1) &&
           set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, idle);
    if (options.keepalive_interval > Duration::zero()) {
      const int interval = whole<std::chrono::seconds>(options.keepalive_interval);
      done = done && set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, interval);
    }
    if (options.keepalive_count > 0) {
      done = done && set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, options.keepalive_count);
    }
  }
  return done;
}

// A connection to a free port of the ephemeral range of this machine can meet itself (TCP's simultaneous open). It
// would look like a server that repeats our words, and keep the real one from coming back.
bool is_connected_to_itself(int descriptor) noexcept {
  sockaddr_storage local{};
  sockaddr_storage remote{};
  socklen_t local_size = sizeof local;
  socklen_t remote_size = sizeof remote;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &local_size) != 0 ||
      ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&remote), &remote_size) != 0) {
    return false;
  }
  return local.ss_family != AF_UNIX && local_size == remote_size && std::memcmp(&local, &remote, local_size) == 0;
}

}  // namespace

SocketAddress SocketAddress::of(const TcpEndpoint& endpoint) {
  SocketAddress address;
  address.size = static_cast<socklen_t>(endpoint.size());
  std::memcpy(&address.storage, endpoint.data(), endpoint.size());
  address.text = io::Address{endpoint.address().to_string(), endpoint.port()}.text();
  return address;
}

SocketAddress SocketAddress::of_unix(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  SocketAddress address;
  address.size = sizeof name;
  std::memcpy(&address.storage, &name, sizeof name);
  address.text = "unix:" + path;
  return address;
}

Opened start_connecting(const SocketAddress& address, const io::SocketOptions& options) {
  constexpr int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  Opened opened{Descriptor(::socket(address.storage.ss_family, type, 0)), 0};
  const int number = opened.descriptor.number();
  const bool ready = number >= 0 && (address.is_unix() || apply_tcp_options(number, options));
  if (ready && ::connect(number, address.data(), address.size) == 0) {
    if (is_connected_to_itself(number)) opened.error = ECONNREFUSED;
  } else {
    opened.error = errno == EINTR ? EINPROGRESS : errno;
  }
  return opened;
}

int connect_error(int descriptor) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  if (error == 0 && is_connected_to_itself(descriptor)) return ECONNREFUSED;
  return error;
}

}  // namespace meridian::net
