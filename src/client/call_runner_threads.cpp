// How threads wait for their calls: they read the replies themselves, or sleep while somebody else does.
#include <utility>

#include "client/call_runner.hpp"

namespace meridian::client {

// Reads what the calls wait for as long as nobody else does, and sleeps while somebody else does. `led`: the connection
// that this thread has just read.
void CallRunner::wait(Waiter& waiter, std::span<const detail::EngineCall> calls, std::shared_ptr<database::Link> led) {
  ++waiting_threads_;
  note_caller();
  while (waiter.left > 0) {
    if (waiter.promised) take_up_promise(waiter, led);
    database::Link* const carrier = first_carrier(waiter, calls);
    if (led && led.get() != carrier) hand_on(led);
    if (carrier != nullptr && carrier->may_lead()) {
      if (!led) led = carrier->shared_from_this();
      using Writing = database::Link::Writing;
      const bool is_alone = waiting_threads_ == 1 && calls_again_;
      led->lead(gathering() ? Writing::later : is_alone ? Writing::alone : Writing::now);
      continue;
    }
    if (led) hand_on(led);
    sleep(waiter);
  }
  --waiting_threads_;
  if (waiter.counted) --answered_threads_;
  if (waiter.promised) take_up_promise(waiter, led);
  if (led) led->stop_leading();
}

// One of two threads that call in turn finds itself alone whenever the other is between two calls. If it then kept the
// loop while it writes, the other, which comes a moment later, would go to sleep over it.
void CallRunner::note_caller() noexcept {
  static thread_local const char here = 0;
  calls_again_ = std::exchange(last_caller_, &here) == &here;
}

// A promise that is not taken up would leave a connection without a reader.
void CallRunner::take_up_promise(Waiter& waiter, std::shared_ptr<database::Link>& led) {
  if (led && led != waiter.promised) led->stop_leading();
  led = std::exchange(waiter.promised, nullptr);
  led->accept_lead();
}

void CallRunner::hand_on(std::shared_ptr<database::Link>& led) { std::exchange(led, nullptr)->stop_leading(); }

void CallRunner::sleep(Waiter& waiter) {
  const std::shared_ptr<io::Parker> parker = world_.parking.make_parker();
  waiter.parked = parker.get();
  end_turn();
  parker->park();
  world_.loop.enter();
}

// Of the oldest call that is in line: one before it may wait for its next attempt. `calls` begins with the first that
// is not over. REQUIRES: there is one.
database::Link* CallRunner::first_carrier(const Waiter& waiter, std::span<const detail::EngineCall>& calls) noexcept {
  if (waiter.unit != nullptr && waiter.unit->carrier != nullptr) return waiter.unit->carrier;
  while (calls.front().outcome->under_way == nullptr) calls = calls.subspan(1);
  for (const detail::EngineCall& one : calls) {
    const auto* call = static_cast<const Call*>(one.outcome->under_way);
    if (call != nullptr && call->carrier != nullptr) return call->carrier;
  }
  return nullptr;
}

// Threads whose calls have just been answered are about to call again: what they and others ask for may as well go out
// in one write, which costs both ends less than many small ones. The last of them to come by ends the turn in full.
bool CallRunner::gathering() const noexcept { return answered_threads_ > 0 && waiting_threads_ > few_threads_; }

void CallRunner::end_turn() {
  if (gathering()) world_.loop.leave_unfinished();
  else world_.loop.leave();
}

void CallRunner::wake(Waiter& waiter) {
  if (waiter.parked != nullptr) world_.loop.wake(*std::exchange(waiter.parked, nullptr));
}

}  // namespace meridian::client
