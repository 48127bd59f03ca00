#include "database/reconnect_pace.hpp"

#include <chrono>

#include "core/backoff.hpp"

namespace meridian::database {
namespace {

// A connection that lasted so long worked.
constexpr Duration worked = std::chrono::seconds(1);

// faults.md row 25: credentials that were refused are not tried again in a tight loop.
constexpr Backoff refused_credentials{.kind = Backoff::Kind::exponential,
                                      .base = std::chrono::seconds(1),
                                      .cap = std::chrono::seconds(60),
                                      .full_jitter = false};

}  // namespace

Duration ReconnectPace::wait_after(const LinkEnd& end, const Backoff& reconnect, io::Random& random) noexcept {
  if (end.was_ready && end.lasted >= worked) failures_ = 0;
  const bool is_refusal = end.code == ErrorCode::authentication_failed || end.code == ErrorCode::invalid_argument;
  refusals_ = is_refusal ? refusals_ + 1 : 0;
  if (++failures_ == 1 && end.was_ready) return Duration::zero();
  return is_refusal ? core::backoff_delay(refused_credentials, refusals_, 1)
                    : core::backoff_delay(reconnect, failures_, random.uniform());
}

}  // namespace meridian::database
