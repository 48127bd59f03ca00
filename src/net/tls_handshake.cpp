// Steps of the handshake, between waits.
#include "net/tls_handshake.hpp"

#include <utility>

#include "net/tls_stream.hpp"

namespace meridian::net {

using io::IoResult;
using io::IoStatus;

TlsHandshake::TlsHandshake(io::Executor& loop, std::unique_ptr<io::Stream> raw, std::unique_ptr<TlsSession> session,
                           std::string where, Handler handler)
    : loop_(loop),
      raw_(std::move(raw)),
      session_(std::move(session)),
      where_(std::move(where)),
      handler_(std::move(handler)) {}

void TlsHandshake::step() {
  for (;;) {
    const IoStatus status = session_->handshake();
    if (status == IoStatus::tls) {
      static_cast<void>(raw_->try_write(session_->output()));  // tells the server why; it need not arrive
      return finish(IoStatus::tls, session_->failure());
    }
    if (send() == Sending::not_done) return;
    if (status == IoStatus::ok) return finish(IoStatus::ok, "");
    const IoResult got = raw_->try_read(arrived_);
    if (got.status == IoStatus::would_block) {
      raw_->wait_readable(next_step());
      return;
    }
    if (got.status != IoStatus::ok) return on_end(got.status);
    heard_ = true;
    session_->feed(std::string_view(arrived_.data(), got.bytes));
  }
}

TlsHandshake::Sending TlsHandshake::send() {
  while (!session_->output().empty()) {
    const IoResult written = raw_->try_write(session_->output());
    if (written.status == IoStatus::ok) {
      static_cast<void>(session_->sent(written.bytes));  // no commands in it
    } else if (written.status == IoStatus::would_block) {
      raw_->wait_writable(next_step());
      return Sending::not_done;
    } else {
      on_end(written.status);
      return Sending::not_done;
    }
  }
  return Sending::done;
}

io::Task TlsHandshake::next_step() {
  return [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->step();
  };
}

void TlsHandshake::on_end(IoStatus status) {
  if (status != IoStatus::eof && status != IoStatus::reset) return finish(status, std::string(io::to_string(status)));
  finish(IoStatus::tls, std::string(heard_ ? "the server closed the connection in the middle of the handshake"
                                           : "the server closed the connection at the first byte of TLS; it may not "
                                             "speak TLS at this port"));
}

void TlsHandshake::finish(IoStatus status, const std::string& why) {
  const Handler handler = std::exchange(handler_, nullptr);
  if (status == IoStatus::ok) {
    handler({std::make_unique<TlsStream>(loop_, std::move(raw_), std::move(session_)), status, where_});
  } else {
    handler({nullptr, status, where_ + ": TLS failed: " + why});
  }
}

std::string TlsHandshake::waiting_for() const {
  return "the TLS handshake with " + where_ +
         (heard_ ? "" : ", which accepted the connection and says nothing; a server without TLS may do that");
}

}  // namespace meridian::net
