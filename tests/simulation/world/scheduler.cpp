// The event queue: a heap of small entries over slots that hold the tasks.
#include "simulation/world/scheduler.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

namespace meridian::simulation {
namespace {

// More events without any time passing are two parts that wake each other for ever.
constexpr std::uint64_t most_events_of_one_moment = 2'000'000;

std::string since_start(TimePoint when) {
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(when - Scheduler::start);
  return "+" + std::to_string(passed.count()) + " ms";
}

}  // namespace

class Scheduler::LaneTimer final : public io::Timer {
 public:
  LaneTimer(Scheduler& scheduler, Lane lane) noexcept : scheduler_(scheduler), lane_(lane) {
    ++scheduler_.live_timers_;
  }
  LaneTimer(const LaneTimer&) = delete;
  LaneTimer& operator=(const LaneTimer&) = delete;
  ~LaneTimer() override {
    cancel();
    --scheduler_.live_timers_;
  }

  // The task waits in the queue and not here, so that one that owns its own timer goes when the queue does.
  void arm(TimePoint due, io::Task task) override {
    cancel();
    event_ = scheduler_.queue(due, std::move(task), lane_, Kind::timer);
  }
  void cancel() noexcept override { scheduler_.cancel(event_); }

 private:
  Scheduler& scheduler_;
  Lane lane_;
  EventId event_;
};

class Scheduler::EventParker final : public io::Parker {
 public:
  explicit EventParker(Scheduler& scheduler) noexcept : scheduler_(scheduler) {}
  void park() override { scheduler_.park_until(unparked_); }
  void unpark() override { unparked_ = true; }

 private:
  Scheduler& scheduler_;
  bool unparked_ = false;
};

// For a heap whose front is what comes first.
struct Scheduler::IsLater {
  bool operator()(const Entry& one, const Entry& other) const noexcept {
    return one.when != other.when ? one.when > other.when : one.sequence > other.sequence;
  }
};

// Says who is running while a task is on the stack.
class Scheduler::RunningTask {
 public:
  RunningTask(Scheduler& scheduler, Lane lane) noexcept
      : scheduler_(scheduler), before_(std::exchange(scheduler.lane_, lane)) {
    if (lane == Lane::listeners) scheduler_.listener_running_ = true;
  }
  RunningTask(const RunningTask&) = delete;
  RunningTask& operator=(const RunningTask&) = delete;
  ~RunningTask() {
    if (scheduler_.lane_ == Lane::listeners) {
      scheduler_.listener_running_ = false;
      scheduler_.release_listeners();
    }
    scheduler_.lane_ = before_;
  }

 private:
  Scheduler& scheduler_;
  Lane before_;
};

std::unique_ptr<io::Timer> Scheduler::LaneExecutor::make_timer() {
  return std::make_unique<LaneTimer>(scheduler_, lane_);
}

std::unique_ptr<io::Timer> Scheduler::TokenLoop::make_timer() {
  return std::make_unique<LaneTimer>(scheduler_, Lane::loop);
}

void Scheduler::TokenLoop::begin_turn() {
  if (aside_ != nullptr) std::exchange(aside_, nullptr)->put_back();
}

void Scheduler::TokenLoop::leave_unfinished() {
  run_urgent_turn_ends(io::TurnEnd::Next::other_thread);
  take_wakes().unpark_all();
  scheduler_.lane_ = before_;
}

void Scheduler::TokenLoop::leave_aside(io::Aside& what) {
  if (has_nothing_left()) {
    aside_ = &what;
    scheduler_.lane_ = before_;
  } else {
    what.put_back();
    leave();
  }
}

bool Scheduler::TokenLoop::enter_aside(const io::Aside& what) {
  before_ = std::exchange(scheduler_.lane_, Lane::loop);
  if (aside_ == &what) {
    aside_ = nullptr;
    return true;
  }
  begin_turn();
  return false;
}

void Scheduler::TokenLoop::end_turn() {
  run_turn_ends();
  if (has_notices() && !std::exchange(telling_, true)) {
    const auto tell = [this] {
      telling_ = false;
      while (io::Notice* notices = take_notices(1)) {
        tell_all(notices);
        const io::Turn turn(*this);
        release_all(notices);
      }
    };
    scheduler_.at(scheduler_.now_, tell, Lane::notices);
  }
  take_wakes().unpark_all();
}

Scheduler::Scheduler() {
  heap_.reserve(256);
  slots_.reserve(256);
}

Scheduler::~Scheduler() { stop(); }

std::shared_ptr<io::Parker> Scheduler::make_parker() { return std::make_shared<EventParker>(*this); }

EventId Scheduler::queue(TimePoint when, io::Task task, Lane lane, Kind kind) {
  if (stopped_) return {};
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_slots_.back();
  free_slots_.pop_back();
  Slot& slot = slots_[index];
  slot.task = std::move(task);
  slot.lane = lane;
  slot.kind = kind;
  slot.queued = true;
  if (kind == Kind::timer) ++armed_timers_;
  ++queued_;
  const EventId event{index, slot.generation};
  push(std::max(when, now_), event);
  return event;
}

bool Scheduler::cancel(EventId event) noexcept {
  if (!is_queued(event)) return false;
  const io::Task dropped = take(event);  // destroyed last: what it owns may cancel or queue more
  forget_canceled();
  return true;
}

bool Scheduler::is_queued(EventId event) const noexcept {
  return event.slot < slots_.size() && slots_[event.slot].queued && slots_[event.slot].generation == event.generation;
}

bool Scheduler::step(TimePoint limit) {
  while (!heap_.empty()) {
    if (!is_queued(heap_.front().event)) {
      pop();
      continue;
    }
    if (heap_.front().when > limit) return false;
    const Entry entry = pop();
    const Lane lane = slots_[entry.event.slot].lane;
    const bool client = lane == Lane::loop || lane == Lane::notices || lane == Lane::listeners;
    if (client && stalled_until_ > entry.when) {
      push(stalled_until_, entry.event);
      continue;
    }
    if (entry.when > now_) {
      now_ = entry.when;
      events_of_this_moment_ = 0;
    }
    if (lane == Lane::listeners && listener_running_) {
      held_listeners_.push_back(entry.event);
      continue;
    }
    run(entry.event);
    return true;
  }
  return false;
}

void Scheduler::run_until(TimePoint when) {
  while (step(when)) {
  }
  if (when > now_) {
    now_ = when;
    events_of_this_moment_ = 0;
  }
}

bool Scheduler::run_until_idle(Duration limit) {
  const TimePoint end = now_ + limit;
  while (step(end)) {
  }
  return queued_ == 0;
}

void Scheduler::stall(Duration duration) { stalled_until_ = std::max(stalled_until_, now_ + duration); }

void Scheduler::stop() noexcept {
  stopped_ = true;
  heap_.clear();
  held_listeners_.clear();
  free_slots_.clear();
  queued_ = 0;
  armed_timers_ = 0;
  const std::vector<Slot> dropped = std::exchange(slots_, {});
}

void Scheduler::push(TimePoint when, EventId event) {
  heap_.push_back({when, ++last_sequence_, event});
  std::push_heap(heap_.begin(), heap_.end(), IsLater());
}

Scheduler::Entry Scheduler::pop() noexcept {
  std::pop_heap(heap_.begin(), heap_.end(), IsLater());
  const Entry entry = heap_.back();
  heap_.pop_back();
  return entry;
}

void Scheduler::run(EventId event) {
  if (++events_of_this_moment_ > most_events_of_one_moment) {
    throw std::logic_error("simulation: events wake each other without end at " + since_start(now_));
  }
  ++events_run_;
  const Lane lane = slots_[event.slot].lane;
  const io::Task task = take(event);
  const RunningTask running(*this, lane);
  if (lane == Lane::loop) loop_.begin_turn();
  task();
  if (lane == Lane::loop) loop_.end_turn();
}

io::Task Scheduler::take(EventId event) noexcept {
  Slot& slot = slots_[event.slot];
  io::Task task = std::exchange(slot.task, nullptr);
  slot.queued = false;
  if (slot.kind == Kind::timer) --armed_timers_;
  ++slot.generation;
  --queued_;
  free_slots_.push_back(event.slot);
  return task;
}

// Timers that are armed again and again leave entries behind; without this the heap would grow with them.
void Scheduler::forget_canceled() noexcept {
  if (heap_.size() < 1024 || heap_.size() < 4 * queued_) return;
  std::erase_if(heap_, [this](const Entry& entry) { return !is_queued(entry.event); });
  std::make_heap(heap_.begin(), heap_.end(), IsLater());
}

void Scheduler::release_listeners() {
  for (const EventId event : std::exchange(held_listeners_, {})) {
    if (is_queued(event)) push(now_, event);
  }
}

void Scheduler::park_until(const bool& awake) {
  if (loop_.on_io_thread()) throw std::logic_error("simulation: park() on the loop waits for itself");
  const TimePoint limit = now_ + longest_park;
  while (!awake) {
    if (step(limit)) continue;
    std::string text = "simulation: parked, and nobody unparks: a lost wake-up or a deadlock; ";
    text += queued_ == 0 ? "no event is left" : std::to_string(queued_) + " events are left, none helps";
    if (!held_listeners_.empty())
      text += ", " + std::to_string(held_listeners_.size()) + " of them wait for this listener";
    throw std::logic_error(text + "; at " + since_start(now_));
  }
}

}  // namespace meridian::simulation
