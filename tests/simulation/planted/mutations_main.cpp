// `./run simulate --mutations`: plants every bug of the list, one after another, and says whether and by what it is
// found. Exits with 1 if one survives.
#include <gtest/gtest.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <vector>
#include <CLI/CLI.hpp>

#include "simulation/history/page.hpp"
#include "simulation/planted/mutations.hpp"
#include "support/machine_facts.hpp"

namespace {

using namespace meridian::simulation;

struct Settings {
  std::uint64_t seeds = 3000;
  std::string only;
  bool write_docs = false;
};

std::string table(const std::vector<Finding>& findings) {
  std::ostringstream text;
  std::size_t found = 0;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Finding& finding = findings[i];
    if (finding.is_found()) ++found;
    text << "| `" << mutations()[i].name << "` | " << mutations()[i].what << " | "
         << (finding.history.empty() ? "–" : finding.history) << " | "
         << (finding.test.empty() ? "–" : "`" + finding.test + "`") << " |\n";
  }
  return "Written by `./run simulate --mutations --write-docs` (" + meridian::testing::date() + ").\n" +
         "A bug is built into one decision of the client (src/core/decision.hpp), and the simulator must find it: by "
         "the\n"
         "first histories, or by a test of the rules in virtual time. " +
         std::to_string(found) + " of " + std::to_string(findings.size()) +
         " were found.\n\n| planted | the bug | history | first test that fails |\n|---|---|---|---|\n" + text.str();
}

// One after another, each in a process of its own: forking wants a process of one thread.
std::vector<Finding> look_for_all(const Settings& settings) {
  std::vector<Finding> findings;
  for (const Mutation& mutation : mutations()) {
    Finding finding;
    if (settings.only.empty() || settings.only == mutation.name) {
      finding = look_for(mutation.decision, settings.seeds);
      std::cout << std::left << std::setw(26) << mutation.name
                << (finding.is_found() ? "found: " + finding.history + "; " + finding.test : "SURVIVES") << " ("
                << std::fixed << std::setprecision(1) << finding.seconds << " s)" << std::endl;
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  CLI::App app{"Plants bugs in the client, one in each decision, and looks whether the simulator finds them."};
  Settings settings;
  bool mutations_wanted = false;
  app.add_flag("--mutations", mutations_wanted, "what this program does");
  app.add_option("--histories", settings.seeds, "at most so many for each")->check(CLI::Range(1U, 1'000'000U));
  app.add_option("--only", settings.only, "the name of one");
  app.add_flag("--write-docs", settings.write_docs, "write the table into docs/simulation.md");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "mutations: " << error.what() << "\n\n" << app.help();
    return 2;
  }
  if (look_for(meridian::core::Decision::none, settings.seeds).is_found()) {
    std::cerr << "something is found where nothing is planted: see ./run simulate and simulation_tests\n";
    return 1;
  }
  const std::vector<Finding> findings = look_for_all(settings);
  if (settings.write_docs && !replace_section(SIMULATION_DOCS, "Mutations", table(findings))) {
    std::cerr << "cannot write " << SIMULATION_DOCS << '\n';
    return 1;
  }
  const bool all_found = std::all_of(findings.begin(), findings.end(), [](const Finding& f) { return f.is_found(); });
  return all_found || !settings.only.empty() ? 0 : 1;
}
