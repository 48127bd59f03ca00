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
    : rule_(std::move(rule)), on_advice_(std::move(on_advice)), thread_(world) {}

std::optional<std::uint64_t> RetryAdviser::ask(FailedAttempt attempt) {
  if (open_ >= most_open) return std::nullopt;
  ++open_;
  const std::uint64_t question = ++last_question_;
  thread_.run([this, rule = rule_, question, attempt = std::move(attempt)] {
    const Advice advice = ask_rule(*rule, attempt);
    return io::Task([this, question, advice] {
      --open_;
      on_advice_(question, advice);
    });
  });
  return question;
}

}  // namespace meridian::client
