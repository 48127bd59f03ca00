// The clients under test: synchronous and for coroutines, RESP2 and RESP3, of the plain server and of the one with
// cluster mode on. Kept from test to test.
#pragma once

#include "conformance/examples.hpp"
#include "conformance/test_servers.hpp"

namespace meridian::conformance {

struct Clients {
  Clients(const testing::RedisServer& server, Protocol protocol);
  SyncClient sync;
  CoroutineClient coroutine;
};

[[nodiscard]] Clients& clients_of(TestServer& server, Protocol protocol);
void close_clients();

}  // namespace meridian::conformance
