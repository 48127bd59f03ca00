/// \file
/// What is known about whether a failed command ran, and how safe it is to send one again.
/// Both enums are ordered: a larger value is less safe.
#pragma once

#include <string_view>

#include <meridian/export.hpp>

namespace meridian {

/// Whether a command ran on a server. Every `Error` carries one.
enum class Delivery {
  not_sent,  ///< Its last byte was never handed to a socket: it certainly did not run.
  rejected,  ///< The server proved that it did not run it (LOADING, READONLY, MOVED …).
  in_doubt,  ///< It was handed to a socket and no reply came: it may have run. Do not just repeat it.
  answered,  ///< The server answered it, if only with an error about the command itself.
};

/// How safe it is to send a command again when it may already have run, safest first.
enum class Repeat {
  read_only,       ///< Changes nothing: GET, TTL, HGETALL.
  overwrite,       ///< Ends in the same state however often it runs: SET k v, DEL, EXPIRE.
  conditional,     ///< The second run may answer differently: SET NX, RENAMENX.
  accumulate,      ///< Counts every run: INCR, LPUSH, PUBLISH, pops, scripts.
  administrative,  ///< Changes the server itself: FLUSHDB, CONFIG SET.
  never,           ///< Never sent again when in doubt: EXEC, and commands that the library does not know.
};

/// The value's name as written in the code, e.g. "in_doubt".
[[nodiscard]] MERIDIAN_EXPORT std::string_view to_string(Delivery delivery) noexcept;

/// The value's name as written in the code, e.g. "read_only".
[[nodiscard]] MERIDIAN_EXPORT std::string_view to_string(Repeat repeat) noexcept;

}  // namespace meridian
