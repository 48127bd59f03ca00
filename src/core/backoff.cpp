// Backoff arithmetic: saturates instead of overflowing, however many attempts there were.
#include "core/backoff.hpp"

#include <algorithm>

namespace meridian::core {
namespace {

Duration unjittered(const Backoff& backoff, int attempt) noexcept {
  const int steps = std::max(attempt, 1);
  switch (backoff.kind) {
    case Backoff::Kind::none: return Duration::zero();
    case Backoff::Kind::constant: return std::min(backoff.base, backoff.cap);
    case Backoff::Kind::linear: return backoff.base > backoff.cap / steps ? backoff.cap : backoff.base * steps;
    case Backoff::Kind::exponential: {
      const int doublings = steps - 1;
      // From 62 doublings on, even 1 ns is above any cap.
      if (doublings >= 62 || backoff.base > backoff.cap / (Duration::rep{1} << doublings)) return backoff.cap;
      return backoff.base * (Duration::rep{1} << doublings);
    }
    case Backoff::Kind::steps:
      return backoff.steps[std::min(static_cast<std::size_t>(steps), backoff.steps.size()) - 1];
  }
  return backoff.cap;
}

}  // namespace

Duration backoff_delay(const Backoff& backoff, int attempt, double uniform) noexcept {
  const Duration wait = unjittered(backoff, attempt);
  if (!backoff.full_jitter) return wait;
  const Duration shortest = std::min<Duration>(wait, std::chrono::milliseconds(1));
  const Duration drawn{static_cast<Duration::rep>(static_cast<double>(wait.count()) * uniform)};
  return std::max(drawn, shortest);
}

}  // namespace meridian::core

namespace meridian {

Backoff Backoff::from(const std::function<Duration(int)>& wait, int count) {
  Backoff backoff{.kind = Kind::steps, .full_jitter = false};
  for (int attempt = 1; attempt <= count; ++attempt) backoff.steps.push_back(wait(attempt));
  return backoff;
}

}  // namespace meridian
