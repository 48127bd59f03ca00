// Virtual time and everything that happens in it: one queue of events for the network, the servers, the client's loop
// and its listeners. Single-threaded; events of one time run in the order in which they were queued.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "io/world.hpp"

namespace meridian::simulation {

// Who runs an event. `outside`: nobody does; the test itself is on the stack. `notices`: the client's I/O thread
// outside its turns.
enum class Lane : std::uint8_t { outside, world, loop, notices, listeners };

// Names a queued event; the default names none. An event that ran or was canceled is not named any more.
struct EventId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
};

class Scheduler final : public io::Clock, public io::ParkingLot {
 public:
  // Far from zero, so that a time that nobody set is not mistaken for the start.
  static constexpr TimePoint start = TimePoint(std::chrono::hours(1));

  // A parker that waits longer than this will wait for ever.
  static constexpr Duration longest_park = std::chrono::hours(1);

  Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  ~Scheduler() override;

  [[nodiscard]] TimePoint now() const noexcept override { return now_; }
  [[nodiscard]] io::Loop& loop() noexcept { return loop_; }
  [[nodiscard]] io::Executor& listeners() noexcept { return listeners_; }

  // `park` runs events until `unpark`, from outside, from a listener or from an event of the world; several may be
  // parked at once, then the outer one goes on when the inner one has. Throws std::logic_error on the loop, and when
  // nobody can unpark any more: no event is left, or `longest_park` has passed.
  [[nodiscard]] std::shared_ptr<io::Parker> make_parker() override;

  // Queues `task` for `when`, or for now if that has passed.
  EventId at(TimePoint when, io::Task task, Lane lane = Lane::world) {
    return queue(when, std::move(task), lane, Kind::task);
  }
  EventId after(Duration delay, io::Task task, Lane lane = Lane::world) {
    return at(now_ + delay, std::move(task), lane);
  }

  // True if the event was still queued. The task is destroyed at once.
  bool cancel(EventId event) noexcept;
  [[nodiscard]] bool is_queued(EventId event) const noexcept;

  // Runs the next event, which is due by `limit`; false if there is none. A chain of events that never lets time pass
  // ends with std::logic_error.
  bool step(TimePoint limit = TimePoint::max());

  // Runs everything that is due by `when`; then it is `when`.
  void run_until(TimePoint when);

  // Runs until nothing is queued, at most for `limit`; true if nothing is.
  bool run_until_idle(Duration limit);

  // The calling thread sleeps, as in `park`, until an event sets `awake`.
  void park_until(const bool& awake);

  // The client process stands still: no task of its loop or listeners runs for `duration`, then what became due runs
  // late, in order. Network and servers go on.
  void stall(Duration duration);

  // Drops whatever is queued, and from now on whatever is posted.
  void stop() noexcept;

  // The lane whose task is running.
  [[nodiscard]] Lane lane() const noexcept { return lane_; }

  [[nodiscard]] std::size_t pending_timers() const noexcept { return armed_timers_; }
  [[nodiscard]] std::size_t live_timers() const noexcept { return live_timers_; }
  [[nodiscard]] std::size_t pending_events() const noexcept { return queued_; }
  [[nodiscard]] std::uint64_t events_run() const noexcept { return events_run_; }

 private:
  class LaneExecutor final : public io::Executor {
   public:
    LaneExecutor(Scheduler& scheduler, Lane lane) noexcept : scheduler_(scheduler), lane_(lane) {}
    void post(io::Task task) override { scheduler_.at(scheduler_.now_, std::move(task), lane_); }
    [[nodiscard]] bool inside() const noexcept override { return scheduler_.lane_ == lane_; }
    [[nodiscard]] std::unique_ptr<io::Timer> make_timer() override;

   private:
    Scheduler& scheduler_;
    Lane lane_;
  };
  // The client's loop: every task on its lane is a turn, and calls have turns in between.
  class TokenLoop final : public io::Loop {
   public:
    explicit TokenLoop(Scheduler& scheduler) noexcept : scheduler_(scheduler) {}
    void post(io::Task task) override { scheduler_.at(scheduler_.now_, std::move(task), Lane::loop); }
    [[nodiscard]] bool inside() const noexcept override { return scheduler_.lane_ == Lane::loop; }
    [[nodiscard]] std::unique_ptr<io::Timer> make_timer() override;
    void enter() override {
      before_ = std::exchange(scheduler_.lane_, Lane::loop);
      begin_turn();
    }
    void leave() override {
      end_turn();
      scheduler_.lane_ = before_;
    }
    void step_out() override {}  // there is nobody else to let in
    void step_in() override {}
    void leave_unfinished() override;
    void leave_aside(io::Aside& what) override;
    [[nodiscard]] bool enter_aside(const io::Aside& what) override;
    [[nodiscard]] bool on_io_thread() const noexcept override { return inside() || scheduler_.lane_ == Lane::notices; }
    // What the beginning and the end of every turn do, also of those that an event is.
    void begin_turn();
    void end_turn();

   private:
    Scheduler& scheduler_;
    Lane before_ = Lane::outside;
    io::Aside* aside_ = nullptr;
    bool telling_ = false;  // an event that tells is queued
  };
  class LaneTimer;
  class EventParker;
  class RunningTask;
  struct IsLater;

  enum class Kind : std::uint8_t { task, timer };

  // The heap moves these; tasks stay where they are.
  struct Entry {
    TimePoint when;
    std::uint64_t sequence;
    EventId event;
  };
  struct Slot {
    io::Task task;
    std::uint32_t generation = 1;
    Lane lane = Lane::world;
    Kind kind = Kind::task;
    bool queued = false;
  };

  EventId queue(TimePoint when, io::Task task, Lane lane, Kind kind);
  void push(TimePoint when, EventId event);
  Entry pop() noexcept;
  void run(EventId event);
  io::Task take(EventId event) noexcept;
  void forget_canceled() noexcept;
  void release_listeners();

  TokenLoop loop_{*this};
  LaneExecutor listeners_{*this, Lane::listeners};

  TimePoint now_ = start;
  Lane lane_ = Lane::outside;
  std::vector<Entry> heap_;  // may hold entries of canceled events
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::size_t queued_ = 0;
  std::uint64_t last_sequence_ = 0;
  std::uint64_t events_run_ = 0;
  std::uint64_t events_of_this_moment_ = 0;

  TimePoint stalled_until_{};
  bool listener_running_ = false;        // perhaps parked, with events running on top of it
  std::vector<EventId> held_listeners_;  // due, but that one is not done
  bool stopped_ = false;

  std::size_t armed_timers_ = 0;
  std::size_t live_timers_ = 0;
};

}  // namespace meridian::simulation
