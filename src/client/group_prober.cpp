// A probe's time is watched on the loop, whatever its thread does.
#include "client/group_prober.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "core/cannot_serve.hpp"

namespace meridian::client {

using core::ProbeKind;
using core::ProbeReport;
using core::ProbeVerdict;

namespace {

ProbeReport report_of(const ExceptionMeaning& meaning, std::string text) {
  ProbeVerdict verdict = ProbeVerdict::failed;
  if (meaning.code == ErrorCode::connect_refused) verdict = ProbeVerdict::refused;
  if (meaning.code == ErrorCode::local_resource) verdict = ProbeVerdict::local;
  if (meaning.code == ErrorCode::no_permission) verdict = ProbeVerdict::not_permitted;
  if (core::is_cannot_serve(meaning.code)) verdict = ProbeVerdict::cannot_serve;
  if (meaning.code == ErrorCode::timed_out || meaning.code == ErrorCode::connect_timeout) {
    verdict = ProbeVerdict::unanswered;
  }
  return {verdict, meaning.code, std::move(text), {}};
}

ProbeReport run_probe(const std::function<bool()>& probe, const Classify& classify) {
  try {
    if (probe()) return {ProbeVerdict::answered, ErrorCode::server_error, {}, {}};
    return {ProbeVerdict::failed, ErrorCode::connection_lost, "the probe returned false", {}};
  } catch (...) {
    const std::exception_ptr thrown = std::current_exception();
    return report_of(meaning_of(classify, thrown), "the probe threw: " + text_of(thrown));
  }
}

}  // namespace

struct GroupProber::Question {
  Question(io::World& world, ProbeKind what, Duration timeout, Done whom)
      : kind(what), patience(world.clock.now(), timeout), done(std::move(whom)), timer(world.loop.make_timer()) {}

  ProbeKind kind;
  core::Patience patience;
  Done done;
  std::unique_ptr<io::Timer> timer;
};

// Shared with the thread, whose news may still be on its way to the loop.
struct GroupProber::Visit {
  std::mutex mutex;
  bool has_begun = false;             // under mutex
  std::optional<ProbeReport> report;  // under mutex; of a probe that has returned
  // On the loop.
  Question* question = nullptr;  // null: it did not wait for so long
  TimePoint began{};

  void begin() {
    const std::lock_guard lock(mutex);
    has_begun = true;
  }
  void end(ProbeReport what) {
    const std::lock_guard lock(mutex);
    report = std::move(what);
  }
  [[nodiscard]] bool has_a_thread() {
    const std::lock_guard lock(mutex);
    return has_begun;
  }
  [[nodiscard]] std::optional<ProbeReport> look() {
    const std::lock_guard lock(mutex);
    return report;
  }
};

GroupProber::GroupProber(io::World& world, std::function<bool()> probe, std::function<bool()> write_probe,
                         std::shared_ptr<const Classify> classify)
    : world_(world),
      probe_(std::move(probe)),
      write_probe_(std::move(write_probe)),
      classify_(std::move(classify)),
      thread_(world) {}

GroupProber::~GroupProber() = default;

const std::function<bool()>& GroupProber::probe_of(ProbeKind kind) const noexcept {
  switch (kind) {
    case ProbeKind::ping: return probe_;
    case ProbeKind::write: return write_probe_ ? write_probe_ : probe_;  // better than not to ask
    case ProbeKind::large: return none_;
  }
  return none_;
}

void GroupProber::ask(ProbeKind kind, Duration timeout, Done done) {
  Question& question = *questions_.emplace_back(std::make_unique<Question>(world_, kind, timeout, std::move(done)));
  if (!probe_of(kind)) {
    const ProbeReport nothing{ProbeVerdict::not_permitted, ErrorCode::no_permission, "there is no such probe", {}};
    question.timer->arm(world_.clock.now(), [this, &question, nothing] { finish(question, nothing); });
    return;
  }
  question.timer->arm(question.patience.due(), [this, &question] { on_timer(question); });
  begin_next();
}

void GroupProber::begin_next() {
  if (visit_) return;
  const auto next = std::find_if(questions_.begin(), questions_.end(),
                                 [this](const auto& question) { return probe_of(question->kind) != nullptr; });
  if (next == questions_.end()) return;
  visit_ = std::make_shared<Visit>();
  visit_->question = next->get();
  visit_->began = world_.clock.now();
  thread_.run([this, visit = visit_, probe = probe_of((*next)->kind), classify = classify_] {
    visit->begin();
    visit->end(run_probe(probe, *classify));
    return io::Task([this, visit] { on_returned(visit); });
  });
}

void GroupProber::on_returned(const std::shared_ptr<Visit>& visit) {
  if (visit_ != visit) return;
  visit_ = nullptr;
  if (visit->question != nullptr) {
    ProbeReport report = *visit->look();
    report.round_trip = world_.clock.now() - visit->began;
    finish(*visit->question, std::move(report));
  }
  begin_next();
}

void GroupProber::on_timer(Question& question) {
  // The answer may be on its way to us.
  if (visit_ && visit_->question == &question && visit_->look()) return on_returned(std::shared_ptr<Visit>(visit_));
  if (!question.patience.is_over(world_.clock.now())) {
    question.timer->arm(question.patience.due(), [this, &question] { on_timer(question); });
    return;
  }
  ProbeReport report{ProbeVerdict::unanswered, ErrorCode::timed_out, "its probe was not answered", {}};
  if (visit_ && visit_->question == &question) {
    visit_->question = nullptr;
  } else {
    report.text += ": an earlier one has not returned";
  }
  if (visit_ && !visit_->has_a_thread()) {
    // faults.md row 19: the machine has no thread for it, which says nothing about the member. Another task makes it
    // try again.
    report = {ProbeVerdict::local, ErrorCode::local_resource, "there was no thread for its probe", {}};
    thread_.run([] { return io::Task([] {}); });
  }
  finish(question, std::move(report));
}

void GroupProber::finish(Question& question, ProbeReport report) {
  const auto at = std::find_if(questions_.begin(), questions_.end(),
                               [&](const std::unique_ptr<Question>& one) { return one.get() == &question; });
  const std::unique_ptr<Question> finished = std::move(*at);
  questions_.erase(at);
  finished->done(report);
}

void GroupProber::stop() noexcept {
  questions_.clear();
  probe_ = write_probe_ = nullptr;
  visit_ = nullptr;
  thread_.close();
}

}  // namespace meridian::client
