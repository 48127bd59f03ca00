/// \file
/// Judges of real traffic beside the rules of `CircuitBreakerOptions`: derive, or pass a function.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <meridian/error.hpp>
#include <meridian/export.hpp>
#include <meridian/time.hpp>

namespace meridian {

/// How one attempt of a command ended, on the active database.
struct ObservedAttempt {
  std::string database{};
  bool is_read = false;
  std::optional<ErrorCode> error{};  ///< Unset: it was answered, if only with an error about the command itself.
  TimePoint at{};                    ///< When it ended.
  Duration elapsed{0};               ///< Since it was sent.
};

/// Sees every attempt that was sent and counts (DET-2), in order, on a thread of the client's for the program's own
/// code; a connection that is lost shows each command that it owed. One that throws is as one that says nothing; one
/// that blocks misses what happens beyond 10 000 attempts that wait, and harms no call. Destroying the client waits for
/// a call of it that is under way, so that it never outlives what it uses: it must return some time.
class MERIDIAN_EXPORT FailureDetector {
 public:
  virtual ~FailureDetector() = default;

  /// Why the breaker of `attempt.database` should open now, in words; nothing if it should not.
  [[nodiscard]] virtual std::optional<std::string> observe(const ObservedAttempt& attempt) = 0;

  /// Its breaker has opened or closed, or the database became active: what was counted is of the past.
  virtual void forget(const std::string& database) { static_cast<void>(database); }
};

using FailureDetectors = std::vector<std::shared_ptr<FailureDetector>>;

/// A detector from a function.
[[nodiscard]] MERIDIAN_EXPORT std::shared_ptr<FailureDetector> failure_detector(
    std::function<std::optional<std::string>(const ObservedAttempt&)> observe);

}  // namespace meridian
