// One thread, poll, and whatever each connection says.
#include "integration/support/tls_recorder.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <vector>

namespace meridian::testing {

TlsRecorder::TlsRecorder(RecorderOptions options) : options_(std::move(options)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof name;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &length) != 0) {
    throw std::runtime_error("TLS recorder: cannot listen");
  }
  port_ = ntohs(name.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TlsRecorder::~TlsRecorder() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);  // ends its poll
  thread_.join();
  ::close(listener_);
}

std::string TlsRecorder::raw() const {
  const std::lock_guard lock(mutex_);
  return raw_;
}

std::string TlsRecorder::plaintext() const {
  const std::lock_guard lock(mutex_);
  return plaintext_;
}

void TlsRecorder::serve() {
  std::vector<pollfd> polled = {{listener_, POLLIN, 0}};
  std::vector<std::unique_ptr<TlsServerEnd>> ends(1);  // the listener has none
  while (::poll(polled.data(), polled.size(), -1) > 0 && !stopping_) {
    for (std::size_t i = polled.size(); i-- > 1;) {
      if (polled[i].revents == 0) continue;
      char space[16384];
      const ssize_t got = ::recv(polled[i].fd, space, sizeof space, 0);
      bool ends_here = got <= 0 || options_.closes;
      if (got > 0) {
        const std::string bytes(space, static_cast<std::size_t>(got));
        std::string answer = options_.answer;
        const std::lock_guard lock(mutex_);
        raw_ += bytes;
        if (ends[i]) {
          plaintext_ += ends[i]->feed(bytes);
          answer = ends[i]->take();
          ends_here = ends_here || ends[i]->has_failed();
        }
        ::send(polled[i].fd, answer.data(), answer.size(), MSG_NOSIGNAL);
      }
      if (!ends_here) continue;
      ::close(polled[i].fd);
      polled.erase(polled.begin() + static_cast<std::ptrdiff_t>(i));
      ends.erase(ends.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (polled[0].revents == 0) continue;
    const int accepted = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) break;
    ++connections_;
    polled.push_back({accepted, POLLIN, 0});
    ends.push_back(options_.tls ? std::make_unique<TlsServerEnd>(*options_.tls) : nullptr);
  }
  for (std::size_t i = 1; i < polled.size(); ++i) ::close(polled[i].fd);
}

}  // namespace meridian::testing
