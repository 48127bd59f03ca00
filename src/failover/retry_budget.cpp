#include "failover/retry_budget.hpp"

#include <algorithm>
#include <utility>

namespace meridian::failover {
namespace {

using Seconds = std::chrono::duration<double>;

// So much time may be saved up for.
constexpr Seconds savings{10};

}  // namespace

RetryTokens::RetryTokens(const RetryBudget& budget, TimePoint now) noexcept
    : budget_(budget), tokens_(budget.per_second * savings.count()), filled_at_(now) {}

bool RetryTokens::take(TimePoint now) noexcept {
  fill(now);
  if (tokens_ < 1) return false;
  --tokens_;
  return true;
}

// What came since the last time is taken as spread evenly; what came before fades as it is left behind.
void RetryTokens::fill(TimePoint now) noexcept {
  const Seconds passed = now - std::exchange(filled_at_, now);
  const auto attempts = static_cast<double>(std::exchange(attempts_, 0));
  const double faded = std::min(1.0, passed / savings);
  const double counting = passed > savings ? attempts * (savings / passed) : attempts;
  recent_attempts_ = recent_attempts_ * (1 - faded) + counting;
  const double most = budget_.per_second * savings.count() + budget_.share * recent_attempts_;
  tokens_ = std::min(tokens_ + budget_.per_second * passed.count() + budget_.share * counting, most);
}

}  // namespace meridian::failover
