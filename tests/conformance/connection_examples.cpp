// Examples of the commands on connections.
#include "conformance/examples.hpp"

namespace meridian::conformance {

void flatten(const ClientInfo& client, Leaves& leaves) { leaves.add(client.id); }

void add_connection_examples(Examples& examples) {
  using namespace std::chrono_literals;
  using Clients = std::vector<ClientInfo>;

  examples.add(
      {"PING"}, [](auto& c) { return c.ping(); }, "PONG");
  examples.add(
      {"PING 'two words'"}, [](auto& c) { return c.ping("two words"); }, "two words");
  examples.add(
      {"ECHO text"}, [](auto& c) { return c.echo("text"); }, "text");
  examples.add(
      {"ECHO ''"}, [](auto& c) { return c.echo(""); }, "");

  const auto is_one_of_us = [](const Clients& clients) {
    if (clients.empty()) return false;
    const ClientInfo& client = clients.front();
    return client.id > 0 && client.address.starts_with("127.0.0.1:") &&
           client.local_address.starts_with("127.0.0.1:") && !client.flags.empty() && client.user == "default" &&
           client.database == 0 && client.fields.contains("fd") && !client.last_command.empty() &&
           client.age >= client.idle;
  };
  const auto is_empty = [](const Clients& clients) { return clients.empty(); };
  examples.add(
      {.words = "CLIENT LIST", .unpredictable = true}, [](auto& c) { return c.client_list(); }, is_one_of_us);
  examples.add(
      {.words = "CLIENT LIST TYPE NORMAL", .unpredictable = true},
      [](auto& c) { return c.client_list({.type = ClientType::normal}); }, is_one_of_us);
  examples.add(
      {.words = "CLIENT LIST TYPE MASTER", .raw = "''"},
      [](auto& c) { return c.client_list({.type = ClientType::master}); }, is_empty);
  examples.add(
      {.words = "CLIENT LIST TYPE REPLICA", .raw = "''"},
      [](auto& c) { return c.client_list({.type = ClientType::replica}); }, is_empty);
  examples.add(
      {.words = "CLIENT LIST TYPE PUBSUB", .raw = "''"},
      [](auto& c) { return c.client_list({.type = ClientType::pubsub}); }, is_empty);
  examples.add(
      {.words = "CLIENT LIST ID 999999 999998", .raw = "''"},
      [](auto& c) {
        return c.client_list_of({999999, 999998});
      },
      is_empty);

  examples.add(
      {"CLIENT KILL ID 999999"}, [](auto& c) { return c.client_kill({.id = 999999}); }, 0);
  examples.add(
      {"CLIENT KILL TYPE PUBSUB"}, [](auto& c) { return c.client_kill({.type = ClientType::pubsub}); }, 0);
  examples.add(
      {"CLIENT KILL USER alice ADDR 127.0.0.1:1 LADDR 127.0.0.1:2", {"ACL SETUSER alice"}},
      [](auto& c) {
        return c.client_kill({.user = "alice", .address = "127.0.0.1:1", .local_address = "127.0.0.1:2"});
      },
      0);
  examples.add(
      {"CLIENT KILL TYPE MASTER SKIPME NO"},
      [](auto& c) { return c.client_kill({.type = ClientType::master, .skip_me = false}); }, 0);
  examples.add(
      {.words = "CLIENT KILL MAXAGE 86400", .since = "7.4"}, [](auto& c) { return c.client_kill({.max_age = 24h}); },
      0);

  examples.add(
      {"CLIENT PAUSE 0 ALL"}, [](auto& c) { return c.client_pause(0ms); }, ok);
  examples.add(
      {"CLIENT PAUSE 1 WRITE"}, [](auto& c) { return c.client_pause(1ms, ClientPause::writes); }, ok);
  examples.add(
      {"CLIENT UNPAUSE"}, [](auto& c) { return c.client_unpause(); }, ok);
  examples.add(
      {"CLIENT UNBLOCK 999999 TIMEOUT"}, [](auto& c) { return c.client_unblock(999999); }, false);
  examples.add(
      {"CLIENT UNBLOCK 999999 ERROR"}, [](auto& c) { return c.client_unblock(999999, ClientUnblock::error); }, false);
}

}  // namespace meridian::conformance
