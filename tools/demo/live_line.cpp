// What the live line says, in full or for a narrow terminal.
#include "demo/live_line.hpp"

#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <string>
#include <utility>

namespace meridian::demo {
namespace {

using Clock = std::chrono::steady_clock;

// Below this width the words between the figures are left out.
constexpr std::size_t full_width = 120;

Tone tone_of(CircuitState state) {
  switch (state) {
    case CircuitState::closed: return Tone::good;
    case CircuitState::open: return Tone::bad;
    case CircuitState::half_open: return Tone::warning;
  }
  return Tone::plain;
}

std::string name_of(CircuitState state, bool full) {
  if (!full && state == CircuitState::half_open) return "half";
  return std::string(to_string(state));
}

Span count(const char* name, std::uint64_t number) {
  return {std::string(name) + " " + std::to_string(number), number == 0 ? Tone::plain : Tone::warning};
}

}  // namespace

LiveLine::LiveLine(Screen& screen, const MultiDbClient& client, const Tally& tally)
    : screen_(screen), client_(client), tally_(tally), thread_([this](const std::stop_token& stop) { show(stop); }) {}

LiveLine::~LiveLine() {
  thread_.request_stop();
  thread_.join();
  screen_.end_live();
}

void LiveLine::show(const std::stop_token& stop) {
  const Clock::duration interval = screen_.rewrites() ? std::chrono::milliseconds(100) : std::chrono::seconds(1);
  // Throughput is that of the last second or so.
  std::deque<std::pair<Clock::time_point, std::uint64_t>> history{{Clock::now(), tally_.calls_answered()}};
  std::mutex mutex;
  std::condition_variable_any nothing_but_the_stop;
  std::unique_lock lock(mutex);
  while (!nothing_but_the_stop.wait_for(lock, stop, interval, [] { return false; }) && !stop.stop_requested()) {
    history.emplace_back(Clock::now(), tally_.calls_answered());
    while (history.size() > 2 && history.back().first - history[1].first >= std::chrono::seconds(1))
      history.pop_front();
    const std::chrono::duration<double> span = history.back().first - history.front().first;
    screen_.live(compose(static_cast<double>(history.back().second - history.front().second) / span.count()));
  }
}

Line LiveLine::compose(double per_second) const {
  const bool full = screen_.columns() >= full_width;
  const auto databases = client_.databases();
  char rate[32];
  std::snprintf(rate, sizeof rate, full ? "%4.0f calls/s  " : "%4.0f/s ", per_second);
  Line line{{rate, Tone::strong}};
  if (full) {
    std::string active = "none";
    for (const DatabaseStatus& d : databases) {
      if (d.active) active = d.name;
    }
    line.push_back({"active " + active, active == "none" ? Tone::bad : Tone::strong});
    line.push_back({"  breakers:"});
  }
  for (const DatabaseStatus& d : databases) {
    line.push_back({" " + std::string(!full && d.active ? "*" : "") + d.name + " "});
    line.push_back({name_of(d.circuit, full), tone_of(d.circuit)});
  }
  line.push_back({full ? "  failed: " : "  "});
  for (const Delivery delivery : {Delivery::not_sent, Delivery::rejected, Delivery::in_doubt}) {
    const std::string name(to_string(delivery));
    line.push_back(count(name.c_str(), tally_.calls_failed(delivery)));
    if (delivery != Delivery::in_doubt) line.push_back({full ? ", " : " "});
  }
  return line;
}

}  // namespace meridian::demo
