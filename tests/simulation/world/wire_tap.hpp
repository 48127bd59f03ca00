// What the client hands to its sockets, seen at the moment of the call and cut into commands. The history checker
// judges from it which commands may have run and under which epoch they left (invariants I4 and I5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include <meridian/time.hpp>

#include "resp/scanner.hpp"
#include "simulation/world/byte_queue.hpp"

namespace meridian::simulation {

using ConnectionId = std::uint64_t;  // from 1, over all servers

// One `try_write` that accepted something.
struct HandedOver {
  TimePoint at;
  std::size_t server = 0;  // as in SimulatedWorld::server(index)
  ConnectionId connection = 0;
  std::span<const std::string_view> commands;  // the wire bytes of each command whose last byte this call accepted
  bool started = false;                        // the call accepted a byte of a command that is not complete yet
  bool malformed = false;  // the client's stream is not RESP any more; nothing is parsed from here on
};

// Runs inside `try_write`: it only takes notes. What it is given is valid during the call.
using WireTap = std::function<void(const HandedOver&)>;

// The words of a command's wire bytes: {"SET", "k", "v"}. Nothing if they are no array of strings.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view command);

// Cuts one connection's outgoing bytes into commands, as they are accepted.
class WireTapParser {
 public:
  // `seen` gets {commands, started, malformed}; the caller fills in the rest.
  void accepted(std::string_view bytes, HandedOver& seen);

 private:
  ByteQueue unfinished_;
  resp::Scanner scanner_;
  std::vector<std::string_view> commands_;
  std::size_t reported_ = 0;  // bytes of `unfinished_` that the last report's commands still view
  bool malformed_ = false;
};

}  // namespace meridian::simulation
