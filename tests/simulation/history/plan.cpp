#include "simulation/history/plan.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace meridian::simulation {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

ServerPlan make_server(RandomStream& random, std::size_t index) {
  static constexpr std::array names = {"east", "west", "south", "north", "middle"};
  ServerPlan server{.name = names[index]};
  server.latency = random.between(Duration(microseconds(50)), Duration(milliseconds(20)));
  server.jitter = random.chance(0.5) ? random.between(Duration(0), Duration(milliseconds(5))) : Duration(0);
  server.chunk = random.chance(0.3) ? static_cast<std::size_t>(random.between(1, 64)) : 0;
  // A small buffer on a long path is a narrow pipe: wide enough here for what the callers ask, so that a link without
  // a fault is never overloaded.
  const auto narrowest = 64 + std::chrono::duration_cast<microseconds>(server.latency).count() / 5;
  const auto small_buffer = static_cast<std::size_t>(random.between(narrowest, narrowest + 4096));
  server.send_buffer = random.chance(0.5) ? small_buffer : std::size_t{64} << 10;
  return server;
}

MultiDbConfig make_config(RandomStream& random, std::size_t servers) {
  MultiDbConfig config;
  for (std::size_t i = 0; i < servers; ++i) {
    config.databases.push_back({.weight = random.chance(0.2) ? 0.5 : 1.0 / static_cast<double>(i + 1),
                                .grace_period = random.between(Duration(milliseconds(500)), Duration(seconds(5)))});
  }
  config.auto_fallback_interval = random.between(Duration(milliseconds(500)), Duration(seconds(4)));
  config.health_check_interval = random.between(Duration(seconds(1)), Duration(seconds(5)));
  config.health_check_policy = static_cast<HealthCheckPolicy>(random.between(0, 2));
  config.drain = random.between(Duration(milliseconds(100)), Duration(seconds(2)));
  config.command_deadline = random.between(Duration(milliseconds(500)), Duration(seconds(5)));
  if (random.chance(0.2)) config.health_checks.clear();
  if (random.chance(0.2)) config.when_unavailable = WhenUnavailable::wait;
  if (random.chance(0.3)) config.consecutive_failures = static_cast<std::size_t>(random.between(0, 8));
  for (DatabaseConfig& database : config.databases) {
    database.options.idle_ping = random.between(Duration(milliseconds(500)), Duration(seconds(5)));
    database.options.protocol = random.chance(0.2) ? Protocol::resp2 : Protocol::negotiate;
  }
  return config;
}

Duration length_of(FaultKind kind, RandomStream& random) {
  switch (kind) {
    case FaultKind::reset_all: return Duration(0);
    case FaultKind::client_stall: return random.between(Duration(milliseconds(100)), Duration(seconds(3)));
    case FaultKind::flap: return random.between(Duration(seconds(2)), Duration(seconds(6)));
    default:
      // Below, around and above what detection takes.
      return random.chance(0.3) ? random.between(Duration(milliseconds(20)), Duration(milliseconds(900)))
                                : random.between(Duration(milliseconds(900)), Duration(seconds(5)));
  }
}

std::vector<Fault> make_faults(RandomStream& random, std::size_t servers, TimePoint start) {
  std::vector<Fault> faults;
  // A server has one fault at a time; different servers may fail together.
  std::vector<TimePoint> free_at(servers, start + milliseconds(500));
  const auto count = random.between(2, 6);
  for (std::int64_t i = 0; i < count; ++i) {
    Fault fault{.kind = static_cast<FaultKind>(random.between(0, static_cast<std::int64_t>(fault_kinds) - 1))};
    // The heaviest is hit most, because that is where the client is.
    fault.server =
        random.chance(0.5) ? 0 : static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(servers) - 1));
    const Duration pause = random.between(Duration(milliseconds(10)), Duration(seconds(3)));
    if (fault.kind == FaultKind::all_down || fault.kind == FaultKind::client_stall) {
      fault.begins = *std::max_element(free_at.begin(), free_at.end()) + pause;
    } else {
      fault.begins = free_at[fault.server] + pause;
    }
    fault.ends = fault.begins + length_of(fault.kind, random);
    if (fault.kind == FaultKind::all_down) std::fill(free_at.begin(), free_at.end(), fault.ends + seconds(2));
    else free_at[fault.server] = fault.ends + (fault.kind == FaultKind::loading ? loading_time : Duration(0));
    faults.push_back(fault);
    // Where the client went is slow when it is time to go home: commands are then queued at the switch.
    const bool leaves_home = fault.server == 0 && (fault.kind == FaultKind::kill || fault.kind == FaultKind::hang);
    if (leaves_home && random.chance(0.5)) {
      const TimePoint begins = std::max(free_at[1], fault.ends) + milliseconds(1);
      faults.push_back({FaultKind::slow, 1, begins, begins + seconds(8)});
      free_at[1] = begins + seconds(8);
    }
  }
  return faults;
}

std::string milliseconds_of(TimePoint at) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f ms", static_cast<double>(at.time_since_epoch().count()) / 1e6);
  return text.data();
}

}  // namespace

std::string_view to_string(FaultKind kind) noexcept {
  static constexpr std::array<std::string_view, fault_kinds> names = {
      "kill",    "hang",      "cut",           "lose_replies",  "refuse", "reset_all", "slow",
      "loading", "read_only", "out_of_memory", "writes_paused", "flap",   "all_down",  "client_stall"};
  return names[static_cast<std::size_t>(kind)];
}

Plan make_plan(RandomStream random, TimePoint start) {
  Plan plan;
  const auto servers = static_cast<std::size_t>(random.between(2, 4));
  RandomStream server_random = random.fork("servers");
  for (std::size_t i = 0; i < servers; ++i) plan.servers.push_back(make_server(server_random, i));
  RandomStream config_random = random.fork("config");
  plan.config = make_config(config_random, servers);
  RandomStream caller_random = random.fork("callers");
  const auto callers = caller_random.between(1, 4);
  for (std::int64_t i = 0; i < callers; ++i) {
    plan.callers.push_back({.think = caller_random.between(Duration(milliseconds(5)), Duration(milliseconds(400))),
                            .burst = caller_random.chance(0.5) ? 0.1 : 0.0,
                            .increments = 0.2 + 0.5 * caller_random.uniform()});
  }
  RandomStream fault_random = random.fork("faults");
  plan.faults = make_faults(fault_random, servers, start);
  plan.faults_end = start;
  for (const Fault& fault : plan.faults) plan.faults_end = std::max(plan.faults_end, fault.ends + seconds(2));
  plan.calls_end = plan.faults_end + seconds(2);
  return plan;
}

std::string Plan::text() const {
  std::string text;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const ServerPlan& server = servers[i];
    const auto latency_us = std::chrono::duration_cast<microseconds>(server.latency).count();
    text += server.name + ": weight " + std::to_string(config.databases[i].weight) + ", latency " +
            std::to_string(latency_us) + " us, chunk " + std::to_string(server.chunk) + ", send buffer " +
            std::to_string(server.send_buffer) + '\n';
  }
  for (const Fault& fault : faults) {
    text += milliseconds_of(fault.begins) + " … " + milliseconds_of(fault.ends) + ": " +
            std::string(to_string(fault.kind)) + " " + servers[fault.server].name + '\n';
  }
  return text + "whole again at " + milliseconds_of(faults_end) + '\n';
}

}  // namespace meridian::simulation
