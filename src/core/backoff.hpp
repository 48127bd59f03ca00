// The waits of a `Backoff`, as a pure function.
#pragma once

#include <meridian/backoff.hpp>

namespace meridian::core {

// The wait before repetition `attempt` (the first is 1). Without jitter: `base` (constant), `base × attempt` (linear),
// `base × 2^(attempt − 1)` (exponential), never above `cap`; or what `steps` says. Full jitter multiplies that by
// `uniform`, a number from [0, 1), but never goes below 1 ms (or the whole wait, if that is shorter), so that no draw
// makes a tight loop. Kind `none` waits 0. REQUIRES: `backoff` is valid, see validate.hpp.
[[nodiscard]] Duration backoff_delay(const Backoff& backoff, int attempt, double uniform) noexcept;

}  // namespace meridian::core
