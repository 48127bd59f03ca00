// What one caller knows: the commands that it sent, on keys that only it uses, and so what every answer has to be.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <meridian/commands.hpp>
#include <meridian/result.hpp>

#include "stress/dice.hpp"
#include "stress/tally.hpp"

namespace meridian::stress {

// The counters of the second of two servers begin here, so that an answer tells whose it is.
inline constexpr std::int64_t second_server = 1'000'000'000'000;

enum class Kind { echo, set, get, incr, pop };

struct Operation {
  Kind kind = Kind::echo;
  std::uint64_t number = 0;  // of the text that is sent
  std::string text{};
};

// How exactly the caller can know what a key holds.
enum class Knowledge {
  exact,  // the last answered write, or one in doubt: writes are never repeated, there is one database
  loose,  // any write of the caller's that was not certainly refused
};

// Used by one thread at a time. Operations are issued one at a time, or several together whose order is not relied on;
// all of them are judged before the next are issued.
class Caller {
 public:
  Caller(std::uint64_t id, Knowledge knowledge, Tally& tally) : id_(id), knowledge_(knowledge), tally_(tally) {}

  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] std::string value_key() const { return "v:" + std::to_string(id_); }
  [[nodiscard]] std::string counter_key() const { return "c:" + std::to_string(id_); }
  [[nodiscard]] std::string list_key() const { return "l:" + std::to_string(id_); }

  [[nodiscard]] Operation issue(Kind kind, std::size_t size);
  [[nodiscard]] Operation issue_any(Dice& dice);

  // Each operation once.
  void judge(const Operation& operation, const Result<std::string>& echoed);
  void judge(const Operation& operation, const Result<bool>& set);
  void judge(const Operation& operation, const Result<std::optional<std::string>>& got);
  void judge(const Operation& operation, const Result<std::int64_t>& counted);
  // Of a list that nobody ever fills.
  void judge(const Operation& operation, const Result<std::optional<std::pair<std::string, std::string>>>& popped);
  // Everything issued was judged: what was read can now be compared with what was written beside it.
  void settle();

  // I2, I3, I4, when all is over: the counters of each server, and what the value key holds there.
  void check_counters(std::span<const std::int64_t> counters) const;
  void check_value(const std::optional<std::string>& value, std::string_view where) const;

 private:
  enum class Write : std::uint8_t { under_way, answered, refused, in_doubt };

  void judge_error(const Operation& operation, const Error& error);
  [[nodiscard]] bool may_be_read(std::uint64_t write) const;
  [[nodiscard]] std::string name(const Operation& operation) const;

  const std::uint64_t id_;
  const Knowledge knowledge_;
  Tally& tally_;

  std::uint64_t last_number_ = 0;

  std::vector<Write> writes_;                   // by the number of the write
  std::vector<std::uint64_t> current_;          // answered writes of which one was the last
  std::unordered_set<std::uint64_t> doubtful_;  // these may come at any time
  std::vector<std::uint64_t> answered_now_;     // of those issued together
  std::vector<std::optional<std::uint64_t>> read_now_;

  std::int64_t counts_issued_ = 0;
  std::int64_t counts_answered_[2] = {0, 0};
  std::int64_t counts_in_doubt_ = 0;
  std::int64_t highest_[2] = {0, second_server};
  std::vector<std::int64_t> counted_now_;
};

// Calls `function` with the command that `operation` stands for.
template <class Function>
decltype(auto) with_command(const Caller& caller, const Operation& operation, Function function) {
  switch (operation.kind) {
    case Kind::set: return function(cmd::set(caller.value_key(), operation.text));
    case Kind::get: return function(cmd::get(caller.value_key()));
    case Kind::incr: return function(cmd::incr(caller.counter_key()));
    case Kind::pop:  // not with others: it blocks
    case Kind::echo: break;
  }
  return function(cmd::echo(operation.text));
}

}  // namespace meridian::stress
