#include "simulation/history/plan.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace meridian::simulation {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t most_servers = 5;

ServerPlan make_server(RandomStream& random, std::size_t index) {
  static constexpr std::array<const char*, most_servers> names = {"east", "west", "south", "north", "middle"};
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

void randomise_noticing(RandomStream& random, MultiDbConfig& config) {
  if (random.chance(0.3)) config.consecutive_failures = static_cast<std::size_t>(random.between(0, 8));
  if (random.chance(0.3)) {
    config.min_num_failures = static_cast<std::size_t>(random.between(0, 50));
    config.failure_rate_threshold = 0.05 + 0.9 * random.uniform();
    config.failures_detection_window = random.between(Duration(milliseconds(500)), Duration(seconds(5)));
  }
  if (random.chance(0.2)) config.sustained_failures.rate = random.chance(0.5) ? 0 : 0.3 + 0.6 * random.uniform();
  if (random.chance(0.2)) config.slow_call_threshold = random.between(Duration(milliseconds(50)), Duration(seconds(1)));
  config.health_check_interval = random.between(Duration(seconds(1)), Duration(seconds(5)));
  config.health_check_policy = static_cast<HealthCheckPolicy>(random.between(0, 2));
  if (random.chance(0.3)) {
    config.health_check_probes = static_cast<int>(random.between(1, 4));
    config.health_check_probes_delay = random.between(Duration(milliseconds(10)), Duration(milliseconds(500)));
  }
  if (random.chance(0.2)) config.health_checks.clear();
}

void randomise_calls(RandomStream& random, MultiDbConfig& config) {
  config.command_deadline = random.between(Duration(milliseconds(500)), Duration(seconds(5)));
  if (random.chance(0.2)) config.when_unavailable = WhenUnavailable::wait;
  if (random.chance(0.3)) config.command_retry.retries = static_cast<int>(random.between(0, 5));
  if (random.chance(0.2)) {
    config.command_retry.backoff.kind = static_cast<Backoff::Kind>(random.between(0, 3));
  }
  if (random.chance(0.2)) config.retry_budget = {.share = random.uniform(), .per_second = 20 * random.uniform()};
}

void randomise_moving(RandomStream& random, MultiDbConfig& config) {
  config.auto_fallback_interval = random.between(Duration(milliseconds(500)), Duration(seconds(4)));
  if (random.chance(0.05)) config.auto_fallback_interval = Duration(0);
  // Less than a round trip would be a wish for doubt (I10).
  config.drain = random.between(Duration(milliseconds(100)), Duration(seconds(2)));
  config.failback = random.chance(0.4) ? static_cast<Failback>(random.between(1, 2)) : Failback::immediate;
  config.failback_stage = random.between(Duration(milliseconds(100)), Duration(seconds(2)));
  if (random.chance(0.5)) config.failback_ramp = {static_cast<int>(random.between(1, 99))};
}

DatabaseConfig make_database(RandomStream& random, std::size_t index) {
  DatabaseConfig database{.weight = random.chance(0.2) ? 0.5 : 1.0 / static_cast<double>(index + 1),
                          .grace_period = random.between(Duration(milliseconds(500)), Duration(seconds(5)))};
  database.options.idle_ping = random.between(Duration(milliseconds(500)), Duration(seconds(5)));
  database.options.protocol = random.chance(0.2) ? Protocol::resp2 : Protocol::negotiate;
  if (random.chance(0.2)) database.options.connections = static_cast<int>(random.between(1, 6));
  if (random.chance(0.2)) {
    database.options.command_timeout = random.between(Duration(milliseconds(300)), Duration(seconds(3)));
  }
  return database;
}

MultiDbConfig make_config(RandomStream& random, std::size_t databases) {
  MultiDbConfig config;
  for (std::size_t i = 0; i < databases; ++i) config.databases.push_back(make_database(random, i));
  randomise_noticing(random, config);
  randomise_calls(random, config);
  randomise_moving(random, config);
  return config;
}

Duration length_of(FaultKind kind, RandomStream& random) {
  switch (kind) {
    case FaultKind::reset_all: return Duration(0);
    case FaultKind::client_stall: return random.between(Duration(milliseconds(100)), Duration(seconds(3)));
    case FaultKind::flap:
    case FaultKind::all_flap:
    case FaultKind::resets: return random.between(Duration(seconds(2)), Duration(seconds(6)));
    default:
      // Below, around and above what detection takes.
      return random.chance(0.3) ? random.between(Duration(milliseconds(20)), Duration(milliseconds(900)))
                                : random.between(Duration(milliseconds(900)), Duration(seconds(5)));
  }
}

// Whom it harms beside its own server.
bool is_everywhere(FaultKind kind) {
  return kind == FaultKind::all_down || kind == FaultKind::all_flap || kind == FaultKind::client_stall;
}

// Until when the server is not quite well.
TimePoint well_again(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::all_down:
    case FaultKind::all_flap: return fault.ends + seconds(2);
    case FaultKind::loading: return fault.ends + loading_time;
    // faults.md row 25: a client whose credentials are refused tries again after one second, then two, then four …
    case FaultKind::password: return fault.ends + (fault.ends - fault.begins) + seconds(2);
    default: return fault.ends;
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
    const TimePoint free =
        is_everywhere(fault.kind) ? *std::max_element(free_at.begin(), free_at.end()) : free_at[fault.server];
    fault.begins = free + pause;
    fault.ends = fault.begins + length_of(fault.kind, random);
    if (fault.kind == FaultKind::client_stall) free_at[fault.server] = fault.ends;
    else if (is_everywhere(fault.kind)) std::fill(free_at.begin(), free_at.end(), well_again(fault));
    else free_at[fault.server] = well_again(fault);
    faults.push_back(fault);
    // Where the client went is slow when it is time to go home: commands are then queued at the switch.
    const bool leaves_home = fault.server == 0 && (fault.kind == FaultKind::kill || fault.kind == FaultKind::hang);
    if (leaves_home && servers > 1 && random.chance(0.5)) {
      const TimePoint begins = std::max(free_at[1], fault.ends) + milliseconds(1);
      faults.push_back({FaultKind::slow, 1, begins, begins + seconds(8)});
      free_at[1] = begins + seconds(8);
    }
  }
  return faults;
}

std::vector<SubscriberPlan> make_subscribers(RandomStream& random) {
  std::vector<SubscriberPlan> subscribers(static_cast<std::size_t>(random.between(0, 2)));
  for (SubscriberPlan& subscriber : subscribers) {
    const auto channels = random.between(1, 5);
    for (std::int64_t i = 0; i < channels; ++i) {
      subscriber.channels.push_back("channel:" + std::to_string(random.between(1, 8)));
    }
    subscriber.overlap = random.chance(0.2);
  }
  return subscribers;
}

// Operators are rare, and then busy.
std::vector<Action> make_actions(RandomStream& random, std::size_t servers, TimePoint start, TimePoint end) {
  std::vector<Action> actions;
  if (random.chance(0.6)) return actions;
  const auto count = random.between(1, 8);
  for (std::int64_t i = 0; i < count; ++i) {
    actions.push_back({.kind = static_cast<ActionKind>(random.between(0, static_cast<std::int64_t>(action_kinds) - 1)),
                       .server = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(servers) - 1)),
                       .at = TimePoint(random.between(start.time_since_epoch(), end.time_since_epoch())),
                       .hold = random.between(Duration(milliseconds(100)), Duration(seconds(5))),
                       .weight = 0.1 + random.uniform()});
  }
  std::sort(actions.begin(), actions.end(), [](const Action& one, const Action& other) { return one.at < other.at; });
  return actions;
}

std::string milliseconds_of(TimePoint at) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f ms", static_cast<double>(at.time_since_epoch().count()) / 1e6);
  return text.data();
}

}  // namespace

std::string_view to_string(FaultKind kind) noexcept {
  static constexpr std::array<std::string_view, fault_kinds> names = {
      "kill",          "hang",        "cut",       "lose_requests", "lose_replies", "refuse",       "unreachable",
      "no_name",       "no_answer",   "reset_all", "resets",        "closes",       "says_nothing", "full",
      "slow",          "loss",        "loading",   "busy",          "master_down",  "read_only",    "out_of_memory",
      "misconfigured", "no_replicas", "paused",    "writes_paused", "password",     "garbage",      "cut_replies",
      "flap",          "all_flap",    "all_down",  "client_stall"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(ActionKind kind) noexcept {
  static constexpr std::array<std::string_view, action_kinds> names = {
      "set_active", "force",  "pin", "unpin",  "drain",      "undrain",    "freeze",
      "observe",    "decide", "add", "remove", "set_weight", "reconfigure"};
  return names[static_cast<std::size_t>(kind)];
}

Plan make_plan(RandomStream random, TimePoint start) {
  Plan plan;
  RandomStream server_random = random.fork("servers");
  const auto databases = static_cast<std::size_t>(server_random.between(1, 5));
  const std::size_t spares = databases < most_servers && server_random.chance(0.3) ? 1 : 0;
  for (std::size_t i = 0; i < databases + spares; ++i) plan.servers.push_back(make_server(server_random, i));
  RandomStream config_random = random.fork("config");
  plan.config = make_config(config_random, databases);
  plan.spare = make_database(config_random, databases);
  plan.other_config = make_config(config_random, databases);
  RandomStream caller_random = random.fork("callers");
  const auto callers = caller_random.between(1, 4);
  for (std::int64_t i = 0; i < callers; ++i) {
    plan.callers.push_back({.think = caller_random.between(Duration(milliseconds(20)), Duration(milliseconds(400))),
                            .burst = caller_random.chance(0.5) ? 0.1 : 0.0,
                            .increments = 0.2 + 0.3 * caller_random.uniform()});
  }
  RandomStream subscriber_random = random.fork("subscribers");
  plan.subscribers = make_subscribers(subscriber_random);
  RandomStream fault_random = random.fork("faults");
  plan.faults = make_faults(fault_random, plan.servers.size(), start);
  plan.faults_end = start;
  for (const Fault& fault : plan.faults) {
    plan.faults_end = std::max(plan.faults_end, std::max(well_again(fault), fault.ends + seconds(2)));
  }
  RandomStream action_random = random.fork("actions");
  plan.actions = make_actions(action_random, plan.servers.size(), start + milliseconds(100), plan.faults_end);
  plan.calls_end = plan.faults_end + seconds(2);
  return plan;
}

std::string Plan::text() const {
  std::string text;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const ServerPlan& server = servers[i];
    const auto latency_us = std::chrono::duration_cast<microseconds>(server.latency).count();
    const bool is_spare = i >= config.databases.size();
    const DatabaseConfig& database = is_spare ? spare : config.databases[i];
    text += server.name + (is_spare ? " (spare)" : "") + ": weight " + std::to_string(database.weight) + ", latency " +
            std::to_string(latency_us) + " us, chunk " + std::to_string(server.chunk) + ", send buffer " +
            std::to_string(server.send_buffer) + '\n';
  }
  for (const Fault& fault : faults) {
    text += milliseconds_of(fault.begins) + " … " + milliseconds_of(fault.ends) + ": " +
            std::string(to_string(fault.kind)) + " " + servers[fault.server].name + '\n';
  }
  for (const Action& action : actions) {
    text += milliseconds_of(action.at) + ": " + std::string(to_string(action.kind)) + " " +
            servers[action.server].name + '\n';
  }
  return text + "whole again at " + milliseconds_of(faults_end) + '\n';
}

}  // namespace meridian::simulation
