#include "bench/placement.hpp"

#include <cerrno>
#include <system_error>
#include <vector>

namespace meridian::bench {
namespace {

cpu_set_t own_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (::sched_getaffinity(0, sizeof cores, &cores) != 0) {
    throw std::system_error(errno, std::generic_category(), "sched_getaffinity");
  }
  return cores;
}

// Those that this thread may run on, in order.
std::vector<int> numbers_of(const cpu_set_t& cores) {
  std::vector<int> numbers;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &cores)) numbers.push_back(core);
  }
  return numbers;
}

}  // namespace

int core_count() { return static_cast<int>(numbers_of(own_cores()).size()); }

int server_core() { return numbers_of(own_cores()).back(); }

void spread_out(std::size_t thread) {
  const std::vector<int> cores = numbers_of(own_cores());
  // The server's is the last one.
  if (cores.size() > 1) const OnCore there(cores[thread % cores.size()]);
}

OnCore::OnCore(int core) : before_(own_cores()) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(static_cast<std::size_t>(core), &only);
  if (::sched_setaffinity(0, sizeof only, &only) != 0) {
    throw std::system_error(errno, std::generic_category(), "sched_setaffinity");
  }
}

OnCore::~OnCore() { ::sched_setaffinity(0, sizeof before_, &before_); }

}  // namespace meridian::bench
