#include "bench/counts.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "bench/child.hpp"

namespace meridian::bench {
namespace {

namespace fs = std::filesystem;

// perf counts in the kernel and slows nothing down. By name only those that a client could make per operation.
constexpr const char* perf_events =
    "raw_syscalls:sys_enter,syscalls:sys_enter_sendto,syscalls:sys_enter_sendmsg,syscalls:sys_enter_recvfrom,"
    "syscalls:sys_enter_recvmsg,syscalls:sys_enter_read,syscalls:sys_enter_readv,syscalls:sys_enter_write,"
    "syscalls:sys_enter_writev,syscalls:sys_enter_poll,syscalls:sys_enter_ppoll,syscalls:sys_enter_epoll_wait,"
    "syscalls:sys_enter_epoll_pwait,syscalls:sys_enter_epoll_ctl,syscalls:sys_enter_futex,"
    "syscalls:sys_enter_sched_yield,syscalls:sys_enter_timerfd_settime";
constexpr const char* all_calls = "";  // the name under which their sum goes

using Calls = std::map<std::string, double>;

struct Run {
  nlohmann::json said;
  Calls calls;
};

// Lines such as "1234,,syscalls:sys_enter_futex,…".
Calls read_perf(std::istream& report) {
  Calls calls;
  for (std::string line; std::getline(report, line);) {
    std::istringstream fields(line);
    std::string number;
    std::string unit;
    std::string event;
    if (!std::getline(fields, number, ',') || !std::getline(fields, unit, ',') || !std::getline(fields, event, ',')) {
      continue;
    }
    const std::size_t name = event.find("sys_enter");
    if (name == std::string::npos) continue;
    const std::string call = event == "raw_syscalls:sys_enter" ? all_calls : event.substr(name + 10);
    calls[call] = std::strtod(number.c_str(), nullptr);
  }
  return calls;
}

// Lines such as " 53.85    0.1    2    1234    56 futex": share, seconds, per call, calls, errors if any, name.
Calls read_strace(std::istream& report) {
  Calls calls;
  for (std::string line; std::getline(report, line);) {
    std::istringstream fields(line);
    double share = 0;
    double seconds = 0;
    double per_call = 0;
    double count = 0;
    if (!(fields >> share >> seconds >> per_call >> count)) continue;
    std::string name;
    for (std::string word; fields >> word;) name = word;
    calls[name == "total" ? all_calls : name] = count;
  }
  return calls;
}

Run run(const Row& row, const std::string& uri, const std::string& counter, std::chrono::milliseconds length) {
  const fs::path program = counts_program();
  const fs::path report = fs::temp_directory_path() / ("meridian-bench-calls." + std::to_string(::getpid()));
  std::vector<std::string> words;
  if (counter == "perf") words = {"perf", "stat", "-x,", "-o", report.string(), "-e", perf_events, "--"};
  if (counter == "strace") words = {"strace", "-c", "-f", "-o", report.string()};
  words.insert(words.end(), {program.string(), row.name(), uri, std::to_string(length.count())});

  const ChildResult result = run_child(words, length + std::chrono::seconds(20));
  Run done;
  {
    std::ifstream file(report);
    done.calls = counter == "perf" ? read_perf(file) : read_strace(file);
  }
  std::error_code ignored;
  fs::remove(report, ignored);
  if (result.exit_code != 0) throw std::runtime_error(program.filename().string() + " failed");
  done.said = nlohmann::json::parse(result.output);
  return done;
}

// The difference between a long and a short run: what the start and the end cost is in both.
SystemCalls difference(const Run& longer, const Run& shorter) {
  const double operations =
      longer.said.at("operations_in_all").get<double>() - shorter.said.at("operations_in_all").get<double>();
  if (operations <= 0) throw std::runtime_error("the longer run did no more than the shorter one");
  SystemCalls result;
  for (const auto& [name, count] : longer.calls) {
    const auto before = shorter.calls.find(name);
    const double per_operation = (count - (before == shorter.calls.end() ? 0 : before->second)) / operations;
    if (name == all_calls) result.per_operation = per_operation;
    else if (per_operation >= 0.0005) result.by_name[name] = per_operation;
  }
  return result;
}

}  // namespace

fs::path counts_program() { return fs::read_symlink("/proc/self/exe").parent_path() / "meridian_bench_counts"; }

std::vector<Row> counted_rows() {
  std::vector<Row> rows;
  for (const Operation operation : {Operation::get, Operation::set}) {
    rows.push_back({.shape = Shape::sync, .width = 1, .operation = operation, .placement = Placement::free});
    rows.push_back({.shape = Shape::async, .width = 512, .operation = operation, .placement = Placement::free});
    rows.push_back({.shape = Shape::pipeline, .width = 64, .operation = operation, .placement = Placement::free});
  }
  return rows;
}

std::string system_call_counter() {
  // Both may be there and not be allowed to look.
  constexpr std::chrono::seconds limit(10);
  if (is_installed("perf") &&
      run_child({"sh", "-c", "perf stat -e raw_syscalls:sys_enter -o /dev/null true 2> /dev/null"}, limit).exit_code ==
          0) {
    return "perf";
  }
  if (is_installed("strace") &&
      run_child({"sh", "-c", "strace -c -f -o /dev/null true 2> /dev/null"}, limit).exit_code == 0) {
    return "strace";
  }
  return {};
}

Counts count_row(const Row& row, const std::string& uri, const std::string& counter, std::chrono::milliseconds length) {
  const Run alone = run(row, uri, "", length);
  Counts counts{row, alone.said.at("allocations_per_op"), alone.said.at("allocated_bytes_per_op"), std::nullopt};
  if (!counter.empty())
    counts.system_calls = difference(run(row, uri, counter, length), run(row, uri, counter, length / 5));
  return counts;
}

}  // namespace meridian::bench
