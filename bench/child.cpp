#include "bench/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <system_error>
#include <tuple>
#include <utility>

namespace meridian::bench {
namespace {

volatile std::sig_atomic_t interrupted = 0;

extern "C" void note_interruption(int) { interrupted = 1; }

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// A started program and the end of its output that we read. Killed if nobody waited for it.
class Child {
 public:
  explicit Child(const std::vector<std::string>& words) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    output_ = ends[0];
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    const int error = ::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (error != 0) {
      ::close(output_);
      throw std::system_error(error, std::generic_category(), words.front());
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    ::close(output_);
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      (void)wait();
    }
  }

  // Everything until the other end is closed; false if that takes longer than until `limit`.
  bool read_all(std::string& output, std::chrono::steady_clock::time_point limit) {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - std::chrono::steady_clock::now()).count();
      if (left <= 0) return false;
      pollfd wanted{output_, POLLIN, 0};
      const int ready = ::poll(&wanted, 1, static_cast<int>(left));
      if (interrupted != 0) throw Interrupted();
      if (ready <= 0) continue;
      std::array<char, 4096> buffer;
      const ssize_t got = ::read(output_, buffer.data(), buffer.size());
      if (got == 0) return true;
      if (got > 0) output.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

  // Exit code and CPU seconds.
  std::pair<int, double> wait() {
    int status = 0;
    rusage used{};
    while (::wait4(pid_, &status, 0, &used) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
            seconds(used.ru_utime) + seconds(used.ru_stime)};
  }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace

void catch_interruptions() {
  struct sigaction action {};
  action.sa_handler = note_interruption;  // without SA_RESTART: whatever waits wakes up
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

ChildResult run_child(const std::vector<std::string>& words, std::chrono::milliseconds limit) {
  ChildResult result;
  Child child(words);
  if (!child.read_all(result.output, std::chrono::steady_clock::now() + limit)) {
    throw std::runtime_error("did not end within " + std::to_string(limit.count()) + " ms");
  }
  std::tie(result.exit_code, result.cpu_seconds) = child.wait();
  if (interrupted != 0) throw Interrupted();
  return result;
}

bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access(folder.append("/").append(program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace meridian::bench
