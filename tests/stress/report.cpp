// The figures of a run, in three shapes.
#include "stress/report.hpp"

#include <sys/utsname.h>

#include <cmath>
#include <fstream>
#include <numeric>
#include <sstream>
#include <thread>

#include "support/machine_facts.hpp"

namespace meridian::stress {
namespace {

std::string build_kind() {
#if defined(__SANITIZE_THREAD__)
  return "ThreadSanitizer";
#elif defined(__SANITIZE_ADDRESS__)
  return "AddressSanitizer and UndefinedBehaviorSanitizer";
#else
  return "release";
#endif
}

std::uint64_t failed(const Tally& tally) {
  std::uint64_t sum = 0;
  for (const auto& of_code : tally.errors) {
    for (const auto& count : of_code) sum += count;
  }
  return sum;
}

// Connections that the proxies ended or made useless.
std::uint64_t broken(const Report& report) {
  std::uint64_t sum = 0;
  for (const Harm harm : {Harm::refuse, Harm::ignore, Harm::cut, Harm::reset, Harm::truncate, Harm::swallow,
                          Harm::garbage, Harm::drop_request}) {
    sum += report.harm[static_cast<std::size_t>(harm)];
  }
  return sum;
}

std::string command_line(const Settings& settings) {
  std::ostringstream text;
  text << "./run stress --operations " << settings.operations << " --seed " << settings.seed << " --threads "
       << settings.threads << " --chains " << settings.chains;
  return text.str();
}

}  // namespace

std::string one_line(const Settings& settings, const Report& report, const Tally& tally) {
  std::ostringstream line;
  line << tally.issued << " operations of " << settings.threads << " threads and many more callers in "
       << std::round(report.seconds * 10) / 10 << " s, seed " << settings.seed << ": " << tally.answered
       << " answered, " << failed(tally) << " failed; " << broken(report) << " connections broken, " << tally.clients
       << " clients, " << tally.stops << " stop tokens; " << tally.wrong_replies << " wrong replies, "
       << tally.other_violations << " other violations";
  return line.str();
}

nlohmann::ordered_json to_json(const Settings& settings, const Report& report, const Tally& tally) {
  nlohmann::ordered_json errors = nlohmann::ordered_json::object();
  for (std::size_t code = 0; code < Tally::codes; ++code) {
    for (std::size_t delivery = 0; delivery < Tally::deliveries; ++delivery) {
      const std::uint64_t count = tally.errors[code][delivery];
      if (count == 0) continue;
      errors[std::string(to_string(static_cast<ErrorCode>(code)))]
            [std::string(to_string(static_cast<Delivery>(delivery)))] = count;
    }
  }
  nlohmann::ordered_json harm = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < harms; ++i) harm[std::string(to_string(static_cast<Harm>(i)))] = report.harm[i];
  return {{"operations", tally.issued.load()},
          {"seed", settings.seed},
          {"threads", settings.threads},
          {"build", build_kind()},
          {"seconds", std::round(report.seconds * 10) / 10},
          {"answered", tally.answered.load()},
          {"failed", failed(tally)},
          {"errors", errors},
          {"stop_tokens", tally.stops.load()},
          {"clients", tally.clients.load()},
          {"closes", tally.closes.load()},
          {"closes_in_callbacks", tally.closes_in_callbacks.load()},
          {"destroyed_in_callbacks", tally.destroyed_in_callbacks.load()},
          {"server_faults", tally.server_faults.load()},
          {"broken_connections", broken(report)},
          {"harm", harm},
          {"worst_overrun_ms", tally.worst_overrun_us / 1000},
          {"wrong_replies", tally.wrong_replies.load()},
          {"violations", tally.other_violations.load()}};
}

bool write_docs(const std::string& path, const Settings& settings, const Report& report, const Tally& tally) {
  utsname machine{};
  ::uname(&machine);
  std::ofstream page(path);
  page << "# The stress test\n\n"
          "Written by `./run stress --write-docs`. Callers on threads, in callbacks, in coroutines and with futures "
          "use plain clients "
          "and clients\nof two databases, directly and through proxies that break connections in every way that a "
          "network knows; clients are\nclosed and destroyed while they are used, in callbacks, too. Every operation "
          "has one right answer that only its caller\nknows; at the end the counters on the servers must agree with "
          "what the callers were told.\n\n"
       << "- date: " << testing::date() << "\n- command: `" << command_line(settings) << "`\n- build: " << build_kind()
       << "\n- machine: " << testing::processor() << ", " << std::thread::hardware_concurrency() << " cores, "
       << machine.sysname << ' ' << machine.release << "\n- server: redis-server " << report.server << "\n\n";
  const auto row = [&](const std::string& what, std::uint64_t count) {
    page << "| " << what << " | " << count << " |\n";
  };
  page << "| | count |\n|---|---:|\n";
  row("operations", tally.issued);
  row("seconds", static_cast<std::uint64_t>(std::round(report.seconds)));
  row("answered", tally.answered);
  row("failed", failed(tally));
  row("stop tokens fired", tally.stops);
  row("clients made", tally.clients);
  row("clients closed while in use", tally.closes);
  row("clients closed inside a callback", tally.closes_in_callbacks);
  row("clients destroyed inside a callback", tally.destroyed_in_callbacks);
  row("pauses, kills and refusals by servers", tally.server_faults);
  row("connections broken by proxies", broken(report));
  for (std::size_t i = 0; i < harms; ++i) {
    row("… proxies: " + std::string(to_string(static_cast<Harm>(i))), report.harm[i]);
  }
  row("longest overrun of a deadline, ms", static_cast<std::uint64_t>(tally.worst_overrun_us / 1000));
  row("**wrong replies**", tally.wrong_replies);
  row("**other violations**", tally.other_violations);
  page << "\nErrors, by what is known about whether the command ran:\n\n| error | not_sent | rejected | in_doubt | "
          "answered |\n|---|---:|---:|---:|---:|\n";
  for (std::size_t code = 0; code < Tally::codes; ++code) {
    const auto& counts = tally.errors[code];
    if (std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) == 0) continue;
    page << "| " << to_string(static_cast<ErrorCode>(code));
    for (const auto& count : counts) page << " | " << count;
    page << " |\n";
  }
  return static_cast<bool>(page.flush());
}

}  // namespace meridian::stress
