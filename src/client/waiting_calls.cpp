#include "client/waiting_calls.hpp"

#include <algorithm>
#include <utility>

namespace meridian::client {

void WaitingCalls::add_for_route(Call& call) {
  call.place = Call::Place::for_route;
  for_route_.emplace(call.number, &call);
  bytes_for_route_ += call.request.bytes.size();
}

void WaitingCalls::add_for_dedicated(Call& call) {
  call.place = Call::Place::for_dedicated;
  for_dedicated_.emplace(call.number, &call);
}

void WaitingCalls::add_for_verdict(Call& call) {
  call.place = Call::Place::for_verdict;
  for_verdict_.emplace(call.number, &call);
}

void WaitingCalls::add_for_backoff(Call& call, TimePoint due) {
  call.place = Call::Place::for_backoff;
  call.backoff_ends = due;
  for_backoff_.emplace(due, &call);
}

void WaitingCalls::add_for_advice(Call& call, std::uint64_t question, TimePoint due) {
  call.question = question;
  asked_about_.emplace(question, &call);
  add_for_backoff(call, due);
}

void WaitingCalls::remove(Call& call) noexcept {
  switch (std::exchange(call.place, Call::Place::elsewhere)) {
    case Call::Place::elsewhere: return;
    case Call::Place::for_route:
      for_route_.erase(call.number);
      bytes_for_route_ -= call.request.bytes.size();
      return;
    case Call::Place::for_dedicated: for_dedicated_.erase(call.number); return;
    case Call::Place::for_verdict: for_verdict_.erase(call.number); return;
    case Call::Place::for_backoff: {
      const auto [begin, end] = for_backoff_.equal_range(call.backoff_ends);
      for_backoff_.erase(std::find_if(begin, end, [&](const auto& entry) { return entry.second == &call; }));
      if (call.question != 0) asked_about_.erase(std::exchange(call.question, 0));
      return;
    }
  }
}

std::vector<Call*> WaitingCalls::take_all(InOrder& calls) {
  std::vector<Call*> taken;
  taken.reserve(calls.size());
  for (const auto& [number, call] : calls) {
    call->place = Call::Place::elsewhere;
    taken.push_back(call);
  }
  calls.clear();
  return taken;
}

std::vector<Call*> WaitingCalls::take_for_route() {
  bytes_for_route_ = 0;
  return take_all(for_route_);
}

std::vector<Call*> WaitingCalls::take_for_verdict() { return take_all(for_verdict_); }

Call* WaitingCalls::first_for_dedicated() const noexcept {
  return for_dedicated_.empty() ? nullptr : for_dedicated_.begin()->second;
}

Call* WaitingCalls::first_due(TimePoint now) const noexcept {
  return for_backoff_.empty() || for_backoff_.begin()->first > now ? nullptr : for_backoff_.begin()->second;
}

Call* WaitingCalls::asked_about(std::uint64_t question) const noexcept {
  const auto found = asked_about_.find(question);
  return found == asked_about_.end() ? nullptr : found->second;
}

std::vector<Call*> WaitingCalls::rejected() const {
  std::vector<Call*> calls;
  for (const auto& [due, call] : for_backoff_) {
    if (call->was_rejected && call->question == 0) calls.push_back(call);
  }
  return calls;
}

WaitingCalls::Deadlines WaitingCalls::deadlines(TimePoint now) const {
  Deadlines deadlines;
  if (!for_backoff_.empty()) deadlines.next = for_backoff_.begin()->first;
  for (const InOrder* calls : {&for_route_, &for_dedicated_, &for_verdict_}) {
    for (const auto& [number, call] : *calls) {
      if (call->call_deadline <= now) deadlines.over.push_back(call);
      else deadlines.next = std::min(deadlines.next, call->call_deadline);
    }
  }
  return deadlines;
}

void WaitingCalls::clear() noexcept {
  for_route_.clear();
  for_dedicated_.clear();
  for_verdict_.clear();
  for_backoff_.clear();
  asked_about_.clear();
  bytes_for_route_ = 0;
}

}  // namespace meridian::client
