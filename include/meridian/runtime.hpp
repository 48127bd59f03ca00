/// \file
/// `Runtime`: the threads on which clients do their I/O while nobody waits for a reply. Most programs never name one:
/// all clients of a process share a runtime of one thread by default, which lives as long as any of them.
///
/// \code
/// auto runtime = std::make_shared<meridian::Runtime>(4);                       // four threads
/// meridian::Client client("redis://localhost", {.runtime = runtime});
///
/// auto own = std::make_shared<meridian::Runtime>(meridian::Runtime::own_thread);
/// std::jthread io([own] { own->run(); });                                       // the program's own thread
/// \endcode
#pragma once

#include <memory>

#include <meridian/export.hpp>

namespace meridian {

namespace detail {
class IoPool;
}

/// A fixed number of I/O threads. Each client lives on one of them, in turn. Thread-safe. Clients hold on to their
/// runtime. Not fork-safe.
class MERIDIAN_EXPORT Runtime {
 public:
  /// No threads: the program calls `run` on one of its own.
  static constexpr int own_thread = 0;

  /// `threads`: 1 … 1024, or `own_thread`. Throws `Error`: `invalid_argument`; `local_resource`: no threads or
  /// descriptors left.
  explicit Runtime(int threads);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  /// Ends and joins the threads. REQUIRES: not on one of them; with `own_thread`: `run` has returned.
  ~Runtime();

  /// Does the I/O of the clients on the calling thread until `stop`. Clients do nothing while nobody is in here: their
  /// calls wait, and so do their deadlines. Throws `Error` (`invalid_argument`) if it has threads of its own.
  /// REQUIRES: one thread at a time.
  void run();

  /// `run` returns soon; it may be called again. Nothing with threads of its own. Any thread.
  void stop();

  /// The library's own.
  [[nodiscard]] detail::IoPool& pool() noexcept { return *pool_; }

 private:
  std::unique_ptr<detail::IoPool> pool_;
};

}  // namespace meridian
