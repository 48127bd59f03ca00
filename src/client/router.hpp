// Where the next attempt of a call goes. One implementation for a single database, one for many.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/call.hpp"
#include "failover/brain.hpp"

namespace meridian::client {

struct Route {
  // Where to send. Null: not now (see `refusal`).
  database::Database* database = nullptr;
  std::size_t index = 0;
  std::uint64_t epoch = 0;
  std::uint64_t since = 0;  // the epoch under which the database began to serve, and has served ever since
  Duration attempt_timeout{};
  // Set: the call ends with this error. Not set and no database: it waits for `CallRunner::route_waiting`.
  std::optional<Error> refusal{};

  // What was told under that epoch is still so: stages of a failback that do not move it are no switch (SCAN-1, FB-3).
  [[nodiscard]] bool has_served_since(std::uint64_t then) const noexcept { return since <= then && then <= epoch; }
};

// Attempts of one class that went together and ended in one read.
struct Attempts {
  std::size_t database = 0;
  std::uint64_t epoch = 0;
  TimePoint ended_at{};
  failover::AnsweredAttempts facts{};
};
[[nodiscard]] inline Attempts attempt_of(const Call& call, TimePoint ended_at) noexcept {
  return {.database = call.database,
          .epoch = call.epoch,
          .ended_at = ended_at,
          .facts = {.is_read = call.is_read(), .link = call.link, .sent_at = call.sent_at}};
}

class Router {
 public:
  // The same for the same need until the epoch changes. All calls of a pipeline ask with the need of the whole.
  [[nodiscard]] virtual Route route(const Need& need) = 0;

  // Two databases serve; else the need does not matter and is not found out.
  [[nodiscard]] bool is_split() const noexcept { return split_; }

  // The database has carried traffic ever since that epoch, and does.
  [[nodiscard]] virtual bool still_serves(std::size_t database, std::uint64_t epoch) const = 0;

  // What a call that waits for a route is told when its deadline comes first.
  [[nodiscard]] virtual protocol::Failure why_waiting() const = 0;

  // Empty for a client of one database without a name.
  [[nodiscard]] virtual const std::string& database_name(std::size_t index) const = 0;

  // A suspicion about the database that calls go to is being looked into.
  [[nodiscard]] virtual bool is_verdict_pending() const = 0;

  // Attempts were answered, if only with errors about the commands themselves.
  virtual void on_answered(const Attempts& answered) = 0;

  // Else `on_answered` is never called.
  [[nodiscard]] bool hears_answers() const noexcept { return hears_answers_; }

  // An attempt failed: without a reply, or with one that says that the server cannot serve.
  virtual void on_attempt_failed(const Call& call, const protocol::Failure& failure) = 0;

  // A call ended with an error.
  virtual void on_call_failed(const Call& call, const Error& error) = 0;

 protected:
  ~Router() = default;
  void set_split(bool split) noexcept { split_ = split; }
  void ignore_answers() noexcept { hears_answers_ = false; }

 private:
  bool split_ = false;
  bool hears_answers_ = true;
};

}  // namespace meridian::client
