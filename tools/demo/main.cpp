// `./run demo`: flags, and what the program's end says about the run: 0 the story held, 1 it did not, 2 the command
// line is wrong, 130 interrupted.
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <meridian/meridian.hpp>

#include "demo/interruption.hpp"
#include "demo/report.hpp"
#include "demo/screen.hpp"
#include "demo/settings.hpp"
#include "demo/story.hpp"
#include "demo/visit.hpp"
#include "integration/support/redis_server.hpp"

namespace meridian::demo {
namespace {

constexpr int held = 0;
constexpr int failed = 1;
constexpr int wrong_usage = 2;
constexpr int interrupted = 130;

struct Flags {
  bool fast = false;
  bool json = false;
  Visit visit;
};

// The last line on standard output, if it was asked for.
void print_json(const Flags& flags, const nlohmann::ordered_json& json) {
  if (flags.json) std::printf("%s\n", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  std::fflush(stdout);
}

int give_up(const Flags& flags, Screen& screen, const std::string& why, int code) {
  screen.end_live();
  std::fprintf(stderr, "demo: %s\n", why.c_str());
  print_json(flags, {{"ok", false}, {"error", why}});
  return code;
}

int run_visit(const Flags& flags, Screen& screen, const Tempo& tempo, const std::stop_token& stop) {
  const nlohmann::ordered_json json = visit(screen, tempo, flags.visit, stop);
  print_json(flags, json);
  return stop.stop_requested() ? interrupted : held;
}

int run_story(const Flags& flags, Screen& screen, const Tempo& tempo, const std::stop_token& stop) {
  const StoryReport report = tell_story(screen, tempo, stop);
  print_table(screen, report);
  const std::vector<std::string> broken = broken_promises(report);
  if (broken.empty()) screen.print({{"The story held.", Tone::good}});
  else screen.print({{"The story did not hold:", Tone::bad}});
  for (const std::string& promise : broken) screen.print({{"  " + promise, Tone::bad}});
  print_json(flags, to_json(report));
  return broken.empty() ? held : failed;
}

int run(const Flags& flags) {
  const Interruption interruption;
  const std::stop_token stop = interruption.token();
  Screen screen(flags.json ? stderr : stdout);
  const Tempo tempo = flags.fast ? Tempo::fast() : Tempo();
  const bool own_servers = flags.visit.uris.empty();
  try {
    return own_servers ? run_story(flags, screen, tempo, stop) : run_visit(flags, screen, tempo, stop);
  } catch (const Interrupted&) {
    return give_up(flags, screen, "interrupted; the servers that it started are stopped and their folders removed",
                   interrupted);
  } catch (const Error& error) {
    const bool users_fault = !own_servers && error.code() == ErrorCode::invalid_argument;
    return give_up(flags, screen, error.what(), users_fault ? wrong_usage : failed);
  } catch (const testing::ServerError& error) {
    const std::string hint = "\nThe demo starts its servers with redis-server (Debian: apt-get install redis-server).";
    return give_up(flags, screen, error.what() + hint, failed);
  } catch (const std::exception& error) {
    return give_up(flags, screen, error.what(), failed);
  }
}

int parse_and_run(int argc, char** argv) {
  CLI::App app("Drives three redis-server processes through one MultiDbClient: a kill, a hang, and the way back.",
               "demo");
  Flags flags;
  long long seconds = flags.visit.length.count();
  app.add_flag("--fast", flags.fast,
               "grace period 2 s and failback check every 1 s (else 10 s and 5 s): ends within 30 s");
  app.add_flag("--json", flags.json,
               "the last line on standard output is the result as JSON; the rest goes to standard error");
  auto* uri =
      app.add_option("--uri", flags.visit.uris,
                     "run the workload on this server instead and break nothing; repeat for more, heaviest first")
          ->expected(1)
          ->take_all();
  app.add_option("--seconds", seconds, "with --uri: how long (0: until Ctrl-C; default 20)")
      ->check(CLI::Range(0, 86400))
      ->needs(uri);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "demo: " << error.what() << "\n\n" << app.help();
    return wrong_usage;
  }
  flags.visit.length = std::chrono::seconds(seconds);
  return run(flags);
}

}  // namespace
}  // namespace meridian::demo

int main(int argc, char** argv) {
  try {
    return meridian::demo::parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "demo: %s\n", error.what());
    return 1;
  }
}
