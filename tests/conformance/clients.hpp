// The clients under test: synchronous and for coroutines, RESP2 and RESP3, of the plain server and of the one with
// cluster mode on. Kept from test to test.
#pragma once

#include <meridian/async_client.hpp>
#include <meridian/async_multi_db_client.hpp>
#include <meridian/client.hpp>
#include <meridian/multi_db_client.hpp>

#include "conformance/test_servers.hpp"

namespace meridian::conformance {

// The same tests for one database and for several: only the type differs.
#if MERIDIAN_CONFORMANCE_MULTI
using SyncClient = MultiDbClient;
using CoroutineClient = AsyncMultiDbClient;
#else
using SyncClient = Client;
using CoroutineClient = AsyncClient;
#endif

struct Clients {
  Clients(const testing::RedisServer& server, Protocol protocol);

  // What the server answers to the request: to a thread that waits, and to a coroutine.
  [[nodiscard]] Result<Reply> answer_thread(const Request& request);
  [[nodiscard]] Result<Reply> answer_coroutine(const Request& request);

  SyncClient sync;
  CoroutineClient coroutine;
};

[[nodiscard]] Clients& clients_of(TestServer& server, Protocol protocol);
void close_clients();

}  // namespace meridian::conformance
