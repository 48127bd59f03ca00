/// \file
/// Durations as text, in URIs, configuration files and messages: a whole number and a unit (us, ms, s, m).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <meridian/export.hpp>
#include <meridian/time.hpp>

namespace meridian {

/// "250ms", "5s", "1m", "100us", "-5ms"; nothing for any other text and for what does not fit.
[[nodiscard]] MERIDIAN_EXPORT std::optional<Duration> parse_duration(std::string_view text);

/// The same notation, with the largest unit that says it exactly ("90s", "1500us", "7ns").
[[nodiscard]] MERIDIAN_EXPORT std::string duration_text(Duration duration);

}  // namespace meridian
