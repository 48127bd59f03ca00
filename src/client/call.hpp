// One call of the program, from submission to its one completion, over as many attempts as the rules allow.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <meridian/detail/engine.hpp>

#include "database/database.hpp"
#include "protocol/operation.hpp"

namespace meridian::client {

class CallRunner;

// Belongs to its runner from `start` on.
class Call final : public protocol::Operation {
 public:
  Call(Request what, TimePoint now, TimePoint deadline, detail::Completion completion)
      : request(std::move(what)), issued(now), call_deadline(deadline), done(std::move(completion)) {}
  ~Call() override = default;

  [[nodiscard]] std::string_view bytes() const noexcept override { return request.bytes; }
  [[nodiscard]] bool is_read() const noexcept override { return request.traits.is_read(); }
  [[nodiscard]] TimePoint deadline() const noexcept override { return attempt_deadline; }
  void on_reply(ReplyView reply) noexcept override;
  void on_failure(const protocol::Failure& failure) noexcept override;

  Request request;
  TimePoint issued;
  TimePoint call_deadline;  // CMD-2: the whole call
  detail::Completion done;
  CallRunner* runner = nullptr;
  std::uint64_t number = 0;  // order of issue

  // The attempt under way, or the last one.
  TimePoint attempt_deadline{};
  TimePoint sent_at{};
  bool had_its_time = false;  // the attempt was given the database's whole timeout, not what a deadline left of it
  std::size_t database = 0;
  std::uint64_t epoch = 0;
  database::LinkId link = 0;

  // What earlier attempts left.
  int attempts = 0;
  int repeats = 0;             // attempts that a backoff preceded
  int doubtful = 0;            // repetitions after an attempt that may have run
  bool was_rejected = false;   // the last attempt, by the server
  bool may_have_run = false;   // some attempt ended in doubt: no later one can make that undone
  std::optional<Error> error;  // of the last attempt
};

}  // namespace meridian::client
