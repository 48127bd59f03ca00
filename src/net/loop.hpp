// The loop of a client on the real world: a mutex that its I/O thread takes for each event and calling threads take for
// their calls (io/loop.hpp). Several loops may share one I/O thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "io/loop.hpp"
#include "net/io_thread.hpp"
#include "net/token.hpp"

namespace meridian::net {

// Timers, streams and attempts of a loop are destroyed inside it, or after `stop`.
class Loop final : public io::Loop {
 public:
  // With an I/O thread of its own. Throws std::system_error if the system has no thread or descriptor left.
  Loop() : Loop(std::make_shared<IoThread>()) {}
  explicit Loop(std::shared_ptr<IoThread> thread);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  // Stops. REQUIRES: not inside, not on the I/O thread.
  ~Loop() override;

  // An exception that leaves a task is a bug and ends the program.
  void post(io::Task task) override;
  [[nodiscard]] bool inside() const noexcept override;
  [[nodiscard]] std::unique_ptr<io::Timer> make_timer() override;

  void enter() override;
  void leave() override;
  void step_out() override;
  void step_in() override;
  void leave_unfinished() override {
    run_urgent_turn_ends(io::TurnEnd::Next::other_thread);
    finish_turn();
  }
  void leave_aside(io::Aside& what) override;
  [[nodiscard]] bool enter_aside(const io::Aside& what) override;
  [[nodiscard]] bool on_io_thread() const noexcept override { return thread_->inside(); }
  [[nodiscard]] bool may_wait() const noexcept override;
  [[nodiscard]] bool on_any_io_thread() const noexcept override { return IoThread::inside_any(); }

  [[nodiscard]] TimePoint time_of_asking(const io::Clock& clock) noexcept override;
  void tell_unattended() override { thread_->poll(); }

  // Lets the running turn and what it tells finish and drops all other tasks: nothing runs afterwards. Idempotent.
  // REQUIRES: not inside, not on the I/O thread.
  void stop();

  // For the parts of this floor that wait on sockets. Their handlers come from Asio on the I/O thread, perhaps when the
  // loop is gone: `in_turn(f)` makes one that runs `f` in a turn, and not at all once the loop was stopped.
  [[nodiscard]] Context& context() noexcept { return thread_->context(); }
  [[nodiscard]] const std::shared_ptr<IoThread>& io_thread() const noexcept { return thread_; }
  template <class Function>
  [[nodiscard]] auto in_turn(Function function) {
    return [gate = gate_, function = std::move(function)](auto&&... args) mutable {
      if (!begin_turn(*gate)) return;
      function(std::forward<decltype(args)>(args)...);
      end_turn(*gate);
    };
  }

 private:
  // What outlives the loop, for late handlers. The token guards everything that lives on the loop.
  struct Gate {
    Token token;
    Loop* loop = nullptr;  // under token; null once stopped
  };

  [[nodiscard]] static bool begin_turn(Gate& gate);
  static void end_turn(Gate& gate);
  void finish_turn();
  void put_back();
  void run_posted();
  void tell_notices();
  void tell_notices_soon();

  const std::shared_ptr<IoThread> thread_;
  const std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();

  // Under the token.
  io::Aside* aside_ = nullptr;
  bool telling_ = false;  // the I/O thread is telling notices, outside its turns
  TimePoint time_of_telling_{};
  TimePoint tick_of_telling_{};
  bool telling_is_due_ = false;  // a handler that will is queued
  int turns_ = 0;                // under way, those that have stepped out included
  bool stopping_ = false;
  std::condition_variable_any idle_;  // no turn is under way any more

  std::mutex posted_mutex_;
  std::vector<io::Task> posted_;      // under posted_mutex_
  bool turn_is_due_ = false;          // under posted_mutex_: run_posted is queued or running
  std::atomic<bool> stopped_{false};  // written under posted_mutex_
};

}  // namespace meridian::net
