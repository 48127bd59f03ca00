// From what a file said to what it says now: the operations that take a client there.
#pragma once

#include <string>
#include <vector>

#include <meridian/config_file.hpp>

namespace meridian::config {

struct Plan {
  std::vector<op::Operation> operations{};  // in the order in which they are to be carried out
  std::vector<std::string> at_restart{};    // what no operation changes
};

// Both are valid. Error: `invalid_argument`: a database has another address under the same name.
[[nodiscard]] Result<Plan> plan_changes(const MultiDbConfig& from, const MultiDbConfig& to);

// Notes what `done` has changed: in the configuration that a client has, and for who asks.
void note(const op::Operation& done, MultiDbConfig& config, ConfigChanges& changes);

// "adding database 'south'", for errors.
[[nodiscard]] std::string describe(const op::Operation& operation);

}  // namespace meridian::config
