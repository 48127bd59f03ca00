// Comparing two configurations, option by option.
#include "components/config/changes.hpp"

#include <algorithm>
#include <utility>

#include "components/config/option.hpp"

namespace meridian::config {
namespace {

const DatabaseConfig* find(const MultiDbConfig& config, const std::string& name) {
  for (const DatabaseConfig& database : config.databases) {
    if (database_name(database) == name) return &database;
  }
  return nullptr;
}

// Where it is, with everything that the URI says.
Target target_of(const DatabaseConfig& database) {
  if (database.endpoint) return {*database.endpoint, database.options};
  return value_or_throw(parse_uri(database.uri, database.options));  // it is valid
}

bool is_elsewhere(const DatabaseConfig& from, const DatabaseConfig& to) {
  const Target old_target = target_of(from);
  const Target new_target = target_of(to);
  return old_target.endpoint != new_target.endpoint || old_target.options.database != new_target.options.database;
}

template <class Struct>
bool differ(const Struct& from, const Struct& to, Changes changes) {
  const auto options = options_of<Struct>();
  return std::any_of(options.begin(), options.end(),
                     [&](const Option<Struct>& option) { return option.changes == changes && !option.same(from, to); });
}

template <class Struct>
void list_differences(const Struct& from, const Struct& to, const std::string& prefix, Plan& plan) {
  for (const Option<Struct>& option : options_of<Struct>()) {
    if (option.changes == Changes::at_restart && !option.same(from, to)) {
      plan.at_restart.push_back(prefix + std::string(option.name));
    }
  }
}

std::optional<Error> plan_kept_database(const DatabaseConfig& from, const DatabaseConfig& to, Plan& plan) {
  const std::string name = database_name(to);
  if (is_elsewhere(from, to)) {
    return Error(ErrorCode::invalid_argument, Delivery::not_sent,
                 "database '" + name +
                     "' has another address than before: must be given another name, so that it is added and the old "
                     "one removed");
  }
  if (from.weight != to.weight) plan.operations.emplace_back(op::SetWeight{name, to.weight});
  list_differences(from, to, "database '" + name + "': ", plan);
  list_differences(from.options, to.options, "database '" + name + "': ", plan);
  return std::nullopt;
}

// All that `op::Reconfigure` takes over.
void copy_settings(MultiDbConfig& to, const MultiDbConfig& from) {
  for (const Option<MultiDbConfig>& option : options_of<MultiDbConfig>()) {
    if (option.changes == Changes::at_once) option.copy(to, from);
  }
}

void note_done(const op::AddDatabase& done, MultiDbConfig& config, ConfigChanges& changes) {
  config.databases.push_back(done.database);
  changes.added.push_back(database_name(done.database));
}

void note_done(const op::RemoveDatabase& done, MultiDbConfig& config, ConfigChanges& changes) {
  std::erase_if(config.databases,
                [&](const DatabaseConfig& database) { return database_name(database) == done.database; });
  changes.removed.push_back(done.database);
}

void note_done(const op::SetWeight& done, MultiDbConfig& config, ConfigChanges& changes) {
  for (DatabaseConfig& database : config.databases) {
    if (database_name(database) == done.database) database.weight = done.weight;
  }
  changes.reweighted.push_back(done.database);
}

void note_done(const op::Reconfigure& done, MultiDbConfig& config, ConfigChanges& changes) {
  copy_settings(config, done.config);
  changes.reconfigured = true;
}

// No plan has others.
template <class Other>
void note_done(const Other&, MultiDbConfig&, ConfigChanges&) {}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

Result<Plan> plan_changes(const MultiDbConfig& from, const MultiDbConfig& to) {
  Plan plan;
  if (differ(from, to, Changes::at_once)) plan.operations.emplace_back(op::Reconfigure{to});
  for (const DatabaseConfig& database : to.databases) {
    if (find(from, database_name(database)) == nullptr) plan.operations.emplace_back(op::AddDatabase{database});
  }
  list_differences(from, to, "", plan);
  for (const DatabaseConfig& database : to.databases) {
    const DatabaseConfig* before = find(from, database_name(database));
    if (before == nullptr) continue;
    if (std::optional<Error> error = plan_kept_database(*before, database, plan)) return Unexpected(std::move(*error));
  }
  for (const DatabaseConfig& database : from.databases) {
    const std::string name = database_name(database);
    if (find(to, name) == nullptr) plan.operations.emplace_back(op::RemoveDatabase{name});
  }
  return plan;
}

void note(const op::Operation& done, MultiDbConfig& config, ConfigChanges& changes) {
  std::visit([&](const auto& concrete) { note_done(concrete, config, changes); }, done);
}

std::string describe(const op::Operation& operation) {
  if (const auto* add = std::get_if<op::AddDatabase>(&operation)) {
    return "adding database '" + database_name(add->database) + "'";
  }
  if (const auto* remove = std::get_if<op::RemoveDatabase>(&operation)) {
    return "removing database '" + remove->database + "'";
  }
  if (const auto* weight = std::get_if<op::SetWeight>(&operation)) {
    return "setting the weight of database '" + weight->database + "'";
  }
  return "changing timings and rules";
}

}  // namespace meridian::config

namespace meridian {

std::string ConfigChanges::text() const {
  std::string text;
  const auto say = [&](const std::string& what) { text += (text.empty() ? "" : "; ") + what; };
  if (reconfigured) say("timings and rules changed");
  if (!added.empty()) say("added " + config::joined(added));
  if (!reweighted.empty()) say("new weight of " + config::joined(reweighted));
  if (!removed.empty()) say("removed " + config::joined(removed));
  if (!at_restart.empty()) say("at the next start: " + config::joined(at_restart));
  return text.empty() ? "nothing changed" : text;
}

}  // namespace meridian
