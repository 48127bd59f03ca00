#include "simulation/history/ledger.hpp"

#include <algorithm>

namespace meridian::simulation {
namespace {

// The client may stand still for three seconds in a history; a call then ends when it runs again.
constexpr Duration longest_stall = std::chrono::seconds(4);

// CMD-4: what a blocking command has beside its own timeout.
constexpr Duration blocking_margin = std::chrono::seconds(5);

}  // namespace

CallRecord& Ledger::open(CallKind kind, TimePoint now) {
  CallRecord& record = calls_.emplace_back();
  const std::string number = std::to_string(calls_.size());
  record.kind = kind;
  record.issued = now;
  switch (kind) {
    case CallKind::echo: record.key = record.expected = "echo:" + number; break;
    case CallKind::get:
      // One of the keys that were set before, perhaps on another database: nothing, or the one value it was ever given.
      record.key = "set:" + std::to_string(1 + calls_.size() / 2);
      record.expected = "value of " + record.key;
      break;
    case CallKind::set:
      record.key = "set:" + number;
      record.expected = "value of " + record.key;
      break;
    case CallKind::transaction:
      record.key = "transaction:" + number;
      record.expected = "1";
      break;
    case CallKind::pop:
    case CallKind::push:
      record.key = "list:" + number;
      record.expected = "of " + record.key;
      break;
    case CallKind::increment:
      record.key = "counter:" + number;
      record.expected = "1";
      break;
  }
  return record;
}

CallRecord& Ledger::open_push_for(const CallRecord& pop, TimePoint now) {
  CallRecord& record = open(CallKind::push, now);
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
  const bool mine = reply == record.expected || (record.kind == CallKind::get && reply.empty()) ||
                    (record.kind == CallKind::pop && reply.empty()) ||
                    (record.kind == CallKind::push && !reply.empty()) ||
                    (record.kind == CallKind::set && reply == "OK");
  if (!mine) violations_.push_back("I1: " + record.key + " was answered with \"" + reply + "\"");
}

std::size_t Ledger::failed(Delivery delivery) const {
  return static_cast<std::size_t>(std::count_if(calls_.begin(), calls_.end(), [&](const CallRecord& record) {
    return record.error && record.error->delivery() == delivery;
  }));
}

std::string Ledger::execution_key(const CallRecord& record) {
  switch (record.kind) {
    case CallKind::set: return "SET " + record.key;
    case CallKind::increment:
    case CallKind::transaction: return "INCR " + record.key;
    case CallKind::pop: return "BLPOP " + record.key;
    case CallKind::push: return "RPUSH " + record.key;
    default: return "";
  }
}

void Ledger::check(const Executions& executions, Duration deadline) {
  for (const CallRecord& record : calls_) {
    if (!record.completed) {
      violations_.push_back("CMD-2: never completed: " + record.key);
      continue;
    }
    const Duration longest = record.kind == CallKind::pop ? record.blocks + blocking_margin : deadline;
    if (*record.completed - record.issued > longest + longest_stall) {
      violations_.push_back("CMD-2: completed long after its deadline: " + record.key);
    }
    const std::string command = execution_key(record);
    if (command.empty()) continue;
    const auto found = executions.find(command);
    const int times = found == executions.end() ? 0 : found->second;
    if (record.kind != CallKind::set && times > 1) {
      violations_.push_back("I2: executed " + std::to_string(times) + " times: " + command);
    }
    const bool found_nothing = record.kind == CallKind::pop && record.reply.empty();
    if (!record.error && !found_nothing && times == 0)
      violations_.push_back("I3: answered and nowhere to be found: " + command);
    const bool claims_not_run = record.error && (record.error->delivery() == Delivery::not_sent ||
                                                 record.error->delivery() == Delivery::rejected);
    if (claims_not_run && times > 0) {
      violations_.push_back("I4: said to be " + std::string(to_string(record.error->delivery())) +
                            " and was executed: " + command + " (" + record.error->what() + ")");
    }
  }
}

}  // namespace meridian::simulation
