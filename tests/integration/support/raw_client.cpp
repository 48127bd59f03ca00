// Blocking sockets and just enough RESP to know where a reply ends.
#include "integration/support/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace meridian::testing {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("raw client: " + what + ": " + std::strerror(errno));
}

timeval to_timeval(std::chrono::milliseconds timeout) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(timeout - seconds);
  return {.tv_sec = seconds.count(), .tv_usec = rest.count()};
}

}  // namespace

RawClient::RawClient(std::uint16_t port, std::chrono::milliseconds timeout) {
  descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) fail("socket");
  const timeval limit = to_timeval(timeout);
  const int no_delay = 1;
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    ::close(descriptor_);
    errno = error;
    fail("connecting to 127.0.0.1:" + std::to_string(port));
  }
}

RawClient::~RawClient() { ::close(descriptor_); }

std::string RawClient::command(const std::vector<std::string>& words) {
  send(words);
  return receive();
}

void RawClient::send(const std::vector<std::string>& words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  send_bytes(bytes);
}

std::string RawClient::receive() {
  std::string reply;
  for (std::size_t left = 1; left > 0; --left) {
    const std::string line = take_line();
    reply += line;
    const char type = line[0];
    if (std::string_view("+-:_,#(").find(type) != std::string_view::npos) continue;
    if (std::string_view("$*=!%~>|").find(type) == std::string_view::npos) {
      throw std::runtime_error("raw client: not a RESP reply: " + line);
    }
    const long count = std::stol(line.substr(1));
    if (count < 0) continue;
    const auto size = static_cast<std::size_t>(count);
    if (type == '$' || type == '=' || type == '!') reply += take_bytes(size + 2);
    else if (type == '%') left += 2 * size;
    else if (type == '|') left += 2 * size + 1;  // an attribute, and the value that it belongs to
    else left += size;
  }
  return reply;
}

void RawClient::send_bytes(const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::send(descriptor_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("sending");
    sent += static_cast<std::size_t>(count);
  }
}

std::string RawClient::take_line() {
  std::size_t end = arrived_.find("\r\n");
  for (; end == std::string::npos; end = arrived_.find("\r\n")) fill();
  return take_bytes(end + 2);
}

std::string RawClient::take_bytes(std::size_t count) {
  while (arrived_.size() < count) fill();
  std::string taken = arrived_.substr(0, count);
  arrived_.erase(0, count);
  return taken;
}

void RawClient::fill() {
  char space[16384];
  ssize_t count = -1;
  do {
    count = ::recv(descriptor_, space, sizeof space, 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) fail("receiving");
  if (count == 0) throw std::runtime_error("raw client: the server closed the connection");
  arrived_.append(space, static_cast<std::size_t>(count));
}

}  // namespace meridian::testing
