// How fast the brain tries again. The options of MultiDbConfig say the rest.
#pragma once

#include <meridian/time.hpp>

namespace meridian::failover {

// FO-6: while nothing is usable each database is tried at least this often …
inline constexpr Duration rescue_interval = std::chrono::milliseconds(500);
// … but all together open no more than ten connections a second.
inline constexpr Duration between_connects = std::chrono::milliseconds(100);
// DET-7: how soon a trial follows where no grace runs, and from where its wait grows.
inline constexpr Duration first_trial_wait = std::chrono::milliseconds(500);

}  // namespace meridian::failover
