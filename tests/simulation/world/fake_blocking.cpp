#include "simulation/world/fake_blocking.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace meridian::simulation {
namespace {

// Milliseconds; 0 is for ever.
Duration time_of(double milliseconds) {
  if (milliseconds <= 0) return Duration::max();
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(milliseconds));
}

}  // namespace

std::optional<Duration> blocking_time(Verb verb, Keyspace::Words words) {
  if (verb == Verb::blpop) return time_of(1000 * std::strtod(std::string(words.back()).c_str(), nullptr));
  if (verb == Verb::xread && words[1] == "BLOCK") return time_of(std::strtod(std::string(words[2]).c_str(), nullptr));
  return std::nullopt;
}

void FakeBlocking::remove(ConnectionId connection) {
  std::erase_if(line_, [connection](const Waiting& w) { return w.connection == connection; });
}

bool FakeBlocking::has(ConnectionId connection) const noexcept {
  return std::ranges::any_of(line_, [connection](const Waiting& w) { return w.connection == connection; });
}

std::optional<FakeBlocking::Waiting> FakeBlocking::take_expired(TimePoint now) {
  const auto found = std::ranges::find_if(line_, [now](const Waiting& w) { return w.until <= now; });
  if (found == line_.end()) return std::nullopt;
  std::optional<Waiting> expired(std::move(*found));
  line_.erase(found);
  return expired;
}

}  // namespace meridian::simulation
