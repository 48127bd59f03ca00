#include "bench/report.hpp"

#include <array>
#include <cstdarg>
#include <cstdio>

namespace meridian::bench {
namespace {

[[gnu::format(printf, 1, 2)]] std::string print(const char* format, ...) {
  std::array<char, 512> text{};
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  return text.data();
}

// Columns are counted in characters, not bytes: the texts have "≥".
std::string padded(std::string text, std::size_t width) {
  std::size_t characters = 0;
  for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  if (characters < width) text.append(width - characters, ' ');
  return text;
}

// "1.03 [1.01, 1.05]"
std::string text_of(const Spread& spread) { return print("%.2f [%.2f, %.2f]", spread.median, spread.low, spread.high); }

// The ratio of that name, if the row has it.
std::string ratio_of(const Json& row, const std::string& metric) {
  if (!row.contains(metric)) return {};
  const Json& quartiles = row.at(metric + "_spread");
  return text_of({row.at(metric).get<double>(), quartiles.at(0).get<double>(), quartiles.at(1).get<double>()});
}

std::string rate(const Json& row) {
  const double per_second = row.at("ops_per_s");
  return per_second >= 1e6 ? print("%.2f M", per_second / 1e6) : print("%.1f k", per_second / 1e3);
}

std::string number(const Json& row, const char* field) { return print("%.2f", row.at(field).get<double>()); }

std::string placement_of(const Target& target) {
  const auto row = parse_row(target.row);
  return row ? std::string(to_string(row->placement)) : std::string();
}

std::string calls_by_name(const SystemCalls& calls) {
  std::string text;
  for (const auto& [name, per_operation] : calls.by_name) {
    text += (text.empty() ? "" : ", ") + name + print(" %.3f", per_operation);
  }
  return text;
}

std::string summary_of_compile_time(const CompileTime& time) {
  return print("meridian.hpp %.2f s, its %zu standard headers %.2f s", time.meridian_seconds.median,
               time.standard_headers.size(), time.standard_seconds.median);
}

std::string counter_note(const Report& report) {
  if (report.system_call_counter == "perf") return "Counted by perf, over the whole process.";
  if (report.system_call_counter == "strace") {
    return "Counted by strace, which slows every call down: where several operations share a call, more of them do "
           "than "
           "at full speed.";
  }
  return "System calls: not measured; that takes perf or strace, allowed to look, and more than a smoke run.";
}

constexpr const char* how_it_is_measured = R"(## How it is measured

Every row is measured in a process of its own. Its clients are connected to the same server, do the same operations on
the same 1000 keys, and are run in short slices one after the other, each round in another order. The ratio is taken
within each round; the tables show the median of the rounds and, in brackets, the first and third quartile. So a
disturbance of the machine meets all clients alike or one round only.

- **Clients.** `socket` is a bare blocking socket with hand-written RESP that copies no value: the limit. `hiredis` is
  Debian's, a connection per thread. `meridian` is one client object for all threads (over two databases in the rows
  `multidb-…`, where `meridian-single` is the client of one database).
- **Workloads.** `sync-N`: N threads, each waiting for its operation. `async-N`: N operations in flight, each completion
  issuing the next; the yardsticks send batches of N there, for they have nothing else to offer. `pipeline-N`: batches
  of N, one after the other.
- **Values.** The bare socket copies none, and hiredis makes an object of each reply. Meridian puts what a thread reads
  into a string that it keeps (`client.into(value).get(key)`), and gives what a pipeline reads as views
  (`pipeline.views()`); `async-N` gives a new `std::string` for each. In `sync-strings-N` and `pipeline-strings-N` those
  give one, too (`client.get(key)`): as fair a comparison with hiredis as there is.
- **Placements.** `one`: server and client on the same core. Nothing runs in parallel, so this compares what an
  operation costs in all, on both sides. `free`: the server on one core, the client on all. This is how clients are
  used; here waking a thread on another core can cost more than the work, and how many cores there are matters. Each
  slice begins with the client's threads spread over the cores; where they go from there is the scheduler's business.
- **Latency** is taken by reading the clock around every fourth synchronous operation, every batch, and every sixteenth
  asynchronous operation. For pipelines it is that of the whole batch, and so it is for the yardsticks of `async-N`.
- **CPU per operation** is user and system time of the whole client process, its I/O threads included.
)";

constexpr const char* how_to_read = R"(## How to read the numbers

A single synchronous operation is almost all kernel time and wake-ups: there a client can only avoid being slower than
the bare socket, and p99 shows whether it now and then waits for something that the socket does not wait for: another
thread, a timer, a lock. With several threads the operations of all travel together on few connections. Server and
kernel then see few large reads in the place of many small ones; this is where the factors above hiredis come from, and
why they are larger in `one`, where what the server saves is the client's gain. With many operations in flight the
server is the limit, and the CPU per operation says what the client leaves to the program. A pipeline waits for its
whole batch, so its p50 is the cost of the batch and its p99 that of a batch that met the scheduler.

A ratio within its spread of a target counts as held. Absolute numbers belong to this machine; compare only those of one
run.
)";

std::string markdown_targets(const Report& report) {
  std::string text =
      "## Targets\n\n16-byte GET.\n\n| workload | placement | target | measured | |\n|---|---|---|---|---|\n";
  for (const Judged& judged : report.judged) {
    text += "| " + judged.target.what + " | " + placement_of(judged.target) + " | " + judged.target.limit_text() +
            " | " + (judged.measured ? text_of(*judged.measured) : "") + " | " +
            std::string(to_string(judged.verdict)) + " |\n";
  }
  return text;
}

std::string markdown_counts(const Report& report) {
  std::string text =
      "## Allocations and system calls per operation\n\nMeridian's client in steady state, client and server free. A "
      "16-byte value does not fit into a `std::string` without an allocation: `async-512` gives the caller one for "
      "each GET. " +
      counter_note(report) +
      "\n\n| workload | operation | allocations | bytes | system calls | of these |\n|---|---|---|---|---|---|\n";
  for (const Counts& counts : report.counts) {
    text += "| " + counts.row.workload() + " | " + std::string(to_string(counts.row.operation)) +
            print(" | %.3f | %.1f | ", counts.allocations_per_operation, counts.bytes_per_operation);
    text += counts.system_calls
                ? print("%.3f", counts.system_calls->per_operation) + " | " + calls_by_name(*counts.system_calls)
                : "not measured | ";
    text += " |\n";
  }
  return text;
}

std::string list(const std::vector<Profile::Share>& shares) {
  std::string text;
  for (const auto& [name, share] : shares) text += (text.empty() ? "" : ", ") + name + print(" %.1f %%", share);
  return text;
}

std::string markdown_profiles(const Report& report) {
  std::string text =
      "## Where the time goes\n\nShares of the client's CPU time, 16-byte GET, client and server free: by place, then "
      "the "
      "functions with the largest shares of their own. The samples come from a timer interrupt, so a kernel function "
      "that "
      "switches interrupts on again (`finish_task_switch`, `_raw_spin_unlock_irqrestore`) also stands for what ran "
      "while "
      "they were off.\n\n";
  if (report.profiles.empty()) text += "Not measured: perf could not be used here.\n";
  for (const Profile& profile : report.profiles) {
    text +=
        "- **" + profile.row.workload() + "**: " + list(profile.places) + ".\n  - " + list(profile.functions) + ".\n";
  }
  return text;
}

std::string markdown_compile_time(const CompileTime& time) {
  std::string headers;
  for (const std::string& header : time.standard_headers) headers += (headers.empty() ? "" : ", ") + header;
  return "## Compile time\n\nOne translation unit at -O0, CPU time: " + summary_of_compile_time(time) + ", ratio " +
         text_of(time.ratio) + ". The standard headers that the public headers name: " + headers + ".\n";
}

std::string markdown_rows(const Report& report) {
  std::string text =
      "## All rows\n\nLatencies and CPU in µs.\n\n| workload | op | bytes | placement | client | ops/s | p50 | p99 | "
      "CPU/op | vs socket | vs hiredis | vs single | p99 vs socket | CPU vs hiredis |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const Json& row : report.rows) {
    const bool own = row.at("client").get<std::string>().starts_with("meridian");
    const auto ratio = [&](const char* metric) {
      return own && row.contains(metric) ? ratio_of(row, metric) : std::string();
    };
    text += "| " + row.at("workload").get<std::string>() + " | " + row.at("op").get<std::string>() + " | " +
            std::to_string(row.at("bytes").get<int>()) + " | " + row.at("placement").get<std::string>() + " | " +
            row.at("client").get<std::string>() + " | " + rate(row) + " | " + number(row, "p50_us") + " | " +
            number(row, "p99_us") + " | " + number(row, "cpu_us_per_op") + " | " + ratio("vs_socket") + " | " +
            ratio("vs_hiredis") + " | " + ratio("vs_single") + " | " + ratio("p99_vs_socket") + " | " +
            ratio("cpu_vs_hiredis") + " |\n";
  }
  return text;
}

}  // namespace

std::string line_of(const Row& row, const Json& measured) {
  std::string text = padded(row.name(), 32);
  for (const Json& client : measured) {
    text += padded(" " + client.at("client").get<std::string>() + " " + rate(client) + "/s,", 20);
  }
  const Json& own = measured.back();
  return text + padded(" vs socket " + ratio_of(own, "vs_socket"), 30) + " vs hiredis " + ratio_of(own, "vs_hiredis");
}

std::string summary(const Report& report) {
  std::string text = "\n";
  for (const Judged& judged : report.judged) {
    text += padded(judged.target.what, 82) + padded(placement_of(judged.target), 6) +
            padded(judged.target.limit_text(), 8) + padded(judged.measured ? text_of(*judged.measured) : "", 20) +
            std::string(to_string(judged.verdict)) + "\n";
  }
  if (report.compile_time) text += "\nCompile time: " + summary_of_compile_time(*report.compile_time) + "\n";
  if (!report.counts.empty()) text += "\nPer operation. " + counter_note(report) + "\n";
  for (const Counts& counts : report.counts) {
    text += padded(counts.row.workload() + " " + std::string(to_string(counts.row.operation)), 18) +
            print("%7.3f allocations, %7.1f bytes", counts.allocations_per_operation, counts.bytes_per_operation);
    if (counts.system_calls) {
      text += print(", %.3f system calls: ", counts.system_calls->per_operation) + calls_by_name(*counts.system_calls);
    }
    text += "\n";
  }
  if (!report.profiles.empty()) text += "\nCPU time of the client.\n";
  for (const Profile& profile : report.profiles) {
    text += padded(profile.row.workload(), 18) + list(profile.places) + "\n";
  }
  for (const auto& [what, why] : report.failed)
    text.append("FAILED: ").append(what).append(": ").append(why).append("\n");
  return text;
}

Json to_json(const Report& report) {
  Json json = {{"rows", report.rows}, {"targets", Json::array()}};
  for (const Judged& judged : report.judged) {
    Json target = {{"what", judged.target.what},
                   {"row", judged.target.row},
                   {"metric", judged.target.metric},
                   {"target", judged.target.limit_text()},
                   {"verdict", to_string(judged.verdict)}};
    if (judged.measured) {
      target["measured"] = judged.measured->median;
      target["spread"] = {judged.measured->low, judged.measured->high};
    }
    json["targets"].push_back(std::move(target));
  }
  if (report.compile_time) {
    json["compile_time"] = {{"meridian_s", report.compile_time->meridian_seconds.median},
                            {"standard_headers_s", report.compile_time->standard_seconds.median},
                            {"ratio", report.compile_time->ratio.median},
                            {"ratio_spread", {report.compile_time->ratio.low, report.compile_time->ratio.high}}};
  }
  json["counts"] = Json::array();
  for (const Counts& counts : report.counts) {
    Json count = {{"workload", counts.row.workload()},
                  {"op", to_string(counts.row.operation)},
                  {"bytes", counts.row.bytes},
                  {"allocations_per_op", counts.allocations_per_operation},
                  {"allocated_bytes_per_op", counts.bytes_per_operation}};
    if (counts.system_calls) {
      count["system_calls_per_op"] = counts.system_calls->per_operation;
      count["system_calls"] = counts.system_calls->by_name;
    }
    json["counts"].push_back(std::move(count));
  }
  json["profiles"] = Json::array();
  for (const Profile& profile : report.profiles) {
    Json entry = {{"workload", profile.row.workload()}, {"places", Json::object()}, {"functions", Json::object()}};
    for (const auto& [name, share] : profile.places) entry["places"][name] = share;
    for (const auto& [name, share] : profile.functions) entry["functions"][name] = share;
    json["profiles"].push_back(std::move(entry));
  }
  json["machine"] = Json::object();
  for (const auto& [name, value] : report.machine) json["machine"][name] = value;
  json["failed"] = Json::array();
  for (const auto& [what, why] : report.failed) json["failed"].push_back({{"what", what}, {"why", why}});
  return json;
}

std::string to_markdown(const Report& report) {
  std::string text =
      "# Performance\n\nMeasured and written by `./run bench --write-docs`; do not edit.\n\n| | |\n|---|---|\n";
  for (const auto& [name, value] : report.machine)
    text.append("| ").append(name).append(" | ").append(value).append(" |\n");
  text += "\n" + markdown_targets(report) + "\n";
  if (!report.failed.empty()) {
    text += "Could not be measured:\n\n";
    for (const auto& [what, why] : report.failed) text.append("- ").append(what).append(": ").append(why).append("\n");
    text += "\n";
  }
  text += std::string(how_it_is_measured) + "\n" + markdown_counts(report) + "\n" + markdown_profiles(report) + "\n";
  if (report.compile_time) text += markdown_compile_time(*report.compile_time) + "\n";
  return text + markdown_rows(report) + "\n" + how_to_read;
}

}  // namespace meridian::bench
