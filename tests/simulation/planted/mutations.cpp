#include "simulation/planted/mutations.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>

#include "simulation/history/history.hpp"

namespace meridian::simulation {
namespace {

using core::Decision;

// A client that hangs is found by that.
constexpr unsigned longest_seconds = 300;

constexpr std::array all_mutations = {
    Mutation{Decision::repeat_when_in_doubt, "repeat_when_in_doubt", "whatever is in doubt is sent again"},
    Mutation{Decision::repeat_transaction, "repeat_transaction", "EXEC is sent again when in doubt"},
    Mutation{Decision::doubt_forgotten, "doubt_forgotten",
             "a call that may have run ends with its last attempt's word"},
    Mutation{Decision::split_pipeline, "split_pipeline", "a pipeline goes on where the client is"},
    Mutation{Decision::out_of_order, "out_of_order", "those that wait longest go last"},
    Mutation{Decision::budget_ignored, "budget_ignored", "repetitions cost nothing"},
    Mutation{Decision::verdict_not_awaited, "verdict_not_awaited", "what was refused is sent there again meanwhile"},
    Mutation{Decision::write_of_old_epoch, "write_of_old_epoch", "a connection of an old epoch goes on writing"},
    Mutation{Decision::never_retired, "never_retired", "a switch leaves the old connections alone"},
    Mutation{Decision::subscription_stays, "subscription_stays", "subscriptions stay where they are"},
    Mutation{Decision::late_result_counted, "late_result_counted", "results of an older epoch count"},
    Mutation{Decision::charged_to_the_active, "charged_to_the_active", "a failure counts against whoever is active"},
    Mutation{Decision::timeout_not_counted, "timeout_not_counted", "timeouts do not count"},
    Mutation{Decision::window_reset_by_success, "window_reset_by_success", "a success empties the window"},
    Mutation{Decision::suspicion_not_probed, "suspicion_not_probed", "nobody looks into a suspicion"},
    Mutation{Decision::verdict_kept_back, "verdict_kept_back", "calls that wait for a verdict are not told"},
    Mutation{Decision::trouble_elsewhere_moves, "trouble_elsewhere_moves", "trouble of any database moves the client"},
    Mutation{Decision::lasting_ignored, "lasting_ignored", "trouble that lasts opens no breaker"},
    Mutation{Decision::check_closes_breaker, "check_closes_breaker", "a passed check closes a breaker"},
    Mutation{Decision::start_without_heaviest, "start_without_heaviest", "the start takes one that is not decided"},
    Mutation{Decision::grace_ignored, "grace_ignored", "a database may return at once"},
    Mutation{Decision::grace_without_target, "grace_without_target", "grace begins with nowhere to go"},
    Mutation{Decision::hold_down_ignored, "hold_down_ignored", "flapping is not held down"},
    Mutation{Decision::unhealthy_chosen, "unhealthy_chosen", "failed checks do not matter for the choice"},
    Mutation{Decision::drained_chosen, "drained_chosen", "a drained database is chosen"},
    Mutation{Decision::lighter_chosen, "lighter_chosen", "the lightest is preferred"},
    Mutation{Decision::failback_without_trial, "failback_without_trial", "traffic goes home untried"},
    Mutation{Decision::failback_to_lighter, "failback_to_lighter", "any other database is a home"},
    Mutation{Decision::trial_without_write, "trial_without_write", "a writing client tries with a read only"},
    Mutation{Decision::half_open_for_ever, "half_open_for_ever", "a trial that failed is the last"},
    Mutation{Decision::rescue_never_scheduled, "rescue_never_scheduled", "nothing is tried while nothing is usable"},
    Mutation{Decision::pin_ignored, "pin_ignored", "what was chosen by hand is undone at once"},
    Mutation{Decision::freeze_ignored, "freeze_ignored", "a frozen client decides"},
};
static_assert(all_mutations.size() + 1 == static_cast<std::size_t>(Decision::count), "one is missing");

// "62488 ms: I8: server 3 has …" or "I2: executed …": the rule.
std::string rule_of(const std::string& violation) {
  std::size_t begin = 0;
  if (const std::size_t at = violation.find(" ms: "); at != std::string::npos && at < 12) begin = at + 5;
  const std::size_t end = violation.find(": ", begin);
  return violation.substr(begin, end == std::string::npos || end - begin > 10 ? 60 : end - begin);
}

std::string first_violation(std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const HistoryReport report = run_history(seed);
    if (!report.violations.empty()) return "seed " + std::to_string(seed) + ": " + rule_of(report.violations.front());
  }
  return "";
}

class FirstFailure final : public ::testing::EmptyTestEventListener {
 public:
  explicit FirstFailure(std::string& name) : name_(name) {}
  void OnTestEnd(const ::testing::TestInfo& test) override {
    if (name_.empty() && test.result()->Failed()) name_ = std::string(test.test_suite_name()) + "." + test.name();
  }

 private:
  std::string& name_;
};

std::string first_failing_test() {
  std::string name;
  GTEST_FLAG_SET(fail_fast, true);
  // Deleted by gtest, with the process.
  ::testing::UnitTest::GetInstance()->listeners().Append(new FirstFailure(name));
  if (RUN_ALL_TESTS() != 0 && name.empty()) name = "something outside any test";
  return name;
}

void say(int pipe, const std::string& line) {
  const std::string text = line + '\n';
  static_cast<void>(!::write(pipe, text.data(), text.size()));
}

[[noreturn]] void be_the_client(Decision planted, std::uint64_t seeds, int pipe) {
  const int nowhere = ::open("/dev/null", O_WRONLY);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  ::alarm(longest_seconds);
  core::planted_bug = planted;
  say(pipe, first_violation(seeds));
  say(pipe, first_failing_test());
  ::_exit(0);
}

}  // namespace

std::span<const Mutation> mutations() noexcept { return all_mutations; }

Finding look_for(Decision planted, std::uint64_t seeds) {
  const auto began = std::chrono::steady_clock::now();
  std::array<int, 2> ends{};
  Finding finding;
  if (::pipe(ends.data()) != 0) return finding;
  const pid_t child = ::fork();
  if (child == 0) be_the_client(planted, seeds, ends[1]);
  ::close(ends[1]);
  std::string told;
  std::array<char, 512> some{};
  for (ssize_t got = 0; (got = ::read(ends[0], some.data(), some.size())) > 0;)
    told.append(some.data(), static_cast<std::size_t>(got));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  const std::size_t line = told.find('\n');
  finding.history = line == std::string::npos ? "it ended the process" : told.substr(0, line);
  if (line != std::string::npos) {
    const std::size_t end = told.find('\n', line + 1);
    finding.test = end == std::string::npos ? "it ended the process" : told.substr(line + 1, end - line - 1);
  }
  finding.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return finding;
}

}  // namespace meridian::simulation
