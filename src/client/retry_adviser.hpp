// Asks the program's RetryRule about attempts that failed: on an executor of its own, since the rule may block. A call
// may be over before the rule has answered, so a question has a number, and so has its answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include <meridian/retry_rule.hpp>

#include "io/world.hpp"

namespace meridian::client {

// How long a rule may take to answer.
inline constexpr Duration longest_advice = std::chrono::milliseconds(100);

// What the rule said.
struct Advice {
  bool passed_over = false;        // it threw: what follows does not count
  std::optional<Duration> wait{};  // before the next attempt; nothing: there is to be none
};

class RetryAdviser {
 public:
  using OnAdvice = std::function<void(std::uint64_t question, const Advice& advice)>;

  // `on_advice` is called on the loop.
  RetryAdviser(io::World& world, std::shared_ptr<RetryRule> rule, OnAdvice on_advice);
  RetryAdviser(const RetryAdviser&) = delete;
  RetryAdviser& operator=(const RetryAdviser&) = delete;
  // Waits for the rule if it is at work, unless it is the rule that destroys this. REQUIRES: closed; not inside a turn,
  // for which the rule may be waiting.
  ~RetryAdviser();

  // The number of the question, > 0. Nothing: the rule is stuck, with many questions before this one. On the loop.
  [[nodiscard]] std::optional<std::uint64_t> ask(FailedAttempt attempt);

  // No answer comes after this. On the loop.
  void close() noexcept;

 private:
  // The rule's thread may outlive the adviser; what it touches then is this.
  struct Desk {
    std::shared_ptr<RetryRule> rule;
    std::mutex mutex;
    io::Loop* loop;                   // under mutex; null: closed
    OnAdvice on_advice;               // on the loop; empty: closed
    std::atomic<std::size_t> open{};  // questions that are not answered
  };

  static void answer(const std::shared_ptr<Desk>& desk, std::uint64_t question, const FailedAttempt& attempt);

  std::shared_ptr<Desk> desk_;
  std::uint64_t last_question_ = 0;
  std::unique_ptr<io::Executor> executor_;
};

}  // namespace meridian::client
