// Between the session, which knows TLS, and the stream below, which knows the socket.
#include "net/tls_stream.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace meridian::net {

using io::IoResult;
using io::IoStatus;

TlsStream::TlsStream(io::Executor& loop, std::unique_ptr<io::Stream> raw, std::unique_ptr<TlsSession> session)
    : loop_(loop), raw_(std::move(raw)), session_(std::move(session)) {}

TlsStream::~TlsStream() { TlsStream::close(); }

IoResult TlsStream::try_write(std::string_view bytes) noexcept {
  const std::lock_guard lock(mutex_);
  if (closed_) return {IoStatus::reset, 0};
  if (bytes.empty()) return {IoStatus::would_block, 0};
  std::size_t accepted = 0;
  while (accepted == 0) {
    if (!session_->has_records() && session_->write(bytes) == 0) {
      if (!session_->failure().empty()) return {IoStatus::tls, 0};
      writer_waits_for_reader_ = true;
      return {IoStatus::would_block, 0};
    }
    const IoResult written = raw_->try_write(session_->output());
    if (written.status != IoStatus::ok) return {written.status, 0};
    accepted = session_->sent(written.bytes);
  }
  return {IoStatus::ok, accepted};
}

IoResult TlsStream::try_read(std::span<char> into) noexcept {
  const std::lock_guard lock(mutex_);
  if (closed_) return {IoStatus::reset, 0};
  std::size_t got = 0;
  bool nothing_left = false;
  bool probably_nothing_left = false;
  for (;;) {
    const IoResult plain = decrypt(into.subspan(got));
    got += plain.bytes;
    const bool stuck = plain.status != IoStatus::ok && plain.status != IoStatus::would_block;
    const bool enough = got == into.size() || (got > 0 && probably_nothing_left);
    if (enough || stuck || nothing_left) return got > 0 ? IoResult{IoStatus::ok, got} : plain;
    const IoResult raw = raw_->try_read(arrived_);
    nothing_left = raw.status == IoStatus::would_block;
    probably_nothing_left = raw.bytes < arrived_.size();  // saves the system call that would say so
    take(raw);
  }
}

IoResult TlsStream::read_wait(std::span<char> into, io::ReadWait wait) noexcept {
  using Clock = std::chrono::steady_clock;
  {
    const std::lock_guard lock(mutex_);
    const IoResult plain = decrypt(into);
    if (plain.status != IoStatus::would_block) return plain;
  }
  std::optional<Clock::time_point> end;
  for (;;) {
    const IoResult raw = raw_->read_wait(arrived_, wait);
    if (raw.status == IoStatus::would_block) return raw;
    const std::lock_guard lock(mutex_);
    take(raw);
    const IoResult plain = decrypt(into);
    if (plain.status != IoStatus::would_block) return plain;
    // A part of a record; the rest is probably on its way.
    if (wait == io::ReadWait::endless) continue;
    const Clock::time_point now = Clock::now();
    if (!end) end = now + std::chrono::duration_cast<Clock::duration>(io::longest_read_wait);
    else if (now >= *end) return plain;
  }
}

void TlsStream::take(IoResult got) noexcept {
  if (got.status == IoStatus::ok) {
    session_->feed(std::string_view(arrived_.data(), got.bytes));
  } else if (got.status != IoStatus::would_block) {
    // An end without TLS's own may be the work of somebody on the way, and cut off an answer.
    raw_end_ = got.status == IoStatus::eof ? IoStatus::reset : got.status;
  }
}

// Of what has arrived, as much as there is room for.
IoResult TlsStream::decrypt(std::span<char> into) noexcept {
  std::size_t got = 0;
  IoStatus status = IoStatus::would_block;  // there is no room for anything
  while (got < into.size()) {
    const IoResult plain = session_->read(into.subspan(got));
    got += plain.bytes;
    status = plain.status;
    if (status != IoStatus::ok) break;
  }
  if (status == IoStatus::would_block && got < into.size() && raw_end_ != IoStatus::ok) status = raw_end_;
  has_more_ = got == into.size() || status != IoStatus::would_block;
  send_answers();
  if (writer_waits_for_reader_ && !session_->must_read_first()) wake_writer();
  return got > 0 ? IoResult{IoStatus::ok, got} : IoResult{status, 0};
}

// What TLS itself has to say. Not if records are in front of it: their writer may have been told that they will not go.
// Then, as when the socket is full, the next write carries it.
void TlsStream::send_answers() noexcept {
  while (!session_->has_records() && !session_->output().empty()) {
    const IoResult written = raw_->try_write(session_->output());
    if (written.status != IoStatus::ok) return;
    static_cast<void>(session_->sent(written.bytes));
  }
}

void TlsStream::wake_writer() {
  writer_waits_for_reader_ = false;
  loop_.post([waits = std::weak_ptr(waits_)] { run(&Waits::writable, waits); });
}

// Moved out first: the task may wait again, or close or destroy the stream.
void TlsStream::run(io::Task Waits::*which, const std::weak_ptr<Waits>& waits) {
  io::Task task;
  if (const auto there = waits.lock()) task = std::exchange((*there).*which, nullptr);
  if (task) task();
}

void TlsStream::wait_readable(io::Task task) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  const io::Task replaced = std::exchange(waits_->readable, std::move(task));
  auto ready = [waits = std::weak_ptr(waits_)] { run(&Waits::readable, waits); };
  if (has_more_) loop_.post(std::move(ready));
  else raw_->wait_readable(std::move(ready));
}

void TlsStream::wait_writable(io::Task task) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  const io::Task replaced = std::exchange(waits_->writable, std::move(task));
  if (writer_waits_for_reader_) return;
  raw_->wait_writable([waits = std::weak_ptr(waits_)] { run(&Waits::writable, waits); });
}

void TlsStream::unwatch() noexcept {
  if (!waits_) return;
  const io::Task dropped = std::exchange(waits_->readable, nullptr);
  raw_->unwatch();
}

std::string TlsStream::failure() const {
  const std::lock_guard lock(mutex_);
  return session_->failure();
}

void TlsStream::close() noexcept {
  const std::shared_ptr<Waits> dropped = std::exchange(waits_, nullptr);
  const std::lock_guard lock(mutex_);
  if (std::exchange(closed_, true)) return;
  // An orderly end is polite, not needed. It must not push out records that their writer gave up.
  if (!session_->has_records()) {
    session_->finish();
    send_answers();
  }
  raw_->close();
}

}  // namespace meridian::net
