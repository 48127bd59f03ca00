// `./run simulate`: many seeded histories, on all cores. A failing one is printed whole and can be run again alone.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "simulation/history/history.hpp"

namespace {

using meridian::simulation::HistoryReport;

struct Totals {
  std::size_t histories = 0;
  std::size_t failed = 0;
  std::size_t violations = 0;
  std::size_t calls = 0;
  std::size_t answered = 0;
  std::size_t not_sent = 0;
  std::size_t rejected = 0;
  std::size_t in_doubt = 0;
  std::size_t switches = 0;
  std::size_t unavailable = 0;
  std::array<std::size_t, meridian::simulation::fault_kinds> faults{};
  double virtual_seconds = 0;

  void add(const HistoryReport& report) {
    ++histories;
    if (!report.violations.empty()) ++failed;
    violations += report.violations.size();
    calls += report.calls;
    answered += report.answered;
    not_sent += report.not_sent;
    rejected += report.rejected;
    in_doubt += report.in_doubt;
    switches += report.switches;
    unavailable += report.unavailable;
    for (std::size_t i = 0; i < faults.size(); ++i) faults[i] += report.faults[i];
    virtual_seconds += std::chrono::duration<double>(report.virtual_time).count();
  }
};

void print_failure(std::ostream& out, const HistoryReport& report) {
  out << "seed " << report.seed << " fails; alone: ./run simulate --histories 1 --seed " << report.seed << '\n'
      << report.plan;
  for (const std::string& event : report.events) out << "  " << event << '\n';
  for (const std::string& violation : report.violations) out << "  VIOLATION " << violation << '\n';
}

void print(std::ostream& out, const Totals& totals, double seconds) {
  out << totals.histories << " histories, " << totals.violations << " violations, " << seconds << " s ("
      << static_cast<double>(totals.histories) / seconds << " histories/s, " << totals.virtual_seconds
      << " s of virtual time)\n"
      << totals.calls << " calls: " << totals.answered << " answered, " << totals.not_sent << " not sent, "
      << totals.rejected << " rejected, " << totals.in_doubt << " in doubt; " << totals.switches
      << " switches, nothing usable " << totals.unavailable << " times\nfaults:";
  for (std::size_t i = 0; i < totals.faults.size(); ++i) {
    out << ' ' << to_string(static_cast<meridian::simulation::FaultKind>(i)) << ' ' << totals.faults[i];
  }
  out << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Seeded histories of a whole MultiDbClient in virtual time, checked against the invariants of docs/faults.md."};
  std::uint64_t histories = 10'000;
  std::uint64_t first_seed = 1;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  bool json = false;
  app.add_option("--histories", histories, "how many")->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40));
  app.add_option("--seed", first_seed, "the seed of the first; the others follow");
  app.add_option("--jobs", jobs, "threads; default: one for each core")->check(CLI::Range(1U, 1024U));
  app.add_flag("--json", json, "the last line is one JSON object; the rest goes to stderr");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "simulate: " << error.what() << "\n\n" << app.help();
    return 2;
  }

  std::ostream& out = json ? std::cerr : std::cout;
  Totals totals;
  std::mutex mutex;  // totals and out
  std::atomic<std::uint64_t> next{0};
  const auto started = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < jobs; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t n = next++; n < histories; n = next++) {
        const HistoryReport report = meridian::simulation::run_history(first_seed + n);
        const std::lock_guard lock(mutex);
        totals.add(report);
        // The first few say what is wrong; a thousand more would not.
        if (!report.violations.empty() && totals.failed <= 5) print_failure(out, report);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  print(out, totals, seconds);
  if (json) {
    const nlohmann::json object = {
        {"histories", totals.histories}, {"violations", totals.violations}, {"seconds", std::round(seconds * 10) / 10},
        {"calls", totals.calls},         {"switches", totals.switches},     {"in_doubt", totals.in_doubt}};
    std::cout << object.dump() << std::endl;
  }
  return totals.violations == 0 ? 0 : 1;
}
