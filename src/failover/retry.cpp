#include "failover/retry.hpp"

#include "core/decision.hpp"

namespace meridian::failover {

Retry decide_retry(const RetryRules& rules, const AttemptRecord& attempt, Count count) noexcept {
  switch (attempt.code) {
    case ErrorCode::closed:
    case ErrorCode::cancelled:
    case ErrorCode::moved:  // a matter of routing, not of trying again
      return Retry::give_up;
    default: break;
  }
  switch (attempt.delivery) {
    case Delivery::not_sent: return Retry::when_possible;
    case Delivery::rejected: return Retry::after_backoff;
    case Delivery::in_doubt: {
      const Repeat grade = attempt.traits.repeat;
      const bool allowed = grade <= rules.repeat_up_to && grade != Repeat::never;
      const bool harmless = core::decide<core::Decision::repeat_when_in_doubt>(allowed, true) ||
                            core::decide<core::Decision::repeat_transaction>(false, grade == Repeat::never);
      const bool few = count == Count::by_rule || attempt.doubtful < rules.policy.retries;
      return harmless && few ? Retry::after_backoff : Retry::give_up;
    }
    case Delivery::answered: return Retry::give_up;
  }
  return Retry::give_up;
}

}  // namespace meridian::failover
