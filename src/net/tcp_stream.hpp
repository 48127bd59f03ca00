// A connected socket as an io::Stream: transfers go straight to the descriptor, waits go through Asio.
#pragma once

#include <memory>

#include "io/stream.hpp"
#include "net/loop.hpp"

namespace meridian::net {

// Waits, `unwatch`, `close` and the destructor are for the loop (or after it was stopped); transfers for whoever has
// the stream.
class TcpStream final : public io::Stream {
 public:
  // Takes the descriptor over. REQUIRES: it is connected; Asio does not know it.
  TcpStream(Loop& loop, int descriptor);
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;
  ~TcpStream() override;

  // After `close` all say `reset`.
  [[nodiscard]] io::IoResult try_write(std::string_view bytes) noexcept override;
  [[nodiscard]] io::IoResult try_read(std::span<char> into) noexcept override;

  void wait_readable(io::Task task) override;
  void wait_writable(io::Task task) override;

  [[nodiscard]] bool can_read_wait() const noexcept override { return true; }
  void unwatch() noexcept override;
  [[nodiscard]] io::IoResult read_wait(std::span<char> into, io::ReadWait wait) noexcept override;
  void shut_down() noexcept override;
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

  void watch();
  [[gnu::cold]] void set_wait(io::ReadWait wait) noexcept;
  [[nodiscard]] io::IoResult read(std::span<char> into, int flags) noexcept;

  Loop& loop_;
  int descriptor_;
  io::ReadWait wait_ = io::ReadWait::endless;                 // the reader's: what the socket is set to
  Watch watch_;                                               // assigned exactly while the loop watches the descriptor
  std::shared_ptr<Waits> waits_ = std::make_shared<Waits>();  // shared with handlers that outlive the stream
};

}  // namespace meridian::net
