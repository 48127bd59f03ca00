// How callers make their calls: random deadlines and stop tokens, and a clock over each call.
#pragma once

#include <atomic>
#include <cstdint>

#include "stress/site.hpp"
#include "stress/stopper.hpp"

namespace meridian::stress {

// What all callers of a run share.
struct Common {
  Tally& tally;
  LateStopper& stopper;
  const std::uint64_t operations;         // no more calls when so many were issued
  const Clock::duration longest_overrun;  // more is a violation
  [[nodiscard]] bool is_over() const { return tally.issued >= operations; }
};

// One call, or several that wait together. Also what the watchdog looks at.
class Call {
 public:
  Call(Common& common, const Site& site, std::uint64_t caller) : common_(common), site_(site), caller_(caller) {}

  // Options for a call that begins now.
  [[nodiscard]] CallOptions begin(Dice& dice);
  // A call without options begins.
  void begin_plain() { begin_until(site_.spec().deadline); }
  // The call is over. Called once for each that begins.
  void end();

  [[nodiscard]] bool is_under_way() const noexcept { return deadline_.load() != 0; }
  // Past its deadline by more than is allowed, and still not over.
  [[nodiscard]] bool is_stuck(Clock::time_point now) const;
  [[nodiscard]] std::string name() const;

 private:
  void begin_until(Duration deadline);

  Common& common_;
  const Site& site_;
  const std::uint64_t caller_;
  std::atomic<Clock::rep> deadline_{0};
};

}  // namespace meridian::stress
