// A client's status as text and as JSON (MAN-4).
#include <meridian/events.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <iterator>

#include <nlohmann/json.hpp>
#include <meridian/duration_text.hpp>

namespace meridian {
namespace {

// Keys stay in the order in which they are written here: people read JSON, too.
using Json = nlohmann::ordered_json;

std::chrono::milliseconds whole_milliseconds(Duration duration) {
  // Up, so that something that is left never looks like nothing.
  return std::chrono::ceil<std::chrono::milliseconds>(duration);
}

// From ten seconds on nobody counts milliseconds.
std::string duration(Duration value) {
  if (value < std::chrono::seconds(10)) return duration_text(whole_milliseconds(value));
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(value).count()) + "s";
}

// As written in a configuration: "1", "0.5".
std::string number(double value) {
  std::array<char, 32> text;
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  return std::string(text.data(), written.ptr);
}

bool in_stages(const ClientStatus& status) { return status.scope != SwitchScope::all; }

// "east active, epoch 3; reads go to west already; pinned; no failback for 30s; frozen"
std::string headline(const ClientStatus& status) {
  std::string line = status.active.empty() ? std::string("NO DATABASE IS USABLE") : status.active + " is active";
  line += ", epoch " + std::to_string(status.epoch);
  if (in_stages(status)) {
    const bool is_reads = status.scope == SwitchScope::reads;
    line += "; " + (is_reads ? std::string("reads") : std::to_string(status.percent) + " % of the callers") +
            " went to " + status.next + " already";
  }
  if (status.pinned) line += "; pinned";
  if (status.held_for > Duration::zero()) line += "; no failback for " + duration(status.held_for);
  if (status.mode != DecisionMode::deciding) line += "; decides nothing (" + std::string(to_string(status.mode)) + ")";
  return line;
}

std::string state(const DatabaseStatus& database) {
  if (database.active) return "ACTIVE";
  return database.eligible ? "ready" : "out";
}

std::string counts(const DatabaseCounters& counters) {
  return std::to_string(counters.reads) + "/" + std::to_string(counters.writes);
}

std::string failures(const DatabaseCounters& counters) {
  return std::to_string(counters.failed_reads) + "/" + std::to_string(counters.failed_writes);
}

// What is wrong with it, or was.
std::string remarks(const DatabaseStatus& database) {
  std::string text;
  const auto add = [&](const std::string& remark) { text += (text.empty() ? "" : "; ") + remark; };
  if (!database.eligible && !database.why_not.empty()) add("not eligible: " + database.why_not);
  if (database.grace_left > Duration::zero()) add("grace left: " + duration(database.grace_left));
  if (database.drained) add("drained");
  if (database.flaps > 0) add("flaps: " + std::to_string(database.flaps));
  if (!database.last_evidence.empty()) add("last: " + database.last_evidence);
  return text;
}

constexpr std::size_t column_count = 9;
using Row = std::array<std::string, column_count>;

Row row_of(const DatabaseStatus& database) {
  return {database.name,
          state(database),
          number(database.weight),
          std::string(to_string(database.circuit)),
          std::string(to_string(database.health)),
          counts(database.counters),
          failures(database.counters),
          std::to_string(database.counters.connections_lost),
          remarks(database)};
}

// How wide it is on a terminal: continuation bytes of UTF-8 take no room.
std::size_t width(const std::string& text) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins));
}

std::string as_table(const std::vector<Row>& rows) {
  std::array<std::size_t, column_count> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < column_count; ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < column_count; ++i) {
      line += row[i] + std::string(widths[i] - width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

Json json_of(const DatabaseCounters& counters) {
  return {{"reads", counters.reads},
          {"writes", counters.writes},
          {"failed_reads", counters.failed_reads},
          {"failed_writes", counters.failed_writes},
          {"slow", counters.slow},
          {"connections_lost", counters.connections_lost},
          {"probes", counters.probes},
          {"failed_probes", counters.failed_probes},
          {"activations", counters.activations},
          {"failovers", counters.failovers}};
}

Json json_of(const DatabaseStatus& database) {
  return {{"name", database.name},
          {"weight", database.weight},
          {"active", database.active},
          {"circuit", to_string(database.circuit)},
          {"health", to_string(database.health)},
          {"grace_left_ms", whole_milliseconds(database.grace_left).count()},
          {"last_evidence", database.last_evidence},
          {"eligible", database.eligible},
          {"why_not", database.why_not},
          {"drained", database.drained},
          {"flaps", database.flaps},
          {"counters", json_of(database.counters)}};
}

}  // namespace

std::string to_text(const ClientStatus& status) {
  std::vector<Row> rows = {
      {"database", "state", "weight", "circuit", "health", "reads/writes", "failed", "lost", "remarks"}};
  std::transform(status.databases.begin(), status.databases.end(), std::back_inserter(rows), row_of);
  return headline(status) + '\n' + as_table(rows);
}

std::string to_json(const ClientStatus& status) {
  Json databases = Json::array();
  for (const DatabaseStatus& database : status.databases) databases.push_back(json_of(database));
  const Json json = {{"active", status.active},
                     {"epoch", status.epoch},
                     {"next", status.next},
                     {"scope", to_string(status.scope)},
                     {"percent", status.percent},
                     {"mode", to_string(status.mode)},
                     {"pinned", status.pinned},
                     {"held_for_ms", whole_milliseconds(status.held_for).count()},
                     {"databases", std::move(databases)}};
  // Names and evidence may hold bytes of a server or a file that are no UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace meridian
