/// \file
/// Waits that grow: between repetitions of a call, between attempts to connect, between trials of a breaker.
#pragma once

#include <functional>
#include <vector>

#include <meridian/export.hpp>
#include <meridian/time.hpp>

namespace meridian {

/// A value: what it says is known before anything waits by it.
struct Backoff {
  enum class Kind {
    none,         ///< No wait.
    constant,     ///< Always `base`.
    linear,       ///< `base`, 2 × `base`, 3 × …
    exponential,  ///< `base`, 2 × `base`, 4 × …
    steps,        ///< What `steps` says.
  };
  Kind kind = Kind::exponential;
  Duration base = std::chrono::milliseconds(10);  ///< The first wait, > 0 unless `none` or `steps`.
  Duration cap = std::chrono::seconds(1);         ///< No wait is longer; ≥ `base`.
  bool full_jitter = true;                        ///< Draw each wait uniformly from (0, wait].
  std::vector<Duration> steps{};                  ///< Of `Kind::steps`: one after the other, > 0; the last stays.

  /// The waits that `wait(1)`, `wait(2)` … `wait(count)` give; the last stays. Asked here and now, and never again:
  /// what it throws is thrown here. `count` ≥ 1.
  [[nodiscard]] MERIDIAN_EXPORT static Backoff from(const std::function<Duration(int)>& wait, int count = 16);
};

}  // namespace meridian
