// Writes the page of the commands.
#include "conformance/commands_page.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string_view>

#include "conformance/all_examples.hpp"
#include "conformance/test_servers.hpp"
#include "conformance/untyped_commands.hpp"

namespace meridian::conformance {
namespace {

// All that the examples of one command say of it.
struct Row {
  std::set<std::string> methods;
  std::set<Repeat> grades;
  std::size_t most_keys = 0;
  std::size_t fewest_keys = SIZE_MAX;
  bool has_destination = false;
  bool may_block = false;
  bool may_run_partly = false;
  bool is_answered = false;              // not only refused by the servers at hand
  std::set<std::string> newer_versions;  // that forms need which the server does not have
};

using Rows = std::map<std::string, Row>;

// By family, in the order of the examples.
struct Section {
  std::string family;
  Rows rows;
};

void note(const Example& example, Row& row) {
  const Request& request = example.request();
  row.methods.insert(method_of(example));
  row.grades.insert(request.traits.repeat);
  row.most_keys = std::max<std::size_t>(row.most_keys, request.keys.count);
  row.fewest_keys = std::min<std::size_t>(row.fewest_keys, request.keys.count);
  row.has_destination |= request.keys.destination != 0;
  row.may_block |= request.blocks_for != Duration::zero();
  row.may_run_partly |= request.traits.may_run_partly;
  row.is_answered |= example.about().error.empty();
  const std::string since(example.about().since);
  if (!since.empty() && !test_servers().is_at_least(since)) row.newer_versions.insert(since);
}

std::vector<Section> sections() {
  std::vector<Section> all;
  for (const auto& example : all_examples().all()) {
    const std::string family = family_of(*example);
    const auto same = [&](const Section& section) { return section.family == family; };
    auto section = std::find_if(all.begin(), all.end(), same);
    if (section == all.end()) section = all.insert(all.end(), {family, {}});
    note(*example, section->rows[example->request().name()]);
  }
  return all;
}

std::string keys_text(const Row& row) {
  std::string text;
  if (row.has_destination) text = "destination";
  if (row.most_keys == 0) return text.empty() ? "–" : text;
  if (!text.empty()) text += " + ";
  return text + (row.most_keys > 1 ? "several" : row.fewest_keys == 0 ? "0 or more" : "1");
}

std::string link(std::string_view command) {
  std::string page(command);
  std::transform(page.begin(), page.end(), page.begin(), [](unsigned char character) {
    return character == ' ' ? '-' : static_cast<char>(std::tolower(character));
  });
  return "[" + std::string(command) + "](https://redis.io/docs/latest/commands/" + page + "/)";
}

template <class Range, class Text>
std::string joined(const Range& range, Text text) {
  std::string result;
  for (const auto& element : range) result += (result.empty() ? "" : ", ") + text(element);
  return result;
}

std::string title(const std::string& family) {
  static const std::map<std::string, std::string> titles = {{"acl", "Access control lists"},
                                                            {"bitmap", "Bitmaps"},
                                                            {"cluster", "Cluster"},
                                                            {"connection", "Connections"},
                                                            {"geo", "Geographic positions"},
                                                            {"hash", "Hashes"},
                                                            {"hyperloglog", "HyperLogLog"},
                                                            {"json", "JSON"},
                                                            {"key", "Keys"},
                                                            {"list", "Lists"},
                                                            {"scripting", "Scripts and functions"},
                                                            {"server", "Server and messages"},
                                                            {"set", "Sets"},
                                                            {"sorted_set", "Sorted sets"},
                                                            {"stream", "Streams"},
                                                            {"string", "Strings"}};
  return titles.at(family);
}

std::set<std::string> typed_commands() {
  std::set<std::string> names;
  for (const auto& example : all_examples().all()) names.insert(example->request().name());
  return names;
}

bool is_on_server(const std::string& command) { return test_servers().commands().contains(command); }

std::string checked_text(const std::string& command, const Row& row) {
  if (!is_on_server(command)) return "words only";
  std::string text = row.is_answered ? "on the server" : "on the server, which refuses it there";
  const auto version = [](const std::string& name) { return name; };
  if (!row.newer_versions.empty()) text += "; words only: what is new in " + joined(row.newer_versions, version);
  return text;
}

std::string typed_tables() {
  std::string text;
  for (const Section& section : sections()) {
    text += "\n## " + title(section.family) + "\n\n";
    if (section.family == "json")
      text += "In `meridian/json.hpp`. `cmd::json_set` is the method `json(client).set`.\n\n";
    text += "| command | C++ | repeat grade | keys | blocks | checked |\n|---|---|---|---|---|---|\n";
    for (const auto& [command, row] : section.rows) {
      const std::string grades = joined(row.grades, [](Repeat grade) { return std::string(to_string(grade)); });
      text += "| " + link(command) + " | " +
              joined(row.methods, [](const std::string& name) { return "`" + name + "`"; }) + " | " + grades +
              (row.may_run_partly ? ", may run partly" : "") + " | " + keys_text(row) + " | " +
              (row.may_block ? "yes" : "–") + " | " + checked_text(command, row) + " |\n";
    }
  }
  return text;
}

std::string untyped_table() {
  const std::set<std::string> typed = typed_commands();
  std::string text = "\n## Without a typed form\n\n";
  text += "`client.command(\"NAME\", …)` runs these, too, unless they belong to a connection.\n\n";
  text += "| command | why |\n|---|---|\n";
  for (const auto& [command, facts] : test_servers().commands()) {
    if (!typed.contains(command)) text += "| " + command + " | " + std::string(why_untyped(command)) + " |\n";
  }
  return text;
}

}  // namespace

std::string path_of_page() { return MERIDIAN_SOURCE_FOLDER "/docs/commands.md"; }

std::string commands_page() {
  std::string text =
      "# The commands\n\n"
      "Generated by `conformance_tests --write-docs docs/commands.md`; do not edit. A test holds this page against the "
      "code.\n\n"
      "Every command below is a builder in `meridian::cmd` and a method of all clients, of the same name. *Repeat "
      "grade*: what repeating the command may do, which decides whether it is repeated when nobody knows whether it "
      "ran; by its arguments where there are several; see "
      "[delivery.hpp](../include/meridian/delivery.hpp). *Keys*: what Cluster routes by. *Checked* on the server: "
      "every form of the command was run on " +
      test_servers().product() +
      ", in RESP2 and RESP3, by synchronous and asynchronous clients of one database and of several, and compared with "
      "what the server answers in raw form, with COMMAND INFO and with COMMAND GETKEYS. *Words only*: not run on a "
      "real server here; what is sent and how replies are read is held against the documentation.\n";
  return text + typed_tables() + untyped_table();
}

std::vector<std::string> unexplained_commands() {
  const std::set<std::string> typed = typed_commands();
  std::vector<std::string> names;
  for (const auto& [command, facts] : test_servers().commands()) {
    if (!typed.contains(command) && why_untyped(command).empty()) names.push_back(command);
  }
  return names;
}

}  // namespace meridian::conformance
