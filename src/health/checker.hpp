// The scheduled health checks of one database: rounds at a jittered interval, in each round every check with its
// probes, side by side. Lives on the loop. One database's checker waits for nothing of another's (HC-1).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <meridian/health_check.hpp>

#include "core/patience.hpp"
#include "health/exchange.hpp"
#include "health/policy.hpp"
#include "io/user_thread.hpp"

namespace meridian::health {

struct CheckerSettings {
  HealthChecks checks;
  Duration interval{};
  Duration probes_delay{};
  Duration timeout{};
  int probes = 1;
  HealthCheckPolicy policy = HealthCheckPolicy::majority;
};

class Checker {
 public:
  class Listener {
   public:
    // One probe failed; the round goes on.
    virtual void on_probe_failed(const Checker& checker, const std::string& evidence) = 0;
    // A round is over. `evidence` says what failed.
    virtual void on_round_decided(const Checker& checker, bool healthy, const std::string& evidence) = 0;

   protected:
    ~Listener() = default;
  };

  Checker(io::World& world, database::Database& database, CheckerSettings settings, Listener& listener);
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;
  ~Checker();

  // The first round, without delay between its probes (INIT-5); further rounds follow by themselves.
  void start();

  // A round at once instead of at the next tick, if none is under way.
  void run_now();

  // One more check, from the next round on; instead of one of the same name, if there is one.
  void add(std::shared_ptr<const HealthCheck> check);

  // From the next round on. The checks stay.
  void reconfigure(CheckerSettings settings);

  // No further rounds; the one under way ends without a verdict.
  void stop();

 private:
  class Run;  // one check in one round

  void begin_round(Duration delay);
  void on_run_decided(std::size_t index, bool healthy, const std::string& evidence);
  void discard_runs();
  void end_round();

  io::World& world_;
  database::Database& database_;
  std::shared_ptr<const CheckerSettings> settings_;
  Listener& listener_;
  std::unique_ptr<io::Timer> timer_;
  TimePoint next_round_{};
  std::vector<std::unique_ptr<Run>> runs_;
  std::size_t passed_ = 0;
  bool in_round_ = false;
  bool has_decided_ = false;
  std::set<const HealthCheck*> consulted_;       // whose code is running
  std::unique_ptr<io::UserThread> user_thread_;  // made when there is a check that may block
};

}  // namespace meridian::health
