// Examples of reading access control lists.
#include "conformance/examples.hpp"

#include <algorithm>

namespace meridian::conformance {

void flatten(const AclUser& user, Leaves& leaves) { leaves.add(std::string_view(user.commands)); }
void flatten(const AclLogEntry& entry, Leaves& leaves) { leaves.add(std::string_view(entry.object)); }

void add_acl_examples(Examples& examples) {
  using namespace std::chrono_literals;
  using Strings = std::vector<std::string>;
  using User = std::optional<AclUser>;
  constexpr std::string_view alice = "ACL SETUSER alice on nopass %R~log:* ~app:* &news:* -@all +get";
  const auto has = [](std::string_view word) {
    return [word](const Strings& all) { return std::find(all.begin(), all.end(), word) != all.end(); };
  };

  examples.add(
      {"ACL WHOAMI"}, [](auto& c) { return c.acl_whoami(); }, "default");
  examples.add(
      {"ACL LIST", {alice}}, [](auto& c) { return c.acl_list(); },
      [](const Strings& lines) { return lines.size() == 2 && lines[0].starts_with("user alice on nopass"); });
  examples.add(
      {"ACL USERS", {alice}}, [](auto& c) { return c.acl_users(); }, Strings{"alice", "default"});
  examples.add(
      {.words = "ACL GETUSER alice", .given = {alice, "ACL SETUSER alice '(~other +set)'"}, .unpredictable = true},
      [](auto& c) { return c.acl_getuser("alice"); },
      [](const User& user) {
        return user && user->flags == Strings{"on", "nopass"} && user->passwords.empty() &&
               user->commands == "-@all +get" && user->keys == "%R~log:* ~app:*" && user->channels == "&news:*" &&
               user->selectors == std::vector<AclSelector>{{"-@all +set", "~other", ""}};
      });
  examples.add(
      {"ACL GETUSER nobody"}, [](auto& c) { return c.acl_getuser("nobody"); }, std::nullopt);
  examples.add(
      {.words = "ACL CAT", .unpredictable = true}, [](auto& c) { return c.acl_cat(); }, has("scripting"));
  examples.add(
      {.words = "ACL CAT scripting", .unpredictable = true}, [](auto& c) { return c.acl_cat("scripting"); },
      has("eval"));

  // What it says when something was refused is shown to the decoder in its unit test.
  const auto is_empty = [](const std::vector<AclLogEntry>& entries) { return entries.empty(); };
  examples.add(
      {"ACL LOG"}, [](auto& c) { return c.acl_log(); }, is_empty);
  examples.add(
      {"ACL LOG 1"}, [](auto& c) { return c.acl_log(1); }, is_empty);
  examples.add(
      {"ACL LOG RESET"}, [](auto& c) { return c.acl_log_reset(); }, ok);
  examples.add(
      {.words = "ACL GENPASS", .unpredictable = true}, [](auto& c) { return c.acl_genpass(); },
      [](const std::string& password) { return password.size() == 64; });
  examples.add(
      {.words = "ACL GENPASS 32", .unpredictable = true}, [](auto& c) { return c.acl_genpass(32); },
      [](const std::string& password) { return password.size() == 8; });
  examples.add(
      {"ACL DRYRUN alice GET app:k", {alice}},
      [](auto& c) {
        return c.acl_dryrun("alice", {"GET", "app:k"});
      },
      "OK");
  examples.add(
      {"ACL DRYRUN alice SET app:k v", {alice}},
      [](auto& c) {
        return c.acl_dryrun("alice", {"SET", "app:k", "v"});
      },
      [](const std::string& why) { return why.find("no permissions") != std::string::npos; });
}

}  // namespace meridian::conformance
