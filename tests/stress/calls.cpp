// Deadlines, stop tokens and the clock of a call.
#include "stress/calls.hpp"

#include <algorithm>
#include <chrono>

namespace meridian::stress {

CallOptions Call::begin(Dice& dice) {
  CallOptions options;
  const std::uint64_t patience = dice.below(20);
  if (patience < 2) options.deadline = milliseconds(dice.magnitude(1, 20));
  else if (patience < 4) options.deadline = milliseconds(dice.magnitude(20, 500));
  if (dice.chance(0.04)) {
    std::stop_source source;
    options.stop = source.get_token();
    if (dice.chance(0.1)) {
      ++common_.tally.stops;
      source.request_stop();  // before
    } else {
      common_.stopper.fire(source, microseconds(dice.magnitude(1, 5000)));
    }
  }
  begin_until(std::min(options.deadline.value_or(site_.spec().deadline), site_.spec().deadline));
  return options;
}

void Call::begin_until(Duration deadline) {
  const auto at = Clock::now() + std::chrono::ceil<Clock::duration>(deadline);
  deadline_.store(at.time_since_epoch().count());
}

void Call::end() {
  const Clock::rep deadline = deadline_.exchange(0);
  if (deadline == 0) return common_.tally.violation(name() + " was completed twice");
  const auto overrun = Clock::now() - Clock::time_point(Clock::duration(deadline));
  common_.tally.overrun(std::chrono::duration_cast<microseconds>(overrun).count());
  if (overrun > common_.longest_overrun) {
    common_.tally.violation(name() + " took " +
                            std::to_string(std::chrono::duration_cast<milliseconds>(overrun).count()) +
                            " ms longer than its deadline");
  }
}

bool Call::is_stuck(Clock::time_point now) const {
  const Clock::rep deadline = deadline_.load();
  return deadline != 0 && now - Clock::time_point(Clock::duration(deadline)) > 3 * common_.longest_overrun;
}

std::string Call::name() const { return "a call of caller " + std::to_string(caller_) + " on " + site_.spec().name; }

}  // namespace meridian::stress
