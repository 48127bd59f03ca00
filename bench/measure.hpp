// Measures one row: every client in short slices, in turn, so that all of them meet the same machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "bench/row.hpp"

namespace meridian::bench {

using Json = nlohmann::ordered_json;

// How long and how often.
struct Effort {
  int rounds = 9;
  std::chrono::milliseconds slice{150};
  std::chrono::milliseconds warm_up{30};  // before each slice
};

// What to measure against.
struct Servers {
  std::uint16_t port = 0;         // of the server that all clients use
  std::uint16_t second_port = 0;  // of the other database of a MultiDbClient
  std::string tls_uri;            // of the same server over TLS
};

// One object for each client, as `--json` prints them. The placement must be in force already. Throws
// std::runtime_error if a client fails.
[[nodiscard]] Json measure_row(const Row& row, const Servers& servers, const Effort& effort);

}  // namespace meridian::bench
