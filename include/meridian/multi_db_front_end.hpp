/// \file
/// What `MultiDbClient` and `AsyncMultiDbClient` share beyond running commands: looking at the databases, and events.
#pragma once

#include <memory>
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

/// The part of a client of several databases that does not depend on how it runs commands. Thread-safe.
template <class Derived, class Forms = detail::BlockingForms>
class MultiDbFrontEnd : public FrontEnd<Derived, Forms> {
 public:
  /// A consistent picture of every database, in the order of the configuration (MAN-4). Empty after `close()`. Does not
  /// wait for any server.
  [[nodiscard]] std::vector<DatabaseStatus> databases() const { return engine_->databases(); }

  /// Calls `callable` with each event of the type that it takes: `[](const ActiveDatabaseChanged& e) {…}`; a generic
  /// one gets them all. In order, on a thread that listeners share; it may call any method of the client (EV-2).
  template <class Callable>
  void on_event(Callable callable) {
    engine_->add_listener(make_listener(std::move(callable)));
  }

 protected:
  explicit MultiDbFrontEnd(std::shared_ptr<detail::MultiDbEngine> engine) noexcept
      : FrontEnd<Derived, Forms>(engine), engine_(engine.get()) {}

 private:
  detail::MultiDbEngine* engine_;  // the front end's
};

}  // namespace meridian
