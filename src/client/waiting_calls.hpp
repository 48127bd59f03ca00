// The calls that are in no connection's line: each waits in one place, for a route, for a connection of its own, for a
// verdict on the database that rejected it, or for its backoff. On the loop only; does not own them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "client/call.hpp"

namespace meridian::client {

class WaitingCalls {
 public:
  // REQUIRES: it waits nowhere.
  void add_for_route(Call& call);
  void add_for_dedicated(Call& call);
  // Apart from those that wait for a route: other calls are not to queue up behind what one was refused.
  void add_for_verdict(Call& call);
  void add_for_backoff(Call& call, TimePoint due);
  // The same until `due`, or until the program's rule has answered.
  void add_for_advice(Call& call, std::uint64_t question, TimePoint due);

  // Takes it out of where it waits, if it waits.
  void remove(Call& call) noexcept;

  [[nodiscard]] bool none_for_route() const noexcept { return for_route_.empty(); }
  [[nodiscard]] bool none_for_connection() const noexcept { return for_route_.empty() && for_dedicated_.empty(); }

  // Of those that wait for a route or a connection, and the bytes of the former.
  [[nodiscard]] std::size_t count() const noexcept { return for_route_.size() + for_dedicated_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_for_route_; }
  [[nodiscard]] std::size_t count_for_dedicated() const noexcept { return for_dedicated_.size(); }

  // In the order of issue. They wait no more.
  [[nodiscard]] std::vector<Call*> take_for_route();
  [[nodiscard]] std::vector<Call*> take_for_verdict();

  // The oldest; null: none.
  [[nodiscard]] Call* first_for_dedicated() const noexcept;
  // One whose time has come; null: none.
  [[nodiscard]] Call* first_due(TimePoint now) const noexcept;
  // Null: the call that the question was about does not wait for the answer any more.
  [[nodiscard]] Call* asked_about(std::uint64_t question) const noexcept;

  // Those that wait for their backoff after the server rejected them, and whose rule need not be waited for.
  [[nodiscard]] std::vector<Call*> rejected() const;

  struct Deadlines {
    std::vector<Call*> over;            // of these the deadline has come
    TimePoint next = TimePoint::max();  // when to look again, for them or for a backoff
  };
  [[nodiscard]] Deadlines deadlines(TimePoint now) const;

  // Forgets all.
  void clear() noexcept;

 private:
  using InOrder = std::map<std::uint64_t, Call*>;  // by number, which is the order of issue
  [[nodiscard]] static std::vector<Call*> take_all(InOrder& calls);

  InOrder for_route_;
  InOrder for_dedicated_;
  InOrder for_verdict_;
  std::multimap<TimePoint, Call*> for_backoff_;
  std::unordered_map<std::uint64_t, Call*> asked_about_;  // those of them that wait for an answer, by question
  std::size_t bytes_for_route_ = 0;
};

}  // namespace meridian::client
