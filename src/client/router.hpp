// Where the next attempt of a call goes. One implementation for a single database, one for many.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/call.hpp"

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
};

class Router {
 public:
  // The same for the same need until the epoch changes. All calls of a pipeline ask with the need of the whole.
  [[nodiscard]] virtual Route route(const Need& need) = 0;

  // Two databases serve; else the need does not matter and is not found out.
  [[nodiscard]] bool is_split() const noexcept { return split_; }

  // What a call that waits for a route is told when its deadline comes first.
  [[nodiscard]] virtual protocol::Failure why_waiting() const = 0;

  // Empty for a client of one database without a name.
  [[nodiscard]] virtual const std::string& database_name(std::size_t index) const = 0;

  // A suspicion about the database that calls go to is being looked into.
  [[nodiscard]] virtual bool is_verdict_pending() const = 0;

  // An attempt was answered, if only with an error about the command itself.
  virtual void on_attempt_answered(const Call& call) = 0;

  // An attempt failed: without a reply, or with one that says that the server cannot serve.
  virtual void on_attempt_failed(const Call& call, const protocol::Failure& failure) = 0;

  // A call ended with an error.
  virtual void on_call_failed(const Call& call, const Error& error) = 0;

 protected:
  ~Router() = default;
  void set_split(bool split) noexcept { split_ = split; }

 private:
  bool split_ = false;
};

}  // namespace meridian::client
