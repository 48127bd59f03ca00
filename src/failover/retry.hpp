// May this command be sent again, and when? (rule CMD-1) Pure.
#pragma once

#include <meridian/command.hpp>
#include <meridian/error.hpp>
#include <meridian/options.hpp>

namespace meridian::failover {

struct RetryRules {
  RetryPolicy policy;
  Repeat repeat_up_to = Repeat::overwrite;
};

// How a call stands after an attempt that failed.
struct AttemptRecord {
  ErrorCode code = ErrorCode::connection_lost;
  Delivery delivery = Delivery::not_sent;
  CommandTraits traits;
  int doubtful = 0;  // earlier repetitions of this call that had to be counted
};

// Who says how often: the policy's own number, or the program's rule, which is asked afterwards.
enum class Count { by_policy, by_rule };

enum class Retry {
  give_up,
  when_possible,  // as soon as a database takes commands: it certainly did not run
  after_backoff,  // the server would say the same again at once, or it may have run and is counted
};

[[nodiscard]] Retry decide_retry(const RetryRules& rules, const AttemptRecord& attempt,
                                 Count count = Count::by_policy) noexcept;

}  // namespace meridian::failover
