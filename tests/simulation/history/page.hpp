// docs/simulation.md has sections that different programs write.
#pragma once

#include <string>
#include <string_view>

namespace meridian::simulation {

// Puts `text` under the heading "## <heading>" of the page at `path`, in place of what is there, or at the end. A page
// that does not exist is begun. False if it cannot be written.
[[nodiscard]] bool replace_section(const std::string& path, std::string_view heading, std::string_view text);

}  // namespace meridian::simulation
