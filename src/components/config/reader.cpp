// From the tree of a file to a `MultiDbConfig`.
#include <cstdlib>
#include <utility>

#include <meridian/config_file.hpp>
#include <meridian/profiles.hpp>

#include "components/config/document.hpp"
#include "components/config/file_credentials.hpp"
#include "components/config/files.hpp"
#include "components/config/option.hpp"
#include "components/config/reading.hpp"
#include "components/config/values.hpp"

namespace meridian {
namespace config {
namespace {

// The options of the databases, and what becomes of `password_file` when user and URI are known.
struct DatabaseOptions {
  ClientOptions options{};
  const Node* password_file = nullptr;
};

struct Beginning {
  MultiDbConfig config;
  ClientOptions options;
};

const Node* find(const Table& table, std::string_view key) {
  for (const Node& entry : table.entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

Beginning profile(const Node& node, Reading& reading) {
  const auto* name = std::get_if<std::string>(&node.value);
  if (name != nullptr && *name == "compatible") return {profiles::compatible(), {}};
  if (name != nullptr && *name == "fast") return {profiles::fast(), profiles::fast_options()};
  if (name != nullptr && *name == "low_traffic") return {profiles::low_traffic(), profiles::low_traffic_options()};
  reading.refuse(node, R"("compatible", "fast" or "low_traffic")");
  return {};
}

// The three ways to give a password. The last line of them all counts: a database's own replaces the common one.
bool read_password(const Node& node, DatabaseOptions& result, Reading& reading) {
  if (node.key != "password" && node.key != "password_env" && node.key != "password_file") return false;
  std::string text;
  Value<std::string>::read(text, node, reading);
  result.password_file = nullptr;
  result.options.password = {};
  if (node.key == "password") {
    result.options.password = text;
  } else if (node.key == "password_file") {
    result.password_file = &node;
  } else if (const char* value = text.empty() ? nullptr : std::getenv(text.c_str()); value != nullptr && *value != 0) {
    result.options.password = value;
  } else {
    reading.complain(node.line, node.path + " must be the name of an environment variable that is set");
  }
  return true;
}

bool read_client_option(const Node& node, DatabaseOptions& result, Reading& reading) {
  if (read_password(node, result, reading)) return true;
  const Option<ClientOptions>* option = option_for<ClientOptions>(node.key);
  if (option == nullptr) return false;
  if (option->changes == Changes::not_in_files) {
    reading.complain(node.line, node.path + " is decided by the whole client: must stand at the top of the file");
  } else {
    option->read(result.options, node, reading);
  }
  return true;
}

void check_one_password(const Table& table, Reading& reading) {
  const Node* first = nullptr;
  for (const std::string_view key : {"password", "password_env", "password_file"}) {
    const Node* node = find(table, key);
    if (node == nullptr) continue;
    if (first != nullptr) reading.complain(node->line, node->path + " must be left out: there is " + first->path);
    first = node;
  }
}

std::string client_keys() {
  std::string text = "password_file, password_env";
  for (const Option<ClientOptions>& option : options_of<ClientOptions>()) {
    if (option.read != nullptr && option.changes != Changes::not_in_files) text += ", " + std::string(option.name);
  }
  return text;
}

DatabaseOptions read_common_options(const Node& node, const ClientOptions& beginning, Reading& reading) {
  DatabaseOptions result{.options = beginning};
  const auto* table = std::get_if<Table>(&node.value);
  if (table == nullptr) {
    reading.refuse(node, "a table of " + client_keys());
    return result;
  }
  check_one_password(*table, reading);
  for (const Node& entry : table->entries) {
    if (!read_client_option(entry, result, reading)) {
      reading.complain(entry.line, entry.path + " is not known: must be one of " + client_keys());
    }
  }
  return result;
}

// REQUIRES: everything else of the database has been read.
void set_credentials(DatabaseConfig& database, const DatabaseOptions& read, Reading& reading) {
  if (read.password_file == nullptr) return;
  const Node& node = *read.password_file;
  std::string user = database.options.user;
  if (const Result<Target> target = parse_uri(database.uri, database.options); target) {
    user = target->options.user;
    if (!target->options.password.empty()) {
      reading.complain(node.line, node.path + " must be left out: the URI of the database has a password");
    }
  }
  const auto* path = std::get_if<std::string>(&node.value);
  if (path == nullptr) return;  // told already
  auto credentials = std::make_shared<FileCredentials>(std::move(user), *path);
  if (const Result<Secret> password = credentials->password(); !password) {
    reading.complain(node.line, node.path + " names a file that " + password.error().message() +
                                    ": must be a file that holds the password");
  }
  database.options.credentials = std::move(credentials);
}

DatabaseConfig read_database(const Node& node, const DatabaseOptions& common, Reading& reading) {
  DatabaseConfig database;
  const auto* table = std::get_if<Table>(&node.value);
  if (table == nullptr) {
    reading.refuse(node, "a table, which begins with [[database]]");
    return database;
  }
  DatabaseOptions read = common;
  check_one_password(*table, reading);
  for (const Node& entry : table->entries) {
    if (const Option<DatabaseConfig>* option = option_for<DatabaseConfig>(entry.key)) {
      option->read(database, entry, reading);
    } else if (!read_client_option(entry, read, reading)) {
      reading.complain(entry.line, entry.path + " is not known: must be one of " + readable_names<DatabaseConfig>() +
                                       ", " + client_keys());
    }
  }
  database.options = read.options;
  set_credentials(database, read, reading);
  return database;
}

void read_databases(const Node& node, const DatabaseOptions& common, MultiDbConfig& config, Reading& reading) {
  const auto* list = std::get_if<List>(&node.value);
  if (list == nullptr) {
    reading.refuse(node, "a table for each database, which begins with [[database]]");
    return;
  }
  for (const Node& element : list->elements) {
    config.databases.push_back(read_database(element, common, reading));
  }
}

MultiDbConfig read_all(const Table& file, Reading& reading) {
  Beginning beginning;
  if (const Node* node = find(file, "profile")) beginning = profile(*node, reading);
  MultiDbConfig& config = beginning.config;
  DatabaseOptions common{.options = beginning.options};
  if (const Node* node = find(file, "options")) common = read_common_options(*node, beginning.options, reading);
  for (const Node& entry : file.entries) {
    if (entry.key == "profile" || entry.key == "options") continue;
    if (entry.key == "database") {
      read_databases(entry, common, config, reading);
    } else if (const Option<MultiDbConfig>* option = option_for<MultiDbConfig>(entry.key)) {
      option->read(config, entry, reading);
    } else {
      reading.complain(entry.line, entry.path + " is not known: must be one of profile, options, database, " +
                                       readable_names<MultiDbConfig>());
    }
  }
  return std::move(config);
}

// The line of the longest path that begins `path`, or 0.
std::size_t line_of(const Node& node, std::string_view path) {
  if (path == node.path) return node.line;
  const std::vector<Node>* children = nullptr;
  if (const auto* table = std::get_if<Table>(&node.value)) children = &table->entries;
  if (const auto* list = std::get_if<List>(&node.value)) children = &list->elements;
  if (children == nullptr) return node.line;
  for (const Node& child : *children) {
    if (!path.starts_with(child.path)) continue;
    const std::string_view rest = path.substr(child.path.size());
    if (rest.empty() || rest.front() == '.' || rest.front() == '[') return line_of(child, path);
  }
  return node.line;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// `check_config` speaks of fields; a file has keys: "databases[1].options.user" is "database[1].user".
Error in_terms_of_the_file(const Error& error, const Node& file, std::string_view name) {
  std::string message = error.message();
  if (message.starts_with("databases is")) message.replace(0, 9, "database");
  message = replaced(std::move(message), "databases[", "database[");
  const std::size_t end = message.find_first_of(" :");
  std::string path = message.substr(0, end);
  const std::string rest = end == std::string::npos ? "" : message.substr(end);
  path = replaced(std::move(path), "].options.", "].");
  std::size_t line = line_of(file, path);
  // It may come from the options of all databases.
  if (const std::size_t dot = path.find("]."); dot != std::string::npos) {
    const std::size_t whole = line_of(file, path.substr(0, dot + 1));
    const std::size_t common = line_of(file, "options." + path.substr(dot + 2));
    if (line == whole && common != 0) line = common;
  }
  return Error(ErrorCode::invalid_argument, Delivery::not_sent, place(name, line) + path + rest);
}

}  // namespace
}  // namespace config

Result<MultiDbConfig> parse_config(std::string_view text, std::string_view name) {
  const Result<config::Node> file = config::parse_document(text, name);
  if (!file) return Unexpected(file.error());
  config::Reading reading(name);
  MultiDbConfig result = config::read_all(std::get<config::Table>(file->value), reading);
  if (reading.error()) return Unexpected(*reading.error());
  if (const Result<void> checked = check_config(result); !checked) {
    return Unexpected(config::in_terms_of_the_file(checked.error(), *file, name));
  }
  return result;
}

Result<MultiDbConfig> load_config(const std::string& path) {
  const Result<std::string> text = config::read_config_file(path);
  if (!text) return Unexpected(text.error());
  return parse_config(*text, path);
}

}  // namespace meridian
