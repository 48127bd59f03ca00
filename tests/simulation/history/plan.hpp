// What happens in one history: the databases, the client's configuration, the callers and the faults, all drawn from
// one seed.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <meridian/multi_db_config.hpp>

#include "simulation/world/random.hpp"

namespace meridian::simulation {

enum class FaultKind {
  kill,          // the process dies; restarted at the end
  hang,          // SIGSTOP; resumed at the end
  cut,           // both directions are a black hole
  lose_replies,  // the server runs commands whose replies never come
  refuse,        // new connections are refused, open ones live
  reset_all,     // every open connection is reset, once
  slow,          // latency, jitter, a narrow pipe and small buffers
  loading,       // killed and restarted into a long LOADING
  read_only,     // a demoted primary
  out_of_memory,
  writes_paused,  // CLIENT PAUSE WRITE
  flap,           // killed and restarted again and again
  all_down,       // every database is killed; they return one by one
  client_stall,   // the client's process stands still
};

[[nodiscard]] std::string_view to_string(FaultKind kind) noexcept;
inline constexpr std::size_t fault_kinds = 14;

// How long a server that was restarted into LOADING refuses to serve; follows the end of the fault.
inline constexpr Duration loading_time = std::chrono::milliseconds(1500);

struct Fault {
  FaultKind kind{};
  std::size_t server = 0;
  TimePoint begins{};
  TimePoint ends{};
};

struct ServerPlan {
  std::string name;
  Duration latency{};
  Duration jitter{};
  std::size_t chunk = 0;
  std::size_t send_buffer = 0;
};

struct CallerPlan {
  Duration think{};       // between two calls, on average
  double burst = 0;       // how often a call is a burst of many
  double increments = 0;  // share of INCR
};

struct Plan {
  std::vector<ServerPlan> servers;
  MultiDbConfig config;  // without addresses
  std::vector<CallerPlan> callers;
  std::vector<Fault> faults;
  TimePoint faults_end{};  // every server is up and every link is whole from here on
  TimePoint calls_end{};   // and from here on nobody calls any more

  // One line for each part, for the reader of a failing history.
  [[nodiscard]] std::string text() const;
};

// REQUIRES: nothing has happened before `start`.
[[nodiscard]] Plan make_plan(RandomStream random, TimePoint start);

}  // namespace meridian::simulation
