// The decoder of <meridian/commands/connection.hpp>.
#include <meridian/commands/connection.hpp>

#include "resp/decode_support.hpp"

namespace meridian::detail {
namespace {

// "id=3 addr=127.0.0.1:49188 … name= …"
ClientInfo client_of(std::string_view line) {
  ClientInfo client;
  while (!line.empty()) {
    std::string_view value = take_until(line, ' ');
    const std::string_view name = take_until(value, '=');
    client.fields.insert_or_assign(std::string(name), std::string(value));
  }
  const auto text = [&](const char* name) {
    const auto field = client.fields.find(name);
    return field == client.fields.end() ? std::string() : field->second;
  };
  const auto number = [&](const char* name) { return integer_in(text(name)).value_or(0); };
  client.id = number("id");
  client.address = text("addr");
  client.local_address = text("laddr");
  client.name = text("name");
  client.age = std::chrono::seconds(number("age"));
  client.idle = std::chrono::seconds(number("idle"));
  client.flags = text("flags");
  client.database = number("db");
  client.last_command = text("cmd");
  client.user = text("user");
  return client;
}

}  // namespace

Result<std::vector<ClientInfo>> decode_client_list(ReplyView reply) {
  constexpr std::string_view promised = "lines of name=value, one for each connection";
  const std::optional<std::string> text = text_of(reply);
  if (!text) return mismatch(reply, promised);
  std::vector<ClientInfo> clients;
  for_each_line(*text, [&](std::string_view line) { clients.push_back(client_of(line)); });
  return clients;
}

}  // namespace meridian::detail
