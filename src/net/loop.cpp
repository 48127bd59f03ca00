// The loop: posted tasks share wake-ups, timers are safe against their own late handlers.
#include "net/loop.hpp"

#include <cstdint>
#include <memory>
#include <utility>

#include "net/thread.hpp"

namespace meridian::net {
namespace {

// Which loop's thread this is, if any.
thread_local const Loop* current_loop = nullptr;

class LoopTimer final : public io::Timer {
 public:
  explicit LoopTimer(Context& context) : timer_(context) {}
  LoopTimer(const LoopTimer&) = delete;
  LoopTimer& operator=(const LoopTimer&) = delete;
  ~LoopTimer() override { LoopTimer::cancel(); }

  void arm(TimePoint due, io::Task task) override {
    ++armed_->generation;
    const io::Task replaced = std::exchange(armed_->task, std::move(task));
    timer_.expires_at(to_steady(due));
    // Asio's cancelling comes too late for a handler whose time has come and that is already queued: the generation
    // keeps that one from running the task of a later arming.
    timer_.async_wait([armed = armed_, generation = armed_->generation](const AsioError&) {
      if (armed->generation != generation) return;
      // Moved out first: the task may arm or destroy this very timer.
      const io::Task due_task = std::exchange(armed->task, nullptr);
      if (due_task) due_task();
    });
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

  SteadyTimer timer_;
  std::shared_ptr<Armed> armed_ = std::make_shared<Armed>();  // shared with handlers that outlive the timer
};

}  // namespace

// One thread runs the context, which Asio may know.
Loop::Loop() : context_(1), keep_running_(context_.get_executor()) {
  // Asio opens its own descriptors with the first socket. Here a lack of them can still be reported; later it would
  // come as an exception in the middle of connecting.
  { const TcpSocket first(context_); }
  thread_ = start_thread("meridian-io", [this] { run(); });
}

Loop::~Loop() { stop(); }

void Loop::run() {
  current_loop = this;
  context_.run();
}

void Loop::post(io::Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_.load(std::memory_order_relaxed)) return;
    posted_.push_back(std::move(task));
    if (std::exchange(turn_is_due_, true)) return;
  }
  post_to(context_, [this] { run_posted(); });
}

// Tasks are kept in a queue of our own: one wake-up carries many of them, and those that are dropped are destroyed at a
// known moment and not in the middle of the context's destructor.
void Loop::run_posted() {
  std::vector<io::Task> turn;
  {
    const std::lock_guard lock(mutex_);
    turn.swap(posted_);
  }
  for (io::Task& task : turn) {
    if (stopped_.load(std::memory_order_relaxed)) return;
    std::exchange(task, nullptr)();
  }
  {
    const std::lock_guard lock(mutex_);
    if (posted_.empty()) {
      turn_is_due_ = false;
      return;
    }
  }
  // Behind what the sockets have meanwhile made ready: tasks that post tasks must not starve them.
  post_to(context_, [this] { run_posted(); });
}

bool Loop::inside() const noexcept { return current_loop == this; }

std::unique_ptr<io::Timer> Loop::make_timer() { return std::make_unique<LoopTimer>(context_); }

void Loop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_.store(true, std::memory_order_relaxed);
  }
  context_.stop();
  if (thread_.joinable()) thread_.join();
  std::vector<io::Task> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(posted_);
}

}  // namespace meridian::net
