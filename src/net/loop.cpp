// The loop: posted tasks share wake-ups, timers are safe against their own late handlers.
#include "net/loop.hpp"

#include <cstdint>
#include <memory>
#include <utility>

#include "net/steady_clock.hpp"

namespace meridian::net {
namespace {

// The loop that this thread is inside, if any.
thread_local const Loop* current_loop = nullptr;

// So many completions are told before what they asked for is written, and so many before it is seen whether that can
// wait: the server is not to wait for the last of them.
constexpr int notices_per_write = 128;
constexpr int notices_per_look = 16;

class LoopTimer final : public io::Timer {
 public:
  explicit LoopTimer(Loop& loop) : loop_(loop), timer_(loop.context()) {}
  LoopTimer(const LoopTimer&) = delete;
  LoopTimer& operator=(const LoopTimer&) = delete;
  ~LoopTimer() override { LoopTimer::cancel(); }

  void arm(TimePoint due, io::Task task) override {
    ++armed_->generation;
    const io::Task replaced = std::exchange(armed_->task, std::move(task));
    timer_.expires_at(to_steady(due));
    // Asio's cancelling comes too late for a handler whose time has come and that is already queued: the generation
    // keeps that one from running the task of a later arming.
    timer_.async_wait(loop_.in_turn([armed = armed_, generation = armed_->generation](const AsioError&) {
      if (armed->generation != generation) return;
      // Moved out first: the task may arm or destroy this very timer.
      const io::Task due_task = std::exchange(armed->task, nullptr);
      if (due_task) due_task();
    }));
  }

  void cancel() noexcept override {
    if (!armed_->task) return;
    ++armed_->generation;
    const io::Task dropped = std::exchange(armed_->task, nullptr);
    timer_.cancel();
  }

 private:
  struct Armed {
    std::uint64_t generation = 0;
    io::Task task;
  };

  Loop& loop_;
  SteadyTimer timer_;
  std::shared_ptr<Armed> armed_ = std::make_shared<Armed>();  // shared with handlers that outlive the timer
};

}  // namespace

Loop::Loop(std::shared_ptr<IoThread> thread) : thread_(std::move(thread)) { gate_->loop = this; }

Loop::~Loop() { stop(); }

void Loop::post(io::Task task) {
  {
    const std::lock_guard lock(posted_mutex_);
    if (stopped_) return;
    posted_.push_back(std::move(task));
    if (std::exchange(turn_is_due_, true)) return;
  }
  post_to(context(), in_turn([this] { run_posted(); }));
}

// Tasks are kept in a queue of our own: one turn runs many of them, and those that are dropped are destroyed at a known
// moment and not in the middle of the context's destructor.
void Loop::run_posted() {
  std::vector<io::Task> turn;
  {
    const std::lock_guard lock(posted_mutex_);
    turn.swap(posted_);
  }
  // What unfinished turns put off is done first: a task may destroy whose work it is.
  run_turn_ends();
  for (io::Task& task : turn) {
    if (stopped_.load(std::memory_order_relaxed)) return;
    std::exchange(task, nullptr)();
  }
  {
    const std::lock_guard lock(posted_mutex_);
    if (posted_.empty()) {
      turn_is_due_ = false;
      return;
    }
  }
  // Behind what the sockets have meanwhile made ready: tasks that post tasks must not starve them.
  post_to(context(), in_turn([this] { run_posted(); }));
}

bool Loop::inside() const noexcept { return current_loop == this; }

bool Loop::may_wait() const noexcept { return current_loop != this && !thread_->inside(); }

std::unique_ptr<io::Timer> Loop::make_timer() { return std::make_unique<LoopTimer>(*this); }

void Loop::enter() {
  step_in();
  ++turns_;
}

// Gives the token up for good, and wakes whom the turn has something for. The loop may be gone right after it.
void Loop::finish_turn() {
  io::WakeList wakes = take_wakes();
  if (--turns_ == 0 && stopping_) idle_.notify_all();
  step_out();
  wakes.unpark_all();
}

void Loop::leave() {
  // What the told ask for is written when a number of them have been told.
  const bool being_told = telling_ && on_io_thread();
  if (!being_told) {
    run_turn_ends();
    tell_notices_soon();
  }
  finish_turn();
}

void Loop::step_out() {
  current_loop = nullptr;
  gate_->token.unlock();
}

void Loop::step_in() {
  gate_->token.lock();
  current_loop = this;
  if (aside_ != nullptr) put_back();
}

void Loop::put_back() { std::exchange(aside_, nullptr)->put_back(); }

void Loop::leave_aside(io::Aside& what) {
  if (!has_nothing_left() || (turns_ == 1 && stopping_)) {
    what.put_back();
    return leave();
  }
  aside_ = &what;
  --turns_;
  step_out();
}

bool Loop::enter_aside(const io::Aside& what) {
  gate_->token.lock();
  current_loop = this;
  ++turns_;
  if (aside_ == &what) {
    aside_ = nullptr;
    return true;
  }
  if (aside_ != nullptr) put_back();
  return false;
}

bool Loop::begin_turn(Gate& gate) {
  gate.token.lock();
  if (gate.loop == nullptr) {
    gate.token.unlock();
    return false;
  }
  current_loop = gate.loop;
  ++gate.loop->turns_;
  if (gate.loop->aside_ != nullptr) gate.loop->put_back();
  return true;
}

void Loop::end_turn(Gate& gate) {
  Loop& loop = *gate.loop;
  loop.run_turn_ends();
  loop.tell_notices();
  loop.finish_turn();
}

// On the I/O thread, inside a turn, which it leaves and takes up again.
void Loop::tell_notices() {
  if (!has_notices()) return;
  telling_ = true;
  int told = 0;
  while (io::Notice* notices = take_notices(notices_per_look)) {
    io::WakeList wakes = take_wakes();
    time_of_telling_ = SteadyClock().now();
    tick_of_telling_ = SteadyClock::last_tick();
    step_out();
    wakes.unpark_all();
    tell_all(notices);
    step_in();
    release_all(notices);
    told += notices_per_look;
    if (told % notices_per_write == 0 || !has_notices()) run_turn_ends();
    else run_urgent_turn_ends(io::TurnEnd::Next::same_thread);
  }
  telling_ = false;
}

TimePoint Loop::time_of_asking(const io::Clock& clock) noexcept {
  if (!telling_ || !on_io_thread()) return clock.now();
  // Those who were told before may have taken their time, and a call's deadline counts from here.
  if (const TimePoint tick = SteadyClock::last_tick(); tick != tick_of_telling_) {
    tick_of_telling_ = tick;
    time_of_telling_ = SteadyClock().now();
  }
  return time_of_telling_;
}

void Loop::tell_notices_soon() {
  if (!has_notices() || std::exchange(telling_is_due_, true)) return;
  // The turn does nothing itself: its end tells.
  post_to(context(), in_turn([this] { telling_is_due_ = false; }));
}

void Loop::stop() {
  {
    const std::lock_guard lock(posted_mutex_);
    stopped_ = true;
  }
  {
    std::unique_lock lock(gate_->token);
    stopping_ = true;
    idle_.wait(lock, [this] { return turns_ == 0; });
    gate_->loop = nullptr;
  }
  std::vector<io::Task> dropped;
  const std::lock_guard lock(posted_mutex_);
  dropped.swap(posted_);
}

}  // namespace meridian::net
