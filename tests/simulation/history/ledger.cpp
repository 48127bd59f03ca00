#include "simulation/history/ledger.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace meridian::simulation {
namespace {

// The client may stand still for three seconds in a history; a call then ends when it runs again.
constexpr Duration longest_stall = std::chrono::seconds(4);

std::string text_of(TimePoint at) {
  return std::to_string((at - Scheduler::start) / std::chrono::milliseconds(1)) + " ms";
}

// CMD-4: what a blocking command has beside its own timeout.
constexpr Duration blocking_margin = std::chrono::seconds(5);

std::string_view prefix_of(CallKind kind) noexcept {
  static constexpr std::array<std::string_view, 10> prefixes = {
      "echo:", "set:", "set:", "transaction:", "transaction:", "list:", "script:", "counter:", "counter:", "list:"};
  return prefixes[static_cast<std::size_t>(kind)];
}

// The number behind the colon; 0 if there is none.
std::uint64_t number_of(std::string_view key) noexcept {
  const std::size_t colon = key.find(':');
  std::uint64_t number = 0;
  if (colon != std::string_view::npos) std::from_chars(key.data() + colon + 1, key.data() + key.size(), number);
  return number;
}

// The command that a call of this kind is executed as, on its key; nothing if it changes nothing.
std::string_view command_of(CallKind kind) noexcept {
  switch (kind) {
    case CallKind::echo:
    case CallKind::get: return "";
    case CallKind::set: return "SET";
    case CallKind::pop: return "BLPOP";
    case CallKind::push: return "RPUSH";
    case CallKind::transaction:
    case CallKind::watched:
    case CallKind::script:
    case CallKind::pipelined:
    case CallKind::increment: return "INCR";
  }
  return "";
}

// A GET of a watched transaction runs at once; what counts is the unit.
bool is_part_of_unit(const Operation& operation) {
  return operation.key.starts_with("transaction:") && operation.command == "INCR";
}

}  // namespace

Repeat grade_of(CallKind kind) noexcept {
  switch (kind) {
    case CallKind::echo:
    case CallKind::get: return Repeat::read_only;
    case CallKind::set: return Repeat::overwrite;
    case CallKind::transaction:
    case CallKind::watched: return Repeat::never;
    default: return Repeat::accumulate;
  }
}

std::string other_counter(const std::string& key) { return key + ":too"; }

CallRecord& Ledger::open(CallKind kind, GroupId group, std::uint64_t caller, TimePoint now) {
  CallRecord& record = calls_.emplace_back();
  record.kind = kind;
  record.number = calls_.size();
  record.group = group;
  record.caller = caller;
  record.issued = now;
  record.key = prefix_of(kind);
  // A read is of one of the keys that were set before, perhaps on another database: nothing, or the one value it was
  // ever given.
  record.key += std::to_string(kind == CallKind::get ? 1 + calls_.size() / 2 : record.number);
  switch (kind) {
    case CallKind::echo: record.expected = record.key; break;
    case CallKind::get:
    case CallKind::set: record.expected = "value of " + record.key; break;
    case CallKind::pop:
    case CallKind::push: record.expected = "of " + record.key; break;
    default: record.expected = "1";
  }
  return record;
}

CallRecord& Ledger::open_push_for(const CallRecord& pop, TimePoint now) {
  CallRecord& record = open(CallKind::push, 0, pop.caller, now);
  record.key = pop.key;
  record.expected = pop.expected;
  return record;
}

void Ledger::close(CallRecord& record, TimePoint now, const std::optional<Error>& error, const std::string& reply) {
  if (record.completed) violations_.push_back("a call completed twice: " + record.key);
  record.completed = now;
  record.error = error;
  record.reply = reply;
  if (error) return;
  ++answered_;
  const bool may_be_nothing = record.kind == CallKind::get || record.kind == CallKind::pop;
  const bool mine = reply == record.expected || (may_be_nothing && reply.empty()) ||
                    (record.kind == CallKind::push && !reply.empty()) ||
                    (record.kind == CallKind::set && reply == "OK") ||
                    (duplicates_allowed_ && grade_of(record.kind) == Repeat::accumulate);
  if (!mine) violations_.push_back("I1: " + record.key + " was answered with \"" + reply + "\"");
}

void Ledger::expect_same_end(const CallRecord& record, bool one, bool other) {
  if (one != other) violations_.push_back("TX-1: one half of " + record.key + " failed");
}

void Ledger::handed_over(std::string_view key) {
  const std::uint64_t number = number_of(key);
  if (number == 0 || number > calls_.size()) return;
  CallRecord& record = calls_[number - 1];
  // What may be repeated is in doubt as soon as its write begins, and then comes later, though no byte was accepted.
  const bool may_come_again = duplicates_allowed_ || grade_of(record.kind) <= Repeat::overwrite;
  if (record.group == 0 || may_come_again || record.key != key || record.handed_over) return;
  record.handed_over = true;
  std::uint64_t& last = last_of_group_[record.group];
  if (last > record.number) violations_.push_back("I6: " + record.key + " left after " + calls_[last - 1].key);
  last = std::max(last, record.number);
}

std::size_t Ledger::failed(Delivery delivery) const {
  return static_cast<std::size_t>(std::count_if(calls_.begin(), calls_.end(), [&](const CallRecord& record) {
    return record.error && record.error->delivery() == delivery;
  }));
}

std::size_t Ledger::in_doubt(Repeat grade) const {
  return static_cast<std::size_t>(std::count_if(calls_.begin(), calls_.end(), [&](const CallRecord& record) {
    return record.error && record.error->delivery() == Delivery::in_doubt && grade_of(record.kind) == grade;
  }));
}

void Ledger::check(const OperationLog& operations, Duration deadline) {
  std::vector<Execution> executions(calls_.size());
  std::unordered_map<std::uint64_t, Execution> pops;  // by the number of the push, too, whose key they share
  for (const Operation& operation : operations) {
    const std::uint64_t number = number_of(operation.key);
    if (number == 0 || number > calls_.size() || operation.key.ends_with(":too")) continue;
    CallRecord& record = calls_[number - 1];
    Execution& execution = operation.command == "RPUSH" ? pops[number] : executions[number - 1];
    if (operation.command != "RPUSH" && operation.command != command_of(record.kind)) continue;
    ++execution.times;
    execution.server = operation.server;
  }
  std::unordered_map<GroupId, std::size_t> server_of_pipeline;
  for (const CallRecord& record : calls_) {
    check_ended(record, deadline);
    const bool is_push = record.kind == CallKind::push;
    const Execution execution = is_push ? pops[number_of(record.key)] : executions[record.number - 1];
    check_executed(record, execution);
    if (record.kind != CallKind::pipelined || execution.times == 0) continue;
    const auto [other, is_first] = server_of_pipeline.emplace(record.group, execution.server);
    if (!is_first && other->second != execution.server)
      violations_.push_back("PIPE-1: the pipeline of " + record.key + " ran on two databases");
  }
  check_transactions(operations);
}

void Ledger::check_ended(const CallRecord& record, Duration deadline) {
  if (!record.completed) {
    violations_.push_back("CMD-2: never completed: " + record.key);
    return;
  }
  Duration longest = record.kind == CallKind::pop ? record.blocks + blocking_margin : deadline;
  if (record.kind == CallKind::watched) longest *= 3;  // WATCH, GET and EXEC have one each
  if (*record.completed - record.issued > longest + longest_stall)
    violations_.push_back("CMD-2: completed long after its deadline: " + record.key + ", issued at " +
                          text_of(record.issued) + ", completed at " + text_of(*record.completed));
}

void Ledger::check_executed(const CallRecord& record, const Execution& execution) {
  const std::string_view command = command_of(record.kind);
  if (command.empty()) return;
  const std::string what = std::string(command) + " " + record.key;
  if (record.kind != CallKind::set && execution.times > 1) {
    ++duplicates_;
    const bool is_wanted = duplicates_allowed_ && grade_of(record.kind) == Repeat::accumulate;
    if (!is_wanted) violations_.push_back("I2: executed " + std::to_string(execution.times) + " times: " + what);
  }
  const bool found_nothing = record.kind == CallKind::pop && record.reply.empty();
  if (record.completed && !record.error && !found_nothing && execution.times == 0)
    violations_.push_back("I3: answered and nowhere to be found: " + what);
  const bool claims_not_run = record.error && (record.error->delivery() == Delivery::not_sent ||
                                               record.error->delivery() == Delivery::rejected);
  if (claims_not_run && execution.times > 0) {
    violations_.push_back("I4: said to be " + std::string(to_string(record.error->delivery())) +
                          " and was executed: " + what + " (" + record.error->what() + ")");
  }
}

// I7: both halves on one server, one right behind the other, or none.
void Ledger::check_transactions(const OperationLog& operations) {
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (!is_part_of_unit(operations[i])) continue;
    const bool whole = i + 1 < operations.size() && operations[i + 1].server == operations[i].server &&
                       operations[i + 1].key == other_counter(operations[i].key);
    if (!whole) violations_.push_back("I7: a part of " + operations[i].key + " ran by itself");
    ++i;
  }
}

}  // namespace meridian::simulation
