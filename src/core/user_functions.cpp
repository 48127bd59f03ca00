// The extension points as functions: each wraps one in the class of its header.
#include <utility>

#include <meridian/failover_strategy.hpp>
#include <meridian/failure_detector.hpp>
#include <meridian/retry_rule.hpp>

namespace meridian {
namespace {

class StrategyFunction final : public FailoverStrategy {
 public:
  using Function = std::function<std::optional<std::size_t>(std::span<const DatabaseStatus>)>;
  explicit StrategyFunction(Function function) : function_(std::move(function)) {}
  std::optional<std::size_t> choose(std::span<const DatabaseStatus> candidates) override {
    return function_(candidates);
  }

 private:
  Function function_;
};

class DetectorFunction final : public FailureDetector {
 public:
  using Function = std::function<std::optional<std::string>(const ObservedAttempt&)>;
  explicit DetectorFunction(Function function) : function_(std::move(function)) {}
  std::optional<std::string> observe(const ObservedAttempt& attempt) override { return function_(attempt); }

 private:
  Function function_;
};

class RetryFunction final : public RetryRule {
 public:
  using Function = std::function<std::optional<Duration>(const FailedAttempt&)>;
  explicit RetryFunction(Function function) : function_(std::move(function)) {}
  std::optional<Duration> repeat_after(const FailedAttempt& attempt) override { return function_(attempt); }

 private:
  Function function_;
};

}  // namespace

std::shared_ptr<FailoverStrategy> failover_strategy(StrategyFunction::Function choose) {
  return std::make_shared<StrategyFunction>(std::move(choose));
}

std::shared_ptr<FailureDetector> failure_detector(DetectorFunction::Function observe) {
  return std::make_shared<DetectorFunction>(std::move(observe));
}

std::shared_ptr<RetryRule> retry_rule(RetryFunction::Function repeat_after) {
  return std::make_shared<RetryFunction>(std::move(repeat_after));
}

}  // namespace meridian
