// What was asked and what the servers say: every INCR goes to a key of its own, how its call ended is remembered, and
// in the end each key is summed over all servers.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <meridian/meridian.hpp>

#include "demo/workload.hpp"
#include "integration/support/redis_server.hpp"

namespace meridian::demo {

// What the servers say about the INCRs of one chapter of the story.
struct IncrCount {
  std::uint64_t calls = 0;
  std::uint64_t twice = 0;             // executed more than once
  std::uint64_t lost = 0;              // answered, and not there
  std::uint64_t not_sent_but_ran = 0;  // reported as certainly not executed (not_sent, rejected), and there
  std::uint64_t in_doubt = 0;
  std::uint64_t in_doubt_ran = 0;
};

// `key` and `record` belong to the worker that they name; the rest to one thread.
class Ledger {
 public:
  // Where the `n`th INCR of a worker goes.
  [[nodiscard]] static std::string key(std::size_t worker, std::size_t n);
  // How many INCRs the worker has recorded: the number of its next one.
  [[nodiscard]] std::size_t next(std::size_t worker) const noexcept { return entries_[worker].size(); }
  // How the call on `key(worker, next(worker))` ended; without an error it was answered.
  void record(std::size_t worker, const std::optional<Delivery>& failure);

  // INCRs that end from now on belong to the next chapter. Those before the first one belong to it, too: whatever
  // happens to them is a fault's doing.
  void begin_chapter() noexcept { chapter_.fetch_add(1); }

  // Asks the servers over plain connections without any code of the library. One count for each chapter. Waits until
  // each has drained: nobody else is connected, so nothing that was sent is still on its way to being executed.
  // REQUIRES: the workers have stopped, the client is closed, all servers run.
  [[nodiscard]] std::vector<IncrCount> count(const std::vector<testing::RedisServer*>& servers,
                                             const std::stop_token& stop) const;

 private:
  // What the end of a call promises about the servers.
  enum class Promise : std::uint8_t { ran, did_not_run, nothing };

  // Two bytes for each INCR: there are tens of thousands.
  struct Entry {
    Promise promise;
    std::uint8_t chapter;
  };

  std::atomic<std::uint8_t> chapter_ = 0;
  std::array<std::vector<Entry>, workers> entries_;
};

}  // namespace meridian::demo
