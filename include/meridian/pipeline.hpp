/// \file
/// Pipelines: many commands in one write, their replies in one read.
///
/// \code
/// auto [name, hits] = client.pipeline(cmd::get("name"), cmd::incr("hits"));   // Results, each with its own outcome
///
/// meridian::Pipeline pipeline = client.pipeline();                            // as many as you like
/// auto first = pipeline.get("a");
/// auto second = pipeline.incr("b");
/// pipeline.execute();
/// std::optional<std::string> value = first.value();                           // throws meridian::Error
/// \endcode
///
/// The commands go out in their order on one connection, and never to two databases (PIPE-1): when a switch comes in
/// between, those that were not sent fail as `not_sent`. A pipeline of which nothing was sent follows the switch whole
/// (PIPE-2). Each command is judged for itself; a pipeline is not a transaction.
#pragma once

#include <deque>
#include <new>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <meridian/commands.hpp>
#include <meridian/detail/arena.hpp>
#include <meridian/detail/outcome.hpp>

namespace meridian {

/// The result of one command of a `Pipeline`, which must outlive it.
template <class T>
class PipelineResult {
 public:
  /// REQUIRES: `Pipeline::execute` has returned; once.
  [[nodiscard]] Result<T> result() { return outcome_->take(); }
  /// The same; throws `Error`.
  T value() { return value_or_throw(result()); }

 private:
  friend class Pipeline;
  explicit PipelineResult(detail::TypedOutcome<T>& outcome) noexcept : outcome_(&outcome) {}
  detail::TypedOutcome<T>* outcome_;
};

/// Commands to be run together. Has the named commands, each returning a `PipelineResult`. Not thread-safe; its client
/// must outlive it.
class Pipeline : public Commands<Pipeline> {
 public:
  explicit Pipeline(detail::Engine& engine) noexcept : engine_(&engine) {}
  Pipeline(Pipeline&&) noexcept = default;
  Pipeline& operator=(Pipeline&&) = delete;
  ~Pipeline() { destroy(); }

  /// Adds a command. REQUIRES: not executed yet, or cleared.
  template <class T>
  PipelineResult<T> run(const Command<T>& command) {
    using Outcome = detail::TypedOutcome<T>;
    auto* outcome = ::new (memory_.take<Outcome>()) Outcome(command.decode);
    // All commands in one piece of memory, which may move until they are sent.
    const std::string_view bytes = command.request.bytes;
    bytes_.append(bytes);
    calls_.push_back({command.request.view(), outcome});
    return PipelineResult<T>(*outcome);
  }

  /// Sends everything and waits until each command has its result. Never throws for what happens to the commands. The
  /// deadline and the stop token are those of the whole pipeline.
  void execute(const CallOptions& options = {}) {
    const char* at = bytes_.data();
    for (detail::EngineCall& call : calls_) {
      call.request.bytes = {at, call.request.bytes.size()};
      at += call.request.bytes.size();
    }
    std::deque<detail::Stopper> stoppers;
    if (options.stop.stop_possible()) {
      for (const detail::EngineCall& call : calls_) stoppers.emplace_back(*engine_, *call.outcome, options.stop);
    }
    engine_->execute(calls_, options);
  }

  /// Forgets all commands and results, for the next round.
  void clear() noexcept {
    destroy();
    calls_.clear();
    bytes_.clear();
    memory_.clear();
  }

  [[nodiscard]] std::size_t size() const noexcept { return calls_.size(); }

 private:
  void destroy() noexcept {
    for (const detail::EngineCall& call : calls_) call.outcome->~Outcome();
  }

  detail::Engine* engine_;
  std::vector<detail::EngineCall> calls_;
  std::string bytes_;     // the encoded commands, one after another
  detail::Arena memory_;  // their outcomes
};

namespace detail {

/// Runs a pipeline of a fixed shape; allocates nothing of its own.
template <class... T>
[[nodiscard]] std::tuple<Result<T>...> execute_pipeline(Engine& engine, const CallOptions& options,
                                                        const Command<T>&... commands) {
  std::tuple<TypedOutcome<T>...> outcomes(commands.decode...);
  return std::apply(
      [&](TypedOutcome<T>&... outcome) {
        const EngineCall calls[] = {{commands.request.view(), &outcome}...};
        const Stopper stoppers[] = {Stopper(engine, outcome, options.stop)...};
        engine.execute(calls, options);
        return std::tuple<Result<T>...>{outcome.take()...};
      },
      outcomes);
}

}  // namespace detail

}  // namespace meridian
