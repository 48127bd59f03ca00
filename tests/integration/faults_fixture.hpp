// What the tests of docs/faults.md's rows share: clients that are quick to try again, and two scripted databases.
#pragma once

#include "integration/multi_db_fixture.hpp"
#include "integration/support/scripted_server.hpp"

namespace meridian::testing {

// Every connection after a lost one is tried at once, or the tests would wait for the backoff.
inline ClientOptions impatient() {
  ClientOptions options;
  options.reconnect = {.kind = Backoff::Kind::constant, .base = 5ms, .cap = 5ms, .full_jitter = false};
  options.command_retry.backoff = options.reconnect;
  options.command_timeout = 300ms * slowness;
  return options;
}

// For a test that wants to see what an attempt came to.
inline ClientOptions never_repeating() {
  ClientOptions options = impatient();
  options.command_retry.retries = 0;
  return options;
}

// All connections that were begun have shaken hands, and for a while no other followed.
[[nodiscard]] inline bool is_settled(const ScriptedServer& server) {
  const std::size_t before = server.accepted();
  std::this_thread::sleep_for(50ms);
  // CLIENT SETINFO comes twice, last in the handshake.
  return server.accepted() == before && server.count("CLIENT") == 2 * before;
}

// "east" (weight 1.0) misbehaves, "west" (0.5) does not. Nobody goes home while a test looks.
class TwoScripted : public ::testing::Test {
 protected:
  [[nodiscard]] MultiDbConfig config() const {
    MultiDbConfig config;
    config.databases = {{.uri = east.uri(), .options = impatient(), .name = "east", .weight = 1.0},
                        {.uri = west.uri(), .options = impatient(), .name = "west", .weight = 0.5}};
    config.auto_fallback_interval = 0ms;
    config.initial_health_check_policy = InitialHealthCheckPolicy::all_available;  // so that there is where to go
    config.event_listeners = {events.listener()};
    return config;
  }

  void expect_that_nothing_was_held_against(const MultiDbClient& client, std::string_view name) const {
    EXPECT_EQ(active_of(client), name);
    EXPECT_EQ(status_of(client, name).circuit, CircuitState::closed) << status_of(client, name).last_evidence;
    for (const auto& moved : events.all<ActiveDatabaseChanged>()) ADD_FAILURE() << "left: " << moved.event.evidence;
    for (const auto& changed : events.all<CircuitStateChanged>())
      ADD_FAILURE() << "circuit: " << changed.event.evidence;
    EXPECT_TRUE(events.all<AllDatabasesUnavailable>().empty());
  }

  ScriptedServer east;
  ScriptedServer west;
  EventLog events;
};

}  // namespace meridian::testing
