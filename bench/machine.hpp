// Where and with what it was measured.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "integration/support/redis_server.hpp"

namespace meridian::bench {

// Name and value, in the order in which they are shown.
using Machine = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] Machine describe_machine(const testing::RedisServer& server, const std::string& command_line);

}  // namespace meridian::bench
