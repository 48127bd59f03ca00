#include "bench/measure.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bench/load.hpp"
#include "bench/statistics.hpp"

namespace meridian::bench {
namespace {

// What one client did in one slice.
struct Slice {
  double ops_per_s = 0;
  double p50_us = 0;
  double p99_us = 0;
  double cpu_us_per_op = 0;
};
using Field = double Slice::*;

struct Contender {
  std::string name;
  std::unique_ptr<Load> load;
  std::vector<Slice> slices;
};

struct Mark {
  Clock::time_point at;
  std::uint64_t completed;
  double cpu_us;
};

double micros(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
}

// CPU of the whole process: the other clients are asleep, and the server is another process.
Mark mark(const Load& load) {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return {Clock::now(), load.completed(), micros(used.ru_utime) + micros(used.ru_stime)};
}

Slice run_slice(Load& load, const Effort& effort) {
  load.start();
  std::this_thread::sleep_for(effort.warm_up);
  load.keep_samples(true);
  const Mark begin = mark(load);
  std::this_thread::sleep_for(effort.slice);
  const Mark end = mark(load);
  load.keep_samples(false);
  load.stop();

  const auto operations = static_cast<double>(end.completed - begin.completed);
  if (operations <= 0) throw std::runtime_error("no operation was completed in a slice");
  std::vector<std::uint32_t> samples = load.take_samples();
  return {.ops_per_s = operations / std::chrono::duration<double>(end.at - begin.at).count(),
          .p50_us = percentile(samples, 0.50) / 1e3,
          .p99_us = percentile(samples, 0.99) / 1e3,
          .cpu_us_per_op = (end.cpu_us - begin.cpu_us) / operations};
}

std::vector<Contender> contenders(const Row& row, const KeySpace& space, const Servers& servers) {
  const std::string uri = "redis://127.0.0.1:" + std::to_string(servers.port);
  std::vector<Contender> all;
  all.push_back({"socket", make_socket_load(row, space, servers.port), {}});
  all.push_back({"hiredis", make_hiredis_load(row, space, servers.port), {}});
  switch (row.via) {
    case Via::client: all.push_back({"meridian", make_client_load(row, space, uri), {}}); break;
    case Via::tls: all.push_back({"meridian", make_client_load(row, space, servers.tls_uri), {}}); break;
    case Via::multi_db:
      all.push_back({"meridian-single", make_client_load(row, space, uri), {}});
      all.push_back({"meridian",
                     make_multi_db_load(row, space, {uri, "redis://127.0.0.1:" + std::to_string(servers.second_port)}),
                     {}});
      break;
  }
  return all;
}

// Each round begins with another client, and every second one goes backwards: nobody always follows the same one.
void run_rounds(std::vector<Contender>& all, const Effort& effort) {
  for (Contender& contender : all) (void)run_slice(*contender.load, {1, effort.warm_up, effort.warm_up});
  for (std::size_t round = 0; round < static_cast<std::size_t>(effort.rounds); ++round) {
    std::vector<std::size_t> order(all.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(round % all.size()), order.end());
    if (round % 2 == 1) std::reverse(order.begin(), order.end());
    for (const std::size_t i : order) all[i].slices.push_back(run_slice(*all[i].load, effort));
  }
}

double median_of(const Contender& contender, Field field) {
  std::vector<double> values;
  for (const Slice& slice : contender.slices) values.push_back(slice.*field);
  return spread_of(values).median;
}

// Within each round: that is when both met the same machine.
Spread ratio(const Contender& contender, const Contender& yardstick, Field field) {
  std::vector<double> values;
  for (std::size_t round = 0; round < contender.slices.size(); ++round) {
    values.push_back(contender.slices[round].*field / yardstick.slices[round].*field);
  }
  return spread_of(values);
}

Json to_json(const Row& row, const Contender& contender, const std::vector<Contender>& all) {
  Json json = {{"workload", row.workload()},
               {"op", to_string(row.operation)},
               {"bytes", row.bytes},
               {"client", contender.name},
               {"ops_per_s", median_of(contender, &Slice::ops_per_s)},
               {"p50_us", median_of(contender, &Slice::p50_us)},
               {"p99_us", median_of(contender, &Slice::p99_us)},
               {"cpu_us_per_op", median_of(contender, &Slice::cpu_us_per_op)},
               {"placement", to_string(row.placement)}};
  constexpr std::pair<const char*, Field> metrics[] = {
      {"", &Slice::ops_per_s}, {"p99_", &Slice::p99_us}, {"cpu_", &Slice::cpu_us_per_op}};
  for (const auto& [prefix, field] : metrics) {
    for (const Contender& yardstick : all) {
      if (yardstick.name == "meridian") continue;
      const std::string name =
          prefix + std::string("vs_") + (yardstick.name == "meridian-single" ? "single" : yardstick.name);
      const Spread spread = ratio(contender, yardstick, field);
      json[name] = spread.median;
      json[name + "_spread"] = {spread.low, spread.high};
    }
  }
  json["rounds"] = contender.slices.size();
  return json;
}

}  // namespace

Json measure_row(const Row& row, const Servers& servers, const Effort& effort) {
  const KeySpace space(row.bytes);
  fill(space, servers.port);
  std::vector<Contender> all = contenders(row, space, servers);
  run_rounds(all, effort);
  Json rows = Json::array();
  for (const Contender& contender : all) rows.push_back(to_json(row, contender, all));
  return rows;
}

}  // namespace meridian::bench
