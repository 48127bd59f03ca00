// The other side of a connection: plain blocking sockets, none of the code under test.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace meridian::net {

// One accepted connection.
class Peer {
 public:
  explicit Peer(int descriptor) : descriptor_(descriptor) {}
  Peer(Peer&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() { close(); }

  void send(std::string_view bytes) {
    if (::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
      throw std::system_error(errno, std::generic_category(), "peer: send");
    }
  }

  // Whatever is there, at least one byte; empty at the end of the stream.
  std::string receive() {
    std::string bytes(65536, '\0');
    const ssize_t got = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (got < 0) throw std::system_error(errno, std::generic_category(), "peer: recv");
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }

  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

  // Ends the connection with a reset instead of an orderly end.
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

 private:
  int descriptor_;
};

// Listens on a free port of an address of this machine.
class PeerListener {
 public:
  explicit PeerListener(in_addr_t address = INADDR_LOOPBACK) {
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(address);
    socklen_t length = sizeof name;
    if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
        ::listen(descriptor_, 64) != 0 ||
        ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&name), &length) != 0) {
      throw std::system_error(errno, std::generic_category(), "peer: listen");
    }
    port_ = ntohs(name.sin_port);
  }
  PeerListener(const PeerListener&) = delete;
  PeerListener& operator=(const PeerListener&) = delete;
  ~PeerListener() { close(); }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] Peer accept() {
    const int accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) throw std::system_error(errno, std::generic_category(), "peer: accept");
    return Peer(accepted);
  }

  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

 private:
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
};

// A port of 127.0.0.1 that nobody listens on. Bound for as long as this lives, so that nobody else gets it.
class SilentPort {
 public:
  SilentPort() {
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_ANY);
    socklen_t length = sizeof name;
    if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
        ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&name), &length) != 0) {
      throw std::system_error(errno, std::generic_category(), "peer: bind");
    }
    port_ = ntohs(name.sin_port);
  }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  ~SilentPort() { ::close(descriptor_); }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace meridian::net
