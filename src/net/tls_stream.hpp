// A TLS connection as an io::Stream on top of another one. A write accepts a byte when the last byte of its record was
// accepted below, so that `Delivery` is as exact as without TLS.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>

#include "io/executor.hpp"
#include "io/stream.hpp"
#include "net/tls_session.hpp"

namespace meridian::net {

// As for the stream below: waits, `unwatch`, `close` and the destructor are for the loop; transfers for whoever has the
// stream, one thread reading and one writing at a time.
class TlsStream final : public io::Stream {
 public:
  // REQUIRES: the handshake of `session` is over. `loop` outlives the stream.
  TlsStream(io::Executor& loop, std::unique_ptr<io::Stream> raw, std::unique_ptr<TlsSession> session);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  ~TlsStream() override;

  // Of the bytes that are not accepted some may be encrypted, and a part of their record gone.
  // REQUIRES: `bytes` begins with what the last call was given and did not accept; or there is no next call.
  [[nodiscard]] io::IoResult try_write(std::string_view bytes) noexcept override;
  // eof is the peer's orderly end; a connection that ends without it is `reset`, for what came last may be missing.
  [[nodiscard]] io::IoResult try_read(std::span<char> into) noexcept override;

  void wait_readable(io::Task task) override;
  void wait_writable(io::Task task) override;

  [[nodiscard]] bool can_read_wait() const noexcept override { return raw_->can_read_wait(); }
  void unwatch() noexcept override;
  [[nodiscard]] io::IoResult read_wait(std::span<char> into, io::ReadWait wait) noexcept override;
  void shut_down() noexcept override { raw_->shut_down(); }
  [[nodiscard]] std::string failure() const override;
  void close() noexcept override;

 private:
  struct Waits {
    io::Task readable;
    io::Task writable;
  };
  static void run(io::Task Waits::*which, const std::weak_ptr<Waits>& waits);

  // All under mutex_.
  void take(io::IoResult got) noexcept;
  [[nodiscard]] io::IoResult decrypt(std::span<char> into) noexcept;
  void send_answers() noexcept;
  void wake_writer();

  io::Executor& loop_;
  const std::unique_ptr<io::Stream> raw_;
  // OpenSSL lets only one thread at a time use a connection. Never held while a thread waits.
  mutable std::mutex mutex_;
  const std::unique_ptr<TlsSession> session_;  // under mutex_
  io::IoStatus raw_end_ = io::IoStatus::ok;    // under mutex_: how reading below has ended
  bool closed_ = false;                        // under mutex_
  bool has_more_ = true;                       // under mutex_: reading may go on without anything new from below
  bool writer_waits_for_reader_ = false;       // under mutex_
  std::array<char, 32 << 10> arrived_;         // the reader's
  std::shared_ptr<Waits> waits_ = std::make_shared<Waits>();  // the loop's; null once closed
};

}  // namespace meridian::net
