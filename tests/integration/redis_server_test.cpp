// The support that all other integration tests stand on.
#include "integration/support/redis_server.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "integration/support/raw_client.hpp"

namespace meridian::testing {
namespace {

using namespace std::chrono_literals;

TEST(RedisServer, RedisServer_answers_from_a_fresh_folder_and_removes_it_at_the_end) {
  std::filesystem::path folder;
  pid_t pid = -1;
  {
    RedisServer server;
    folder = server.folder();
    pid = server.pid();
    EXPECT_TRUE(std::filesystem::exists(folder));
    EXPECT_TRUE(server.answers_ping(5s));
    EXPECT_EQ(server.command({"SET", "key", "a\r\nb"}), "+OK\r\n");
    EXPECT_EQ(server.command({"GET", "key"}), "$4\r\na\r\nb\r\n");
    EXPECT_EQ(server.command({"GET", "missing"}), "$-1\r\n");
    EXPECT_EQ(server.commands({{"RPUSH", "list", "x", "y"}, {"LRANGE", "list", "0", "-1"}}),
              (std::vector<std::string>{":2\r\n", "*2\r\n$1\r\nx\r\n$1\r\ny\r\n"}));
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(RedisServer, RedisServer_stopped_accepts_and_is_silent_until_it_is_resumed) {
  RedisServer server;
  server.stop();
  EXPECT_FALSE(server.answers_ping(200ms));
  RawClient waiting(server.port());  // the kernel accepts for it
  waiting.send({"PING"});
  server.resume();
  EXPECT_EQ(waiting.receive(), "+PONG\r\n");
  EXPECT_TRUE(server.answers_ping(5s));
}

TEST(RedisServer, RedisServer_killed_refuses_and_has_its_data_when_restarted_on_the_same_port) {
  RedisServer server({"--appendonly", "yes", "--appendfsync", "always"});
  const std::uint16_t port = server.port();
  ASSERT_EQ(server.command({"INCR", "counter"}), ":1\r\n");

  server.kill();
  EXPECT_FALSE(server.is_running());
  EXPECT_FALSE(server.answers_ping(5s));

  server.restart();
  EXPECT_EQ(server.port(), port);
  EXPECT_EQ(server.command({"GET", "counter"}), "$1\r\n1\r\n");
}

TEST(RedisServer, RedisServer_ends_when_terminated_even_while_it_is_stopped) {
  RedisServer server;
  server.stop();
  server.terminate();
  EXPECT_FALSE(server.is_running());
  EXPECT_NE(server.log_tail().find("SIGTERM"), std::string::npos) << server.log_tail();
}

TEST(RedisServer, RedisServer_that_cannot_start_says_why_with_the_end_of_its_log) {
  try {
    RedisServer server({"--no-such-option", "1"});
    FAIL() << "it started";
  } catch (const ServerError& error) {
    EXPECT_NE(std::string(error.what()).find("no-such-option"), std::string::npos) << error.what();
  }
}

TEST(RedisServer, RedisServer_dies_with_the_process_that_started_it_even_when_it_is_stopped) {
  // given a process with a stopped server, whose pid it tells
  int told[2];
  ASSERT_EQ(::pipe(told), 0);
  const pid_t owner = ::fork();
  if (owner == 0) {
    RedisServer server;
    server.stop();
    const pid_t pid = server.pid();
    const ssize_t written = ::write(told[1], &pid, sizeof pid);
    // The folder cannot be removed by a process that is killed.
    std::filesystem::remove_all(server.folder());
    ::raise(written == sizeof pid ? SIGKILL : SIGTERM);
  }
  pid_t server = -1;
  ASSERT_EQ(::read(told[0], &server, sizeof server), static_cast<ssize_t>(sizeof server));

  // when that process is killed
  ASSERT_EQ(::waitpid(owner, nullptr, 0), owner);

  // then the server is dead, or a zombie until its new parent looks
  const auto alive = [&] {
    std::ifstream stat("/proc/" + std::to_string(server) + "/stat");
    std::string id, name, state;
    return (stat >> id >> name >> state) && state != "Z" && state != "X";
  };
  const auto limit = std::chrono::steady_clock::now() + 10s;
  while (alive() && std::chrono::steady_clock::now() < limit) ::usleep(1000);
  EXPECT_FALSE(alive());
  ::close(told[0]);
  ::close(told[1]);
}

}  // namespace
}  // namespace meridian::testing
