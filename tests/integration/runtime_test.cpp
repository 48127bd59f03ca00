// Whose threads do the I/O: shared by default, a runtime of the program's, the program's own thread.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <meridian/meridian.hpp>

#include "integration/support/redis_server.hpp"

namespace meridian::testing {
namespace {

using namespace std::chrono_literals;

std::ptrdiff_t threads_now() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
}

class RuntimeTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string uri() const { return "redis://127.0.0.1:" + std::to_string(server.port()); }
  RedisServer server;
};

TEST_F(RuntimeTest, clients_that_name_none_share_one_thread) {
  Client first(uri());
  EXPECT_EQ(first.ping(), "PONG");
  const auto with_one = threads_now();
  std::vector<Client> more;
  for (int i = 0; i < 10; ++i) more.emplace_back(uri());
  for (Client& client : more) EXPECT_EQ(client.futures().ping().get(), "PONG");
  EXPECT_EQ(threads_now(), with_one);
}

TEST_F(RuntimeTest, a_runtime_of_ones_own_ends_its_threads_when_its_last_client_is_gone) {
  const auto before = threads_now();
  {
    const auto runtime = std::make_shared<Runtime>(3);
    EXPECT_EQ(threads_now(), before + 3);
    ClientOptions options;
    options.runtime = runtime;
    std::vector<Client> clients;
    for (int i = 0; i < 6; ++i) clients.emplace_back(uri(), options);
    for (Client& client : clients) EXPECT_EQ(client.futures().ping().get(), "PONG");
    EXPECT_EQ(threads_now(), before + 3);
  }
  EXPECT_EQ(threads_now(), before);
}

TEST_F(RuntimeTest, a_program_may_bring_its_own_thread_and_take_it_away) {
  const auto own = std::make_shared<Runtime>(Runtime::own_thread);
  ClientOptions options;
  options.runtime = own;
  std::optional<Client> client;
  for (int round = 0; round < 3; ++round) {
    std::thread io([&] { own->run(); });
    if (!client) client.emplace(uri(), options);
    EXPECT_EQ(client->ping(), "PONG");
    client->futures().ping().wait();
    own->stop();
    io.join();
  }
  client.reset();  // nobody runs it now: closing does not wait for anybody
}

// A client that closed while another did, or while `stop` came, waited for a thread that was not there.
TEST_F(RuntimeTest, unattended_clients_that_close_at_once_do_not_wait_for_each_other) {
  for (int round = 0; round < 300; ++round) {
    const auto own = std::make_shared<Runtime>(Runtime::own_thread);
    ClientOptions options;
    options.runtime = own;
    Client one(uri(), options);
    Client other(uri(), options);
    const bool attended = round % 2 == 0;
    std::thread io([&] {
      if (attended) own->run();
    });
    std::thread closer([&] { one.close(); });
    std::thread second([&] { other.close(); });
    own->stop();
    closer.join();
    second.join();
    own->stop();
    io.join();
  }
}

TEST_F(RuntimeTest, a_wrong_number_of_threads_is_refused) {
  try {
    Runtime runtime(-1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_NE(error.message().find("-1"), std::string::npos) << error.what();
  }
  Runtime runtime(1);
  EXPECT_THROW(runtime.run(), Error);
}

}  // namespace
}  // namespace meridian::testing
