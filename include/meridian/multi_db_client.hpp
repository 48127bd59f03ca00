/// \file
/// `MultiDbClient`: one client over several databases, with failover and failback.
///
/// \code
/// meridian::MultiDbClient client({
///     .databases = {
///         {.uri = "redis://redis-east.example.com:14000", .weight = 1.0},
///         {.uri = "redis://redis-west.example.com:14000", .weight = 0.5},
///     },
/// });
/// client.on_event([](const meridian::ActiveDatabaseChanged& e) {
///   std::clog << e.from << " -> " << e.to << ": " << e.evidence << '\n';
/// });
/// client.set("key", "value");
/// \endcode
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <meridian/front_end.hpp>
#include <meridian/multi_db_config.hpp>

namespace meridian {

namespace detail {

/// An engine over several databases.
class MERIDIAN_EXPORT MultiDbEngine : public Engine {
 public:
  [[nodiscard]] virtual std::vector<DatabaseStatus> databases() = 0;
  virtual void add_listener(EventListener listener) = 0;
};

}  // namespace detail

/// A client of the heaviest database that is well. Same commands as `Client`. Thread-safe; movable, not copyable. A
/// moved-from client may only be destroyed or assigned to. Not fork-safe: use it only in the process that made it.
class MERIDIAN_EXPORT MultiDbClient : public FrontEnd<MultiDbClient> {
 public:
  /// Validates everything (INIT-4), runs the first round of checks and blocks until the initial policy is decided
  /// (INIT-5). Throws `Error`: `invalid_argument` names field and value; `initial_health_check_failed` names each
  /// database and why (INIT-3), and nothing is left running; `local_resource`: no threads or descriptors left.
  explicit MultiDbClient(const MultiDbConfig& config);

  /// The same without exceptions.
  [[nodiscard]] static Result<MultiDbClient> create(const MultiDbConfig& config);

  /// On a ready engine. For the library and its tests.
  explicit MultiDbClient(std::shared_ptr<detail::MultiDbEngine> engine) noexcept;

  MultiDbClient(MultiDbClient&&) noexcept = default;
  MultiDbClient& operator=(MultiDbClient&& other) noexcept;
  MultiDbClient(const MultiDbClient&) = delete;
  MultiDbClient& operator=(const MultiDbClient&) = delete;

  /// Closes.
  ~MultiDbClient();

  /// A consistent picture of every database, in the order of the configuration (MAN-4). Empty after `close()`.
  [[nodiscard]] std::vector<DatabaseStatus> databases() const;

  /// Calls `callable` with each event of the type that it takes: `[](const ActiveDatabaseChanged& e) {…}`; a generic
  /// one gets them all. In order, on a thread that listeners share; it may call any method of the client (EV-2).
  template <class Callable>
  void on_event(Callable callable) {
    multi_engine_->add_listener(make_listener(std::move(callable)));
  }

  /// Ends all calls in progress with `closed` and all connections, stops all checks and timers. Callable from any
  /// thread, from listeners and from callbacks.
  void close() noexcept;

 private:
  std::shared_ptr<detail::MultiDbEngine> multi_engine_;
};

}  // namespace meridian
