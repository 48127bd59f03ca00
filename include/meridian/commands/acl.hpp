/// \file
/// Reading access control lists. The builders are in `meridian::cmd`; `AclCommands` has the same as methods. Changing
/// them is for operators: `client.command("ACL", "SETUSER", …)`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/decode.hpp>
#include <meridian/time.hpp>

namespace meridian {

/// What a user may do besides: a selector of its own.
struct AclSelector {
  std::string commands{};  ///< "+@all -debug"
  std::string keys{};      ///< "~app:* %R~log:*"
  std::string channels{};  ///< "&*"
  friend bool operator==(const AclSelector&, const AclSelector&) = default;
};

/// One user: what ACL GETUSER answers.
struct AclUser {
  std::vector<std::string> flags{};      ///< "on", "nopass", "allkeys" …
  std::vector<std::string> passwords{};  ///< SHA-256 of each, hexadecimal.
  std::string commands{};                ///< "+@all -debug"
  std::string keys{};                    ///< "~app:* %R~log:*"
  std::string channels{};                ///< "&*"
  std::vector<AclSelector> selectors{};
  friend bool operator==(const AclUser&, const AclUser&) = default;
};

/// Something that was refused: an element of ACL LOG.
struct AclLogEntry {
  std::int64_t count = 0;     ///< How often, lately.
  std::string reason{};       ///< "command", "key", "channel" or "auth".
  std::string context{};      ///< "toplevel", "multi", "lua" or "module".
  std::string object{};       ///< The command, key or channel that was refused.
  std::string username{};     ///< To whom.
  Duration age{};             ///< Since it was refused last.
  std::string client_info{};  ///< The connection, as a line of CLIENT LIST.
  friend bool operator==(const AclLogEntry&, const AclLogEntry&) = default;
};

namespace detail {

[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<AclUser>> decode_acl_user(ReplyView reply);
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<AclLogEntry>> decode_acl_log(ReplyView reply);

}  // namespace detail

namespace cmd {

/// The user that this client authenticated as.
/// https://redis.io/docs/latest/commands/acl-whoami/
[[nodiscard]] inline Command<std::string> acl_whoami() {
  return {{"ACL WHOAMI", detail::read_only}, decode<std::string>};
}

/// The rules of every user, a line for each as in an ACL file.
/// https://redis.io/docs/latest/commands/acl-list/
[[nodiscard]] inline Command<std::vector<std::string>> acl_list() {
  return {{"ACL LIST", detail::read_only}, decode<std::vector<std::string>>};
}

/// The names of all users.
/// https://redis.io/docs/latest/commands/acl-users/
[[nodiscard]] inline Command<std::vector<std::string>> acl_users() {
  return {{"ACL USERS", detail::read_only}, decode<std::vector<std::string>>};
}

/// The rules of one user, or nullopt if there is none of this name.
/// https://redis.io/docs/latest/commands/acl-getuser/
[[nodiscard]] inline Command<std::optional<AclUser>> acl_getuser(std::string_view name) {
  return {{"ACL GETUSER", detail::read_only, name}, detail::decode_acl_user};
}

/// The categories of commands.
/// https://redis.io/docs/latest/commands/acl-cat/
[[nodiscard]] inline Command<std::vector<std::string>> acl_cat() {
  return {{"ACL CAT", detail::read_only}, decode<std::vector<std::string>>};
}

/// The commands of one category, in lower case: `acl_cat("scripting")`.
/// https://redis.io/docs/latest/commands/acl-cat/
[[nodiscard]] inline Command<std::vector<std::string>> acl_cat(std::string_view category) {
  return {{"ACL CAT", detail::read_only, category}, decode<std::vector<std::string>>};
}

/// What was refused lately, the newest first; the server gives 10 if `count` is not set.
/// https://redis.io/docs/latest/commands/acl-log/
[[nodiscard]] inline Command<std::vector<AclLogEntry>> acl_log(std::optional<std::int64_t> count = {}) {
  if (!count) return {{"ACL LOG", detail::read_only}, detail::decode_acl_log};
  return {{"ACL LOG", detail::read_only, *count}, detail::decode_acl_log};
}

/// Empties that log.
/// https://redis.io/docs/latest/commands/acl-log/
[[nodiscard]] inline Command<void> acl_log_reset() {
  return {{"ACL LOG", detail::administrative, "RESET"}, decode<void>};
}

/// A random password of `bits` bits, 256 if it is not set, as hexadecimal digits.
/// https://redis.io/docs/latest/commands/acl-genpass/
[[nodiscard]] inline Command<std::string> acl_genpass(std::optional<std::int64_t> bits = {}) {
  if (!bits) return {{"ACL GENPASS", detail::read_only}, decode<std::string>};
  return {{"ACL GENPASS", detail::read_only, *bits}, decode<std::string>};
}

/// Whether `user` may run a command, given as its words, without running it: "OK", or why not.
/// https://redis.io/docs/latest/commands/acl-dryrun/
[[nodiscard]] inline Command<std::string> acl_dryrun(std::string_view user, const StringArgs& words) {
  return {{"ACL DRYRUN", detail::read_only, user, words}, decode<std::string>};
}

}  // namespace cmd

/// Reading access control lists as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class AclCommands {
 public:
  auto acl_whoami() { return self().run(cmd::acl_whoami()); }
  auto acl_list() { return self().run(cmd::acl_list()); }
  auto acl_users() { return self().run(cmd::acl_users()); }
  auto acl_getuser(std::string_view name) { return self().run(cmd::acl_getuser(name)); }
  auto acl_cat() { return self().run(cmd::acl_cat()); }
  auto acl_cat(std::string_view category) { return self().run(cmd::acl_cat(category)); }
  auto acl_log(std::optional<std::int64_t> count = {}) { return self().run(cmd::acl_log(count)); }
  auto acl_log_reset() { return self().run(cmd::acl_log_reset()); }
  auto acl_genpass(std::optional<std::int64_t> bits = {}) { return self().run(cmd::acl_genpass(bits)); }
  auto acl_dryrun(std::string_view user, const StringArgs& words) { return self().run(cmd::acl_dryrun(user, words)); }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
