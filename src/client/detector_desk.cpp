#include "client/detector_desk.hpp"

#include <algorithm>
#include <utility>

namespace meridian::client {
namespace {

// A detector that never returns misses the rest.
constexpr std::size_t most_items = 10'000;

}  // namespace

DetectorDesk::DetectorDesk(io::World& world, OnVerdict on_verdict)
    : on_verdict_(std::move(on_verdict)), thread_(world) {}

void DetectorDesk::add(std::shared_ptr<FailureDetector> detector, std::vector<ErrorCode> codes) {
  detectors_.push_back({std::move(detector), std::move(codes)});
}

void DetectorDesk::attempt(std::size_t database, std::uint64_t epoch, ObservedAttempt attempt) {
  put({database, epoch, std::move(attempt), false});
}

void DetectorDesk::forget(const std::string& database) {
  if (!detectors_.empty()) put({.attempt = {.database = database}, .forgets = true});
}

void DetectorDesk::put(Item item) {
  {
    const std::lock_guard lock(basket_->mutex);
    if (basket_->items.size() >= most_items) return;
    basket_->items.push_back(std::move(item));
    if (!std::exchange(basket_->fetched, false)) return;
  }
  thread_.run([this, basket = basket_, detectors = detectors_]() -> io::Task {
    std::deque<Item> items;
    {
      const std::lock_guard lock(basket->mutex);
      items.swap(basket->items);
      basket->fetched = true;
    }
    std::vector<std::pair<Item, std::string>> verdicts;
    for (Item& one : items) {
      if (auto evidence = show(detectors, one)) verdicts.emplace_back(std::move(one), std::move(*evidence));
    }
    return [this, verdicts = std::move(verdicts)] {
      for (const auto& [of, evidence] : verdicts) on_verdict_(of.database, of.epoch, evidence);
    };
  });
}

// On the detectors' thread. What one throws is as if it said nothing.
std::optional<std::string> DetectorDesk::show(const std::vector<Watcher>& detectors, const Item& item) {
  std::optional<std::string> verdict;
  for (const Watcher& watcher : detectors) {
    const auto& error = item.attempt.error;
    const bool is_of_interest = !error || watcher.codes.empty() ||
                                std::find(watcher.codes.begin(), watcher.codes.end(), *error) != watcher.codes.end();
    if (!is_of_interest && !item.forgets) continue;
    try {
      if (item.forgets) watcher.detector->forget(item.attempt.database);
      else if (auto said = watcher.detector->observe(item.attempt); said && !verdict) verdict = std::move(said);
    } catch (...) {  // NOLINT(bugprone-empty-catch): a detector's failure is the detector's own
    }
  }
  return verdict;
}

}  // namespace meridian::client
