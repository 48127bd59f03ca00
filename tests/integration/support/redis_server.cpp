// Starting, hurting and certainly ending a server process.
#include "integration/support/redis_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "integration/support/raw_client.hpp"

namespace meridian::testing {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto start_limit = std::chrono::seconds(10);
constexpr auto poll_interval = milliseconds(5);

std::string system_words(int error) { return std::strerror(error); }

std::string environment(const char* name) {
  const char* value = ::getenv(name);
  return value == nullptr ? "" : value;
}

// Found before the fork: a search in PATH is not async-signal-safe.
std::string find_program() {
  const std::string named = environment("MERIDIAN_TEST_SERVER");
  const std::string name = named.empty() ? "redis-server" : named;
  if (name.find('/') != std::string::npos) return name;
  std::istringstream path(environment("PATH"));
  for (std::string folder; std::getline(path, folder, ':');) {
    const std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  throw ServerError("no " + name + " in PATH (set MERIDIAN_TEST_SERVER to name one)");
}

std::filesystem::path make_folder() {
  const std::string base = environment("TMPDIR");
  std::string name = (base.empty() ? "/tmp" : base) + "/meridian-server-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw ServerError("mkdtemp " + name + ": " + system_words(errno));
  return name;
}

// Below the ephemeral range, or a connection of anybody could take the port while the server is down.
std::uint16_t random_port() {
  static std::mt19937 engine{std::random_device{}()};
  unsigned ephemeral = 32768;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> ephemeral;
  // Redis Cluster's bus is at port + 10000.
  const unsigned end = std::clamp(ephemeral, 11000U, 32768U);
  return static_cast<std::uint16_t>(std::uniform_int_distribution<unsigned>(10000, end - 1)(engine));
}

bool is_free(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw ServerError("socket: " + system_words(errno));
  const int reuse = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return bound;
}

// The child, between fork and exec: only async-signal-safe calls. Says why on `report` if it cannot become the server.
[[noreturn]] void become_server(char* const* argv, int log, int report, pid_t parent) noexcept {
  // Dies with the thread that forked, even stopped. Whoever died before this line is noticed by the next.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::setpgid(0, 0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // Nothing that the test holds open is inherited, not even what was opened without O_CLOEXEC.
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (nothing >= 0 && ::dup2(nothing, 0) >= 0 && ::dup2(log, 1) >= 0 && ::dup2(log, 2) >= 0) {
    ::execv(argv[0], argv);
  }
  const int error = errno;
  const ssize_t told = ::write(report, &error, sizeof error);
  ::_exit(told == sizeof error ? 127 : 126);
}

void wait_for_change(pid_t pid, int options) {
  int status = 0;
  while (::waitpid(pid, &status, options) < 0 && errno == EINTR) {
  }
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> arguments)
    : arguments_(std::move(arguments)), folder_(make_folder()) {
  try {
    start_on_some_port();
  } catch (...) {
    kill();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    throw;
  }
}

RedisServer::~RedisServer() {
  kill();
  std::error_code ignored;  // a folder left behind is no reason to fail
  std::filesystem::remove_all(folder_, ignored);
}

void RedisServer::start_on_some_port() {
  // Between the look and the server's bind somebody else may take the port.
  for (int attempt = 0; attempt < 50; ++attempt) {
    const std::uint16_t port = random_port();
    if (is_free(port) && start_on(port) == Start::up) return;
  }
  give_up("found no free port");
}

RedisServer::Start RedisServer::start_on(std::uint16_t port) {
  port_ = port;
  launch(port);
  for (const auto limit = Clock::now() + start_limit; Clock::now() < limit;
       std::this_thread::sleep_for(poll_interval)) {
    if (!is_running()) {
      if (log_tail().find("Address already in use") != std::string::npos) return Start::port_taken;
      give_up("ended while starting");
    }
    if (is_ours_that_answers()) return Start::up;
  }
  give_up("did not answer PING within 10 s");
}

// On a port that was lost to another test, somebody else's server may answer.
bool RedisServer::is_ours_that_answers() const {
  if (!answers_ping(milliseconds(200))) return false;
  try {
    return command({"INFO", "server"}).find("process_id:" + std::to_string(pid_) + "\r\n") != std::string::npos;
  } catch (const std::runtime_error&) {
    return false;
  }
}

void RedisServer::launch(std::uint16_t port) {
  std::vector<std::string> words = {
      find_program(), "--bind", "127.0.0.1", "--port", std::to_string(port),     "--dir", folder_.string(),
      "--daemonize",  "no",     "--save",    "",       "--enable-debug-command", "yes"};
  words.insert(words.end(), arguments_.begin(), arguments_.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  // Emptied at each start, so that an old "Address already in use" is not taken for a new one.
  const int log = ::open((folder_ / "server.log").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  int report[2] = {-1, -1};
  if (log < 0 || ::pipe2(report, O_CLOEXEC) != 0) {
    const int error = errno;
    if (log >= 0) ::close(log);
    throw ServerError("starting a server: " + system_words(error));
  }
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become_server(argv.data(), log, report[1], parent);
  int error = pid_ < 0 ? errno : 0;
  ::close(log);
  ::close(report[1]);
  // Empty if exec went well: that closed the other end.
  if (pid_ > 0 && ::read(report[0], &error, sizeof error) != sizeof error) error = 0;
  ::close(report[0]);
  if (error != 0) {
    kill();
    throw ServerError("cannot run " + words.front() + ": " + system_words(error));
  }
}

void RedisServer::give_up(const std::string& why) {
  const std::string tail = log_tail();
  kill();
  throw ServerError("redis-server on port " + std::to_string(port_) + " " + why + "; its log ends with:\n" + tail);
}

bool RedisServer::is_running() {
  if (pid_ <= 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) pid_ = -1;
  return pid_ > 0;
}

std::string RedisServer::log_tail() const {
  constexpr std::size_t tail_bytes = 2000;
  std::ifstream file(folder_ / "server.log", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return text.size() > tail_bytes ? text.substr(text.size() - tail_bytes) : text;
}

void RedisServer::kill() noexcept {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    wait_for_change(pid_, 0);
  }
  pid_ = -1;
}

void RedisServer::terminate() {
  if (!is_running()) return;
  ::kill(pid_, SIGTERM);
  ::kill(pid_, SIGCONT);
  const auto limit = Clock::now() + start_limit;
  while (is_running() && Clock::now() < limit) std::this_thread::sleep_for(poll_interval);
  kill();
}

void RedisServer::stop() {
  if (!is_running()) throw ServerError("stop: the server does not run");
  ::kill(pid_, SIGSTOP);
  // Peeked, so that a server that died instead is still there to be reaped.
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  if (!is_running()) give_up("died while being stopped");
}

void RedisServer::resume() {
  if (!is_running()) throw ServerError("resume: the server does not run");
  ::kill(pid_, SIGCONT);
}

void RedisServer::restart() {
  kill();
  // An old connection may hold the port for a moment.
  for (const auto limit = Clock::now() + start_limit; Clock::now() < limit;
       std::this_thread::sleep_for(poll_interval)) {
    if (start_on(port_) == Start::up) return;
  }
  give_up("could not get its port back");
}

std::string RedisServer::command(const std::vector<std::string>& words, milliseconds timeout) const {
  return RawClient(port_, timeout).command(words);
}

std::vector<std::string> RedisServer::commands(const std::vector<std::vector<std::string>>& batch,
                                               milliseconds timeout) const {
  RawClient client(port_, timeout);
  std::vector<std::string> replies;
  for (const auto& words : batch) replies.push_back(client.command(words));
  return replies;
}

bool RedisServer::answers_ping(milliseconds within) const {
  try {
    return command({"PING"}, within) == "+PONG\r\n";
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace meridian::testing
