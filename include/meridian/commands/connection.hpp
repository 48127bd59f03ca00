/// \file
/// Commands on connections, and those that only prove that one works. The builders are in `meridian::cmd`;
/// `ConnectionCommands` has the same as methods.
///
/// What concerns the connection it runs on is not here (CLIENT ID, CLIENT GETNAME, CLIENT NO-EVICT …): calls share
/// connections, so it would concern any of them. `ClientOptions` names connections and selects databases.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// One connection as the server sees it: a line of CLIENT LIST.
struct ClientInfo {
  std::int64_t id = 0;          ///< Never used again by this server.
  std::string address{};        ///< "127.0.0.1:49188", or the path of a Unix socket.
  std::string local_address{};  ///< Where the server took it.
  std::string name{};           ///< Empty if it has none.
  std::chrono::seconds age{};   ///< Since it came.
  std::chrono::seconds idle{};  ///< Since its last command.
  std::string flags{};          ///< A letter for each: "N" none, "b" in a blocking command, "P" subscribes …
  std::int64_t database = 0;    ///< The one that it selected.
  std::string last_command{};   ///< "get", "client|list".
  std::string user{};           ///< Who it authenticated as.
  /// Everything that the server tells, by its names: what is above, and what depends on its version.
  std::unordered_map<std::string, std::string> fields{};
  friend bool operator==(const ClientInfo&, const ClientInfo&) = default;
};

/// The kinds of connections that CLIENT LIST and CLIENT KILL tell apart.
enum class ClientType {
  normal,   ///< Programs.
  master,   ///< The master that the server replicates.
  replica,  ///< Its replicas.
  pubsub,   ///< Subscribers.
};

/// Which connections CLIENT LIST shows: all, or those of one kind.
struct ClientListOptions {
  std::optional<ClientType> type{};

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const;
};

/// Which connections CLIENT KILL ends: those to which all of these apply. The server refuses none at all.
struct ClientKillOptions {
  std::optional<std::int64_t> id{};               ///< The one of this number.
  std::optional<ClientType> type{};               ///< Those of this kind.
  std::string_view user{};                        ///< Those of this user.
  std::string_view address{};                     ///< The one from this address: "127.0.0.1:49188".
  std::string_view local_address{};               ///< Those that came to this address.
  std::optional<std::chrono::seconds> max_age{};  ///< Those at least this old. Redis 7.4.
  bool skip_me = true;                            ///< Not the connection that carries the command.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const;
};

/// What CLIENT PAUSE holds up.
enum class ClientPause {
  all,     ///< Every command.
  writes,  ///< Those that may change data.
};

/// What a blocked caller gets from CLIENT UNBLOCK.
enum class ClientUnblock {
  timeout,  ///< What the end of its own timeout would give it.
  error,    ///< An error, UNBLOCKED.
};

namespace detail {

[[nodiscard]] inline std::string_view word_of(ClientType type) noexcept {
  switch (type) {
    case ClientType::normal: return "NORMAL";
    case ClientType::master: return "MASTER";
    case ClientType::replica: return "REPLICA";
    case ClientType::pubsub: return "PUBSUB";
  }
  return {};
}

[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<ClientInfo>> decode_client_list(ReplyView reply);

}  // namespace detail

inline void ClientListOptions::append_to(RequestBuilder& builder) const {
  if (type) builder.arg("TYPE").arg(detail::word_of(*type));
}

inline void ClientKillOptions::append_to(RequestBuilder& builder) const {
  if (id) builder.arg("ID").arg(*id);
  if (type) builder.arg("TYPE").arg(detail::word_of(*type));
  if (!user.empty()) builder.arg("USER").arg(user);
  if (!address.empty()) builder.arg("ADDR").arg(address);
  if (!local_address.empty()) builder.arg("LADDR").arg(local_address);
  if (max_age) builder.arg("MAXAGE").arg(max_age->count());
  if (!skip_me) builder.arg("SKIPME").arg("NO");
}

namespace cmd {

/// Answers "PONG".
/// https://redis.io/docs/latest/commands/ping/
[[nodiscard]] inline Command<std::string> ping() { return {{"PING", detail::read_only}, decode<std::string>}; }

/// Answers `text`.
/// https://redis.io/docs/latest/commands/ping/
[[nodiscard]] inline Command<std::string> ping(std::string_view text) {
  return {{"PING", detail::read_only, text}, decode<std::string>};
}

/// Answers `text`.
/// https://redis.io/docs/latest/commands/echo/
[[nodiscard]] inline Command<std::string> echo(std::string_view text) {
  return {{"ECHO", detail::read_only, text}, decode<std::string>};
}

/// The connections of the server: of all programs, or those of `options`.
/// https://redis.io/docs/latest/commands/client-list/
[[nodiscard]] inline Command<std::vector<ClientInfo>> client_list(const ClientListOptions& options = {}) {
  return {{"CLIENT LIST", detail::read_only, options}, detail::decode_client_list};
}

/// The connections with these numbers; one that is gone is left out.
/// https://redis.io/docs/latest/commands/client-list/
[[nodiscard]] inline Command<std::vector<ClientInfo>> client_list_of(const std::vector<std::int64_t>& ids) {
  RequestBuilder builder("CLIENT LIST", detail::read_only);
  builder.arg("ID").args(ids);
  return {std::move(builder).build(), detail::decode_client_list};
}

/// Ends connections; answers how many.
/// https://redis.io/docs/latest/commands/client-kill/
[[nodiscard]] inline Command<std::int64_t> client_kill(const ClientKillOptions& options) {
  return {{"CLIENT KILL", detail::administrative, options}, decode<std::int64_t>};
}

/// Holds up the commands of all connections for so long, or until `client_unpause`.
/// https://redis.io/docs/latest/commands/client-pause/
[[nodiscard]] inline Command<void> client_pause(std::chrono::milliseconds duration,
                                                ClientPause what = ClientPause::all) {
  return {{"CLIENT PAUSE", detail::administrative, duration.count(), what == ClientPause::all ? "ALL" : "WRITE"},
          decode<void>};
}

/// Ends `client_pause`.
/// https://redis.io/docs/latest/commands/client-unpause/
[[nodiscard]] inline Command<void> client_unpause() {
  return {{"CLIENT UNPAUSE", detail::administrative}, decode<void>};
}

/// Ends the blocking command of the connection `id`. False if it is in none.
/// https://redis.io/docs/latest/commands/client-unblock/
[[nodiscard]] inline Command<bool> client_unblock(std::int64_t id, ClientUnblock how = ClientUnblock::timeout) {
  return {{"CLIENT UNBLOCK", detail::administrative, id, how == ClientUnblock::timeout ? "TIMEOUT" : "ERROR"},
          decode<bool>};
}

}  // namespace cmd

/// The commands on connections as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class ConnectionCommands {
 public:
  auto ping() { return self().run(cmd::ping()); }
  auto ping(std::string_view text) { return self().run(cmd::ping(text)); }
  auto echo(std::string_view text) { return self().run(cmd::echo(text)); }
  auto client_list(const ClientListOptions& options = {}) { return self().run(cmd::client_list(options)); }
  auto client_list_of(const std::vector<std::int64_t>& ids) { return self().run(cmd::client_list_of(ids)); }
  auto client_kill(const ClientKillOptions& options) { return self().run(cmd::client_kill(options)); }
  auto client_pause(std::chrono::milliseconds duration, ClientPause what = ClientPause::all) {
    return self().run(cmd::client_pause(duration, what));
  }
  auto client_unpause() { return self().run(cmd::client_unpause()); }
  auto client_unblock(std::int64_t id, ClientUnblock how = ClientUnblock::timeout) {
    return self().run(cmd::client_unblock(id, how));
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
