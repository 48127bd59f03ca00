// Asks a member of a `FailoverGroup` how it is: runs the program's probes, which may throw, block or never return, on
// a thread of the member's own, one at a time. Lives on the loop.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "client/group_meaning.hpp"

#include "core/patience.hpp"
#include "core/probe.hpp"
#include "io/user_thread.hpp"
#include "io/world.hpp"

namespace meridian::client {

class GroupProber {
 public:
  using Done = std::function<void(const core::ProbeReport&)>;

  GroupProber(io::World& world, std::function<bool()> probe, std::function<bool()> write_probe,
              std::shared_ptr<const Classify> classify);
  GroupProber(const GroupProber&) = delete;
  GroupProber& operator=(const GroupProber&) = delete;
  // Waits for a probe that is running. REQUIRES: stopped; not inside a turn.
  ~GroupProber();

  // `done` runs once, on the loop, never inside this call: after `timeout` at the latest, then as unanswered. A probe
  // that has not returned by then keeps the next one waiting, and what it returns in the end is nobody's answer.
  // A kind for which the program has no probe is `not_permitted`: it says nothing about the member.
  void ask(core::ProbeKind kind, Duration timeout, Done done);

  // Nothing that was asked is answered any more, and the program's functions are let go of.
  void stop() noexcept;

 private:
  struct Question;
  struct Visit;  // of a probe to its thread

  [[nodiscard]] const std::function<bool()>& probe_of(core::ProbeKind kind) const noexcept;
  void begin_next();
  void on_returned(const std::shared_ptr<Visit>& visit);
  void on_timer(Question& question);
  void finish(Question& question, core::ProbeReport report);

  io::World& world_;
  std::function<bool()> probe_;
  std::function<bool()> write_probe_;
  const std::function<bool()> none_;
  const std::shared_ptr<const Classify> classify_;
  std::deque<std::unique_ptr<Question>> questions_;
  std::shared_ptr<Visit> visit_;  // under way
  io::UserThread thread_;
};

}  // namespace meridian::client
