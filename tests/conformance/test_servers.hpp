// The real servers of the conformance test: one with everything at its defaults, one with cluster mode on. Asked over
// plain connections, without any code of the library.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "integration/support/raw_client.hpp"
#include "integration/support/redis_server.hpp"

namespace meridian::conformance {

using Words = std::vector<std::string>;

class TestServer {
 public:
  explicit TestServer(std::vector<std::string> arguments = {});

  [[nodiscard]] const testing::RedisServer& process() const noexcept { return server_; }

  // Empties it: keys, functions, scripts, logs, users.
  void reset();
  // One after the other. Throws std::runtime_error if the server refuses one.
  void prepare(const std::vector<std::string_view>& lines);
  // The reply as it came, in RESP2 or RESP3.
  [[nodiscard]] std::string reply_to(const Words& words, int protocol);

 private:
  testing::RedisServer server_;
  testing::RawClient resp2_;
  testing::RawClient resp3_;
};

// What the server says of one of its commands.
struct ServerCommand {
  std::set<std::string> flags;
  bool has_keys = false;
  int arity = 0;
};

class TestServers {
 public:
  TestServers();

  [[nodiscard]] TestServer& plain() noexcept { return plain_; }
  // Started when it is first asked for; serves all slots.
  [[nodiscard]] TestServer& cluster();

  // "7.0.15"
  [[nodiscard]] const std::string& version() const noexcept { return version_; }
  // "redis-server 7.0.15"
  [[nodiscard]] const std::string& product() const noexcept { return product_; }
  [[nodiscard]] bool is_at_least(std::string_view version) const;

  // All commands, containers by their subcommands: "GET", "XINFO STREAM".
  [[nodiscard]] const std::map<std::string, ServerCommand>& commands() const noexcept { return commands_; }
  // What COMMAND GETKEYS says, sorted; nothing if the server does not take these words.
  [[nodiscard]] std::optional<Words> keys_of(const Words& words);

 private:
  TestServer plain_;
  std::unique_ptr<TestServer> cluster_;
  std::string version_;
  std::string product_;
  std::map<std::string, ServerCommand> commands_;
};

// Those of this program.
[[nodiscard]] TestServers& test_servers();
void stop_test_servers();

}  // namespace meridian::conformance
