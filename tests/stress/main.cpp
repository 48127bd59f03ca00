// `./run stress`: many callers, clients that are closed under them, connections that break in every way; and every
// reply must belong to its command.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "stress/report.hpp"
#include "stress/run.hpp"

int main(int argc, char** argv) {
  using namespace meridian::stress;
  CLI::App app{
      "Callers on threads, in callbacks, in coroutines and with futures use clients over misbehaving connections. "
      "Every reply is "
      "checked against what only its caller knows, every counter on the servers at the end."};
  Settings settings;
  bool json = false;
  std::string docs;
  app.add_option("--operations", settings.operations, "how many commands (default 1000000)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40));
  app.add_option("--seed", settings.seed, "of everything random in the test (default 1)");
  app.add_option("--threads", settings.threads, "that make blocking calls (default 100)")->check(CLI::Range(1, 10'000));
  app.add_option("--chains", settings.chains,
                 "callers without a thread, for each client; four times as many coroutines (default 10)")
      ->check(CLI::Range(0, 10'000));
  app.add_flag("--json", json, "the last line is one JSON object; the rest goes to stderr");
  app.add_flag("--write-docs{" STRESS_DOCS "}", docs, "also writes the report to docs/stress.md, or where it says");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "stress: " << error.what() << "\n\n" << app.help();
    return 2;
  }

  Tally tally;
  Report report;
  try {
    report = run(settings, tally);
  } catch (const std::exception& error) {
    std::cerr << "stress: " << error.what() << '\n';
    return 2;
  }
  for (const std::string& note : tally.notes()) std::cerr << note << '\n';
  (json ? std::cerr : std::cout) << one_line(settings, report, tally) << '\n';
  if (json) std::cout << to_json(settings, report, tally).dump() << std::endl;
  if (!docs.empty() && !write_docs(docs, settings, report, tally)) {
    std::cerr << "stress: cannot write " << docs << '\n';
    return 2;
  }
  return tally.is_clean() ? 0 : 1;
}
