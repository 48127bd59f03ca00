/// \file
/// Whether and when a call is repeated, decided by the program: derive, or pass a function.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <meridian/delivery.hpp>
#include <meridian/error.hpp>
#include <meridian/export.hpp>
#include <meridian/time.hpp>

namespace meridian {

/// An attempt of a call that failed.
struct FailedAttempt {
  std::string command{};
  ErrorCode code{};
  Delivery delivery{};
  Repeat repeat = Repeat::never;  ///< The grade of the command.
  int attempts = 0;               ///< So far, ≥ 1.
  Duration elapsed{0};            ///< Since the call was issued.
  std::string database{};
};

/// Asked for attempts that the server rejected, and for those in doubt that `repeat_up_to` allows: it can refuse a
/// repetition and choose its wait, but not make one that could run something twice. In place of
/// `RetryPolicy::retries` and `RetryPolicy::backoff`. It is asked on a thread of the client's for the program's own
/// code; one that throws, or takes longer than 100 ms, is passed over, and those two decide. Destroying the client
/// waits for a call of it that is under way: it must return some time.
class MERIDIAN_EXPORT RetryRule {
 public:
  virtual ~RetryRule() = default;

  /// The wait before the next attempt, ≥ 0 (10 ms at least after a rejection); nothing: the call ends with its error.
  [[nodiscard]] virtual std::optional<Duration> repeat_after(const FailedAttempt& attempt) = 0;
};

/// A rule from a function.
[[nodiscard]] MERIDIAN_EXPORT std::shared_ptr<RetryRule> retry_rule(
    std::function<std::optional<Duration>(const FailedAttempt&)> repeat_after);

}  // namespace meridian
