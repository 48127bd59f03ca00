// Reading and writing of durations.
#include <meridian/duration_text.hpp>

#include <charconv>
#include <cstdint>

namespace meridian {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

// Largest first. Nanoseconds are written but not read: no option of a connection is that small.
constexpr Unit units[] = {{"m", 60'000'000'000}, {"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}};

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [unit_begin, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc()) return std::nullopt;
  const std::string_view name(unit_begin, static_cast<std::size_t>(end - unit_begin));
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    const std::int64_t most = Duration::max().count() / unit.nanoseconds;
    if (count > most || count < -most) return std::nullopt;
    return Duration(count * unit.nanoseconds);
  }
  return std::nullopt;
}

std::string duration_text(Duration duration) {
  if (duration == Duration::zero()) return "0ms";
  for (const Unit& unit : units) {
    if (duration.count() % unit.nanoseconds == 0) {
      return std::to_string(duration.count() / unit.nanoseconds) + std::string(unit.name);
    }
  }
  return std::to_string(duration.count()) + "ns";
}

}  // namespace meridian
