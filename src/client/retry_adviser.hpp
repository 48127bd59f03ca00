// Asks the program's RetryRule about attempts that failed: on a thread of its own, since the rule may block. A call may
// be over before the rule has answered, so a question has a number, and so has its answer. On the loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <meridian/retry_rule.hpp>

#include "io/user_thread.hpp"

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

  RetryAdviser(io::World& world, std::shared_ptr<RetryRule> rule, OnAdvice on_advice);
  RetryAdviser(const RetryAdviser&) = delete;
  RetryAdviser& operator=(const RetryAdviser&) = delete;
  ~RetryAdviser() = default;  // as io::UserThread

  // The number of the question, > 0. Nothing: the rule is stuck, with many questions before this one.
  [[nodiscard]] std::optional<std::uint64_t> ask(FailedAttempt attempt);

  // No answer comes after this.
  void close() noexcept { thread_.close(); }

 private:
  const std::shared_ptr<RetryRule> rule_;
  const OnAdvice on_advice_;
  std::uint64_t last_question_ = 0;
  std::size_t open_ = 0;  // questions that are not answered
  io::UserThread thread_;
};

}  // namespace meridian::client
