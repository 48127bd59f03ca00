/// \file
/// What the front ends stand on. Not for programs.
#pragma once

#include <span>
#include <string_view>

#include <meridian/command.hpp>
#include <meridian/options.hpp>

namespace meridian::detail {

/// Where the result of one call goes. The one who calls owns it, and the request with it, until the end of `execute`,
/// or until `on_done` after `start`.
class Outcome {
 public:
  Outcome() noexcept = default;
  Outcome(const Outcome&) = delete;
  Outcome& operator=(const Outcome&) = delete;
  virtual ~Outcome() = default;

  /// One of the two, once. The reply is no error reply and is valid during the call. They run inside the engine, on
  /// whichever thread reads: they take what they need, and call nothing.
  virtual void on_reply(ReplyView reply) noexcept = 0;
  virtual void on_error(Error error) noexcept = 0;

  /// After one of them, for calls made with `start`: on the I/O thread, outside the engine. The engine does not touch
  /// the outcome or the request any more.
  virtual void on_done() noexcept {}

  /// The engine's own: the call under way.
  void* call = nullptr;
};

/// One call: its bytes stay until it is over.
struct EngineCall {
  RequestView request;
  Outcome* outcome;
};

/// Runs requests: on one database, or on the active one of several. All methods are thread-safe.
class MERIDIAN_EXPORT Engine {
 public:
  virtual ~Engine() = default;

  /// Blocks until the outcomes have what they are there for. Several calls go out in order on one connection, and never
  /// to two databases (PIPE-1). On the library's own I/O thread: `would_deadlock`.
  virtual void execute(std::span<const EngineCall> calls, const CallOptions& options) = 0;

  /// Returns at once. A call that does not even begin (wrong options, a command that is refused, a closed client) ends
  /// in the calling thread, before this returns.
  virtual void start(const EngineCall& call, const CallOptions& options) = 0;

  /// Ends the call as `cancelled` if it is still under way; it says whether it may have run. Its late reply disturbs
  /// nobody (CMD-2). REQUIRES: the outcome is alive.
  virtual void cancel(Outcome& outcome) noexcept = 0;

  /// Ends every call in progress (`closed`, with its delivery) and every connection. Later calls fail. Idempotent.
  virtual void close() noexcept = 0;
};

}  // namespace meridian::detail
