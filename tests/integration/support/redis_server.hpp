// A real redis-server for integration tests and the demo: started on a free port in a folder of its own, and certainly
// gone afterwards.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace meridian::testing {

// What went wrong with a server, with the end of its log.
class ServerError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The program is $MERIDIAN_TEST_SERVER, or else `redis-server` from PATH; it listens on 127.0.0.1 in a fresh folder
// under $TMPDIR or /tmp. It is in a process group of its own (Ctrl-C reaches the test, which ends its servers) and dies
// with the thread that started it, even if that is killed: start and restart servers on a thread that outlives them,
// usually the main one. Use one server from one thread at a time.
class RedisServer {
 public:
  // `arguments` are added to the command line, e.g. {"--appendonly", "yes"}. Returns when the server answers PING;
  // throws ServerError if it does not within 10 s.
  explicit RedisServer(std::vector<std::string> arguments = {});
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;
  // Kills the process, also a stopped one, and removes the folder.
  ~RedisServer();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string uri() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  // -1 while there is no process.
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] bool is_running();
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
  // The last lines of everything that the server wrote.
  [[nodiscard]] std::string log_tail() const;

  // SIGKILL; returns when the process is gone.
  void kill() noexcept;
  // SIGTERM, as an operator would; SIGKILL if that takes more than 10 s.
  void terminate();
  // SIGSTOP: the server hangs, its port still accepts. Returns when it has stopped.
  void stop();
  // SIGCONT.
  void resume();
  // Starts it again on the same port and folder, where its data is; kills it first if it runs.
  void restart();

  // Each over a connection of its own. The whole reply as it came, e.g. "$3\r\nabc\r\n".
  std::string command(const std::vector<std::string>& words,
                      std::chrono::milliseconds timeout = std::chrono::seconds(5)) const;
  // One after the other over one connection.
  std::vector<std::string> commands(const std::vector<std::vector<std::string>>& batch,
                                    std::chrono::milliseconds timeout = std::chrono::seconds(5)) const;
  // False also when nothing comes in time.
  [[nodiscard]] bool answers_ping(std::chrono::milliseconds within) const;

 private:
  enum class Start { up, port_taken };

  void start_on_some_port();
  [[nodiscard]] Start start_on(std::uint16_t port);
  [[nodiscard]] bool is_ours_that_answers() const;
  void launch(std::uint16_t port);
  [[noreturn]] void give_up(const std::string& why);

  std::vector<std::string> arguments_;
  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace meridian::testing
