#include "bench/profile.hpp"

#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "bench/child.hpp"
#include "bench/counts.hpp"

namespace meridian::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds report_limit(60);
constexpr std::size_t most_functions = 12;
constexpr double least_share = 0.5;  // per cent

// Lines such as "   12.31%  [.] operator new".
std::vector<Profile::Share> shares(const fs::path& recording, const std::string& sorted_by) {
  const ChildResult report = run_child(
      {"sh", "-c", "perf report -i \"$0\" --stdio -q --sort \"$1\" 2> /dev/null", recording.string(), sorted_by},
      report_limit);
  std::vector<Profile::Share> result;
  std::istringstream lines(report.output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    double share = 0;
    char sign = 0;
    std::string name;
    if (!(fields >> share >> sign) || sign != '%' || !std::getline(fields >> std::ws, name)) continue;
    name.erase(name.find_last_not_of(' ') + 1);
    if (name.starts_with("[.] ")) name.erase(0, 4);
    else if (name.starts_with("[k] ")) name = name.substr(4) + " (kernel)";
    else if (name == "[kernel.kallsyms]") name = "kernel";
    else if (name == counts_program().filename()) name = "Meridian and the benchmark's loop";
    if (share >= least_share) result.emplace_back(name, share);
  }
  return result;
}

}  // namespace

std::vector<Row> profiled_rows() {
  return {{.shape = Shape::sync, .width = 1, .placement = Placement::free},
          {.shape = Shape::sync, .width = 32, .placement = Placement::free},
          {.shape = Shape::async, .width = 512, .placement = Placement::free},
          {.shape = Shape::pipeline, .width = 512, .placement = Placement::free}};
}

Profile profile_row(const Row& row, const std::string& uri, std::chrono::milliseconds length) {
  const fs::path recording = fs::temp_directory_path() / ("meridian-bench-profile." + std::to_string(::getpid()));
  // The clock of the CPU: virtual machines often have no cycle counter.
  const ChildResult recorded =
      run_child({"perf", "record", "-q", "-e", "cpu-clock", "-F", "1999", "-o", recording.string(), "--",
                 counts_program().string(), row.name(), uri, std::to_string(length.count()), "uncounted"},
                length + report_limit);
  Profile profile{row, {}, {}};
  if (recorded.exit_code == 0) {
    profile.places = shares(recording, "dso");
    profile.functions = shares(recording, "sym");
    if (profile.functions.size() > most_functions) profile.functions.resize(most_functions);
  }
  std::error_code ignored;
  fs::remove(recording, ignored);
  if (profile.places.empty()) throw std::runtime_error("perf could not record a profile");
  return profile;
}

}  // namespace meridian::bench
