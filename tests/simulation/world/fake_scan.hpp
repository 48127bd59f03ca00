// SCAN on one fake server: a cursor of its own means nothing to another one.
// https://redis.io/docs/latest/commands/scan/
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulation/world/keyspace.hpp"

namespace meridian::simulation {

class FakeScan {
 public:
  explicit FakeScan(std::size_t server) noexcept : last_cursor_((server + 1) * 1'000'000) {}

  // The next page of these sorted names. A cursor of elsewhere ends the scan at once, as a real server may: most of
  // what is there is never found.
  [[nodiscard]] std::string page(const std::vector<std::string>& names, Keyspace::Words words);

  // How often that happened.
  [[nodiscard]] int foreign_cursors() const noexcept { return foreign_cursors_; }

 private:
  std::map<std::uint64_t, std::string> cursors_;  // and the last name before each
  std::uint64_t last_cursor_;
  int foreign_cursors_ = 0;
};

}  // namespace meridian::simulation
