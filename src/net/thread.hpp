// Starting the library's own threads.
#pragma once

#include <functional>
#include <thread>

namespace meridian::net {

// Runs `body` on a thread with this name (at most 15 characters). Signals meant for the program are blocked in it from
// its first instruction, so that the program's handlers run on the program's threads; those that a fault of the thread
// itself raises are not. An exception that leaves `body` ends the program. Throws std::system_error if the system has
// no thread left.
[[nodiscard]] std::thread start_thread(const char* name, std::function<void()> body);

}  // namespace meridian::net
