// Bookkeeping, and the waits on it.
#include "demo/witness.hpp"

#include <algorithm>
#include <variant>

#include "demo/interruption.hpp"
#include "demo/narration.hpp"

namespace meridian::demo {

void Witness::on_event(const Event& event) {
  const auto now = Clock::now();
  screen_.say(describe(event));
  const auto* change = std::get_if<ActiveDatabaseChanged>(&event);
  if (change == nullptr) return;
  const std::lock_guard lock(mutex_);
  switches_.push_back({*change, now});
  news_.notify_all();
}

void Witness::on_answer(std::string_view server, Clock::time_point when) {
  const std::lock_guard lock(mutex_);
  const auto known = first_answers_.find(server);
  if (known == first_answers_.end()) first_answers_.emplace(server, when);
  else if (when < known->second) known->second = when;
  else return;
  news_.notify_all();
}

void Witness::on_failed_call(Delivery delivery, Clock::time_point when) {
  const std::lock_guard lock(mutex_);
  failed_.push_back({delivery, when});
}

void Witness::forget_answers() {
  const std::lock_guard lock(mutex_);
  first_answers_.clear();
}

std::optional<Witness::Answer> Witness::await_answer(const std::function<bool(const std::string&)>& wanted,
                                                     Clock::time_point until, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  std::optional<Answer> found;
  news_.wait_until(lock, stop, until, [&] {
    for (const auto& [server, when] : first_answers_) {
      if (wanted(server) && (!found || when < found->when)) found = Answer{server, when};
    }
    return found.has_value();
  });
  throw_if_interrupted(stop);
  return found;
}

std::optional<Witness::Switch> Witness::await_switch(const std::function<bool(const ActiveDatabaseChanged&)>& wanted,
                                                     Clock::time_point since, Clock::time_point until,
                                                     const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  auto found = switches_.end();
  news_.wait_until(lock, stop, until, [&] {
    found = std::find_if(switches_.begin(), switches_.end(),
                         [&](const Switch& s) { return s.when >= since && wanted(s.event); });
    return found != switches_.end();
  });
  throw_if_interrupted(stop);
  if (found == switches_.end()) return std::nullopt;
  return *found;
}

FailedCalls Witness::failed_between(Clock::time_point from, Clock::time_point to) const {
  FailedCalls calls;
  const std::lock_guard lock(mutex_);
  for (const FailedCall& call : failed_) {
    if (call.when < from || call.when >= to) continue;
    switch (call.delivery) {
      case Delivery::not_sent: ++calls.not_sent; break;
      case Delivery::rejected: ++calls.rejected; break;
      case Delivery::in_doubt: ++calls.in_doubt; break;
      case Delivery::answered: ++calls.error_replies; break;
    }
  }
  return calls;
}

std::size_t Witness::switches() const {
  const std::lock_guard lock(mutex_);
  return switches_.size();
}

}  // namespace meridian::demo
