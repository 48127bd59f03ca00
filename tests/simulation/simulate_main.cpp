// `./run simulate`: many seeded histories, on all cores. A failing one is printed whole and can be run again alone.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "simulation/history/history.hpp"
#include "simulation/history/page.hpp"
#include "support/machine_facts.hpp"

namespace {

using namespace meridian::simulation;

// How many of the seeds are run again as other clients repeat, for the page.
constexpr std::uint64_t most_compared = 20'000;

struct Settings {
  std::uint64_t histories = 10'000;
  std::uint64_t first_seed = 1;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  unsigned minutes = 0;  // 0: as long as it takes
  bool json = false;
  bool write_docs = false;

  [[nodiscard]] std::string command_line() const {
    return "./run simulate --histories " + std::to_string(histories) + " --seed " + std::to_string(first_seed) +
           " --jobs " + std::to_string(jobs) + (minutes > 0 ? " --minutes " + std::to_string(minutes) : "");
  }
};

template <std::size_t size>
void add_each(std::array<std::size_t, size>& to, const std::array<std::size_t, size>& from) {
  for (std::size_t i = 0; i < size; ++i) to[i] += from[i];
}

struct Totals {
  HistoryReport sum;
  std::size_t histories = 0;
  std::size_t failed = 0;
  std::size_t violations = 0;
  double virtual_seconds = 0;
  double seconds = 0;

  void add(const HistoryReport& report) {
    ++histories;
    if (!report.violations.empty()) ++failed;
    violations += report.violations.size();
    sum.calls += report.calls;
    sum.answered += report.answered;
    sum.not_sent += report.not_sent;
    sum.rejected += report.rejected;
    sum.in_doubt += report.in_doubt;
    sum.duplicates += report.duplicates;
    sum.messages += report.messages;
    sum.switches += report.switches;
    sum.unavailable += report.unavailable;
    add_each(sum.in_doubt_by_grade, report.in_doubt_by_grade);
    add_each(sum.switches_by_reason, report.switches_by_reason);
    add_each(sum.faults, report.faults);
    add_each(sum.actions, report.actions);
    virtual_seconds += std::chrono::duration<double>(report.virtual_time).count();
  }
};

void print_failure(std::ostream& out, const HistoryReport& report) {
  out << "seed " << report.seed << " fails; alone: ./run simulate --histories 1 --seed " << report.seed << '\n'
      << report.plan;
  for (const std::string& event : report.events) out << "  " << event << '\n';
  for (const std::string& violation : report.violations) out << "  VIOLATION " << violation << '\n';
}

Totals run(const Settings& settings, Repeating repeating, std::ostream& out) {
  Totals totals;
  std::mutex mutex;  // totals and out
  std::atomic<std::uint64_t> next{0};
  const auto started = std::chrono::steady_clock::now();
  const auto late = [&] {
    return settings.minutes > 0 && std::chrono::steady_clock::now() - started >= std::chrono::minutes(settings.minutes);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < settings.jobs; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t n = next++; n < settings.histories && !late(); n = next++) {
        const HistoryReport report = run_history(settings.first_seed + n, repeating);
        const std::lock_guard lock(mutex);
        totals.add(report);
        // The first few say what is wrong; a thousand more would not.
        if (!report.violations.empty() && totals.failed <= 5) print_failure(out, report);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  totals.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return totals;
}

// "kill 12, hang 7"
template <class Kind, std::size_t size>
std::string listing(const std::array<std::size_t, size>& counts) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    if (counts[i] == 0) continue;
    text += (text.empty() ? "" : ", ") + std::string(to_string(static_cast<Kind>(i))) + ' ' + std::to_string(counts[i]);
  }
  return text.empty() ? "none" : text;
}

void print(std::ostream& out, const Totals& totals) {
  const HistoryReport& sum = totals.sum;
  out << totals.histories << " histories, " << totals.violations << " violations, " << totals.seconds << " s ("
      << static_cast<double>(totals.histories) / totals.seconds << " histories/s, " << totals.virtual_seconds
      << " s of virtual time)\n"
      << sum.calls << " calls: " << sum.answered << " answered, " << sum.not_sent << " not sent, " << sum.rejected
      << " rejected, " << sum.in_doubt << " in doubt; " << sum.messages << " messages to subscribers\n"
      << sum.switches << " switches: " << listing<meridian::SwitchReason>(sum.switches_by_reason) << "; nothing usable "
      << sum.unavailable << " times\nfaults: " << listing<FaultKind>(sum.faults)
      << "\noperators: " << listing<ActionKind>(sum.actions) << '\n';
}

std::string section(const Settings& settings, const Totals& totals, const Totals& at_least_once) {
  const HistoryReport& sum = totals.sum;
  std::ostringstream page;
  const auto row = [&page](std::string_view what, const auto& value) {
    page << "| " << what << " | " << value << " |\n";
  };
  page << "Written by `./run simulate --write-docs`. A history is a whole `MultiDbClient` over one to five fake "
          "servers\n"
          "in virtual time: a random configuration, callers, subscribers, operators and faults, all from one seed. "
          "Each\n"
          "is checked against the invariants I1 … I11 of faults.md.\n\n- date: "
       << meridian::testing::date() << "\n- machine: " << meridian::testing::processor() << ", "
       << std::thread::hardware_concurrency() << " cores\n- command: `" << settings.command_line()
       << " --write-docs`\n\n| | |\n|---|---|\n";
  row("histories", totals.histories);
  row("violations", totals.violations);
  row("seconds", static_cast<std::uint64_t>(totals.seconds));
  row("histories per second", static_cast<std::uint64_t>(static_cast<double>(totals.histories) / totals.seconds));
  row("hours of virtual time", static_cast<std::uint64_t>(totals.virtual_seconds / 3600));
  row("calls", sum.calls);
  row("answered", sum.answered);
  row("failed: not sent", sum.not_sent);
  row("failed: rejected", sum.rejected);
  row("failed: in doubt", sum.in_doubt);
  row("in doubt, by grade", listing<meridian::Repeat>(sum.in_doubt_by_grade));
  row("executed twice though they count", sum.duplicates);
  row("the first " + std::to_string(at_least_once.histories) +
          " seeds with `repeat_up_to = accumulate`: executed twice",
      at_least_once.sum.duplicates);
  row("there: violations, but for those", at_least_once.violations);
  row("messages delivered to subscribers", sum.messages);
  row("switches, by reason", listing<meridian::SwitchReason>(sum.switches_by_reason));
  row("times that nothing was usable", sum.unavailable);
  row("what operators did", listing<ActionKind>(sum.actions));
  row("faults", listing<FaultKind>(sum.faults));
  return page.str();
}

void parse(Settings& settings, CLI::App& app, int argc, char** argv) {
  app.add_option("--histories", settings.histories, "how many")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40));
  app.add_option("--seed", settings.first_seed, "the seed of the first; the others follow");
  app.add_option("--jobs", settings.jobs, "threads; default: one for each core")->check(CLI::Range(1U, 1024U));
  app.add_option("--minutes", settings.minutes, "no history begins later than so many minutes after the start");
  app.add_flag("--json", settings.json, "the last line is one JSON object; the rest goes to stderr");
  app.add_flag("--write-docs", settings.write_docs,
               "run up to 20000 of the seeds again as other clients repeat, and write docs/simulation.md");
  app.parse(argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Seeded histories of a whole MultiDbClient in virtual time, checked against the invariants of docs/faults.md.\n"
      "--mutations instead plants bugs in the client, and looks whether they are found."};
  Settings settings;
  try {
    parse(settings, app, argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "simulate: " << error.what() << "\n\n" << app.help();
    return 2;
  }

  std::ostream& out = settings.json ? std::cerr : std::cout;
  const Totals totals = run(settings, Repeating::as_by_default, out);
  print(out, totals);
  std::size_t violations = totals.violations;
  if (settings.write_docs) {
    Settings compared = settings;
    compared.histories = std::min<std::uint64_t>(totals.histories, most_compared);
    compared.minutes = 0;
    const Totals at_least_once = run(compared, Repeating::at_least_once, out);
    violations += at_least_once.violations;
    if (!replace_section(SIMULATION_DOCS, "Histories", section(settings, totals, at_least_once))) {
      std::cerr << "simulate: cannot write " << SIMULATION_DOCS << '\n';
      return 1;
    }
  }
  if (settings.json) {
    const nlohmann::json object = {{"histories", totals.histories},
                                   {"violations", totals.violations},
                                   {"seconds", std::round(totals.seconds * 10) / 10},
                                   {"calls", totals.sum.calls},
                                   {"switches", totals.sum.switches},
                                   {"in_doubt", totals.sum.in_doubt}};
    std::cout << object.dump() << std::endl;
  }
  return violations == 0 ? 0 : 1;
}
