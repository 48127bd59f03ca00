// Transfers by system call, waits by Asio.
#include "net/tcp_stream.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "net/io_errors.hpp"

namespace meridian::net {

using io::IoResult;
using io::IoStatus;

namespace {

// Asio makes what it watches non-blocking; a thread inside `read_wait` is to sleep in the kernel.
void set_blocking(int descriptor) noexcept {
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags >= 0 && (flags & O_NONBLOCK) != 0) ::fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
}

}  // namespace

TcpStream::TcpStream(Loop& loop, int descriptor) : loop_(loop), descriptor_(descriptor), watch_(loop.context()) {}

TcpStream::~TcpStream() { TcpStream::close(); }

IoResult TcpStream::try_write(std::string_view bytes) noexcept {
  if (descriptor_ < 0) return {IoStatus::reset, 0};
  if (bytes.empty()) return {IoStatus::would_block, 0};
  for (;;) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) return {IoStatus::ok, static_cast<std::size_t>(sent)};
    if (sent == 0) return {IoStatus::would_block, 0};
    if (errno != EINTR) return {transfer_status(errno), 0};
  }
}

[[gnu::always_inline]] inline IoResult TcpStream::read(std::span<char> into, int flags) noexcept {
  if (descriptor_ < 0) return {IoStatus::reset, 0};
  if (into.empty()) return {IoStatus::would_block, 0};  // not to be taken for the end of the stream
  for (;;) {
    const ssize_t got = ::recv(descriptor_, into.data(), into.size(), flags);
    if (got > 0) return {IoStatus::ok, static_cast<std::size_t>(got)};
    if (got == 0) return {IoStatus::eof, 0};
    if (errno != EINTR) return {transfer_status(errno), 0};
  }
}

IoResult TcpStream::try_read(std::span<char> into) noexcept { return read(into, MSG_DONTWAIT); }

// A receive that waits costs less than poll and a receive.
IoResult TcpStream::read_wait(std::span<char> into, io::ReadWait wait) noexcept {
  if (wait != wait_) set_wait(wait);
  return read(into, 0);
}

// How long a receive waits belongs to the socket.
void TcpStream::set_wait(io::ReadWait wait) noexcept {
  const auto longest = std::chrono::duration_cast<std::chrono::microseconds>(io::longest_read_wait);
  timeval limit{};  // 0: for ever
  if (wait == io::ReadWait::limited) limit.tv_usec = static_cast<suseconds_t>(longest.count());
  if (::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0) wait_ = wait;
}

// Moved out first: the task may wait again, or close or destroy the stream.
void TcpStream::Wait::done() {
  under_way = false;
  const io::Task ready = std::exchange(task, nullptr);
  if (ready) ready();
}

void TcpStream::watch() {
  if (watch_.is_open()) return;
  waits_ = std::make_shared<Waits>();  // handlers of an earlier watch may still come
  AsioError error;
  watch_.assign(descriptor_, error);
  // Without memory or descriptors to watch with, nothing is noticed on this socket but by those who use it; the time
  // limits of the calls hold all the same.
}

void TcpStream::unwatch() noexcept {
  if (!watch_.is_open()) return;
  const auto dropped = std::exchange(waits_, std::make_shared<Waits>());
  dropped->readable.task = nullptr;
  dropped->writable.task = nullptr;
  watch_.release();
  set_blocking(descriptor_);
}

void TcpStream::wait_readable(io::Task task) {
  if (descriptor_ < 0) return;
  watch();
  if (!watch_.is_open()) return;
  const io::Task replaced = std::exchange(waits_->readable.task, std::move(task));
  if (std::exchange(waits_->readable.under_way, true)) return;
  await_readable(watch_, loop_.in_turn([waits = waits_](const AsioError&) { waits->readable.done(); }));
}

void TcpStream::wait_writable(io::Task task) {
  if (descriptor_ < 0) return;
  watch();
  if (!watch_.is_open()) return;
  const io::Task replaced = std::exchange(waits_->writable.task, std::move(task));
  if (std::exchange(waits_->writable.under_way, true)) return;
  await_writable(watch_, loop_.in_turn([waits = waits_](const AsioError&) { waits->writable.done(); }));
}

void TcpStream::shut_down() noexcept {
  if (descriptor_ >= 0) ::shutdown(descriptor_, SHUT_RDWR);
}

void TcpStream::close() noexcept {
  if (descriptor_ < 0) return;
  unwatch();
  ::close(std::exchange(descriptor_, -1));
}

}  // namespace meridian::net
