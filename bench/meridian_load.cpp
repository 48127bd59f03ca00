// Meridian's clients under load: one client for everything, however many threads or operations in flight.
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>

#include <meridian/meridian.hpp>

#include "bench/threaded_load.hpp"

namespace meridian::bench {
namespace {

[[noreturn]] void throw_unexpected() { throw std::runtime_error("meridian: unexpected reply"); }

bool is_right(std::string_view value, const KeySpace& space) { return value.size() == space.value.size(); }

template <class Text>
bool is_right(const std::optional<Text>& value, const KeySpace& space) {
  return value && is_right(std::string_view(*value), space);
}

// One operation after the other, as a user would write it.
template <class AnyClient>
class Caller final : public Worker {
 public:
  Caller(std::shared_ptr<AnyClient> client, const KeySpace& space, std::size_t lane, const Row& row)
      : client_(std::move(client)), space_(space), walk_(space, lane), row_(row) {}

  void step() override {
    const std::string& key = walk_.next();
    if (row_.operation == Operation::get ? !get(key) : !client_->set(key, space_.value)) throw_unexpected();
  }

 private:
  bool get(const std::string& key) {
    if (row_.values == Values::strings) return is_right(client_->get(key), space_);
    return client_->into(value_).get(key) && is_right(value_, space_);
  }

  std::shared_ptr<AnyClient> client_;
  const KeySpace& space_;
  KeyWalk walk_;
  const Row row_;
  std::string value_;
};

// Batches, each a pipeline. `Text`: what the values that are read are given as.
template <class AnyClient, class Text>
class Batches final : public Worker {
 public:
  Batches(std::shared_ptr<AnyClient> client, const KeySpace& space, Operation operation, std::size_t batch)
      : client_(std::move(client)), space_(space), walk_(space, 0), operation_(operation), batch_(batch) {
    values_.reserve(batch);
    written_.reserve(batch);
  }

  void step() override {
    if (operation_ == Operation::get) get_batch();
    else set_batch();
  }

 private:
  void get_batch() {
    pipeline_.clear();
    values_.clear();
    for (std::size_t i = 0; i < batch_; ++i) values_.push_back(add_get(walk_.next()));
    pipeline_.execute();
    for (auto& value : values_) {
      if (!is_right(value.value(), space_)) throw_unexpected();
    }
  }

  auto add_get(const std::string& key) {
    if constexpr (std::is_same_v<Text, std::string_view>) return pipeline_.views().get(key);
    else return pipeline_.get(key);
  }

  void set_batch() {
    pipeline_.clear();
    written_.clear();
    for (std::size_t i = 0; i < batch_; ++i) written_.push_back(pipeline_.set(walk_.next(), space_.value));
    pipeline_.execute();
    for (auto& written : written_) {
      if (!written.value()) throw_unexpected();
    }
  }

  std::shared_ptr<AnyClient> client_;
  const KeySpace& space_;
  KeyWalk walk_;
  Operation operation_;
  std::size_t batch_;
  Pipeline pipeline_{client_->pipeline()};
  std::vector<PipelineResult<std::optional<Text>>> values_;
  std::vector<PipelineResult<bool>> written_;
};

// So many operations in flight: each completion issues the next.
template <class AnyClient>
class InFlight final : public Load {
 public:
  InFlight(std::shared_ptr<AnyClient> client, const KeySpace& space, Operation operation, std::size_t width)
      : Load(width, std::size_t{1} << 12), client_(std::move(client)), space_(space), operation_(operation) {
    for (std::size_t i = 0; i < width; ++i) slots_.push_back({this, &lanes_[i], KeyWalk(space, i), i, false, {}});
  }
  ~InFlight() override { end_slice(); }

  void start() override {
    running_.store(true, std::memory_order_relaxed);
    in_flight_ = slots_.size();
    for (Slot& slot : slots_) issue(slot);
  }

  void stop() override {
    end_slice();
    const std::lock_guard lock(mutex_);
    if (!failure_.empty()) throw std::runtime_error(failure_);
  }

 private:
  // One of the operations in flight.
  struct Slot {
    InFlight* load;
    Lane* lane;
    KeyWalk walk;
    std::uint64_t turn;  // begins differently for each, so that not all are timed at once
    bool timed;
    Clock::time_point begin;
  };
  static constexpr std::uint64_t sample_every = 16;

  void issue(Slot& slot) {
    slot.timed = ++slot.turn % sample_every == 0 && is_sampling();
    if (slot.timed) slot.begin = Clock::now();
    const std::string& key = slot.walk.next();
    if (operation_ == Operation::get) {
      client_->submit(cmd::get(key), [slot = &slot](const Result<std::optional<std::string>>& value) {
        slot->load->complete(*slot, value, value && is_right(*value, slot->load->space_));
      });
    } else {
      client_->submit(cmd::set(key, space_.value), [slot = &slot](const Result<bool>& written) {
        slot->load->complete(*slot, written, written && *written);
      });
    }
  }

  template <class T>
  void complete(Slot& slot, const Result<T>& outcome, bool right) {
    if (slot.timed) slot.lane->add_sample(Clock::now() - slot.begin);
    slot.lane->count(1);
    if (right && running_.load(std::memory_order_relaxed)) return issue(slot);

    // Under the lock to the end: as soon as the last one is gone the load may be destroyed.
    const std::lock_guard lock(mutex_);
    if (!right && failure_.empty()) failure_ = outcome ? "meridian: unexpected reply" : outcome.error().what();
    if (--in_flight_ == 0) idle_.notify_one();
  }

  void end_slice() {
    running_.store(false, std::memory_order_relaxed);
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return in_flight_ == 0; });
  }

  std::shared_ptr<AnyClient> client_;
  const KeySpace& space_;
  Operation operation_;
  std::vector<Slot> slots_;
  std::atomic<bool> running_ = false;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t in_flight_ = 0;
  std::string failure_;
};

template <class AnyClient>
std::unique_ptr<Load> make_load(const Row& row, const KeySpace& space, std::shared_ptr<AnyClient> client) {
  for (const std::string& key : space.keys) client->set(key, space.value);
  if (row.shape == Shape::async) {
    return std::make_unique<InFlight<AnyClient>>(std::move(client), space, row.operation, row.width);
  }
  return std::make_unique<ThreadedLoad>(row, [&](std::size_t lane) -> std::unique_ptr<Worker> {
    if (row.shape == Shape::sync) return std::make_unique<Caller<AnyClient>>(client, space, lane, row);
    if (row.values == Values::strings) {
      return std::make_unique<Batches<AnyClient, std::string>>(client, space, row.operation, row.width);
    }
    return std::make_unique<Batches<AnyClient, std::string_view>>(client, space, row.operation, row.width);
  });
}

}  // namespace

std::unique_ptr<Load> make_client_load(const Row& row, const KeySpace& space, const std::string& uri) {
  return make_load(row, space, std::make_shared<Client>(uri));
}

std::unique_ptr<Load> make_multi_db_load(const Row& row, const KeySpace& space, const std::vector<std::string>& uris) {
  MultiDbConfig config;
  for (const std::string& uri : uris) {
    config.databases.push_back({.uri = uri, .weight = 1.0 / static_cast<double>(config.databases.size() + 1)});
  }
  return make_load(row, space, std::make_shared<MultiDbClient>(config));
}

}  // namespace meridian::bench
