#include "bench/machine.hpp"

#include <sys/utsname.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>

#include <hiredis/hiredis.h>

#include "bench/placement.hpp"

namespace meridian::bench {
namespace {

std::string date() {
  const std::time_t now = std::time(nullptr);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", std::gmtime(&now));
  return text.data();
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string kernel() {
  utsname name{};
  ::uname(&name);
  return std::string(name.sysname) + " " + name.release + " " + name.machine;
}

std::string load_average() {
  std::ifstream file("/proc/loadavg");
  std::string minute;
  file >> minute;
  return minute;
}

std::string server_version(const testing::RedisServer& server) {
  const std::string info = server.command({"INFO", "server"});
  const std::string field = "redis_version:";
  const std::size_t begin = info.find(field);
  if (begin == std::string::npos) return "unknown";
  const std::size_t value = begin + field.size();
  return info.substr(value, info.find('\r', value) - value);
}

}  // namespace

Machine describe_machine(const testing::RedisServer& server, const std::string& command_line) {
  return {{"date", date()},
          {"command", command_line},
          {"processor", processor()},
          {"cores", std::to_string(core_count()) + " (the server on core " + std::to_string(server_core()) + ")"},
          {"load average at the start", load_average()},
          {"kernel", kernel()},
          {"compiler", std::string(BENCH_COMPILER_NAME) + " " + BENCH_FLAGS},
          {"server", "redis-server " + server_version(server) + ", no persistence, one for all clients"},
          {"hiredis",
           std::to_string(HIREDIS_MAJOR) + "." + std::to_string(HIREDIS_MINOR) + "." + std::to_string(HIREDIS_PATCH)}};
}

}  // namespace meridian::bench
