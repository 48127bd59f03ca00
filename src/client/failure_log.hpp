// Collects calls that failed into one `CommandsFailed` event per database, epoch and 100 ms: a dead region fails
// thousands of calls, and listeners need the fact, not each of them.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <meridian/events.hpp>

#include "io/executor.hpp"

namespace meridian::client {

class FailureLog {
 public:
  FailureLog(io::Executor& loop, std::function<void(CommandsFailed)> tell)
      : timer_(loop.make_timer()), tell_(std::move(tell)) {}

  void add(const Error& error, TimePoint now) {
    if (open_ && (open_->database != error.database() || open_->epoch != error.epoch())) flush();
    if (!open_) {
      open_.emplace();
      open_->database = error.database();
      open_->epoch = error.epoch();
      timer_->arm(now + std::chrono::milliseconds(100), [this] { flush(); });
    }
    if (error.delivery() == Delivery::not_sent) ++open_->not_sent;
    if (error.delivery() == Delivery::rejected) ++open_->rejected;
    if (error.delivery() == Delivery::in_doubt) ++open_->in_doubt;
    open_->last_code = error.code();
    open_->last_error = error.what();
  }

  void flush() {
    timer_->cancel();
    if (auto collected = std::exchange(open_, std::nullopt)) tell_(std::move(*collected));
  }

 private:
  std::unique_ptr<io::Timer> timer_;
  std::function<void(CommandsFailed)> tell_;
  std::optional<CommandsFailed> open_;
};

}  // namespace meridian::client
