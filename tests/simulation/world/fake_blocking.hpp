// The connections of a fake server that wait in BLPOP or XREAD BLOCK, in the order in which they came.
// https://redis.io/docs/latest/commands/blpop/
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/time.hpp>

#include "simulation/world/keyspace.hpp"
#include "simulation/world/wire_tap.hpp"

namespace meridian::simulation {

// How long such a command may wait when there is nothing for it; `Duration::max()`: for ever. Nothing: it does not.
[[nodiscard]] std::optional<Duration> blocking_time(Verb verb, Keyspace::Words words);

class FakeBlocking {
 public:
  struct Waiting {
    ConnectionId connection = 0;
    int database = 0;
    int protocol = 2;
    Verb verb{};
    std::vector<std::string> words;
    TimePoint until{};

    // The same, which look at it.
    [[nodiscard]] std::vector<std::string_view> views() const { return {words.begin(), words.end()}; }
  };

  void add(Waiting waiting) { line_.push_back(std::move(waiting)); }
  void remove(ConnectionId connection);
  void clear() { line_.clear(); }
  [[nodiscard]] bool has(ConnectionId connection) const noexcept;
  [[nodiscard]] const std::deque<Waiting>& line() const noexcept { return line_; }

  // The first whose time is over, taken out.
  [[nodiscard]] std::optional<Waiting> take_expired(TimePoint now);

 private:
  std::deque<Waiting> line_;
};

}  // namespace meridian::simulation
