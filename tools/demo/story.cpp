// The chapters: warm-up, kill, hang; then the count.
#include "demo/story.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "demo/interruption.hpp"
#include "demo/ledger.hpp"
#include "demo/live_line.hpp"
#include "demo/narration.hpp"
#include "demo/witness.hpp"
#include "demo/workload.hpp"
#include "integration/support/redis_server.hpp"

namespace meridian::demo {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::RedisServer;

constexpr std::array<const char*, 3> server_names{"east", "west", "south"};

// Each server holds its own name under this key: a read says who answered it.
constexpr const char* who_key = "who";

// How long the story waits for what must happen, before it says that it did not.
constexpr Duration patience = seconds(10);

struct Fault {
  const char* name;
  Duration allowed;  // to the first answer of the next database
  const char* deed;  // "killed east (SIGKILL)"
  const char* remedy;
  void (*inject)(RedisServer&);
  void (*heal)(RedisServer&);
};

constexpr Fault kill_fault{"kill",
                           milliseconds(250),
                           "killed east (SIGKILL)",
                           "started east again, with its data",
                           [](RedisServer& server) { server.kill(); },
                           [](RedisServer& server) { server.restart(); }};

constexpr Fault hang_fault{"hang",
                           milliseconds(1500),
                           "hung east (SIGSTOP): it still accepts connections, and says nothing",
                           "resumed east (SIGCONT)",
                           [](RedisServer& server) { server.stop(); },
                           [](RedisServer& server) { server.resume(); }};

class Story {
 public:
  Story(Screen& screen, const Tempo& tempo, std::stop_token stop)
      : screen_(screen), tempo_(tempo), stop_(std::move(stop)), witness_(screen) {}

  [[nodiscard]] StoryReport tell();

 private:
  struct Chapter {
    Clock::time_point began;
    // The end of the failback's watch; only calls within it can have failed because of the failback.
    std::optional<std::pair<Clock::time_point, Clock::time_point>> failback_watch;
  };

  void start_servers();
  [[nodiscard]] MultiDbConfig config();
  void one_call(MultiDbClient& client, std::size_t worker, std::uint64_t n);
  template <class T>
  void note(const Result<T>& result);
  void run_chapters();
  // False if the victim is not active again in the end, so that the story cannot go on.
  [[nodiscard]] bool run(const Fault& fault);
  void watch_failover(const Fault& fault, FaultReport& report, Clock::time_point began);
  void watch_failback(FaultReport& report, Chapter& chapter);
  void count(Clock::time_point end);

  Screen& screen_;
  const Tempo tempo_;
  const std::stop_token stop_;
  Duration drain_{};
  Tally tally_;
  Witness witness_;
  Ledger ledger_;
  std::vector<std::unique_ptr<RedisServer>> servers_;  // in the order of `server_names`
  std::vector<Chapter> chapters_;                      // one for each fault of the report
  StoryReport report_;
};

StoryReport Story::tell() {
  const auto began = Clock::now();
  start_servers();
  const MultiDbConfig configuration = config();
  drain_ = configuration.drain;
  print_settings(screen_, configuration);
  screen_.print({});
  {
    MultiDbClient client(configuration);
    const LiveLine live(screen_, client, tally_);
    Workload workload([&](std::size_t worker, std::uint64_t n) { one_call(client, worker, n); });
    try {
      run_chapters();
    } catch (...) {
      client.close();  // or the workers would wait for a server that hangs
      throw;
    }
    workload.stop();
  }
  count(Clock::now());
  report_.took = Clock::now() - began;
  return std::move(report_);
}

void Story::start_servers() {
  screen_.print({{"Meridian demo: three redis-server processes, one client, two faults.", Tone::strong}});
  for (std::size_t i = 0; i < server_names.size(); ++i) {
    throw_if_interrupted(stop_);
    servers_.push_back(
        std::make_unique<RedisServer>(std::vector<std::string>{"--appendonly", "yes", "--appendfsync", "always"}));
    servers_.back()->command({"SET", who_key, server_names[i]});
  }
}

MultiDbConfig Story::config() {
  MultiDbConfig config = make_config(tempo_);
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    config.databases.push_back(make_database(tempo_, server_names[i], servers_[i]->uri(), i));
  }
  config.event_listeners.emplace_back([this](const Event& event) { witness_.on_event(event); });
  return config;
}

void Story::one_call(MultiDbClient& client, std::size_t worker, std::uint64_t n) {
  switch ((n + worker) % 3) {
    case 0: {
      const auto who = client.execute(cmd::get(who_key));
      if (who && *who) witness_.on_answer(**who, Clock::now());
      return note(who);
    }
    case 1: {
      const std::string key = "set:" + std::to_string(worker) + ":" + std::to_string(n % 100);
      return note(client.execute(cmd::set(key, std::to_string(n))));
    }
    default: {
      const auto sum = client.execute(cmd::incr(Ledger::key(worker, ledger_.next(worker))));
      ledger_.record(worker, sum ? std::nullopt : std::optional(sum.error().delivery()));
      return note(sum);
    }
  }
}

template <class T>
void Story::note(const Result<T>& result) {
  if (result) return tally_.answered();
  tally_.failed(result.error().delivery());
  witness_.on_failed_call(result.error().delivery(), Clock::now());
}

void Story::run_chapters() {
  screen_.say({{"warming up: " + std::to_string(workers) + " threads of reads, SETs and INCRs", Tone::strong}});
  pause(tempo_.warm_up, stop_);
  if (run(kill_fault)) static_cast<void>(run(hang_fault));
}

bool Story::run(const Fault& fault) {
  RedisServer& east = *servers_.front();
  FaultReport& report = report_.faults.emplace_back();
  report.fault = fault.name;
  report.victim = server_names.front();
  report.allowed = fault.allowed;

  ledger_.begin_chapter();
  witness_.forget_answers();
  Chapter& chapter = chapters_.emplace_back();
  chapter.began = Clock::now();
  fault.inject(east);
  screen_.say({{fault.deed, Tone::bad}});
  watch_failover(fault, report, chapter.began);

  pause(tempo_.outage, stop_);
  witness_.forget_answers();
  fault.heal(east);
  if (!report.switch_after) return false;
  screen_.say({{fault.remedy, Tone::good},
               {"; it stays out until its grace period of " + configured(tempo_.grace_period) + " is over"}});
  watch_failback(report, chapter);
  return report.failback_after.has_value();
}

void Story::watch_failover(const Fault& fault, FaultReport& report, Clock::time_point began) {
  const auto until = began + patience;
  const auto answer =
      witness_.await_answer([&](const std::string& server) { return server != report.victim; }, until, stop_);
  const auto change = witness_.await_switch(
      [&](const ActiveDatabaseChanged& e) { return e.from == report.victim && e.reason != SwitchReason::failback; },
      began, until, stop_);
  if (!answer || !change) {
    screen_.say({{"no other database answered within " + configured(patience), Tone::bad}});
    return;
  }
  report.switch_after = answer->when - began;
  report.next = answer->server;
  report.evidence = change->event.evidence;
  screen_.say({{"first answer on " + report.next + " after " + measured(*report.switch_after),
                *report.switch_after <= fault.allowed ? Tone::good : Tone::bad},
               {": " + report.evidence}});
}

void Story::watch_failback(FaultReport& report, Chapter& chapter) {
  const auto returned = Clock::now();
  const auto until = returned + tempo_.grace_period + tempo_.auto_fallback_interval + patience;
  const auto change = witness_.await_switch(
      [&](const ActiveDatabaseChanged& e) { return e.to == report.victim && e.reason == SwitchReason::failback; },
      returned, until, stop_);
  const auto answer =
      witness_.await_answer([&](const std::string& server) { return server == report.victim; }, until, stop_);
  if (!change || !answer) {
    screen_.say({{"no failback to " + report.victim, Tone::bad}});
    return;
  }
  report.failback_after = answer->when - returned;
  screen_.say(
      {{"first answer on " + report.victim + " again, " + measured(*report.failback_after) + " after its return",
        Tone::good}});
  // What is still owed by the old database is awaited; only then is it certain that no call failed.
  const auto watch_ends = change->when + drain_ + seconds(1);
  chapter.failback_watch.emplace(change->when - seconds(1), watch_ends);
  pause(watch_ends - Clock::now(), stop_);
}

void Story::count(Clock::time_point end) {
  screen_.say({{"counting: every INCR has a key of its own; each is summed over all three servers"}});
  std::vector<RedisServer*> servers;
  for (const auto& server : servers_) servers.push_back(server.get());
  const std::vector<IncrCount> counts = ledger_.count(servers, stop_);
  for (std::size_t i = 0; i < report_.faults.size(); ++i) {
    FaultReport& fault = report_.faults[i];
    const Chapter& chapter = chapters_[i];
    fault.incr = counts.at(i);
    fault.failed = witness_.failed_between(chapter.began, i + 1 < chapters_.size() ? chapters_[i + 1].began : end);
    if (const auto& watch = chapter.failback_watch) {
      fault.failback_failed = witness_.failed_between(watch->first, watch->second).total();
    }
  }
  report_.calls = tally_.calls();
  report_.calls_failed = tally_.calls_failed();
}

}  // namespace

StoryReport tell_story(Screen& screen, const Tempo& tempo, const std::stop_token& stop) {
  return Story(screen, tempo, stop).tell();
}

}  // namespace meridian::demo
