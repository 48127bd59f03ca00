// What the library reports, as lines for a person; and durations as text.
#pragma once

#include <string>

#include <meridian/meridian.hpp>

#include "demo/screen.hpp"

namespace meridian::demo {

// "31.0 ms", "1.08 s".
[[nodiscard]] std::string measured(Duration duration);

// A duration of the configuration: "250 ms", "2 s".
[[nodiscard]] std::string configured(Duration duration);

[[nodiscard]] Line describe(const Event& event);

}  // namespace meridian::demo
