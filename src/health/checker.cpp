#include "health/checker.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/server_text.hpp"

namespace meridian::health {

namespace {

// What the check wants to send, or why that is not possible.
struct Asked {
  Request request;
  std::string wrong;
};

Asked ask(const HealthCheck& check) {
  try {
    Request request = check.probe();
    // The connection that carries probes may carry commands after a switch.
    if (request.bytes.empty() || request.traits.needs_own_connection) {
      return {{}, "probe() made a command that blocks, changes its connection, or is empty"};
    }
    return {std::move(request), {}};
  } catch (const std::exception& thrown) {
    return {{}, std::string("probe() threw: ") + thrown.what()};
  } catch (...) {
    return {{}, "probe() threw"};
  }
}

std::string describe(const Reply& reply) {
  const auto text = reply.as_string();
  return text ? core::escape_server_text(*text) : std::string(to_string(reply.type()));
}

// What is wrong with the reply; nothing: it is what a healthy database says.
std::optional<std::string> judge(const HealthCheck& check, const Reply& reply) {
  try {
    if (check.is_healthy(reply.view())) return std::nullopt;
    return "answered " + describe(reply);
  } catch (const std::exception& thrown) {
    return std::string("is_healthy() threw: ") + thrown.what();
  } catch (...) {
    return "is_healthy() threw";
  }
}

}  // namespace

// Probe after probe until the policy is decided.
class Checker::Run {
 public:
  Run(Checker& checker, std::size_t index, Duration delay)
      : checker_(checker),
        settings_(checker.settings_),
        check_(settings_->checks[index]),
        index_(index),
        delay_(delay),
        timer_(checker.world_.loop.make_timer()) {}

  void probe() {
    exchange_.reset();
    patience_ = core::Patience(now(), share());
    timer_->arm(patience_.due(), [this] { on_timer(); });
    consult([](const HealthCheck& check) { return ask(check); }, [this](Asked asked) { send(std::move(asked)); });
  }

  // Ends it without a verdict; it is destroyed later.
  void stop() noexcept {
    timer_->cancel();
    exchange_.reset();
    question_.reset();
  }

 private:
  // Asks the check's own code: here, if that never blocks, else on the thread for such code. An answer that comes when
  // nobody waits for it any more is dropped.
  template <class Question, class Then>
  void consult(Question question, Then then) {
    if (check_->is_immediate()) return then(question(*check_));
    if (!checker_.consulted_.insert(check_.get()).second)
      return failed("its code has not returned since an earlier probe");
    question_ = std::make_shared<bool>(true);
    if (!checker_.user_thread_) checker_.user_thread_ = std::make_unique<io::UserThread>(checker_.world_);
    checker_.user_thread_->run([checker = &checker_, check = check_, question = std::move(question),
                                awaited = std::weak_ptr<bool>(question_), then = std::move(then)] {
      auto answer = std::make_shared<decltype(question(*check))>(question(*check));
      return io::Task([=] {
        checker->consulted_.erase(check.get());
        if (!awaited.expired()) then(std::move(*answer));
      });
    });
  }

  void send(Asked asked) {
    if (!asked.wrong.empty()) return failed(asked.wrong);
    const auto done = [this](const Exchange::Outcome& outcome) { on_outcome(outcome); };
    database::Database& database = checker_.database_;
    exchange_ = database.check_connection() != nullptr
                    ? Exchange::on_standing(checker_.world_, database, std::move(asked.request), done)
                    : Exchange::on_fresh(checker_.world_, database, std::move(asked.request), done);
  }

  [[nodiscard]] TimePoint now() const { return checker_.world_.clock.now(); }

  // The whole check has `timeout`; what the delays leave of it is shared by the probes.
  [[nodiscard]] Duration share() const {
    const CheckerSettings& s = *settings_;
    return (s.timeout - s.probes_delay * (s.probes - 1)) / s.probes;
  }

  void on_outcome(const Exchange::Outcome& outcome) {
    if (!outcome.reply) {
      // faults.md row 19: nothing left on this machine says nothing about the database. Only the start has to end.
      if (outcome.end.code == ErrorCode::local_resource && checker_.has_decided_) return give_up_the_round();
      return failed(outcome.end.message);
    }
    consult([reply = *outcome.reply](const HealthCheck& check) { return judge(check, reply); },
            [this](const std::optional<std::string>& wrong) {
              if (wrong) failed(*wrong);
              else count(true, {});
            });
  }

  void on_timer() {
    if (exchange_) exchange_->look();
    if (counted_) return;  // answered at the last look; what follows is scheduled
    if (!patience_.is_over(now())) {
      timer_->arm(patience_.due(), [this] { on_timer(); });
      return;
    }
    exchange_.reset();  // a late answer is none
    failed("no answer within the probe's share of health_check_timeout");
  }

  void give_up_the_round() {
    counted_ = true;
    timer_->arm(now(), [this] { checker_.end_round(); });
  }

  void failed(const std::string& why) { count(false, std::string(check_->name()) + ": " + why); }

  // Goes on from a task of its own: the connection that brought the outcome is on the stack now.
  void count(bool passed, const std::string& evidence) {
    counted_ = true;
    question_.reset();
    ++(passed ? passed_ : failed_);
    if (!passed) evidence_ = evidence;
    const auto decided = verdict(settings_->policy, settings_->probes, passed_, failed_);
    const TimePoint when = decided ? now() : now() + delay_;
    timer_->arm(when, [this, decided] {
      counted_ = false;
      if (decided) checker_.on_run_decided(index_, *decided, evidence_);
      else probe();
    });
    if (!passed) checker_.listener_.on_probe_failed(checker_, evidence_);
  }

  Checker& checker_;
  const std::shared_ptr<const CheckerSettings> settings_;  // as they were when the round began
  const std::shared_ptr<const HealthCheck> check_;
  const std::size_t index_;
  const Duration delay_;
  std::unique_ptr<io::Timer> timer_;
  std::unique_ptr<Exchange> exchange_;
  std::shared_ptr<bool> question_;  // to the check's code, as long as its answer is awaited
  core::Patience patience_;
  std::string evidence_;
  int passed_ = 0;
  int failed_ = 0;
  bool counted_ = false;
};

Checker::Checker(io::World& world, database::Database& database, CheckerSettings settings, Listener& listener)
    : world_(world),
      database_(database),
      settings_(std::make_shared<const CheckerSettings>(std::move(settings))),
      listener_(listener),
      timer_(world.loop.make_timer()) {}

Checker::~Checker() = default;

void Checker::start() { begin_round(Duration::zero()); }

void Checker::run_now() {
  if (!in_round_) begin_round(settings_->probes_delay);
}

void Checker::begin_round(Duration delay) {
  if (settings_->checks.empty()) return;
  in_round_ = true;
  passed_ = 0;
  next_round_ = world_.clock.now() + world_.random.jittered(settings_->interval, 0.1);
  timer_->cancel();
  for (std::size_t i = 0; i < settings_->checks.size(); ++i) runs_.push_back(std::make_unique<Run>(*this, i, delay));
  for (const auto& run : runs_) run->probe();
}

void Checker::on_run_decided(std::size_t, bool healthy, const std::string& evidence) {
  if (healthy && ++passed_ < runs_.size()) return;
  has_decided_ = true;
  end_round();
  listener_.on_round_decided(*this, healthy, healthy ? std::string() : evidence);
}

void Checker::add(std::shared_ptr<const HealthCheck> check) {
  auto settings = std::make_shared<CheckerSettings>(*settings_);
  HealthChecks& checks = settings->checks;
  const auto same =
      std::find_if(checks.begin(), checks.end(), [&](const auto& other) { return other->name() == check->name(); });
  if (same == checks.end()) checks.push_back(std::move(check));
  else *same = std::move(check);
  settings_ = std::move(settings);
}

void Checker::reconfigure(CheckerSettings settings) {
  settings.checks = settings_->checks;
  settings_ = std::make_shared<const CheckerSettings>(std::move(settings));
}

void Checker::stop() {
  timer_->cancel();
  in_round_ = true;  // nothing starts another
  discard_runs();
  if (user_thread_) user_thread_->close();
}

// They are destroyed by a later task, because one of them may be running.
void Checker::discard_runs() {
  for (const auto& run : runs_) run->stop();
  world_.loop.post([runs = std::make_shared<std::vector<std::unique_ptr<Run>>>(std::exchange(runs_, {}))] {});
}

void Checker::end_round() {
  in_round_ = false;
  // The other checks of a failed round stop here. The one that decided is running now: a later task frees them.
  timer_->arm(std::max(next_round_, world_.clock.now()), [this] { begin_round(settings_->probes_delay); });
  discard_runs();
}

}  // namespace meridian::health
