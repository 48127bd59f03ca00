// Makes the clients under test; the one place that knows whether they have one database or several.
#include "conformance/clients.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <utility>

#include "support/coroutine.hpp"

namespace meridian::conformance {
namespace {

using namespace std::chrono_literals;

ClientOptions speaking(Protocol protocol) {
  ClientOptions options;
  options.protocol = protocol;
  return options;
}

#if MERIDIAN_CONFORMANCE_MULTI
// A second database is there to fail over to. Nothing fails here, so it must stay empty.
testing::RedisServer& spare_server() {
  static testing::RedisServer server;
  return server;
}

template <class Client>
Client connect(const testing::RedisServer& server, Protocol protocol) {
  MultiDbConfig config;
  config.databases = {{.uri = server.uri(), .options = speaking(protocol), .weight = 1.0},
                      {.uri = spare_server().uri(), .options = speaking(protocol), .weight = 0.5}};
  config.health_check_probes = 1;
  return Client(config);
}
#else
template <class Client>
Client connect(const testing::RedisServer& server, Protocol protocol) {
  return Client(Endpoint{"127.0.0.1", server.port()}, speaking(protocol));
}
#endif

using Key = std::pair<const TestServer*, Protocol>;
std::map<Key, std::unique_ptr<Clients>> all_clients;

}  // namespace

Clients::Clients(const testing::RedisServer& server, Protocol protocol)
    : sync(connect<SyncClient>(server, protocol)), coroutine(connect<CoroutineClient>(server, protocol)) {}

Result<Reply> Clients::answer_thread(const Request& request) {
  return sync.execute(Command<Reply>{request, decode<Reply>});
}

Result<Reply> Clients::answer_coroutine(const Request& request) {
  Result<Reply> reply;
  const Command<Reply> command{request, decode<Reply>};
  testing::start([&]() -> testing::Task { reply = co_await coroutine.execute(command); }).get();
  return reply;
}

Clients& clients_of(TestServer& server, Protocol protocol) {
  std::unique_ptr<Clients>& clients = all_clients[{&server, protocol}];
  if (!clients) clients = std::make_unique<Clients>(server.process(), protocol);
  return *clients;
}

void close_clients() { all_clients.clear(); }

}  // namespace meridian::conformance
