// The verdict, the table and the JSON object.
#include "demo/report.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include <nlohmann/json.hpp>

#include "demo/narration.hpp"

namespace meridian::demo {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t faults_in_a_whole_story = 2;
constexpr std::size_t label_width = 42;
constexpr std::size_t column_width = 14;

// To a tenth of a millisecond: the rest is noise.
double milliseconds(Duration duration) {
  return std::round(std::chrono::duration<double, std::milli>(duration).count() * 10) / 10;
}

ordered_json milliseconds_or_null(const std::optional<Duration>& duration) {
  return duration ? ordered_json(milliseconds(*duration)) : ordered_json(nullptr);
}

std::string measured_or_never(const std::optional<Duration>& duration) {
  return duration ? measured(*duration) : "never";
}

std::uint64_t failed_outside_faults(const StoryReport& report) {
  std::uint64_t outside = report.calls_failed;
  for (const FaultReport& fault : report.faults) outside -= std::min(outside, fault.failed.total());
  return outside;
}

struct Cell {
  std::string text;
  bool bad = false;
};

Cell must_be_zero(std::uint64_t number) { return {std::to_string(number), number != 0}; }

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

void print_row(Screen& screen, const StoryReport& report, const std::string& label,
               const std::function<Cell(const FaultReport&)>& cell) {
  Line line{{padded("  " + label, label_width)}};
  for (const FaultReport& fault : report.faults) {
    Cell c = cell(fault);
    line.push_back({padded(std::move(c.text), column_width), c.bad ? Tone::bad : Tone::plain});
  }
  screen.print(line);
}

void add_broken_promises(const FaultReport& f, std::vector<std::string>& broken) {
  const auto expect = [&](bool held, const std::string& text) {
    if (!held) broken.push_back(f.fault + ": " + text);
  };
  expect(f.switch_after.has_value(), "no other database answered");
  if (f.switch_after) {
    expect(*f.switch_after <= f.allowed, "the first answer of " + f.next + " came after " + measured(*f.switch_after) +
                                             ", allowed are " + configured(f.allowed));
  }
  expect(f.failback_after.has_value(), "no failback to " + f.victim);
  expect(f.failback_failed == 0, std::to_string(f.failback_failed) + " calls failed around the failback");
  expect(f.failed.error_replies == 0, std::to_string(f.failed.error_replies) + " calls got an error as their answer");
  expect(f.incr.calls > 0, "no INCR was made");
  expect(f.incr.twice == 0, std::to_string(f.incr.twice) + " INCRs were executed twice");
  expect(f.incr.lost == 0, std::to_string(f.incr.lost) + " answered INCRs were lost");
  expect(f.incr.not_sent_but_ran == 0,
         std::to_string(f.incr.not_sent_but_ran) + " INCRs ran that were reported as not_sent or rejected");
}

}  // namespace

std::vector<std::string> broken_promises(const StoryReport& report) {
  std::vector<std::string> broken;
  for (const FaultReport& fault : report.faults) add_broken_promises(fault, broken);
  if (report.faults.size() < faults_in_a_whole_story) broken.emplace_back("the story ended before its last fault");
  if (const std::uint64_t outside = failed_outside_faults(report); outside > 0) {
    broken.push_back(std::to_string(outside) + " calls failed while nothing was wrong");
  }
  return broken;
}

void print_table(Screen& screen, const StoryReport& report) {
  using F = const FaultReport&;
  const auto row = [&](const std::string& label, const std::function<Cell(F)>& cell) {
    print_row(screen, report, label, cell);
  };
  const auto number = [](std::uint64_t n) { return Cell{std::to_string(n)}; };

  Line head{{padded("", label_width)}};
  for (const FaultReport& fault : report.faults) head.push_back({padded(fault.fault, column_width), Tone::strong});
  screen.print({});
  screen.print(head);
  row("first answer on the next database", [](F f) -> Cell {
    return {measured_or_never(f.switch_after), !f.switch_after || *f.switch_after > f.allowed};
  });
  row("  allowed", [](F f) -> Cell { return {configured(f.allowed)}; });
  row("calls failed: not_sent", [&](F f) { return number(f.failed.not_sent); });
  row("calls failed: rejected", [&](F f) { return number(f.failed.rejected); });
  row("calls failed: in_doubt", [&](F f) { return number(f.failed.in_doubt); });
  row("INCRs made", [&](F f) { return number(f.incr.calls); });
  row("  executed twice", [](F f) { return must_be_zero(f.incr.twice); });
  row("  answered, but lost", [](F f) { return must_be_zero(f.incr.lost); });
  row("  said not to have run, but had", [](F f) { return must_be_zero(f.incr.not_sent_but_ran); });
  row("  in doubt (had run)",
      [](F f) -> Cell { return {std::to_string(f.incr.in_doubt) + " (" + std::to_string(f.incr.in_doubt_ran) + ")"}; });
  row("failback after the return", [](F f) -> Cell {
    return {measured_or_never(f.failback_after), !f.failback_after};
  });
  row("  calls failed around it", [](F f) { return must_be_zero(f.failback_failed); });
  screen.print({});
}

ordered_json to_json(const StoryReport& report) {
  ordered_json json;
  const std::vector<std::string> broken = broken_promises(report);
  json["ok"] = broken.empty();
  json["faults"] = ordered_json::array();
  for (const FaultReport& f : report.faults) {
    json["faults"].push_back(ordered_json{
        {"fault", f.fault},
        {"switch_ms", milliseconds_or_null(f.switch_after)},
        {"failed", {{"not_sent", f.failed.not_sent}, {"rejected", f.failed.rejected}, {"in_doubt", f.failed.in_doubt}}},
        {"incr_twice", f.incr.twice},
        {"incr_lost", f.incr.lost},
        {"failback_failed", f.failback_failed},
        {"allowed_ms", milliseconds(f.allowed)},
        {"from", f.victim},
        {"to", f.next},
        {"evidence", f.evidence},
        {"failback_ms", milliseconds_or_null(f.failback_after)},
        {"error_replies", f.failed.error_replies},
        {"incr_calls", f.incr.calls},
        {"incr_in_doubt", f.incr.in_doubt},
        {"incr_in_doubt_ran", f.incr.in_doubt_ran},
        {"not_sent_but_ran", f.incr.not_sent_but_ran},
    });
  }
  json["calls"] = report.calls;
  json["failed_outside_faults"] = failed_outside_faults(report);
  json["seconds"] = std::round(milliseconds(report.took)) / 1000;
  json["broken"] = broken;
  return json;
}

}  // namespace meridian::demo
