// What a report says of the machine and the moment, for the tools that write figures into docs/.
#pragma once

#include <string>

namespace meridian::testing {

// "2026-11-21 12:30 UTC"
[[nodiscard]] std::string date();

// The processor's model, or "unknown".
[[nodiscard]] std::string processor();

}  // namespace meridian::testing
