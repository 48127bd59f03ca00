// Durations as text, in URIs and in messages about wrong ones: a whole number and a unit (us, ms, s, m).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <meridian/time.hpp>

namespace meridian::core {

// "250ms", "5s", "1m", "100us", "-5ms"; nothing for any other text and for what does not fit.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

// The same notation, with the largest unit that says it exactly ("90s", "1500us", "7ns").
[[nodiscard]] std::string duration_text(Duration duration);

}  // namespace meridian::core
