// How many repetitions the traffic can afford (`RetryBudget`): a token bucket that a share of the attempts and the time
// fill. Pure. An attempt costs an increment; the clock is looked at when a repetition is asked for.
#pragma once

#include <cstdint>

#include <meridian/options.hpp>
#include <meridian/time.hpp>

namespace meridian::failover {

class RetryTokens {
 public:
  RetryTokens(const RetryBudget& budget, TimePoint now) noexcept;

  // An attempt that is no repetition.
  void on_first_attempt(std::uint64_t times = 1) noexcept { attempts_ += times; }

  // One more repetition is affordable, and is paid for.
  [[nodiscard]] bool take(TimePoint now) noexcept;

  // The repetition that was paid for was not made after all.
  void put_back() noexcept { ++tokens_; }

 private:
  void fill(TimePoint now) noexcept;

  RetryBudget budget_;
  double tokens_;
  double recent_attempts_ = 0;  // in the time that may be saved up for, about
  std::uint64_t attempts_ = 0;  // since it was filled last
  TimePoint filled_at_;
};

}  // namespace meridian::failover
