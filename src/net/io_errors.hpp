// What the system's error numbers mean to us.
#pragma once

#include <string>

#include "io/stream.hpp"

namespace meridian::net {

// Of opening and connecting a socket.
[[nodiscard]] io::IoStatus connect_status(int error) noexcept;

// Of reading and writing a connected one. Never ok.
[[nodiscard]] io::IoStatus transfer_status(int error) noexcept;

// "connection refused", "unreachable (No route to host)": the status, and the system's words where they say more.
[[nodiscard]] std::string reason_text(io::IoStatus status, int error);
[[nodiscard]] std::string reason_with_words(io::IoStatus status, int error);

}  // namespace meridian::net
