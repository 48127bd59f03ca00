// The main story: three servers of our own, a kill and a hang, and the way back after each.
#pragma once

#include <stop_token>

#include "demo/report.hpp"
#include "demo/screen.hpp"
#include "demo/settings.hpp"

namespace meridian::demo {

// Starts the servers, tells the story on `screen`, counts, and leaves nothing behind, however it ends: it throws
// Interrupted when stopped, ServerError when a server does not do as it is told, and Error when the client cannot
// start. Call it on a thread that outlives it: the servers die with the thread.
[[nodiscard]] StoryReport tell_story(Screen& screen, const Tempo& tempo, const std::stop_token& stop);

}  // namespace meridian::demo
