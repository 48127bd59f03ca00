// The scheduled checks of one member of a `FailoverGroup`: rounds of the program's probe at a jittered interval. Lives
// on the loop. The rules are those of health::Checker, which asks databases.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <meridian/multi_db_config.hpp>

#include "client/group_prober.hpp"
#include "io/world.hpp"

namespace meridian::client {

struct GroupCheckerSettings {
  Duration interval{};
  Duration probes_delay{};
  Duration timeout{};
  int probes = 1;
  HealthCheckPolicy policy = HealthCheckPolicy::majority;
};

class GroupChecker {
 public:
  struct Listener {
    std::function<void(const std::string& evidence)> probe_failed;                 // the round goes on
    std::function<void(bool healthy, const std::string& evidence)> round_decided;  // `evidence` says what failed
  };

  GroupChecker(io::World& world, GroupProber& prober, GroupCheckerSettings settings, Listener listener);
  GroupChecker(const GroupChecker&) = delete;
  GroupChecker& operator=(const GroupChecker&) = delete;

  // The first round, without delay between its probes (INIT-5); further rounds follow by themselves.
  void start();

  // A round at once instead of at the next tick, if none is under way.
  void run_now();

  // Holds from the next round on.
  void reconfigure(const GroupCheckerSettings& settings) { settings_ = settings; }

  // No further rounds. REQUIRES: the prober is stopped, too.
  void stop() noexcept;

 private:
  void begin_round(Duration delay);
  void probe();
  void on_report(const core::ProbeReport& report);
  void end_round();

  io::World& world_;
  GroupProber& prober_;
  GroupCheckerSettings settings_;
  Listener listener_;
  std::unique_ptr<io::Timer> timer_;

  // The round.
  GroupCheckerSettings rules_;
  Duration delay_{};
  TimePoint next_round_{};
  int passed_ = 0;
  int failed_ = 0;
  std::string evidence_;
  bool in_round_ = false;
  bool has_decided_ = false;  // some round
};

}  // namespace meridian::client
