/// \file
/// What the front ends stand on. Not for programs.
#pragma once

#include <functional>

#include <meridian/command.hpp>
#include <meridian/options.hpp>

namespace meridian::detail {

/// Called once with the outcome of a call: a reply that is not an error reply, or the error.
using Completion = std::function<void(Result<Reply>)>;

/// Runs requests: on one database, or on the active one of several. All methods are thread-safe.
class MERIDIAN_EXPORT Engine {
 public:
  virtual ~Engine() = default;

  /// Blocks until the outcome is known. On the library's own I/O thread it fails with `would_deadlock`.
  [[nodiscard]] virtual Result<Reply> execute(const Request& request, const CallOptions& options) = 0;

  /// Returns at once; `done` runs on the library's I/O thread and must not block. A call that does not even begin
  /// (wrong options, a command that is refused, a closed client) is completed in the calling thread, before this
  /// returns.
  virtual void submit(Request request, const CallOptions& options, Completion done) = 0;

  /// Ends every call in progress (`closed`, with its delivery) and every connection. Later calls fail. Idempotent.
  virtual void close() noexcept = 0;
};

}  // namespace meridian::detail
