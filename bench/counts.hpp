// Allocations and system calls of Meridian's client per operation.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/row.hpp"

namespace meridian::bench {

struct SystemCalls {
  double per_operation = 0;
  std::map<std::string, double> by_name;  // the frequent ones
};

struct Counts {
  Row row;
  double allocations_per_operation = 0;
  double bytes_per_operation = 0;
  std::optional<SystemCalls> system_calls;  // nullopt: nothing here can count them
};

// meridian_bench_counts, which lies beside this program.
[[nodiscard]] std::filesystem::path counts_program();

// The rows that are counted.
[[nodiscard]] std::vector<Row> counted_rows();
// What counts system calls on this machine: "perf" or "strace"; empty if neither can.
[[nodiscard]] std::string system_call_counter();

// Runs the program against the server. Throws std::runtime_error if it
// fails. `counter` as above.
[[nodiscard]] Counts count_row(const Row& row, const std::string& uri, const std::string& counter,
                               std::chrono::milliseconds length);

}  // namespace meridian::bench
