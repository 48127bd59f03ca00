/// \file
/// What `MultiDbClient` and `AsyncMultiDbClient` share beyond running commands: looking at the databases, operating
/// them by hand, and events.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <meridian/detail/operation.hpp>
#include <meridian/front_end.hpp>
#include <meridian/operations.hpp>

namespace meridian {

/// The part of a client of several databases that does not depend on how it runs commands. Thread-safe.
template <class Derived, class Forms = detail::BlockingForms>
class MultiDbFrontEnd : public FrontEnd<Derived, Forms> {
 public:
  /// A consistent picture of the client and of every database, in the order of the configuration and of their addition
  /// (MAN-4). Empty after `close()`. Does not wait for any server. See `to_text` and `to_json`.
  [[nodiscard]] ClientStatus describe() const { return engine_->describe(); }
  [[nodiscard]] std::vector<DatabaseStatus> databases() const { return describe().databases; }

  /// Carries out what an operator wants; the `Result<void>`, or an awaitable of it. See meridian/operations.hpp. The
  /// methods below are the same in the throwing form.
  /// Asynchronous clients take `operation` by name only, for the reason that `NamedOptions` gives.
  [[nodiscard]] auto operate(const op::Operation& operation) {
    if constexpr (is_blocking) return engine_->operate_and_wait(operation);
    else return detail::LazyOperation<Result<void>>(*engine_, operation);
  }
  auto operate(const op::Operation&& operation) {
    static_assert(is_blocking, "give the operation a name: see NamedOptions");
    return engine_->operate_and_wait(operation);
  }

  /// The same for every client: blocks until it is done. On an I/O thread it fails with `would_deadlock`.
  [[nodiscard]] Result<void> operate_and_wait(const op::Operation& operation) {
    return engine_->operate_and_wait(operation);
  }

  /// `operate_and_wait` for what may outlive the client, such as a file that it follows: `closed` once it is gone.
  [[nodiscard]] std::function<Result<void>(const op::Operation&)> remote_control() const {
    const std::weak_ptr<detail::Engine> share = detail::EngineAccess::share_of(*this);
    return [share, engine = engine_](const op::Operation& operation) -> Result<void> {
      if (const auto keep = share.lock()) return engine->operate_and_wait(operation);
      return fail(ErrorCode::closed, Delivery::not_sent, "the client is gone");
    };
  }

  auto set_active_database(std::string name) { return act(op::SetActiveDatabase{std::move(name)}); }
  auto force_active_database(std::string name, Duration duration) {
    return act(op::ForceActiveDatabase{std::move(name), duration});
  }
  auto pin() { return act(op::Pin{}); }
  auto unpin() { return act(op::Unpin{}); }
  auto drain(std::string name) { return act(op::Drain{std::move(name)}); }
  auto undrain(std::string name) { return act(op::Undrain{std::move(name)}); }
  auto freeze() { return act(op::SetDecisionMode{DecisionMode::frozen}); }
  auto unfreeze() { return act(op::SetDecisionMode{DecisionMode::deciding}); }
  auto observe_only() { return act(op::SetDecisionMode{DecisionMode::observing}); }
  auto add_database(const DatabaseConfig& database) { return act(op::AddDatabase{database}); }
  auto remove_database(std::string name) { return act(op::RemoveDatabase{std::move(name)}); }
  auto set_weight(std::string name, double weight) { return act(op::SetWeight{std::move(name), weight}); }
  auto add_health_check(std::shared_ptr<const HealthCheck> check, std::string database = {}) {
    return act(op::AddHealthCheck{std::move(check), std::move(database)});
  }
  auto add_failure_detector(std::shared_ptr<FailureDetector> detector, std::vector<ErrorCode> codes = {}) {
    return act(op::AddFailureDetector{std::move(detector), std::move(codes)});
  }
  auto reconfigure(const MultiDbConfig& config) { return act(op::Reconfigure{config}); }

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
  static constexpr bool is_blocking = std::is_same_v<Forms, detail::BlockingForms>;

  auto act(op::Operation operation) {
    if constexpr (is_blocking) {
      const Result<void> done = engine_->operate_and_wait(std::move(operation));
      if (!done) throw done.error();
    } else {
      return detail::LazyOperation<void>(*engine_, std::move(operation));
    }
  }

  detail::MultiDbEngine* engine_;  // the front end's
};

}  // namespace meridian
