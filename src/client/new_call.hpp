// From what the program asked for to a `Call`.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "client/call.hpp"
#include "io/clock.hpp"

namespace meridian::client {

// Null if the options are wrong; `done` has been told then.
inline std::unique_ptr<Call> new_call(const io::Clock& clock, Request request, const CallOptions& options,
                                      Duration default_deadline, detail::Completion done) {
  if (request.traits.needs_own_connection) {
    done(fail(ErrorCode::invalid_argument, Delivery::not_sent,
              request.name + " blocks or changes the connection that it runs on, which all calls of a client share; "
                             "this version has no connections of one's own"));
    return nullptr;
  }
  const Duration asked = options.deadline.value_or(default_deadline);
  if (asked <= Duration::zero()) {
    done(fail(ErrorCode::invalid_argument, Delivery::not_sent,
              "CallOptions::deadline of " + request.name + " is " + std::to_string(asked.count()) +
                  "ns: must be greater than 0"));
    return nullptr;
  }
  const TimePoint now = clock.now();
  // "For ever" is a year: the sum with now must stay a time.
  const TimePoint deadline = now + std::min<Duration>(asked, std::chrono::hours(24 * 365));
  return std::make_unique<Call>(std::move(request), now, deadline, std::move(done));
}

}  // namespace meridian::client
