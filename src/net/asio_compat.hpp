// Everything that this floor takes from Asio, under our own names. Asio renames and removes things between versions
// (1.22 is the oldest we build with); what differs is absorbed here and nowhere else.
#pragma once

#ifndef ASIO_STANDALONE
#define ASIO_STANDALONE
#endif
#ifndef ASIO_NO_DEPRECATED  // what one version deprecates, a later one lacks
#define ASIO_NO_DEPRECATED
#endif

// ThreadSanitizer does not understand fences. Asio's own locks order everything that we hand to it.
#if defined(__SANITIZE_THREAD__)
#define ASIO_DISABLE_FENCED_BLOCK
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ASIO_DISABLE_FENCED_BLOCK
#endif
#endif

#include <chrono>
#include <system_error>
#include <utility>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/posix/descriptor.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <meridian/time.hpp>

namespace meridian::net {

using Context = asio::io_context;
using WorkGuard = asio::executor_work_guard<Context::executor_type>;
using SteadyTimer = asio::steady_timer;
using Watch = asio::posix::stream_descriptor;  // readiness of a descriptor that is not Asio's
using TcpSocket = asio::ip::tcp::socket;
using TcpEndpoint = asio::ip::tcp::endpoint;
using AsioError = asio::error_code;

// The library's monotonic clock and the steady clock are the same count.
[[nodiscard]] inline std::chrono::steady_clock::time_point to_steady(TimePoint time) noexcept {
  return std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(time.time_since_epoch()));
}

template <class Handler>
void post_to(Context& context, Handler&& handler) {
  asio::post(context, std::forward<Handler>(handler));
}

template <class Handler>
void await_readable(Watch& watch, Handler&& handler) {
  watch.async_wait(Watch::wait_read, std::forward<Handler>(handler));
}

template <class Handler>
void await_writable(Watch& watch, Handler&& handler) {
  watch.async_wait(Watch::wait_write, std::forward<Handler>(handler));
}

inline void close_quietly(TcpSocket& socket) noexcept {
  AsioError ignored;  // the descriptor is gone in any case
  socket.close(ignored);
}

}  // namespace meridian::net
