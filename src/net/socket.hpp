// Opening sockets: addresses of TCP and of Unix sockets in one shape, descriptors with an owner.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "io/connector.hpp"
#include "net/asio_compat.hpp"

namespace meridian::net {

// Closes what it holds.
class Descriptor {
 public:
  Descriptor() noexcept = default;
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const noexcept { return number_; }
  [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string text;

  [[nodiscard]] static SocketAddress of(const TcpEndpoint& endpoint);
  // REQUIRES: the path has at most 107 bytes.
  [[nodiscard]] static SocketAddress of_unix(const std::string& path);

  [[nodiscard]] const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] bool is_unix() const noexcept { return storage.ss_family == AF_UNIX; }
};

// A connection that is being made.
struct Opened {
  Descriptor descriptor;  // not inherited by programs that this one starts
  int error = 0;          // 0: connected; EINPROGRESS: writable when it is decided; else: why not
};
[[nodiscard]] Opened start_connecting(const SocketAddress& address, const io::SocketOptions& options);

// How that came out: 0, or why not. REQUIRES: it is decided.
[[nodiscard]] int connect_error(int descriptor) noexcept;

}  // namespace meridian::net
