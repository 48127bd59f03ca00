// The loop of a client: the place where everything that is not thread-safe lives. It is a token rather than a thread.
// Its I/O thread takes it for each event (a turn); a calling thread takes it, too, and is the loop meanwhile, so that a
// call costs no hop to another thread. Turns are short: nothing blocks inside one, and no user code runs in one.
#pragma once

#include <utility>

#include "io/clock.hpp"
#include "io/executor.hpp"
#include "io/parker.hpp"

namespace meridian::io {

class Loop;

// Work that is put off to the end of the turn, so that many share it: the writing of a connection.
class TurnEnd {
 public:
  TurnEnd() noexcept = default;
  TurnEnd(const TurnEnd&) = delete;
  TurnEnd& operator=(const TurnEnd&) = delete;

  // Whose the next turn is: another thread's, or again of this one, which is telling notices.
  enum class Next { other_thread, same_thread };

 protected:
  virtual ~TurnEnd() = default;

  // Inside the turn. May `step_out` and `step_in` in between.
  virtual void end_turn() = 0;

  // There is no harm in leaving it to the next turn, which comes very soon.
  [[nodiscard]] virtual bool can_wait(Next) const noexcept { return true; }

 private:
  friend class Loop;
  TurnEnd* next_ = nullptr;
  bool due_ = false;
};

// News for user code: runs on the loop's I/O thread outside any turn, so that it may use the client.
class Notice {
 public:
  Notice() noexcept = default;
  Notice(const Notice&) = delete;
  Notice& operator=(const Notice&) = delete;

 protected:
  virtual ~Notice() = default;

  virtual void tell() noexcept = 0;

  // In a later turn, after `tell`: the notice is nobody's any more.
  virtual void told() noexcept = 0;

 private:
  friend class Loop;
  Notice* next_ = nullptr;
};

// What a thread keeps to itself from one turn of its own to the next, as long as nobody else has one. `put_back` leaves
// everything as if it had never been set aside.
class Aside {
 public:
  Aside() noexcept = default;
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  // Inside a turn.
  virtual void put_back() noexcept = 0;

 protected:
  virtual ~Aside() = default;
};

class Loop : public Executor {
 public:
  // From `enter` to `leave` this thread is the loop: `inside()` is true. `enter` waits while another thread is inside.
  // REQUIRES: not inside.
  virtual void enter() = 0;
  // Ends the turn: what was put off to its end is done, then parked threads are woken.
  virtual void leave() = 0;

  // Gives the loop away in the middle of a turn, for one short system call, and takes it back. Others have turns of
  // their own meanwhile.
  virtual void step_out() = 0;
  virtual void step_in() = 0;

  // Ends the turn, but leaves what was put off to its end and can wait to the next turn. REQUIRES: there will be one
  // very soon.
  virtual void leave_unfinished() = 0;

  // As `leave`, and `what` is set aside: the next turn of anybody begins with `what.put_back()`, unless it is begun by
  // `enter_aside(what)`. One thing at a time.
  virtual void leave_aside(Aside& what) = 0;

  // As `enter`. True: `what` is still set aside and is this turn's own, which leaves it aside or puts it back.
  [[nodiscard]] virtual bool enter_aside(const Aside& what) = 0;

  // This is the I/O thread, inside a turn or not: a call that blocks here would wait for itself.
  [[nodiscard]] virtual bool on_io_thread() const noexcept = 0;

  // This thread may wait for what the loop does: it is neither the I/O thread nor inside a turn.
  [[nodiscard]] virtual bool may_wait() const noexcept { return !on_io_thread() && !inside(); }

  // This is the I/O thread of some loop.
  [[nodiscard]] virtual bool on_any_io_thread() const noexcept { return on_io_thread(); }

  // The present. To a tick of the kernel's clock (10 ms at most) for what is asked for on the I/O thread while it is
  // telling: that is cheaper than a look at the exact clock for each. Inside a turn.
  [[nodiscard]] virtual TimePoint time_of_asking(const Clock& clock) noexcept { return clock.now(); }

  // Tells what is to be told if nobody is at work on the I/O thread (a program's own, that is away).
  virtual void tell_unattended() {}

  // The rest: only inside a turn.

  // Calls `work.end_turn()` when the turn ends; once, however often it is asked for. `work` stays until then.
  void at_turn_end(TurnEnd& work) noexcept {
    if (std::exchange(work.due_, true)) return;
    work.next_ = nullptr;
    (last_end_ != nullptr ? last_end_->next_ : first_end_) = &work;
    last_end_ = &work;
  }

  // Does now what was put off so far.
  void run_turn_ends() {
    while (first_end_ != nullptr) {
      TurnEnd& work = *first_end_;
      first_end_ = work.next_;
      if (first_end_ == nullptr) last_end_ = nullptr;
      work.due_ = false;
      work.end_turn();
    }
  }

  // The same for what cannot wait.
  void run_urgent_turn_ends(TurnEnd::Next next) {
    TurnEnd* before = nullptr;
    for (TurnEnd* work = first_end_; work != nullptr; work = before != nullptr ? before->next_ : first_end_) {
      if (work->can_wait(next)) {
        before = work;
        continue;
      }
      (before != nullptr ? before->next_ : first_end_) = work->next_;
      if (last_end_ == work) last_end_ = before;
      work->due_ = false;
      work->end_turn();
      before = nullptr;  // others may have had turns: from the beginning
    }
  }

  // Tells `notice` soon; in order.
  void announce(Notice& notice) noexcept {
    notice.next_ = nullptr;
    (last_notice_ != nullptr ? last_notice_->next_ : first_notice_) = &notice;
    last_notice_ = &notice;
  }

  // Unparks when the turn has ended: who is woken would only wait for it.
  void wake(Parker& parker) noexcept { wakes_.add(parker); }

 protected:
  // For those who make loops; inside a turn.
  [[nodiscard]] bool has_notices() const noexcept { return first_notice_ != nullptr; }
  [[nodiscard]] bool has_nothing_left() const noexcept {
    return first_end_ == nullptr && first_notice_ == nullptr && wakes_.empty();
  }
  [[nodiscard]] WakeList take_wakes() noexcept { return std::exchange(wakes_, {}); }

  // Up to `most` notices, to be given to `tell_all` outside the turn and then to `release_all` inside one.
  [[nodiscard]] Notice* take_notices(int most) noexcept {
    Notice* const first = first_notice_;
    Notice* last = first;
    for (int count = 1; last != nullptr && last->next_ != nullptr && count < most; ++count) last = last->next_;
    if (last == nullptr) return nullptr;
    first_notice_ = std::exchange(last->next_, nullptr);
    if (first_notice_ == nullptr) last_notice_ = nullptr;
    return first;
  }
  static void tell_all(Notice* first) noexcept {
    for (Notice* notice = first; notice != nullptr; notice = notice->next_) notice->tell();
  }
  static void release_all(Notice* first) noexcept {
    while (first != nullptr) std::exchange(first, first->next_)->told();
  }

 private:
  TurnEnd* first_end_ = nullptr;
  TurnEnd* last_end_ = nullptr;
  Notice* first_notice_ = nullptr;
  Notice* last_notice_ = nullptr;
  WakeList wakes_;
};

// One turn on the calling thread. Inside a turn it adds nothing.
class Turn {
 public:
  explicit Turn(Loop& loop) : loop_(loop), entered_(!loop.inside()) {
    if (entered_) loop_.enter();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (entered_) loop_.leave();
  }

 private:
  Loop& loop_;
  const bool entered_;
};

}  // namespace meridian::io
