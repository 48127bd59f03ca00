// One call of the program, from its start to its one completion, over as many attempts as the rules allow.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <meridian/detail/engine.hpp>

#include "database/database.hpp"
#include "io/world.hpp"
#include "protocol/operation.hpp"

namespace meridian::client {

class Call;
class CallRunner;
class PipelineCall;

// A thread that waits for calls of its own. Lives on its stack; everybody else touches it on the loop only.
struct Waiter {
  std::size_t left = 0;                        // calls that are not over
  PipelineCall* unit = nullptr;                // its pipeline, if that went out as one
  bool counted = false;                        // among those that were just answered
  io::Parker* parked = nullptr;                // it sleeps there
  std::shared_ptr<database::Link> promised{};  // nobody reads it, and this thread is to
};

// What decides between two databases while a failback moves the traffic in stages (FB-3).
struct Need {
  // A single command that only reads, or a pipeline of such; nothing that belongs to one database or connection.
  bool reads = false;
  // All calls of one caller go the same way: `CallOptions::caller`, or the number of its thread. The numbers are small:
  // who takes a share of them mixes them first. 0: not known, because the call is older than the split.
  std::uint64_t caller = 0;
};

// What the calls of one pipeline have in common.
struct Batch {
  std::size_t calls = 0;                 // that are not over, if nobody waits for them: it goes with the last
  const Call* last_sent = nullptr;       // while it begins: the next one goes the same way
  std::optional<std::uint64_t> epoch{};  // PIPE-1: under which the first of them was handed to a connection,
  std::size_t database = 0;              // and of which database
  Need need{};                           // of all of them
  std::size_t out = 0;                   // those that went out or may still; at 0 the pipeline may begin anew (PIPE-2)
};

// Belongs to whoever made it; on the loop only.
struct Session final : detail::Session {
  database::Database* database = nullptr;  // null: no call of it has been sent yet
  std::shared_ptr<database::Link> link{};
  std::size_t index = 0;
  std::uint64_t epoch = 0;
  bool begun = false;  // something was answered there
};

// The attempt of a call that is under way, or its last one.
struct Attempt {
  database::Link* carrier = nullptr;  // while it is in line there
  // Database and epoch come from a Route, where they stand side by side: here they do not, or g++ 12 would load them as
  // one before the processor has put them together (design.md, section 7).
  std::size_t database = 0;
  database::LinkId link = 0;
  std::uint64_t epoch = 0;
  TimePoint sent_at{};
  TimePoint attempt_deadline{};
  bool had_its_time = false;  // it was given the database's whole timeout, not what the call's deadline left of it

  void begin_attempt(TimePoint now, Duration timeout, TimePoint call_deadline) noexcept {
    const TimePoint ends = timeout == Duration::max() ? TimePoint::max() : now + timeout;
    sent_at = now;
    attempt_deadline = std::min(call_deadline, ends);
    had_its_time = attempt_deadline == ends;
  }

  // I6: what waits behind a socket that takes no more keeps its place, and its time begins anew. Given back, it would
  // come to stand behind later calls of its caller. False: the call's own time is up.
  [[nodiscard]] bool begin_attempt_anew(TimePoint now, TimePoint call_deadline) noexcept {
    if (now >= call_deadline) return false;
    begin_attempt(now, attempt_deadline - sent_at, call_deadline);
    return true;
  }
};

// Belongs to its runner.
class Call final : public protocol::Operation, public io::Notice, public Attempt {
 public:
  // `waiter`: whose call it is; null: nobody waits.
  Call(CallRunner& owner, const detail::EngineCall& what, Waiter* who) noexcept
      : Operation(who != nullptr ? protocol::Waiting::on_thread : protocol::Waiting::on_loop, what.request.replies),
        runner(owner),
        request(what.request),
        session(static_cast<Session*>(what.session)),
        outcome(*what.outcome),
        waiter(who) {
    outcome.under_way = this;
  }
  ~Call() override = default;

  [[nodiscard]] std::string_view bytes() const noexcept override { return request.bytes; }
  [[nodiscard]] bool is_read() const noexcept override { return request.traits.is_read(); }
  [[nodiscard]] TimePoint deadline() const noexcept override { return attempt_deadline; }
  // One with a connection of its own does better on another.
  [[nodiscard]] bool waits_on(TimePoint now) noexcept override {
    return !is_dedicated() && begin_attempt_anew(now, call_deadline);
  }
  using Operation::let_take;
  void on_reply(const ReplyView& reply) noexcept override;
  void on_failure(const protocol::Failure& failure) noexcept override;
  void lead() noexcept override;

  CallRunner& runner;
  RequestView request;
  Session* const session;
  detail::Outcome& outcome;
  Waiter* const waiter;
  Batch* batch = nullptr;
  TimePoint issued{};
  TimePoint call_deadline{};  // CMD-2: the whole call
  std::uint64_t number = 0;   // order of issue
  std::uint64_t caller = 0;   // see Need

  // Where it waits while it is in no connection's line.
  enum class Place : std::uint8_t { elsewhere, for_route, for_dedicated, for_verdict, for_backoff };
  Place place = Place::elsewhere;
  TimePoint backoff_ends{};
  std::uint64_t question = 0;  // to the program's rule, that is to be answered before `backoff_ends`

  bool cacheable = false;  // its reply may be kept for others

  // What earlier attempts left.
  int attempts = 0;
  int repeats = 0;             // attempts that a backoff preceded
  int doubtful = 0;            // repetitions after an attempt that may have run
  bool was_rejected = false;   // the last attempt, by the server
  bool repeat_paid = false;    // the next attempt is a repetition that the budget affords
  bool may_have_run = false;   // some attempt ended in doubt: no later one can make that undone
  std::optional<Error> error;  // of the last attempt

  // What few calls need: those on a connection of their own, and those of several replies.
  struct Special {
    std::shared_ptr<database::Link> link{};  // during the attempt, if it is the call's own, or its session's
    database::Database* home = nullptr;      // where that one is to be given back
    TimePoint asked_at{};                    // since when the blocking timeout in the request counts
    std::optional<std::uint64_t> epoch{};    // the only one it may be sent under
    CallInfo* info = nullptr;
    RequestBytes bytes{};        // of a blocking command that is sent again, or of a whole script
    std::uint32_t parts = 0;     // replies so far
    bool multi_refused = false;  // what was to be held together runs command by command
    std::string part_error{};    // of a command inside MULTI … EXEC
  };
  std::unique_ptr<Special> special{};
  [[nodiscard]] bool is_dedicated() const noexcept { return session != nullptr || request.traits.needs_own_connection; }

 private:
  void tell() noexcept override { outcome.on_done(); }
  void told() noexcept override;

  // The runner's list of all calls that are not over.
  friend class CallRunner;
  Call* previous_ = nullptr;
  Call* next_ = nullptr;
};

}  // namespace meridian::client
