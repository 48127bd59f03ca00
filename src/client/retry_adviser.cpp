#include "client/retry_adviser.hpp"

#include <utility>

namespace meridian::client {
namespace {

// A rule that never returns is to cost no more memory than this.
constexpr std::size_t most_open = 1000;

Advice ask_rule(RetryRule& rule, const FailedAttempt& attempt) {
  try {
    return {.wait = rule.repeat_after(attempt)};
  } catch (...) {  // the program's own failure; the policy decides
    return {.passed_over = true};
  }
}

}  // namespace

RetryAdviser::RetryAdviser(io::World& world, std::shared_ptr<RetryRule> rule, OnAdvice on_advice)
    : desk_(std::make_shared<Desk>()), executor_(world.executors.make()) {
  desk_->rule = std::move(rule);
  desk_->loop = &world.loop;
  desk_->on_advice = std::move(on_advice);
}

RetryAdviser::~RetryAdviser() = default;

std::optional<std::uint64_t> RetryAdviser::ask(FailedAttempt attempt) {
  if (desk_->open >= most_open) return std::nullopt;
  ++desk_->open;
  const std::uint64_t question = ++last_question_;
  executor_->post([desk = desk_, question, attempt = std::move(attempt)] { answer(desk, question, attempt); });
  return question;
}

void RetryAdviser::answer(const std::shared_ptr<Desk>& desk, std::uint64_t question, const FailedAttempt& attempt) {
  {
    const std::lock_guard lock(desk->mutex);
    if (desk->loop == nullptr) return;
  }
  const Advice advice = ask_rule(*desk->rule, attempt);
  --desk->open;
  const std::lock_guard lock(desk->mutex);
  if (desk->loop == nullptr) return;
  desk->loop->post([desk, question, advice] {
    if (desk->on_advice) desk->on_advice(question, advice);
  });
}

void RetryAdviser::close() noexcept {
  desk_->on_advice = nullptr;
  const std::lock_guard lock(desk_->mutex);
  desk_->loop = nullptr;
}

}  // namespace meridian::client
