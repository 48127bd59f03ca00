/// \file
/// What the front ends stand on. Not for programs.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <meridian/command.hpp>
#include <meridian/options.hpp>

namespace meridian {
struct SubscriberOptions;
}

namespace meridian::detail {

class Subscription;

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
  virtual void on_reply(const ReplyView& reply) noexcept = 0;
  virtual void on_error(Error error) noexcept = 0;

  /// Before them, for a request of several replies: each but the last, which may be an error reply. `index` begins at
  /// 0, again if the request is sent again.
  virtual void on_part(std::uint32_t index, ReplyView reply) noexcept {
    static_cast<void>(index);
    static_cast<void>(reply);
  }

  /// After one of them, for calls made with `start`: on the I/O thread, outside the engine. The engine does not touch
  /// the outcome or the request any more.
  virtual void on_done() noexcept {}

  /// The engine's own: the call under way.
  void* under_way = nullptr;
};

/// A connection of the caller's own, over several calls, one after the other (WATCH … EXEC). It is had from the first
/// of them on; when it is lost, or a switch comes, all later ones end with `transaction_aborted` (TX-2).
class Session {
 public:
  Session() noexcept = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  virtual ~Session() = default;
};

/// One call: its bytes stay until it is over.
struct EngineCall {
  EngineCall() noexcept = default;
  EngineCall(const RequestView& what, Outcome* whose, Session* on = nullptr) noexcept
      : request(what), outcome(whose), session(on) {}

  RequestView request;
  Outcome* outcome = nullptr;
  Session* session = nullptr;
};

/// Runs requests: on one database, or on the active one of several. All methods are thread-safe.
class MERIDIAN_EXPORT Engine {
 public:
  virtual ~Engine() = default;

  /// Blocks until the outcomes have what they are there for. Several calls go out in order on one connection, and never
  /// to two databases (PIPE-1). On the library's own I/O thread: `would_deadlock`. `options` may be null: none are set.
  virtual void execute(std::span<const EngineCall> calls, const CallOptions* options) = 0;

  /// Returns at once; several calls go together as in `execute`. A call that does not even begin (wrong options, a
  /// command that is refused, a closed client) ends in the calling thread, before this returns.
  virtual void start(std::span<const EngineCall> calls, const CallOptions& options) = 0;

  /// Ends the call as `cancelled` if it is still under way; it says whether it may have run. Its late reply disturbs
  /// nobody (CMD-2). REQUIRES: the outcome is alive.
  virtual void cancel(Outcome& outcome) noexcept = 0;

  /// Nothing is opened before its first call. To be ended, when no call of its is under way, before the engine goes.
  [[nodiscard]] virtual std::unique_ptr<Session> make_session() = 0;

  /// The connection may serve others; one that is not clean, because it still watches keys, is closed.
  enum class SessionEnd : std::uint8_t { clean, unclean };
  virtual void end_session(std::unique_ptr<Session> session, SessionEnd how) noexcept = 0;

  /// A subscriber's, which is to let go of it before the engine. REQUIRES: validated options.
  [[nodiscard]] virtual std::shared_ptr<Subscription> make_subscription(SubscriberOptions options) = 0;

  [[nodiscard]] virtual CacheStatistics cache_statistics() = 0;

  /// Ends every call in progress (`closed`, with its delivery) and every connection. Later calls fail. Idempotent.
  virtual void close() noexcept = 0;
};

}  // namespace meridian::detail
