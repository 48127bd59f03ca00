// The limit: what a blocking socket and hand-written RESP can do.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "bench/threaded_load.hpp"

namespace meridian::bench {
namespace {

class Socket {
 public:
  explicit Socket(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    if (descriptor_ < 0 || ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
      const int error = errno;
      if (descriptor_ >= 0) ::close(descriptor_);
      throw std::system_error(error, std::generic_category(), "socket");
    }
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(descriptor_); }

  void send_all(const char* data, std::size_t size) {
    while (size > 0) {
      const ssize_t sent = ::send(descriptor_, data, size, MSG_NOSIGNAL);
      if (sent < 0) throw std::system_error(errno, std::generic_category(), "socket: send");
      data += sent;
      size -= static_cast<std::size_t>(sent);
    }
  }

  std::size_t receive(char* data, std::size_t size) {
    const ssize_t got = ::recv(descriptor_, data, size, 0);
    if (got < 0) throw std::system_error(errno, std::generic_category(), "socket: recv");
    if (got == 0) throw std::runtime_error("socket: the server closed the connection");
    return static_cast<std::size_t>(got);
  }

 private:
  int descriptor_;
};

// Batches of one or more commands on a connection of its own.
class SocketWorker final : public Worker {
 public:
  SocketWorker(const KeySpace& space, std::size_t lane, Operation operation, std::size_t batch, std::uint16_t port)
      : space_(space), walk_(space, lane), operation_(operation), batch_(batch), socket_(port) {
    value_part_ = "\r\n$" + std::to_string(space.value.size()) + "\r\n" + space.value + "\r\n";
  }

  void step() override {
    output_.clear();
    for (std::size_t i = 0; i < batch_; ++i) append_command();
    socket_.send_all(output_.data(), output_.size());
    for (std::size_t i = 0; i < batch_; ++i) {
      if (operation_ == Operation::get) take_value();
      else take_ok();
    }
  }

 private:
  void append_command() {
    const std::string& key = walk_.next();
    if (operation_ == Operation::get) {
      output_.append("*2\r\n$3\r\nGET\r\n$8\r\n").append(key).append("\r\n");
    } else {
      output_.append("*3\r\n$3\r\nSET\r\n$8\r\n").append(key).append(value_part_);
    }
  }

  void take_ok() {
    need(5);
    if (std::memcmp(input_.data() + begin_, "+OK\r\n", 5) != 0) throw_unexpected();
    begin_ += 5;
  }

  // "$16\r\n<value>\r\n". The value stays where it is: a limit copies nothing.
  void take_value() {
    need(6);
    std::size_t size = 0;
    const char* line = input_.data() + begin_;
    const auto [end, error] = std::from_chars(line + 1, line + 6, size);
    if (*line != '$' || error != std::errc() || size != space_.value.size()) throw_unexpected();
    const std::size_t head = static_cast<std::size_t>(end - line) + 2;
    need(head + size + 2);
    begin_ += head + size + 2;
  }

  // Reads until so many bytes are there.
  void need(std::size_t size) {
    while (end_ - begin_ < size) {
      if (begin_ == end_) begin_ = end_ = 0;
      if (end_ == input_.size()) {
        std::memmove(input_.data(), input_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
      }
      end_ += socket_.receive(input_.data() + end_, input_.size() - end_);
    }
  }

  [[noreturn]] void throw_unexpected() const {
    throw std::runtime_error("socket: unexpected reply: " + std::string(input_.data() + begin_, end_ - begin_));
  }

  const KeySpace& space_;
  KeyWalk walk_;
  Operation operation_;
  std::size_t batch_;
  Socket socket_;
  std::string value_part_;
  std::string output_;
  std::array<char, std::size_t{64} << 10> input_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace

std::unique_ptr<Load> make_socket_load(const Row& row, const KeySpace& space, std::uint16_t port) {
  const std::size_t batch = row.shape == Shape::sync ? 1 : row.width;
  return std::make_unique<ThreadedLoad>(
      row, [&](std::size_t lane) { return std::make_unique<SocketWorker>(space, lane, row.operation, batch, port); });
}

void fill(const KeySpace& space, std::uint16_t port) {
  SocketWorker(space, 0, Operation::set, KeySpace::count, port).step();
}

}  // namespace meridian::bench
