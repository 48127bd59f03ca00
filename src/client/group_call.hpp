// One call of a `FailoverGroup`, from its start to its end. Lives on the stack of its thread; on the loop only, except
// while that thread runs its function.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "client/group_calls.hpp"

namespace meridian::client {

struct GroupCalls::Call {
  Repeat repeat;
  const CallOptions& options;
  TimePoint issued{};
  std::optional<TimePoint> deadline{};  // from the first turn on
  bool cancelled = false;

  // The attempt under way, or the last one.
  std::uint64_t number = 0;  // order of attempts
  std::shared_ptr<const GroupTarget> target{};
  GroupAttemptEnd attempt{};

  // What earlier attempts left.
  int attempts = 0;
  int repeats = 0;
  int doubtful = 0;              // repetitions after an attempt that may have run
  bool may_have_run = false;     // some attempt ended in doubt: no later one can make that undone
  TimePoint resume_at{};         // backoff, or how long the program's RetryRule has to answer
  std::uint64_t question = 0;    // that it was asked; 0: none
  bool is_paid = false;          // the next attempt, out of the budget
  std::optional<Error> error{};  // of the last attempt

  // Waiting.
  std::shared_ptr<io::Parker> parker{};
  std::multimap<TimePoint, Call*>::iterator place{};
  bool is_parked = false;

  detail::GroupEnd end{};

  [[nodiscard]] bool is_read() const noexcept { return repeat == Repeat::read_only; }
};

}  // namespace meridian::client
