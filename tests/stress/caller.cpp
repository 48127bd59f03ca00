// Bookkeeping of one caller, and the judgement of each answer.
#include "stress/caller.hpp"

#include <algorithm>

#include "stress/texts.hpp"

namespace meridian::stress {
namespace {

std::size_t some_size(Dice& dice) {
  const std::uint64_t which = dice.below(1000);
  if (which < 800) return dice.below(33);
  if (which < 970) return dice.below(513);
  if (which < 999) return dice.below(4097);
  return dice.below(longest_text);
}

}  // namespace

Operation Caller::issue(Kind kind, std::size_t size) {
  Operation operation{.kind = kind};
  ++tally_.issued;
  switch (kind) {
    case Kind::echo:
      operation.number = ++last_number_;
      if (size > 0) operation.text = make_text(id_, operation.number, size - 1);
      break;
    case Kind::set:
      operation.number = writes_.size();
      operation.text = make_text(id_, operation.number, size);
      writes_.push_back(Write::under_way);
      break;
    case Kind::pop:
    case Kind::get: break;
    case Kind::incr: ++counts_issued_; break;
  }
  return operation;
}

Operation Caller::issue_any(Dice& dice) {
  constexpr Kind kinds[] = {Kind::echo, Kind::set, Kind::get, Kind::incr};
  return issue(kinds[dice.below(std::size(kinds))], some_size(dice));
}

std::string Caller::name(const Operation& operation) const {
  constexpr std::string_view names[] = {"ECHO", "SET", "GET", "INCR", "BLPOP"};
  return std::string(names[static_cast<int>(operation.kind)]) + " of caller " + std::to_string(id_);
}

void Caller::judge(const Operation& operation, const Result<std::string>& echoed) {
  if (!echoed) return judge_error(operation, echoed.error());
  ++tally_.answered;
  if (*echoed != operation.text) {
    tally_.wrong_reply(name(operation) + ": sent " + what_differs(operation.text) + "; got " + what_differs(*echoed));
  }
}

void Caller::judge(const Operation& operation, const Result<bool>& set) {
  if (!set) return judge_error(operation, set.error());
  ++tally_.answered;
  writes_[operation.number] = Write::answered;
  answered_now_.push_back(operation.number);
  if (!*set) tally_.wrong_reply(name(operation) + ": not OK");
}

void Caller::judge(const Operation& operation, const Result<std::optional<std::string>>& got) {
  if (!got) return judge_error(operation, got.error());
  ++tally_.answered;
  if (!*got) return read_now_.push_back(std::nullopt);
  const auto number = number_of(id_, **got);
  if (number && *number < writes_.size()) read_now_.push_back(*number);
  else tally_.wrong_reply(name(operation) + ": not ours: " + what_differs(**got));
}

void Caller::judge(const Operation& operation, const Result<std::int64_t>& counted) {
  if (!counted) return judge_error(operation, counted.error());
  ++tally_.answered;
  const int server = *counted >= second_server ? 1 : 0;
  ++counts_answered_[server];
  const std::int64_t base = server == 1 ? second_server : 0;
  if (*counted <= highest_[server] || *counted - base > counts_issued_) {
    tally_.wrong_reply(name(operation) + ": " + std::to_string(*counted) + ", after " +
                       std::to_string(highest_[server]) + " and " + std::to_string(counts_issued_) + " issued");
  }
  counted_now_.push_back(*counted);
}

void Caller::judge(const Operation& operation,
                   const Result<std::optional<std::pair<std::string, std::string>>>& popped) {
  if (!popped) return judge_error(operation, popped.error());
  ++tally_.answered;
  if (*popped) tally_.wrong_reply(name(operation) + ": an element that nobody pushed");
}

void Caller::judge_error(const Operation& operation, const Error& error) {
  tally_.count(error);
  if (error.delivery() == Delivery::answered) {
    tally_.wrong_reply(name(operation) + ": an error that no server gave: " + error.what());
  }
  const bool may_have_run = error.delivery() == Delivery::in_doubt;
  if (operation.kind == Kind::incr && may_have_run) ++counts_in_doubt_;
  if (operation.kind != Kind::set) return;
  writes_[operation.number] = may_have_run ? Write::in_doubt : Write::refused;
  if (may_have_run) doubtful_.insert(operation.number);
}

bool Caller::may_be_read(std::uint64_t write) const {
  if (writes_[write] == Write::refused) return false;
  if (knowledge_ == Knowledge::loose) return true;
  return doubtful_.contains(write) || std::find(current_.begin(), current_.end(), write) != current_.end() ||
         std::find(answered_now_.begin(), answered_now_.end(), write) != answered_now_.end();
}

void Caller::settle() {
  for (const std::optional<std::uint64_t>& read : read_now_) {
    if (!read) {
      if (knowledge_ == Knowledge::exact && !current_.empty()) {
        tally_.wrong_reply("GET of caller " + std::to_string(id_) + ": nothing, after a write was answered");
      }
    } else if (!may_be_read(*read)) {
      tally_.wrong_reply("GET of caller " + std::to_string(id_) + ": write " + std::to_string(*read) +
                         (writes_[*read] == Write::refused ? ", which was certainly refused" : ", which is too old"));
    }
  }
  read_now_.clear();
  if (!answered_now_.empty()) current_.swap(answered_now_);
  answered_now_.clear();

  std::sort(counted_now_.begin(), counted_now_.end());
  if (std::adjacent_find(counted_now_.begin(), counted_now_.end()) != counted_now_.end()) {
    tally_.wrong_reply("INCR of caller " + std::to_string(id_) + ": the same answer twice");
  }
  for (const std::int64_t count : counted_now_) {
    std::int64_t& highest = highest_[count >= second_server ? 1 : 0];
    highest = std::max(highest, count);
  }
  counted_now_.clear();
}

void Caller::check_counters(std::span<const std::int64_t> counters) const {
  std::int64_t ran = 0;
  for (std::size_t server = 0; server < counters.size(); ++server) {
    const std::int64_t here = counters[server] - (server == 1 ? second_server : 0);
    ran += here;
    if (here < counts_answered_[server]) {
      tally_.violation("I3: caller " + std::to_string(id_) + " was answered " +
                       std::to_string(counts_answered_[server]) + " INCR, but the server counts " +
                       std::to_string(here));
    }
  }
  const std::int64_t answered = counts_answered_[0] + counts_answered_[1];
  if (ran > answered + counts_in_doubt_) {
    tally_.violation("I2, I4: caller " + std::to_string(id_) + ": " + std::to_string(ran) + " INCR ran, but " +
                     std::to_string(answered) + " were answered and " + std::to_string(counts_in_doubt_) +
                     " are in doubt");
  }
}

void Caller::check_value(const std::optional<std::string>& value, std::string_view where) const {
  if (!value) return;
  const auto number = number_of(id_, *value);
  if (number && *number < writes_.size() && writes_[*number] != Write::refused) return;
  tally_.violation("I4: caller " + std::to_string(id_) + " finds on " + std::string(where) + " " +
                   (number ? "a write that was certainly refused" : "what it never wrote: " + what_differs(*value)));
}

}  // namespace meridian::stress
