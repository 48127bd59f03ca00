// The commands that have no typed form on purpose, and why. One table for all families.
#pragma once

#include <string_view>

namespace meridian::conformance {

// Empty if no reason is known, which the test reports.
[[nodiscard]] std::string_view why_untyped(std::string_view command);

}  // namespace meridian::conformance
