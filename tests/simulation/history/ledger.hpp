// What the callers asked for and how each call ended; and, after the history, whether that can be true.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <meridian/delivery.hpp>
#include <meridian/error.hpp>

#include "simulation/world/fake_server.hpp"

namespace meridian::simulation {

enum class CallKind { echo, get, set, transaction, watched, pop, script, pipelined, increment, push };

// How safe a call of this kind is to repeat.
[[nodiscard]] Repeat grade_of(CallKind kind) noexcept;
inline constexpr std::size_t repeat_grades = 6;

// Calls that one caller issued without waiting in between; or the commands of one pipeline.
using GroupId = std::uint64_t;

struct CallRecord {
  CallKind kind{};
  std::uint64_t number = 0;  // from 1, in order of issue
  GroupId group = 0;
  std::uint64_t caller = 0;  // CallOptions::caller
  std::string key;           // unique over the history, except for `get`, and that a pop and a push share theirs
  std::string expected;      // of echo: the text; of get and pop: the only value that the key can have
  Duration blocks{0};        // of pop: its timeout
  TimePoint issued{};
  std::optional<TimePoint> completed;
  std::optional<Error> error;  // of a completed one
  std::string reply{};         // of an answered one
  bool handed_over = false;    // to a socket, once at least
};

// The second of the two counters that a transaction counts up.
[[nodiscard]] std::string other_counter(const std::string& key);

class Ledger {
 public:
  // A new call; the reference stays valid.
  CallRecord& open(CallKind kind, GroupId group, std::uint64_t caller, TimePoint now);
  // What makes `pop` find something.
  CallRecord& open_push_for(const CallRecord& pop, TimePoint now);

  // The call ended. Checks I1 at once: the reply must be this request's.
  void close(CallRecord& record, TimePoint now, const std::optional<Error>& error, const std::string& reply);

  // TX-1: both commands of a transaction were answered, or both failed.
  void expect_same_end(const CallRecord& record, bool one, bool other);

  // A command with this key is handed to a socket. I6: those of one group leave in order, the first time.
  void handed_over(std::string_view key);

  // I2, I3, I4, I7, PIPE-1, and that every call ended, within its deadline: CMD-2. To be asked when every server has
  // drained.
  void check(const OperationLog& operations, Duration deadline);

  // What I2 forbids is counted, and no violation: the client was told to send again what may have run.
  void allow_duplicates() noexcept { duplicates_allowed_ = true; }
  [[nodiscard]] std::size_t duplicates() const noexcept { return duplicates_; }

  [[nodiscard]] const std::vector<std::string>& violations() const noexcept { return violations_; }
  [[nodiscard]] const std::deque<CallRecord>& calls() const noexcept { return calls_; }
  [[nodiscard]] std::size_t answered() const noexcept { return answered_; }
  [[nodiscard]] std::size_t failed(Delivery delivery) const;
  [[nodiscard]] std::size_t in_doubt(Repeat grade) const;

 private:
  struct Execution {
    int times = 0;
    std::size_t server = 0;  // the last
  };
  void check_transactions(const OperationLog& operations);
  void check_ended(const CallRecord& record, Duration deadline);
  void check_executed(const CallRecord& record, const Execution& execution);

  std::deque<CallRecord> calls_;
  std::unordered_map<GroupId, std::uint64_t> last_of_group_;  // the number of the call that left last
  std::vector<std::string> violations_;
  std::size_t answered_ = 0;
  bool duplicates_allowed_ = false;
  std::size_t duplicates_ = 0;
};

}  // namespace meridian::simulation
