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

namespace detail {

/// A command of a pipeline and the place of its result.
template <class T>
struct PipelinedCommand final : TypedOutcome<T> {
  explicit PipelinedCommand(Command<T> command)
      : TypedOutcome<T>(command.decode), request(std::move(command.request)) {}
  Request request;
};

}  // namespace detail

/// The result of one command of a `Pipeline`, which must outlive it.
template <class T>
class PipelineResult {
 public:
  /// REQUIRES: `Pipeline::execute` has returned; once.
  [[nodiscard]] Result<T> result() { return command_->take(); }
  /// The same; throws `Error`.
  T value() { return value_or_throw(result()); }

 private:
  friend class Pipeline;
  explicit PipelineResult(detail::PipelinedCommand<T>& command) noexcept : command_(&command) {}
  detail::PipelinedCommand<T>* command_;
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
  PipelineResult<T> run(Command<T> command) {
    using Added = detail::PipelinedCommand<T>;
    Added* added = ::new (memory_.take<Added>()) Added(std::move(command));
    // All commands in one piece of memory: what each came in is given back at once.
    bytes_.append(added->request.bytes);
    std::string().swap(added->request.bytes);
    calls_.push_back({{}, &added->request, added});
    ends_.push_back(bytes_.size());
    return PipelineResult<T>(*added);
  }

  /// Sends everything and waits until each command has its result. Never throws for what happens to the commands. The
  /// deadline and the stop token are those of the whole pipeline.
  void execute(const CallOptions& options = {}) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      calls_[i].bytes = std::string_view(bytes_).substr(begin, ends_[i] - begin);
      begin = ends_[i];
    }
    std::deque<detail::Stopper> stoppers;
    if (options.stop.stop_possible()) {
      for (const detail::BatchedCall& call : calls_) stoppers.emplace_back(*engine_, *call.outcome, options.stop);
    }
    engine_->execute_all(calls_, options);
  }

  /// Forgets all commands and results, for the next round.
  void clear() noexcept {
    destroy();
    calls_.clear();
    ends_.clear();
    bytes_.clear();
    memory_.clear();
  }

  [[nodiscard]] std::size_t size() const noexcept { return calls_.size(); }

 private:
  void destroy() noexcept {
    for (const detail::BatchedCall& call : calls_) call.outcome->~Outcome();
  }

  detail::Engine* engine_;
  std::vector<detail::BatchedCall> calls_;
  std::string bytes_;              // the encoded commands, one after another
  std::vector<std::size_t> ends_;  // where each ends
  detail::Arena memory_;           // the rest of the commands
};

namespace detail {

/// Runs a pipeline of a fixed shape; allocates nothing of its own.
template <class... T>
[[nodiscard]] std::tuple<Result<T>...> execute_pipeline(Engine& engine, const CallOptions& options,
                                                        const Command<T>&... commands) {
  std::tuple<TypedOutcome<T>...> outcomes(commands.decode...);
  return std::apply(
      [&](TypedOutcome<T>&... outcome) {
        const BatchedCall calls[] = {{commands.request.bytes, &commands.request, &outcome}...};
        const Stopper stoppers[] = {Stopper(engine, outcome, options.stop)...};
        engine.execute_all(calls, options);
        return std::tuple<Result<T>...>{outcome.take()...};
      },
      outcomes);
}

}  // namespace detail

}  // namespace meridian
