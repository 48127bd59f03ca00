// What one connection of a fake server watches, and what it has queued between MULTI and EXEC, as in Redis 7.
// https://redis.io/docs/latest/develop/using-commands/transactions/
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "simulation/world/keyspace.hpp"

namespace meridian::simulation {

class FakeTransaction {
 public:
  using Queue = std::vector<std::vector<std::string>>;

  // Between MULTI and EXEC: commands are queued.
  [[nodiscard]] bool is_open() const noexcept { return open_; }
  [[nodiscard]] const Queue& queue() const noexcept { return queue_; }

  // The replies to the commands of the same names.
  [[nodiscard]] std::string multi();
  [[nodiscard]] std::string discard();
  [[nodiscard]] std::string watch(Keyspace::Words words, const Keyspace& data, int database);
  [[nodiscard]] std::string unwatch();

  // A command inside MULTI.
  [[nodiscard]] std::string enqueue(Keyspace::Words words);

  // One inside MULTI was refused, or EXEC itself: nothing will run.
  void refuse() noexcept { refused_ = open_; }

  // EXEC. The reply if nothing runs; else it is empty, and `commands` are to be run.
  [[nodiscard]] std::string exec(const Keyspace& data, int protocol, Queue& commands);

 private:
  [[nodiscard]] bool is_touched(const Keyspace& data) const;
  void end();

  bool open_ = false;
  bool refused_ = false;
  Queue queue_;
  std::map<std::pair<int, std::string>, std::uint64_t> watched_;  // and their versions
};

}  // namespace meridian::simulation
