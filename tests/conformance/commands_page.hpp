// docs/commands.md: the typed commands, and those that have no typed form. Made from the examples and from what the
// server says that they run on.
#pragma once

#include <string>
#include <vector>

namespace meridian::conformance {

// Where it is kept.
[[nodiscard]] std::string path_of_page();
[[nodiscard]] std::string commands_page();

// The server's commands that have neither an example nor a reason.
[[nodiscard]] std::vector<std::string> unexplained_commands();

}  // namespace meridian::conformance
