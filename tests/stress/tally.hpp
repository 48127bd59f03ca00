// What a run counted, and what was wrong. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/error.hpp>

namespace meridian::stress {

class Tally {
 public:
  using Count = std::atomic<std::uint64_t>;
  static constexpr std::size_t codes = static_cast<std::size_t>(ErrorCode::no_valid_database) + 1;
  static constexpr std::size_t deliveries = 4;

  Count issued{0};
  Count answered{0};
  Count stops{0};   // stop tokens fired
  Count closes{0};  // clients closed from another thread with calls in progress
  Count closes_in_callbacks{0};
  Count destroyed_in_callbacks{0};  // clients whose last handle went inside a callback
  Count clients{0};                 // clients made
  Count server_faults{0};           // pauses, kills and refusals by the servers themselves
  std::array<std::array<Count, deliveries>, codes> errors{};

  // How much longer than its deadline a call took, at worst.
  std::atomic<std::int64_t> worst_overrun_us{0};

  Count wrong_replies{0};
  Count other_violations{0};

  void count(const Error& error) {
    ++errors[static_cast<std::size_t>(error.code())][static_cast<std::size_t>(error.delivery())];
  }
  void overrun(std::int64_t us) {
    std::int64_t worst = worst_overrun_us.load(std::memory_order_relaxed);
    while (us > worst && !worst_overrun_us.compare_exchange_weak(worst, us)) {
    }
  }

  // A reply that does not belong to its command, or cannot be true.
  void wrong_reply(std::string what) {
    ++wrong_replies;
    note("WRONG REPLY " + std::move(what));
  }
  // Everything else that must not be: completed twice or never, counted too often, too late, left behind.
  void violation(std::string what) {
    ++other_violations;
    note("VIOLATION " + std::move(what));
  }

  [[nodiscard]] std::vector<std::string> notes() const {
    const std::lock_guard lock(mutex_);
    return notes_;
  }
  [[nodiscard]] bool is_clean() const { return wrong_replies == 0 && other_violations == 0; }

 private:
  static constexpr std::size_t most_notes = 30;

  void note(std::string what) {
    const std::lock_guard lock(mutex_);
    if (notes_.size() < most_notes) notes_.push_back(std::move(what));
  }

  mutable std::mutex mutex_;
  std::vector<std::string> notes_;
};

}  // namespace meridian::stress
