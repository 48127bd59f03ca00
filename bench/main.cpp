// `./run bench`: Meridian, a bare socket and hiredis against one server. Exit code 0: measured, whether the targets
// hold or not; 1: something could not be measured; 2: the command line is wrong; 130: interrupted.
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/child.hpp"
#include "bench/placement.hpp"
#include "bench/report.hpp"
#include "bench/targets.hpp"
#include "integration/support/certificates.hpp"
#include "integration/support/redis_server.hpp"
#include "integration/support/tls_port.hpp"

namespace meridian::bench {
namespace {

constexpr int measured = 0;
constexpr int failed = 1;
constexpr int wrong_usage = 2;
constexpr int interrupted = 130;

struct Flags {
  bool quick = false;
  bool smoke = false;
  bool json = false;
  bool list = false;
  bool write_docs = false;
  std::string filter;
  int rounds = 0;
  int slice_ms = 0;
  int warm_up_ms = 0;
  Servers servers;
  std::string measure_row;  // we are the child that measures one row
  std::string command_line = "./run bench";
};

std::vector<Row> chosen_rows(const Flags& flags) {
  const std::regex wanted(flags.filter);
  std::vector<Row> rows;
  for (const Row& row : flags.smoke ? smoke_rows() : all_rows()) {
    if (flags.quick && asked_of(row) == Asked::nothing) continue;
    if (std::regex_search(row.name(), wanted)) rows.push_back(row);
  }
  return rows;
}

// Where server and client have a core each, a slice shows where the scheduler has put the threads as much as what the
// client does, above all of few threads: it takes longer ones for that to settle, and more of them.
Effort effort_for(const Row& row, const Flags& flags) {
  using std::chrono::milliseconds;
  const bool is_free = row.placement == Placement::free;
  const bool are_few = is_free && row.shape == Shape::sync && row.width <= 2;
  Effort effort{are_few ? 61 : 25, milliseconds(is_free ? 200 : 120), milliseconds(30)};
  if (flags.quick) effort = {are_few ? 21 : 11, milliseconds(is_free ? 100 : 60), milliseconds(is_free ? 20 : 15)};
  if (asked_of(row) != Asked::a_target) effort.rounds = 9;
  if (flags.smoke) effort = {2, milliseconds(30), milliseconds(15)};
  if (flags.rounds > 0) effort.rounds = flags.rounds;
  if (flags.slice_ms > 0) effort.slice = milliseconds(flags.slice_ms);
  if (flags.warm_up_ms > 0) effort.warm_up = milliseconds(flags.warm_up_ms);
  return effort;
}

// --- the child: one row ---

int be_child(const Flags& flags) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  Json result;
  try {
    const auto row = parse_row(flags.measure_row);
    if (!row) return wrong_usage;
    std::optional<OnCore> bound;
    if (row->placement == Placement::one) bound.emplace(server_core());
    result = measure_row(*row, flags.servers, effort_for(*row, flags));
  } catch (const std::exception& error) {
    result = {{"error", error.what()}};
  }
  std::printf("%s\n", result.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
  return measured;
}

// --- the parent ---

// In a process of its own: its cores can be chosen before it has threads, and nothing of the row before is left in it.
Json measure_in_child(const Row& row, const Servers& servers, const Effort& effort) {
  const auto slices = 4 * (effort.rounds + 1) * (effort.slice + effort.warm_up);
  const ChildResult child = run_child(
      {"/proc/self/exe", "--measure-row", row.name(), "--port", std::to_string(servers.port), "--second-port",
       std::to_string(servers.second_port), "--tls-uri", servers.tls_uri, "--rounds", std::to_string(effort.rounds),
       "--slice", std::to_string(effort.slice.count()), "--warm-up", std::to_string(effort.warm_up.count())},
      2 * slices + std::chrono::seconds(20));
  if (child.exit_code != 0) throw std::runtime_error("ended with exit code " + std::to_string(child.exit_code));
  Json result = Json::parse(child.output);
  if (result.is_object()) throw std::runtime_error(result.at("error").get<std::string>());
  return result;
}

// Runs `step`; what goes wrong in it is one thing that was not measured, not the end of everything.
template <class Step>
void attempt(Report& report, std::FILE* out, const std::string& what, Step step) {
  try {
    step();
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& error) {
    report.failed.emplace_back(what, error.what());
    std::fprintf(out, "%s: FAILED: %s\n", what.c_str(), error.what());
  }
  std::fflush(out);
}

void measure_rows(Report& report, std::FILE* out, const Flags& flags, const Servers& servers) {
  for (const Row& row : chosen_rows(flags)) {
    attempt(report, out, row.name(), [&] {
      const Json clients = measure_in_child(row, servers, effort_for(row, flags));
      std::fprintf(out, "%s\n", line_of(row, clients).c_str());
      report.rows.insert(report.rows.end(), clients.begin(), clients.end());
    });
  }
}

void count_all(Report& report, std::FILE* out, const Flags& flags, const std::string& uri) {
  // Short runs differ by too little for the counting of system calls.
  if (!flags.smoke) report.system_call_counter = system_call_counter();
  const std::chrono::milliseconds length(flags.smoke ? 100 : flags.quick ? 400 : 1000);
  for (const Row& row : counted_rows()) {
    if (flags.smoke && row.shape != Shape::sync) continue;
    attempt(report, out, "counts of " + row.name(),
            [&] { report.counts.push_back(count_row(row, uri, report.system_call_counter, length)); });
  }
}

void profile_all(Report& report, std::FILE* out, const Flags& flags, const std::string& uri) {
  if (report.system_call_counter != "perf") return;
  const std::chrono::milliseconds length(flags.quick ? 400 : 2000);
  for (const Row& row : profiled_rows()) {
    attempt(report, out, "profile of " + row.name(), [&] { report.profiles.push_back(profile_row(row, uri, length)); });
  }
}

Report measure_everything(const Flags& flags, std::FILE* out) {
  std::optional<testing::RedisServer> server;
  std::optional<testing::RedisServer> second;
  {
    const OnCore bound(server_core());
    server.emplace();
    second.emplace();
  }
  const testing::Authority authority;
  const testing::TlsPort tls(*server, authority);
  Servers servers = flags.servers;
  servers.tls_uri = tls.uri() + "?tls_ca_file=" + tls.ca_file();
  servers.port = server->port();
  servers.second_port = second->port();

  Report report;
  report.machine = describe_machine(*server, flags.command_line);
  measure_rows(report, out, flags, servers);
  report.judged = judge_rows(report.rows);
  if (flags.smoke || !flags.filter.empty()) {
    // A few rows are being worked on; the others would only be in the way.
    std::erase_if(report.judged, [](const Judged& judged) { return judged.verdict == Verdict::not_measured; });
  }
  if (!flags.filter.empty()) return report;

  count_all(report, out, flags, server->uri());
  if (!flags.smoke) {
    profile_all(report, out, flags, server->uri());
    attempt(report, out, "compile time", [&] { report.compile_time = measure_compile_time(flags.quick ? 4 : 15); });
    report.judged.push_back(
        judge(compile_time_target(), report.compile_time ? std::optional(report.compile_time->ratio) : std::nullopt));
  }
  return report;
}

// What --smoke promises: every client of every row is there, and its numbers can be numbers. Empty if so.
std::string first_defect(const Json& json, const std::vector<Row>& rows) {
  std::size_t expected = 0;
  for (const Row& row : rows) expected += row.via == Via::multi_db ? 4U : 3U;
  if (json.at("rows").size() != expected) return "rows are missing";
  for (const Json& row : json.at("rows")) {
    for (const char* field : {"ops_per_s", "p50_us", "p99_us", "cpu_us_per_op", "vs_socket", "vs_hiredis"}) {
      if (!row.at(field).is_number() || row.at(field).get<double>() <= 0) return row.dump() + ": " + field;
    }
    for (const char* field : {"workload", "op", "client", "placement"}) {
      if (!row.at(field).is_string()) return row.dump() + ": " + field;
    }
    if (!row.at("bytes").is_number_unsigned()) return row.dump() + ": bytes";
    if (row.at("p99_us").get<double>() < row.at("p50_us").get<double>()) return row.dump() + ": p99 below p50";
  }
  if (json.at("counts").size() != 2) return "counts are missing";
  return {};
}

int run(const Flags& flags) {
  catch_interruptions();
  std::FILE* out = flags.json ? stderr : stdout;
  const Report report = measure_everything(flags, out);
  std::fprintf(out, "%s", summary(report).c_str());
  std::fflush(out);
  if (flags.write_docs) {
    const std::string path = BENCH_SOURCE_DIR "/docs/performance.md";
    std::ofstream file(path);
    if (!(file << to_markdown(report) << std::flush)) throw std::runtime_error("cannot write " + path);
  }
  const std::string text = to_json(report).dump(-1, ' ', false, Json::error_handler_t::replace);
  if (flags.json) std::printf("%s\n", text.c_str());
  if (flags.smoke) {
    const std::string defect = first_defect(Json::parse(text), chosen_rows(flags));
    if (!defect.empty()) throw std::runtime_error("the JSON is not what it should be: " + defect);
  }
  return report.failed.empty() ? measured : failed;
}

// --- the command line ---

int parse_and_run(int argc, char** argv) {
  CLI::App app(
      "Measures Meridian, a bare blocking socket and hiredis against one redis-server, in turn. Exit code 0 does not "
      "say "
      "that the targets hold; the summary does.",
      "bench");
  Flags flags;
  app.add_flag("--quick", flags.quick, "only the rows that have a target, within two minutes");
  auto* smoke = app.add_flag("--smoke", flags.smoke, "a few short rows, to see that the tool works; within 10 s");
  app.add_flag("--json", flags.json,
               "the last line on standard output is the result as JSON; the rest goes to standard error");
  auto* filter = app.add_option("--filter", flags.filter,
                                "only the rows whose name matches this regular expression, e.g. '^sync-32/GET/16/one'");
  app.add_flag("--list", flags.list, "name the rows and end");
  app.add_flag("--write-docs", flags.write_docs, "write docs/performance.md")->excludes(filter)->excludes(smoke);
  app.add_option("--rounds", flags.rounds, "rounds per row, in place of the usual number")->check(CLI::Range(1, 1000));
  app.add_option("--slice", flags.slice_ms, "length of a slice in ms, likewise")->check(CLI::Range(1, 60000));
  app.add_option("--warm-up", flags.warm_up_ms, "time before each slice in ms, likewise")->check(CLI::Range(1, 60000));
  // How this program calls itself.
  app.add_option("--measure-row", flags.measure_row)->group("");
  app.add_option("--port", flags.servers.port)->group("");
  app.add_option("--second-port", flags.servers.second_port)->group("");
  app.add_option("--tls-uri", flags.servers.tls_uri)->group("");
  try {
    app.parse(argc, argv);
    (void)std::regex(flags.filter);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "bench: " << error.what() << "\n\n" << app.help();
    return wrong_usage;
  } catch (const std::regex_error& error) {
    std::cerr << "bench: --filter: " << error.what() << "\n";
    return wrong_usage;
  }
  for (int i = 1; i < argc; ++i) flags.command_line += std::string(" ") + argv[i];

  if (!flags.measure_row.empty()) return be_child(flags);
  if (flags.list) {
    for (const Row& row : chosen_rows(flags)) std::printf("%s\n", row.name().c_str());
    return measured;
  }
  if (chosen_rows(flags).empty()) {
    std::cerr << "bench: no row matches; --list names them\n";
    return wrong_usage;
  }
  return run(flags);
}

}  // namespace
}  // namespace meridian::bench

int main(int argc, char** argv) {
  try {
    return meridian::bench::parse_and_run(argc, argv);
  } catch (const meridian::bench::Interrupted&) {
    return meridian::bench::interrupted;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return meridian::bench::failed;
  }
}
