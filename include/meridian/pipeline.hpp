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
/// Values as views: nothing is allocated for them, the pipeline keeps their bytes and uses the memory again.
///
/// \code
/// auto name = pipeline.views().get("name");                                   // as all named commands
/// pipeline.execute();
/// std::optional<std::string_view> text = name.value();                        // until clear() or the next execute()
/// \endcode
///
/// The commands go out in their order on one connection, and never to two databases (PIPE-1): when a switch comes in
/// between, those that were not sent fail as `not_sent`. A pipeline of which nothing was sent follows the switch whole
/// (PIPE-2). Each command is judged for itself; a pipeline is not a transaction.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <tuple>
#include <utility>

#include <meridian/commands.hpp>
#include <meridian/detail/awaitable.hpp>
#include <meridian/detail/command_list.hpp>
#include <meridian/detail/outcome.hpp>

namespace meridian {

/// The result of one command of a `Pipeline`, which must outlive it.
template <class T>
class PipelineResult {
 public:
  /// REQUIRES: `Pipeline::execute` has returned; once.
  [[nodiscard]] Result<T> result() { return outcome_->take(); }
  /// The same; throws `Error`.
  T value() { return outcome_->take_value(); }

 private:
  friend class Pipeline;
  friend class AsyncPipeline;
  friend class Transaction;
  friend class AsyncTransaction;
  friend class WatchedTransaction;
  friend class AsyncWatchedTransaction;
  template <class AnyPipeline>
  friend class PipelineViews;
  explicit PipelineResult(detail::ListedOutcome<T>& outcome) noexcept : outcome_(&outcome) {}
  detail::ListedOutcome<T>* outcome_;
};

/// The named commands of a pipeline with views in the place of strings: `std::string_view` for `std::string`,
/// `std::optional<std::string_view>` for `std::optional<std::string>`; whatever else a command gives is given as
/// always. A view looks at bytes that the pipeline keeps until it is cleared, executed again or destroyed. A light
/// handle on its pipeline, which must outlive it and stay where it is.
template <class AnyPipeline>
class PipelineViews : public Commands<PipelineViews<AnyPipeline>> {
 public:
  /// As `Pipeline::run`.
  template <class T>
  PipelineResult<typename detail::ViewOf<T>::type> run(const Command<T>& command) {
    return PipelineResult<typename detail::ViewOf<T>::type>(list_->add_view(command));
  }

 private:
  friend AnyPipeline;
  explicit PipelineViews(detail::CommandList& list) noexcept : list_(&list) {}
  detail::CommandList* list_;
};

/// Commands to be run together. Has the named commands, each returning a `PipelineResult`. Not thread-safe; its client
/// must outlive it.
class Pipeline : public Commands<Pipeline> {
 public:
  explicit Pipeline(detail::Engine& engine) noexcept : engine_(&engine) {}

  /// Adds a command. REQUIRES: not executed yet, or cleared.
  template <class T>
  PipelineResult<T> run(const Command<T>& command) {
    return PipelineResult<T>(list_.add(command));
  }

  /// The named commands with views; see `PipelineViews`.
  [[nodiscard]] PipelineViews<Pipeline> views() noexcept { return PipelineViews<Pipeline>(list_); }

  /// Sends everything and waits until each command has its result. Never throws for what happens to the commands. The
  /// deadline and the stop token are those of the whole pipeline.
  void execute(const CallOptions& options = {}) {
    const std::span<const detail::EngineCall> calls = list_.calls();
    const detail::Stoppers stoppers(*engine_, calls, options.stop);
    engine_->execute(calls, &options);
  }

  /// Forgets all commands and results, for the next round.
  void clear() noexcept { list_.clear(); }

  [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }

 private:
  detail::Engine* engine_;
  detail::CommandList list_;
};

/// A pipeline of an asynchronous client: `co_await pipeline.execute();`. Not movable, because results and the calls
/// under way look at it; otherwise as `Pipeline`.
class AsyncPipeline : public Commands<AsyncPipeline> {
 public:
  explicit AsyncPipeline(detail::Engine& engine) noexcept : engine_(&engine) {}
  AsyncPipeline(const AsyncPipeline&) = delete;
  AsyncPipeline& operator=(const AsyncPipeline&) = delete;

  /// As `Pipeline::run`.
  template <class T>
  PipelineResult<T> run(const Command<T>& command) {
    return PipelineResult<T>(list_.add(command));
  }

  /// As in `Pipeline`.
  [[nodiscard]] PipelineViews<AsyncPipeline> views() noexcept { return PipelineViews<AsyncPipeline>(list_); }

  /// Sends everything; `co_await` returns when each command has its result. Never throws for what happens to them.
  [[nodiscard]] detail::GroupAwaiter execute(const NamedOptions& options = NamedOptions()) {
    return {group_, *engine_, list_.calls(), options};
  }

  /// As in `Pipeline`.
  void clear() noexcept { list_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }

 private:
  detail::Engine* engine_;
  detail::SuspendedGroup group_;
  detail::CommandList list_{&group_};
};

namespace detail {

/// The bytes of a few requests in one piece, so that they go out as one.
class JoinedBytes {
 public:
  explicit JoinedBytes(std::size_t bytes) {
    if (bytes > small_.size()) large_ = std::make_unique_for_overwrite<char[]>(bytes);
    end_ = large_ ? large_.get() : small_.data();
  }
  JoinedBytes(const JoinedBytes&) = delete;
  JoinedBytes& operator=(const JoinedBytes&) = delete;
  ~JoinedBytes() = default;

  /// The request with its bytes here. REQUIRES: not more in all than was said.
  [[nodiscard]] RequestView add(RequestView request) noexcept {
    char* const begin = end_;
    end_ = std::copy(request.bytes.begin(), request.bytes.end(), begin);
    request.bytes = {begin, request.bytes.size()};
    return request;
  }

 private:
  std::array<char, 512> small_;
  std::unique_ptr<char[]> large_;
  char* end_;
};

/// Runs a pipeline of a fixed shape; allocates nothing of its own unless it is large.
template <class... T>
[[nodiscard]] std::tuple<Result<T>...> execute_pipeline(Engine& engine, const CallOptions& options,
                                                        const Command<T>&... commands) {
  const RequestInCompany requests[] = {RequestInCompany(commands.request)...};
  std::size_t bytes = 0;
  for (const RequestInCompany& request : requests) bytes += request.view().bytes.size();
  JoinedBytes joined(bytes);
  std::tuple<TypedOutcome<T>...> outcomes(commands.decode...);
  return std::apply(
      [&](TypedOutcome<T>&... outcome) {
        const RequestInCompany* request = requests;
        const EngineCall calls[] = {{joined.add((request++)->view()), &outcome}...};
        const Stoppers stoppers(engine, calls, options.stop);
        engine.execute(calls, &options);
        return std::tuple<Result<T>...>{outcome.take()...};
      },
      outcomes);
}

}  // namespace detail

}  // namespace meridian
