// Makes what a server said fit for an error, an event or a terminal.
#pragma once

#include <string>
#include <string_view>

namespace meridian::core {

// `text` with every byte outside printable ASCII written as \xNN. At most 256 bytes; what was cut off shows as "…"
// behind them, and no \xNN is cut in two.
[[nodiscard]] std::string escape_server_text(std::string_view text);

// The same between single quotes: how a message shows a value that somebody wrote.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace meridian::core
