// How fast the brain tries again. The options of MultiDbConfig say the rest.
#pragma once

#include <meridian/time.hpp>

namespace meridian::failover {

// FO-6: while nothing is usable each database is tried at least this often …
inline constexpr Duration rescue_interval = std::chrono::milliseconds(500);
// … but all together open no more than ten connections a second.
inline constexpr Duration between_connects = std::chrono::milliseconds(100);
// FO-7: no database is held down for longer, but for a grace period that is longer by itself.
inline constexpr Duration longest_hold_down = std::chrono::minutes(5);
inline constexpr int most_flaps = 20;
// How long the program's failover strategy may think.
inline constexpr Duration strategy_patience = std::chrono::milliseconds(100);
// One that was removed is forgotten a little later than its last connections give up by themselves.
inline constexpr Duration after_drain = std::chrono::milliseconds(100);
// FB-3: how soon a stage is looked at again that could not follow because the database it goes to is being looked into.
inline constexpr Duration stage_patience = std::chrono::milliseconds(250);

}  // namespace meridian::failover
