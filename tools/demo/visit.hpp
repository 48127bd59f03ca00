// The workload on servers that the user names. Nothing is broken on purpose, and what is written goes away by itself.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "demo/screen.hpp"
#include "demo/settings.hpp"

namespace meridian::demo {

struct Visit {
  std::vector<std::string> uris;    // weights descend in this order
  std::chrono::seconds length{20};  // 0: until interrupted
};

// What happened, as one JSON object, also when it was cut short. Throws Error when the client cannot start.
[[nodiscard]] nlohmann::ordered_json visit(Screen& screen, const Tempo& tempo, const Visit& plan,
                                           const std::stop_token& stop);

}  // namespace meridian::demo
