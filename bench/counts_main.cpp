// meridian_bench_counts: runs one row with Meridian's client alone and counts its allocations. It is also what the
// system calls are counted of, from outside. A program of its own, because it replaces operator new.
#include <sys/prctl.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>

#include "bench/load.hpp"

namespace {

bool counting = true;  // set before there are threads
std::atomic<std::uint64_t> allocations = 0;
std::atomic<std::uint64_t> allocated_bytes = 0;

void* counted(void* memory, std::size_t size) {
  if (memory == nullptr) throw std::bad_alloc();
  if (counting) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    allocated_bytes.fetch_add(size, std::memory_order_relaxed);
  }
  return memory;
}

}  // namespace

// The other forms of new and delete are defined by these. Not inline: g++ would take malloc and delete for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) { return counted(std::malloc(size == 0 ? 1 : size), size); }
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto boundary = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(boundary, (size + boundary - 1) / boundary * boundary), size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace meridian::bench {
namespace {

constexpr std::chrono::milliseconds warm_up(100);

int count(std::string_view name, const std::string& uri, std::chrono::milliseconds length) {
  const auto row = parse_row(name);
  if (!row) {
    std::fprintf(stderr, "meridian_bench_counts: no such row\n");
    return 2;
  }
  const KeySpace space(row->bytes);
  const std::unique_ptr<Load> load = make_client_load(*row, space, uri);
  load->start();
  std::this_thread::sleep_for(warm_up);
  const std::uint64_t operations_before = load->completed();
  const std::uint64_t allocations_before = allocations;
  const std::uint64_t bytes_before = allocated_bytes;
  std::this_thread::sleep_for(length);
  const auto operations = static_cast<double>(load->completed() - operations_before);
  const auto made = static_cast<double>(allocations - allocations_before);
  const auto bytes = static_cast<double>(allocated_bytes - bytes_before);
  load->stop();
  const nlohmann::ordered_json result = {{"allocations_per_op", made / operations},
                                         {"allocated_bytes_per_op", bytes / operations},
                                         {"operations_in_all", load->completed()}};
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace meridian::bench

int main(int argc, char** argv) {
  // Not to run on alone when the one who counts is ended.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::span words(argv, static_cast<std::size_t>(argc));
  if (words.size() != 4 && words.size() != 5) {
    std::fprintf(stderr, "usage: meridian_bench_counts ROW URI MILLISECONDS [uncounted]\n");
    return 2;
  }
  // For a profile: counting is no work of the client's.
  counting = words.size() == 4;
  try {
    return meridian::bench::count(words[1], words[2], std::chrono::milliseconds(std::atoi(words[3])));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "meridian_bench_counts: %s\n", error.what());
    return 1;
  }
}
