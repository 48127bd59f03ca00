// A connected TCP socket as an io::Stream: transfers go straight to the descriptor, waits go through Asio.
#pragma once

#include <memory>

#include "io/stream.hpp"
#include "net/asio_compat.hpp"

namespace meridian::net {

// Waits, `close` and the destructor are for the loop (or after it was stopped); transfers for whoever has the stream.
class TcpStream final : public io::Stream {
 public:
  // REQUIRES: `socket` is connected.
  explicit TcpStream(TcpSocket socket);
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;
  ~TcpStream() override;

  // After `close` both say `reset`.
  [[nodiscard]] io::IoResult try_write(std::string_view bytes) noexcept override;
  [[nodiscard]] io::IoResult try_read(std::span<char> into) noexcept override;

  void wait_readable(io::Task task) override;
  void wait_writable(io::Task task) override;
  void close() noexcept override;

 private:
  struct Wait {
    io::Task task;
    bool under_way = false;  // Asio will call its handler, with or without a task to run
    void done();
  };
  struct Waits {
    Wait readable;
    Wait writable;
  };

  TcpSocket socket_;
  std::shared_ptr<Waits> waits_ = std::make_shared<Waits>();  // shared with handlers that outlive the stream
};

}  // namespace meridian::net
