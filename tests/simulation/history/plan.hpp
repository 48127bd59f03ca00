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
  kill,           // the process dies; restarted at the end
  hang,           // SIGSTOP; resumed at the end
  cut,            // both directions are a black hole
  lose_requests,  // one direction is: the server is asked nothing any more
  lose_replies,   // or runs commands whose replies never come
  refuse,         // new connections are refused, open ones live
  unreachable,    // everything is reset, and new connections meet a host that is not there
  no_name,        // everything is reset, and the name is gone
  no_answer,      // everything is reset, and the name server says nothing
  reset_all,      // every open connection is reset, once
  resets,         // and again every 200 ms
  closes,         // a balancer in front of nothing: accepts and closes
  says_nothing,   // accepts and says nothing; what was open lives on
  full,           // maxclients is reached, and some connections are lost
  slow,           // latency, jitter, a narrow pipe and small buffers
  loss,           // segments come late, retransmitted
  loading,        // killed and restarted into a long LOADING
  busy,           // a script runs
  master_down,    // a replica without its master
  read_only,      // a demoted primary
  out_of_memory,
  misconfigured,
  no_replicas,
  paused,         // CLIENT PAUSE
  writes_paused,  // CLIENT PAUSE WRITE
  password,       // the password is another, and everything is reset
  garbage,        // replies that are none
  cut_replies,    // replies that end in the middle, with the connection or in silence
  flap,           // killed and restarted again and again
  all_flap,       // every database at once
  all_down,       // every database is killed; they return one by one
  client_stall,   // the client's process stands still
};

[[nodiscard]] std::string_view to_string(FaultKind kind) noexcept;
inline constexpr std::size_t fault_kinds = 32;

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

struct SubscriberPlan {
  std::vector<std::string> channels;
  bool overlap = false;
};

// What an operator does to the running client.
enum class ActionKind {
  set_active,
  force,
  pin,
  unpin,
  drain,
  undrain,
  freeze,
  observe,
  decide,
  add,
  remove,
  set_weight,
  reconfigure,
};

[[nodiscard]] std::string_view to_string(ActionKind kind) noexcept;
inline constexpr std::size_t action_kinds = 13;

struct Action {
  ActionKind kind{};
  std::size_t server = 0;
  TimePoint at{};
  Duration hold{};    // of force
  double weight = 1;  // of set_weight
};

struct Plan {
  std::vector<ServerPlan> servers;
  MultiDbConfig config;        // without addresses; for the first servers, the others may be added later
  DatabaseConfig spare;        // for these
  MultiDbConfig other_config;  // what `reconfigure` takes over
  std::vector<CallerPlan> callers;
  std::vector<SubscriberPlan> subscribers;
  std::vector<Fault> faults;
  std::vector<Action> actions;
  TimePoint faults_end{};  // every server is up and every link is whole from here on, and the operator is gone
  TimePoint calls_end{};   // and from here on nobody calls any more

  // One line for each part, for the reader of a failing history.
  [[nodiscard]] std::string text() const;
};

// REQUIRES: nothing has happened before `start`.
[[nodiscard]] Plan make_plan(RandomStream random, TimePoint start);

}  // namespace meridian::simulation
