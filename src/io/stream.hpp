// A connected byte stream, in the shape that exact delivery knowledge needs: every read and write says at once how
// many bytes the socket took or gave, and waiting for readiness is a separate call. Whoever may touch the stream (the
// loop now, a leading sync caller later) uses the same four operations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "io/executor.hpp"

namespace meridian::io {

// How a transfer or a connection attempt ended.
enum class IoStatus {
  ok,
  would_block,  // nothing now; wait for readiness
  eof,          // the peer closed in an orderly way
  reset,        // ECONNRESET, EPIPE, TCP_USER_TIMEOUT: the connection is dead
  refused,      // every address refused
  unreachable,  // no route, host or network unreachable
  timed_out,
  not_resolved,  // the name has no address, or the name server is silent
  tls,           // the handshake or verification failed
  local,         // no descriptors, ports, memory: our own machine's fault
};

// How long a thread waits inside `Stream::read_wait`.
enum class ReadWait : std::uint8_t {
  limited,  // up to `longest_read_wait`: after that much silence reading is the loop's business
  endless,  // until something comes or `shut_down`: spares the kernel a timer for each wait
};
inline constexpr Duration longest_read_wait = std::chrono::milliseconds(20);

struct IoResult {
  IoStatus status = IoStatus::ok;
  std::size_t bytes = 0;  // > 0 exactly when status is ok
};

class Stream {
 public:
  // Closes. No task of this stream runs afterwards.
  virtual ~Stream() = default;

  // Hands bytes to the socket without blocking. ok: the first `bytes` of them are accepted, the rest certainly not.
  [[nodiscard]] virtual IoResult try_write(std::string_view bytes) noexcept = 0;

  // Takes what has arrived, without blocking. ok: `bytes` were put at the start of `into`.
  [[nodiscard]] virtual IoResult try_read(std::span<char> into) noexcept = 0;

  // Runs `task` once when a read (a write) may make progress or would report an error. Never inside this call. One
  // wait of each kind at a time; a second call replaces the first.
  virtual void wait_readable(Task task) = 0;
  virtual void wait_writable(Task task) = 0;

  // --- Reading on the thread of a caller (docs/design.md, "Sync without a thread hop").

  // False: there is no `read_wait`, the loop reads.
  [[nodiscard]] virtual bool can_read_wait() const noexcept { return false; }

  // Drops the wait for readability and takes the stream off the loop: what arrives wakes nobody there.
  // `wait_readable` puts it back. REQUIRES: can_read_wait().
  virtual void unwatch() noexcept {}

  // As `try_read`, but waits on this thread for something to come; would_block: nothing came in time. One thread at a
  // time; others may `try_write` and `shut_down` meanwhile.
  // REQUIRES: can_read_wait(); the loop does not watch for readability.
  [[nodiscard]] virtual IoResult read_wait(std::span<char>, ReadWait) noexcept { return {IoStatus::would_block, 0}; }

  // Ends the connection in both directions, but keeps the descriptor: a thread inside `read_wait` returns at once.
  virtual void shut_down() noexcept {}

  // More than a status says (of `tls`: which alert, which certificate); empty: nothing more. Callable from any thread.
  [[nodiscard]] virtual std::string failure() const { return {}; }

  // Closes at once; waits are dropped without being run. Idempotent. REQUIRES: no thread is inside `read_wait`.
  virtual void close() noexcept = 0;
};

// Human words for a status, e.g. "connection refused".
[[nodiscard]] std::string_view to_string(IoStatus status) noexcept;

}  // namespace meridian::io
