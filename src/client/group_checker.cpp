#include "client/group_checker.hpp"

#include <algorithm>
#include <utility>

#include "health/policy.hpp"

namespace meridian::client {

GroupChecker::GroupChecker(io::World& world, GroupProber& prober, GroupCheckerSettings settings, Listener listener)
    : world_(world),
      prober_(prober),
      settings_(settings),
      listener_(std::move(listener)),
      timer_(world.loop.make_timer()) {}

void GroupChecker::start() { begin_round(Duration::zero()); }

void GroupChecker::run_now() {
  if (!in_round_) begin_round(settings_.probes_delay);
}

void GroupChecker::stop() noexcept {
  in_round_ = true;  // nothing starts another
  timer_->cancel();
}

void GroupChecker::begin_round(Duration delay) {
  rules_ = settings_;
  in_round_ = true;
  delay_ = delay;
  passed_ = failed_ = 0;
  evidence_.clear();
  next_round_ = world_.clock.now() + world_.random.jittered(rules_.interval, 0.1);
  timer_->cancel();
  probe();
}

// The whole check has `timeout`; what the delays leave of it is shared by the probes.
void GroupChecker::probe() {
  const Duration share = (rules_.timeout - rules_.probes_delay * (rules_.probes - 1)) / rules_.probes;
  prober_.ask(core::ProbeKind::ping, share, [this](const core::ProbeReport& report) { on_report(report); });
}

void GroupChecker::on_report(const core::ProbeReport& report) {
  // faults.md row 19: nothing left on this machine says nothing about the member. Only the start has to end.
  if (report.verdict == core::ProbeVerdict::local && has_decided_) return end_round();
  const bool passed = report.verdict == core::ProbeVerdict::answered;
  ++(passed ? passed_ : failed_);
  if (!passed) evidence_ = report.text;
  const auto decided = health::verdict(rules_.policy, rules_.probes, passed_, failed_);
  if (!decided) timer_->arm(world_.clock.now() + delay_, [this] { probe(); });
  if (!passed) listener_.probe_failed(evidence_);
  if (!decided) return;
  has_decided_ = true;
  end_round();
  listener_.round_decided(*decided, *decided ? std::string() : evidence_);
}

void GroupChecker::end_round() {
  in_round_ = false;
  timer_->arm(std::max(next_round_, world_.clock.now()), [this] { begin_round(settings_.probes_delay); });
}

}  // namespace meridian::client
