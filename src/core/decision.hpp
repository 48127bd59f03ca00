// Decisions that the simulator must be able to get wrong on purpose. In production `decide<…>(x)` is `x`; in the build
// with MERIDIAN_PLANTED_BUGS the one planted decision is negated, and the invariant checks must notice.
#pragma once

namespace meridian::core {

enum class Decision {
  none,
  repeat_when_in_doubt,  // may this command, which may have run, be sent again?
  write_of_old_epoch,    // may this connection, whose epoch may be over, still hand commands to its socket?
};

#ifdef MERIDIAN_PLANTED_BUGS
inline thread_local Decision planted_bug = Decision::none;

template <Decision decision>
[[nodiscard]] bool decide(bool right) noexcept {
  // Only the refusal is broken: a planted bug does what must not be done, not the reverse.
  return right || planted_bug == decision;
}
#else
template <Decision decision>
[[nodiscard]] constexpr bool decide(bool right) noexcept {
  return right;
}
#endif

}  // namespace meridian::core
