// Transfers by system call, waits by Asio.
#include "net/tcp_stream.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "net/io_errors.hpp"

namespace meridian::net {

using io::IoResult;
using io::IoStatus;

TcpStream::TcpStream(TcpSocket socket) : socket_(std::move(socket)) {}

TcpStream::~TcpStream() { TcpStream::close(); }

IoResult TcpStream::try_write(std::string_view bytes) noexcept {
  if (!socket_.is_open()) return {IoStatus::reset, 0};
  if (bytes.empty()) return {IoStatus::would_block, 0};
  for (;;) {
    const ssize_t sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) return {IoStatus::ok, static_cast<std::size_t>(sent)};
    if (sent == 0) return {IoStatus::would_block, 0};
    if (errno != EINTR) return {transfer_status(errno), 0};
  }
}

IoResult TcpStream::try_read(std::span<char> into) noexcept {
  if (!socket_.is_open()) return {IoStatus::reset, 0};
  if (into.empty()) return {IoStatus::would_block, 0};  // not to be taken for the end of the stream
  for (;;) {
    const ssize_t got = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (got > 0) return {IoStatus::ok, static_cast<std::size_t>(got)};
    if (got == 0) return {IoStatus::eof, 0};
    if (errno != EINTR) return {transfer_status(errno), 0};
  }
}

// Moved out first: the task may wait again, or close or destroy the stream.
void TcpStream::Wait::done() {
  under_way = false;
  const io::Task ready = std::exchange(task, nullptr);
  if (ready) ready();
}

void TcpStream::wait_readable(io::Task task) {
  if (!socket_.is_open()) return;
  const io::Task replaced = std::exchange(waits_->readable.task, std::move(task));
  if (std::exchange(waits_->readable.under_way, true)) return;
  await_readable(socket_, [waits = waits_](const AsioError&) { waits->readable.done(); });
}

void TcpStream::wait_writable(io::Task task) {
  if (!socket_.is_open()) return;
  const io::Task replaced = std::exchange(waits_->writable.task, std::move(task));
  if (std::exchange(waits_->writable.under_way, true)) return;
  await_writable(socket_, [waits = waits_](const AsioError&) { waits->writable.done(); });
}

void TcpStream::close() noexcept {
  // Asio still calls the handlers of both waits; they find nothing to run.
  const io::Task dropped_readable = std::exchange(waits_->readable.task, nullptr);
  const io::Task dropped_writable = std::exchange(waits_->writable.task, nullptr);
  if (socket_.is_open()) close_quietly(socket_);
}

}  // namespace meridian::net
