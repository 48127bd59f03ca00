// From what the program asked for to a `Call`.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "client/call.hpp"
#include "io/clock.hpp"

namespace meridian::client {

// Completes a call that does not even begin, in the caller's thread.
inline void refuse(const detail::Completion& done, ErrorCode code, std::string message) noexcept {
  try {
    done(fail(code, Delivery::not_sent, std::move(message)));
  } catch (...) {  // NOLINT(bugprone-empty-catch): a callback's failure is the callback's own
  }
}

// Null if the options are wrong; `done` has been told then.
inline std::unique_ptr<Call> new_call(const io::Clock& clock, Request request, const CallOptions& options,
                                      Duration default_deadline, detail::Completion done) {
  if (request.traits.needs_own_connection) {
    refuse(done, ErrorCode::invalid_argument,
           request.name +
               " blocks or changes the connection that it runs on, which all calls of a client share; "
               "this version has no connections of one's own");
    return nullptr;
  }
  const Duration asked = options.deadline.value_or(default_deadline);
  if (asked <= Duration::zero()) {
    refuse(done, ErrorCode::invalid_argument,
           "CallOptions::deadline of " + request.name + " is " + std::to_string(asked.count()) +
               "ns: must be greater than 0");
    return nullptr;
  }
  const TimePoint now = clock.now();
  const TimePoint deadline = now + std::min(asked, default_deadline);  // the tighter one wins
  return std::make_unique<Call>(std::move(request), now, deadline, std::move(done));
}

}  // namespace meridian::client
