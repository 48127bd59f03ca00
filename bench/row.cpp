#include "bench/row.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace meridian::bench {
namespace {

constexpr std::array vias = {std::pair{Via::multi_db, std::string_view("multidb-")},
                             std::pair{Via::tls, std::string_view("tls-")},
                             std::pair{Via::client, std::string_view("")}};
constexpr std::array shapes = {std::pair{Shape::sync, std::string_view("sync")},
                               std::pair{Shape::async, std::string_view("async")},
                               std::pair{Shape::pipeline, std::string_view("pipeline")}};
constexpr std::array all_values = {std::pair{Values::strings, std::string_view("-strings")},
                                   std::pair{Values::kept, std::string_view("")}};
constexpr std::array operations = {Operation::get, Operation::set};
constexpr std::array placements = {Placement::one, Placement::free};

template <class Value, std::size_t Count>
std::string_view text_of(const std::array<std::pair<Value, std::string_view>, Count>& table, Value value) {
  for (const auto& [candidate, text] : table) {
    if (candidate == value) return text;
  }
  return {};
}

// Takes the first text of the table that `rest` begins with.
template <class Value, std::size_t Count>
std::optional<Value> take(const std::array<std::pair<Value, std::string_view>, Count>& table, std::string_view& rest) {
  for (const auto& [value, text] : table) {
    if (!rest.starts_with(text)) continue;
    rest.remove_prefix(text.size());
    return value;
  }
  return std::nullopt;
}

std::optional<std::size_t> take_number(std::string_view& rest) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc() || number == 0) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return number;
}

bool take_exactly(std::string_view text, std::string_view& rest) {
  if (!rest.starts_with(text)) return false;
  rest.remove_prefix(text.size());
  return true;
}

struct Workload {
  Shape shape;
  std::size_t width;
  Values values = Values::kept;
};

void add(std::vector<Row>& rows, Via via, Workload workload, Operation operation, std::size_t bytes) {
  for (const Placement placement : placements) {
    rows.push_back({via, workload.shape, workload.values, workload.width, operation, bytes, placement});
  }
}

}  // namespace

std::string_view to_string(Operation operation) noexcept { return operation == Operation::get ? "GET" : "SET"; }
std::string_view to_string(Placement placement) noexcept { return placement == Placement::one ? "one" : "free"; }

std::string Row::workload() const {
  return std::string(text_of(vias, via)) + std::string(text_of(shapes, shape)) +
         std::string(text_of(all_values, values)) + "-" + std::to_string(width);
}

std::string Row::name() const {
  return workload() + "/" + std::string(to_string(operation)) + "/" + std::to_string(bytes) + "/" +
         std::string(to_string(placement));
}

std::optional<Row> parse_row(std::string_view name) {
  const auto via = take(vias, name);
  const auto shape = take(shapes, name);
  const auto values = take(all_values, name);
  if (!via || !shape || !values || !take_exactly("-", name)) return std::nullopt;
  const auto width = take_number(name);
  if (!width) return std::nullopt;
  for (const Operation operation : operations) {
    std::string_view rest = name;
    if (!take_exactly("/" + std::string(to_string(operation)) + "/", rest)) continue;
    const auto bytes = take_number(rest);
    if (!bytes) return std::nullopt;
    for (const Placement placement : placements) {
      if (rest == "/" + std::string(to_string(placement))) {
        return Row{*via, *shape, *values, *width, operation, *bytes, placement};
      }
    }
  }
  return std::nullopt;
}

std::vector<Row> all_rows() {
  constexpr std::array workloads = {
      Workload{Shape::sync, 1},      Workload{Shape::sync, 2},      Workload{Shape::sync, 8},
      Workload{Shape::sync, 32},     Workload{Shape::async, 64},    Workload{Shape::async, 512},
      Workload{Shape::pipeline, 16}, Workload{Shape::pipeline, 64}, Workload{Shape::pipeline, 512}};
  std::vector<Row> rows;
  for (const std::size_t bytes : {std::size_t{16}, std::size_t{1024}}) {
    for (const Operation operation : operations) {
      for (const Workload workload : workloads) add(rows, Via::client, workload, operation, bytes);
    }
  }
  for (const Workload workload : {workloads[0], workloads[7], workloads[8]}) {
    add(rows, Via::client, {workload.shape, workload.width, Values::strings}, Operation::get, 16);
  }
  // What failover costs is per command, and the same for every size.
  for (const Operation operation : operations) {
    for (const Workload workload : workloads) add(rows, Via::multi_db, workload, operation, 16);
  }
  for (const Workload workload : {workloads[0], workloads[4]}) add(rows, Via::tls, workload, Operation::get, 16);
  return rows;
}

std::vector<Row> smoke_rows() {
  std::vector<Row> rows;
  add(rows, Via::client, {Shape::sync, 2}, Operation::get, 16);
  add(rows, Via::client, {Shape::async, 64}, Operation::set, 16);
  add(rows, Via::client, {Shape::pipeline, 16}, Operation::get, 1024);
  add(rows, Via::multi_db, {Shape::sync, 1}, Operation::get, 16);
  return rows;
}

}  // namespace meridian::bench
