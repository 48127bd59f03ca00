// The decoders of <meridian/commands/acl.hpp>.
#include <meridian/commands/acl.hpp>

#include <chrono>

#include "resp/decode_support.hpp"

namespace meridian::detail {
namespace {

// Redis 6 has the patterns of keys and channels as arrays, Redis 7 as one text in the language of the rules.
std::string patterns_of(const Fields& fields, std::string_view name) {
  const std::optional<ReplyView> value = fields.find(name);
  if (!value) return {};
  if (!is_list(*value)) return text_of(*value).value_or("");
  const std::string_view sign = name == "channels" ? "&" : "~";
  std::string text;
  for (const ReplyView pattern : *value) {
    if (!text.empty()) text += ' ';
    text += std::string(sign) + text_of(pattern).value_or("");
  }
  return text;
}

Result<AclSelector> selector_of(ReplyView reply) {
  const std::optional<Fields> fields = Fields::of(reply);
  if (!fields) return mismatch(reply, "a selector: commands, keys and channels");
  return AclSelector{fields->text("commands").value_or(""), patterns_of(*fields, "keys"),
                     patterns_of(*fields, "channels")};
}

Result<AclUser> user_of(ReplyView reply) {
  constexpr std::string_view promised = "a user: flags, passwords, commands, keys and channels";
  const std::optional<Fields> fields = Fields::of(reply);
  const std::optional<ReplyView> flags = fields ? fields->find("flags") : std::nullopt;
  const std::optional<ReplyView> passwords = fields ? fields->find("passwords") : std::nullopt;
  std::optional<std::string> commands = fields ? fields->text("commands") : std::nullopt;
  if (!flags || !passwords || !commands) return mismatch(reply, promised);
  Result<std::vector<std::string>> all_flags = decode<std::vector<std::string>>(*flags);
  Result<std::vector<std::string>> all_passwords = decode<std::vector<std::string>>(*passwords);
  if (!all_flags || !all_passwords) return mismatch(reply, promised);
  AclUser user{std::move(*all_flags),        std::move(*all_passwords),        std::move(*commands),
               patterns_of(*fields, "keys"), patterns_of(*fields, "channels"), {}};
  if (const std::optional<ReplyView> selectors = fields->find("selectors")) {
    Result<std::vector<AclSelector>> all = list_of<AclSelector>(*selectors, selector_of, "an array of selectors");
    if (!all) return Unexpected(std::move(all.error()));
    user.selectors = std::move(*all);
  }
  return user;
}

Result<AclLogEntry> log_entry_of(ReplyView reply) {
  constexpr std::string_view promised = "an entry of the log: count, reason, context, object, username and age";
  const std::optional<Fields> fields = Fields::of(reply);
  const std::optional<std::int64_t> count = fields ? fields->integer("count") : std::nullopt;
  const std::optional<double> age = fields ? fields->real("age-seconds") : std::nullopt;
  if (!count || !age) return mismatch(reply, promised);
  return AclLogEntry{
      .count = *count,
      .reason = fields->text("reason").value_or(""),
      .context = fields->text("context").value_or(""),
      .object = fields->text("object").value_or(""),
      .username = fields->text("username").value_or(""),
      .age = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*age)),
      .client_info = fields->text("client-info").value_or(""),
  };
}

}  // namespace

Result<std::optional<AclUser>> decode_acl_user(ReplyView reply) { return optional_of<AclUser>(reply, user_of); }

Result<std::vector<AclLogEntry>> decode_acl_log(ReplyView reply) {
  return list_of<AclLogEntry>(reply, log_entry_of, "an array of what was refused");
}

}  // namespace meridian::detail
