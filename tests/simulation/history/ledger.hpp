// What the callers asked for and how each call ended; and, after the history, whether that can be true.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <meridian/error.hpp>

namespace meridian::simulation {

enum class CallKind { echo, get, set, transaction, pop, increment, push };

struct CallRecord {
  CallKind kind{};
  std::string key;       // unique over the history, except for `get`, and that a pop and a push share theirs
  std::string expected;  // of echo: the text; of get and pop: the only value that the key can have
  Duration blocks{0};    // of pop: its timeout
  TimePoint issued{};
  std::optional<TimePoint> completed;
  std::optional<Error> error;  // of a completed one
  std::string reply{};         // of an answered one
};

// How often each command was executed, over all servers together: by name and key, such as "INCR counter:17".
using Executions = std::unordered_map<std::string, int>;

class Ledger {
 public:
  // A new call; the reference stays valid.
  CallRecord& open(CallKind kind, TimePoint now);
  // What makes `pop` find something.
  CallRecord& open_push_for(const CallRecord& pop, TimePoint now);

  // The call ended. Checks I1 at once: the reply must be this request's.
  void close(CallRecord& record, TimePoint now, const std::optional<Error>& error, const std::string& reply);

  // I2, I3, I4, and that every call ended, within its deadline: CMD-2. To be asked when every server has drained.
  void check(const Executions& executions, Duration deadline);

  [[nodiscard]] const std::vector<std::string>& violations() const noexcept { return violations_; }
  [[nodiscard]] const std::deque<CallRecord>& calls() const noexcept { return calls_; }
  [[nodiscard]] std::size_t answered() const noexcept { return answered_; }
  [[nodiscard]] std::size_t failed(Delivery delivery) const;

 private:
  [[nodiscard]] static std::string execution_key(const CallRecord& record);

  std::deque<CallRecord> calls_;
  std::vector<std::string> violations_;
  std::size_t answered_ = 0;
};

}  // namespace meridian::simulation
