// Shows the program's failure detectors what happens to attempts, on a thread of theirs, and brings back what they make
// of it. On the loop.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <meridian/failure_detector.hpp>

#include "io/user_thread.hpp"

namespace meridian::client {

class DetectorDesk {
 public:
  // A detector wants the breaker of the database open.
  using OnVerdict = std::function<void(std::size_t database, std::uint64_t epoch, const std::string& evidence)>;

  DetectorDesk(io::World& world, OnVerdict on_verdict);
  DetectorDesk(const DetectorDesk&) = delete;
  DetectorDesk& operator=(const DetectorDesk&) = delete;
  ~DetectorDesk() = default;  // as io::UserThread

  // `codes`: of the failures that it is shown; none: all.
  void add(std::shared_ptr<FailureDetector> detector, std::vector<ErrorCode> codes);
  [[nodiscard]] bool is_empty() const noexcept { return detectors_.empty(); }

  void attempt(std::size_t database, std::uint64_t epoch, ObservedAttempt attempt);
  void forget(const std::string& database);

  void close() noexcept { thread_.close(); }

 private:
  struct Watcher {
    std::shared_ptr<FailureDetector> detector;
    std::vector<ErrorCode> codes;
  };
  struct Item {
    std::size_t database = 0;
    std::uint64_t epoch = 0;
    ObservedAttempt attempt;
    bool forgets = false;
  };
  // What waits for the detectors. Shared with their thread.
  struct Basket {
    std::mutex mutex;
    std::deque<Item> items;
    bool fetched = true;  // nobody is on the way for them
  };

  void put(Item item);
  [[nodiscard]] static std::optional<std::string> show(const std::vector<Watcher>& detectors, const Item& item);

  const OnVerdict on_verdict_;
  std::vector<Watcher> detectors_;
  std::shared_ptr<Basket> basket_ = std::make_shared<Basket>();
  io::UserThread thread_;
};

}  // namespace meridian::client
