// One client under load. A load is made once, then run in slices: start, let it run, stop.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "bench/row.hpp"

namespace meridian::bench {

using Clock = std::chrono::steady_clock;

// What one thread, or one of the operations in flight, has done. Written by one at a time.
struct alignas(64) Lane {
  std::atomic<std::uint64_t> completed = 0;
  std::vector<std::uint32_t> samples;  // nanoseconds

  void count(std::uint64_t operations) noexcept {
    // No read-modify-write: there is one writer.
    completed.store(completed.load(std::memory_order_relaxed) + operations, std::memory_order_relaxed);
  }

  // Never allocates: when the room that was reserved is used up, the slice has samples enough.
  void add_sample(Clock::duration elapsed) {
    constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
    if (samples.size() < samples.capacity()) {
      samples.push_back(static_cast<std::uint32_t>(std::min(std::chrono::nanoseconds(elapsed).count(), most)));
    }
  }
};

class Load {
 public:
  Load(std::size_t lanes, std::size_t samples_per_lane);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  virtual ~Load() = default;

  // Runs flat out from now on.
  virtual void start() = 0;
  // Returns when nothing is in flight any more. Throws std::runtime_error if an operation failed.
  virtual void stop() = 0;

  // Operations since the load was made; also while it runs.
  [[nodiscard]] std::uint64_t completed() const noexcept;

  // Latencies are kept only while this is on.
  void keep_samples(bool on) noexcept { sampling_.store(on, std::memory_order_relaxed); }
  // The latencies that were kept, in nanoseconds. Only between slices.
  [[nodiscard]] std::vector<std::uint32_t> take_samples();

 protected:
  [[nodiscard]] bool is_sampling() const noexcept { return sampling_.load(std::memory_order_relaxed); }

  std::vector<Lane> lanes_;

 private:
  std::atomic<bool> sampling_ = false;
};

// The keys and the value that all clients use.
struct KeySpace {
  static constexpr std::size_t count = 1000;

  explicit KeySpace(std::size_t value_bytes);

  std::vector<std::string> keys;
  std::string value;
};

// Walks over the keys; each lane begins somewhere else.
class KeyWalk {
 public:
  KeyWalk(const KeySpace& space, std::size_t lane) : space_(&space), at_(lane * 37 % KeySpace::count) {}
  const std::string& next() noexcept {
    const std::string& key = space_->keys[at_];
    if (++at_ == KeySpace::count) at_ = 0;
    return key;
  }

 private:
  const KeySpace* space_;
  std::size_t at_;
};

// The clients that can take part. Each connects at once, and throws std::runtime_error if it cannot. The key space
// must outlive the load.
//
// A blocking socket and hand-written RESP: the limit. Where the row is `async` it pipelines by as many.
[[nodiscard]] std::unique_ptr<Load> make_socket_load(const Row& row, const KeySpace& space, std::uint16_t port);
// Debian's hiredis, a connection for each thread. Where the row is `async` it pipelines by as many.
[[nodiscard]] std::unique_ptr<Load> make_hiredis_load(const Row& row, const KeySpace& space, std::uint16_t port);
// One meridian::Client for everything.
[[nodiscard]] std::unique_ptr<Load> make_client_load(const Row& row, const KeySpace& space, const std::string& uri);
// One meridian::MultiDbClient for everything; the first database is the active one.
[[nodiscard]] std::unique_ptr<Load> make_multi_db_load(const Row& row, const KeySpace& space,
                                                       const std::vector<std::string>& uris);

// Sets every key to the value, over a bare socket.
void fill(const KeySpace& space, std::uint16_t port);

}  // namespace meridian::bench
