/// \file
/// Commands to the server itself, and PUBLISH. The builders are in `meridian::cmd`; `ServerCommands` has the same as
/// methods.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <meridian/commands/arguments.hpp>
#include <meridian/decode.hpp>

namespace meridian {

namespace cmd {

/// Answers "PONG".
/// https://redis.io/docs/latest/commands/ping/
[[nodiscard]] inline Command<std::string> ping() {
  return {detail::request("PING", detail::read_only), decode<std::string>};
}

/// Answers `text`.
/// https://redis.io/docs/latest/commands/echo/
[[nodiscard]] inline Command<std::string> echo(std::string_view text) {
  return {detail::request("ECHO", detail::read_only, text), decode<std::string>};
}

/// How many keys the selected database has.
/// https://redis.io/docs/latest/commands/dbsize/
[[nodiscard]] inline Command<std::int64_t> dbsize() {
  return {detail::request("DBSIZE", detail::read_only), decode<std::int64_t>};
}

/// The server's wall clock.
/// https://redis.io/docs/latest/commands/time/
[[nodiscard]] inline Command<ServerTime> time() {
  return {detail::request("TIME", detail::read_only), decode<ServerTime>};
}

/// Facts about the server as lines of `name:value`; `section` such as "replication", empty: the default ones.
/// https://redis.io/docs/latest/commands/info/
[[nodiscard]] inline Command<std::string> info(std::string_view section = {}) {
  if (section.empty()) return {detail::request("INFO", detail::read_only), decode<std::string>};
  return {detail::request("INFO", detail::read_only, section), decode<std::string>};
}

/// Deletes every key of the selected database.
/// https://redis.io/docs/latest/commands/flushdb/
[[nodiscard]] inline Command<void> flushdb() {
  return {detail::request("FLUSHDB", detail::administrative), decode<void>};
}

/// Sends a message; answers how many subscribers of this server got it.
/// https://redis.io/docs/latest/commands/publish/
[[nodiscard]] inline Command<std::int64_t> publish(std::string_view channel, std::string_view message) {
  return {detail::request("PUBLISH", detail::accumulate, channel, message), decode<std::int64_t>};
}

}  // namespace cmd

/// The server commands as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class ServerCommands {
 public:
  auto ping() { return self().run(cmd::ping()); }
  auto echo(std::string_view text) { return self().run(cmd::echo(text)); }
  auto dbsize() { return self().run(cmd::dbsize()); }
  auto time() { return self().run(cmd::time()); }
  auto info(std::string_view section = {}) { return self().run(cmd::info(section)); }
  auto flushdb() { return self().run(cmd::flushdb()); }
  auto publish(std::string_view channel, std::string_view message) {
    return self().run(cmd::publish(channel, message));
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
