#include "bench/machine.hpp"

#include <sys/utsname.h>

#include <cstdlib>
#include <fstream>

#include <hiredis/hiredis.h>

#include "bench/placement.hpp"
#include "support/machine_facts.hpp"

namespace meridian::bench {
namespace {

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
  return {{"date", testing::date()},
          {"command", command_line},
          {"processor", testing::processor()},
          {"cores", std::to_string(core_count()) + " (the server on core " + std::to_string(server_core()) + ")"},
          {"load average at the start", load_average()},
          {"kernel", kernel()},
          {"compiler", std::string(BENCH_COMPILER_NAME) + " " + BENCH_FLAGS},
          {"server", "redis-server " + server_version(server) + ", no persistence, one for all clients"},
          {"hiredis",
           std::to_string(HIREDIS_MAJOR) + "." + std::to_string(HIREDIS_MINOR) + "." + std::to_string(HIREDIS_PATCH)}};
}

}  // namespace meridian::bench
