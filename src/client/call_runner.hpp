// Runs calls: sends them where the router says, repeats them as the rules allow, keeps their deadlines, completes each
// exactly once.
//
// Threads: the public methods are callable from any thread; each call begins inside a turn on the calling thread, and
// everything else happens inside turns, too. A thread that waits for its calls reads their replies itself when nobody
// else does (database/link.hpp); others are told of theirs on the I/O thread, outside any turn, where they may call
// the client again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "client/alone.hpp"
#include "client/answer_tally.hpp"
#include "client/call.hpp"
#include "client/pipeline_call.hpp"
#include "client/reply_cache.hpp"
#include "client/retry_adviser.hpp"
#include "client/router.hpp"
#include "client/waiting_calls.hpp"
#include "failover/retry.hpp"
#include "failover/retry_budget.hpp"
#include "io/world.hpp"

namespace meridian::client {

struct RunnerSettings {
  failover::RetryRules retry;
  RetryBudget retry_budget;
  Duration command_deadline{};
  std::size_t max_queued = 0;
  std::size_t max_queued_bytes = 0;
  std::size_t connections = 1;
  std::optional<CacheOptions> cache{};
};

class CallRunner {
 public:
  CallRunner(io::World& world, Router& router, RunnerSettings settings);
  CallRunner(const CallRunner&) = delete;
  CallRunner& operator=(const CallRunner&) = delete;
  ~CallRunner();

  // See detail::Engine. After `close` calls end at once with `closed`, in the calling thread.
  void execute(std::span<const detail::EngineCall> calls, const CallOptions* options);
  void start(std::span<const detail::EngineCall> calls, const CallOptions& options);
  void cancel(detail::Outcome& outcome) noexcept;

  [[nodiscard]] static std::unique_ptr<detail::Session> make_session();
  void end_session(std::unique_ptr<detail::Session> session, detail::Engine::SessionEnd how) noexcept;

  // --- On the loop.

  // Routes may have changed; whatever waits for one is tried again.
  void route_waiting();

  // The router is told of all answers so far: called by itself before it judges something else.
  void tell_answers() { tally_.tell(); }

  // Calls go to another database from now on, or nowhere. What the old one rejected has nothing to wait for.
  void on_switch();

  // The server says something by itself; or does not any more, about what was read on a connection that is gone.
  void on_push(ReplyView push);
  void on_tracking_lost();
  [[nodiscard]] CacheStatistics cache_statistics() const;

  // For calls from now on: when they are repeated, and their deadline. The rest of `settings` stays as it is.
  void reconfigure(const RunnerSettings& settings);

  // Ends every call with `closed`; those that were handed to a connection must have failed through it before.
  void close();

 private:
  friend class Call;
  friend class PipelineCall;
  friend class Alone;
  friend class LoneTrip;
  void on_reply(Call& call, const ReplyView& reply);
  [[gnu::cold]] void on_error_reply(Call& call, const ReplyView& reply, TimePoint heard_at);
  void on_part(Call& call, ReplyView reply);
  [[gnu::cold]] void send_whole_script(Call& call);
  [[gnu::cold]] void on_failure(Call& call, const protocol::Failure& failure);
  [[gnu::cold]] void tell_failed(const Call& call, const protocol::Failure& failure);

  // From beginning to end. Where a call rarely comes by is cold, so that the compiler keeps it out of everybody's way.
  enum class Company : std::uint8_t { alone, pipelined };
  [[gnu::cold]] static void refuse_to_wait(std::span<const detail::EngineCall> calls);
  [[gnu::noinline]] void execute_among_others(std::span<const detail::EngineCall> calls, const CallOptions& options);
  void execute_several(std::span<const detail::EngineCall> calls, const CallOptions& options);
  void start_one(const detail::EngineCall& call, const CallOptions& options);
  void start_several(std::span<const detail::EngineCall> calls, const CallOptions& options);
  [[gnu::cold]] static void end_refused(detail::Outcome& outcome, Error error);
  [[nodiscard]] bool is_refused(const detail::EngineCall& call, const CallOptions& options, Company company) const;
  [[nodiscard, gnu::cold]] Error refusal(const detail::EngineCall& call, const CallOptions& options) const;
  void begin(Call& call, TimePoint now, const CallOptions& options);
  void enter_in_books(Call& call, TimePoint now, const std::optional<Duration>& own_deadline);
  [[nodiscard]] bool answer_from_cache(Call& call, const CallOptions& options);
  [[nodiscard]] TimePoint deadline_of(const RequestView& request, TimePoint now,
                                      const std::optional<Duration>& own) const;
  [[nodiscard]] Need need_of(std::span<const detail::EngineCall> calls, const CallOptions& options) const;
  [[nodiscard]] Need need_of(const Call& call) const;
  [[nodiscard]] bool is_free_read(const detail::EngineCall& call) const;
  void attempt(Call& call, TimePoint now);
  [[gnu::cold]] void fail_late(Call& call);
  [[nodiscard]] bool end_if_barred(Call& call, const Route& route);
  static void set_attempt(Call& call, const Route& route, TimePoint now) noexcept;
  [[nodiscard]] bool follow_pipeline(Call& call);
  void hand_over(Call& call, database::Link& link);
  void set_carrier(Call& call, database::Link& link);
  [[nodiscard, gnu::cold]] Error error_of(const Call& call, const protocol::Failure& failure,
                                          std::string server_text) const;
  void add_to_list(Call& call);
  void complete(Call& call);
  void one_is_over(Waiter& waiter);
  [[gnu::cold]] void fail(Call& call);
  static void leave_batch(Batch& batch);

  // Waiting for a route, a connection, a verdict, a moment.
  [[gnu::cold]] void wait_for_route(Call& call);
  [[gnu::cold]] void wait_behind_others(Call& call);
  [[gnu::cold]] void put_in_line(Call& call);
  [[gnu::cold]] void wait_for_dedicated(Call& call);
  [[gnu::cold]] void wait_for_verdict(Call& call);
  void release_held();
  void route_soon();
  [[nodiscard]] bool refuse_if_queue_full(Call& call);
  void expire(Call& call);
  void on_timer();
  void schedule(TimePoint due);

  // In call_runner_repeating.cpp.
  [[gnu::cold]] void end_attempt(Call& call, const protocol::Failure& failure, std::string server_text);
  static void came_back(Call& call);
  void repeat_if_affordable(Call& call);
  void ask_rule(Call& call);
  void on_advice(std::uint64_t question, const Advice& advice);
  void follow_policy(Call& call);
  [[nodiscard]] Duration own_backoff(const Call& call);
  void wait_for_backoff(Call& call, Duration wait);
  void give_up(Call& call, std::string_view why);

  // In call_runner_dedicated.cpp.
  void attempt_dedicated(Call& call, const Route& route, TimePoint now);
  void stop_using_dedicated(Call& call, database::DedicatedLinks::State state);
  [[nodiscard]] bool end_in_session(Call& call, const protocol::Failure& failure);
  [[gnu::cold]] void abort_transaction(Call& call, const std::string& why);

  // In call_runner_pipelines.cpp.
  [[nodiscard]] bool may_go_as_one(std::span<const detail::EngineCall> calls, const CallOptions& options) const;
  [[nodiscard]] bool begin_as_one(PipelineCall& unit, TimePoint now, const CallOptions& options);
  void enter_in_books(PipelineCall& unit, const Route& route, TimePoint now,
                      const std::optional<Duration>& own_deadline);
  void set_carrier(PipelineCall& unit, database::Link& link);
  void on_reply(PipelineCall& unit, const ReplyView& reply);
  [[nodiscard]] bool start_as_one(std::span<const detail::EngineCall> calls, TimePoint now, const CallOptions& options,
                                  const Need& need);
  void on_refusal(PipelineCall& unit, std::size_t index, const ReplyView& reply);
  void all_is_over(PipelineCall& unit);
  void fail_rest(PipelineCall& unit, std::size_t first, const protocol::Failure& failure);
  [[nodiscard]] Call& call_of(PipelineCall& unit, std::size_t index);

  // In call_runner_alone.cpp.
  void execute_one(std::span<const detail::EngineCall> calls, const CallOptions* options);
  void execute_alone(std::span<const detail::EngineCall> calls, std::string_view bytes);
  [[nodiscard]] static std::size_t take_replies(LoneTrip& trip, database::Link& link, std::string_view got);
  void note_answers(const LoneTrip& trip);
  void tell_answers(const LoneTrip& trip, TimePoint now);
  [[gnu::cold]] void come_back(LoneTrip& trip, const io::IoResult& got, std::size_t taken);
  [[gnu::cold]] void go_on_with_others(LoneTrip& trip);
  [[gnu::cold]] void enter_in_books();
  [[gnu::cold]] void enter_in_books(LoneTrip& trip);
  [[nodiscard]] bool may_be_alone() const noexcept;
  void end_turn_alone();

  // In call_runner_threads.cpp.
  void wait(Waiter& waiter, std::span<const detail::EngineCall> calls, std::shared_ptr<database::Link> led = nullptr);
  void note_caller() noexcept;
  static void take_up_promise(Waiter& waiter, std::shared_ptr<database::Link>& led);
  static void hand_on(std::shared_ptr<database::Link>& led);
  void sleep(Waiter& waiter);
  [[nodiscard]] static database::Link* first_carrier(const Waiter& waiter,
                                                     std::span<const detail::EngineCall>& calls) noexcept;
  [[nodiscard]] bool gathering() const noexcept;
  void end_turn();
  void wake(Waiter& waiter);

  // Memory for calls: used again, so that a steady load allocates nothing.
  [[nodiscard]] void* take_memory();
  void recycle(Call& call);

  io::World& world_;
  Router& router_;
  Alone alone_{*this};
  AnswerTally tally_;
  RunnerSettings settings_;
  failover::RetryTokens retry_tokens_;
  // So many threads at once do best with a connection each, if they have as many processors. More of them share one:
  // commands that go out and come back together cost both ends much less.
  const std::size_t few_threads_;

  // On the loop only.
  Call* first_ = nullptr;  // all calls that are not over, in order of issue
  Call* last_ = nullptr;
  WaitingCalls waiting_;
  std::vector<void*> spare_memory_;
  std::uint64_t last_number_ = 0;
  std::unique_ptr<io::Timer> timer_;
  std::optional<TimePoint> armed_;
  const void* last_caller_ = nullptr;  // the thread that began to wait last
  bool calls_again_ = false;           // … and it did so the time before, too
  std::size_t waiting_threads_ = 0;    // inside `wait`
  std::size_t answered_threads_ = 0;   // those of them whose calls are over, who have not noticed yet
  std::optional<ReplyCache> cache_;
  std::optional<RetryAdviser> adviser_;
  bool routing_ = false;
  bool route_posted_ = false;
  bool closed_ = false;
};

}  // namespace meridian::client
