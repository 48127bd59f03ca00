// What the tests of the rules on real servers share: two databases, what the client told its listeners, waiting for
// conditions, and looking at servers and at this process from outside the library.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <meridian/meridian.hpp>

#include "integration/support/raw_client.hpp"
#include "integration/support/redis_server.hpp"

namespace meridian::testing {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

// Sanitizers slow the client down, not the servers: promises about time are held to a multiple there.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int slowness = 3;
#else
inline constexpr int slowness = 1;
#endif

// Polls until `condition` holds; false if it does not within `limit`.
template <class Condition>
[[nodiscard]] bool until(Condition condition, Duration limit = 10s) {
  for (const auto end = SteadyClock::now() + limit; !condition(); std::this_thread::sleep_for(1ms)) {
    if (SteadyClock::now() >= end) return false;
  }
  return true;
}

[[nodiscard]] inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

[[nodiscard]] inline Duration since(SteadyClock::time_point start) { return SteadyClock::now() - start; }

[[nodiscard]] inline double in_ms(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// A command that the server owes for ever, BLPOP on a key that nobody fills: its connection goes silent while the
// server is well. The library refuses it on the shared connection where its traits are known; here they are not.
[[nodiscard]] inline Command<Reply> never_answered() {
  RequestBuilder blpop("BLPOP", {.repeat = Repeat::accumulate});
  blpop.arg("nothing").arg(0);
  return {std::move(blpop).build(), decode<Reply>};
}

// An event and when it was heard.
template <class E>
struct Told {
  E event;
  SteadyClock::time_point at;
};

// Everything that a client told, in order. May outlive the client and be outlived by it.
class EventLog {
 public:
  [[nodiscard]] EventListener listener() const {
    return [shared = shared_](const Event& event) {
      const std::lock_guard lock(shared->mutex);
      shared->heard.push_back({event, SteadyClock::now()});
      shared->changed.notify_all();
    };
  }

  // All events of one type so far.
  template <class E>
  [[nodiscard]] std::vector<Told<E>> all() const {
    const std::lock_guard lock(shared_->mutex);
    std::vector<Told<E>> found;
    for (const auto& told : shared_->heard) {
      if (const E* event = std::get_if<E>(&told.event)) found.push_back({*event, told.at});
    }
    return found;
  }

  [[nodiscard]] std::vector<Event> everything() const {
    const std::lock_guard lock(shared_->mutex);
    std::vector<Event> events;
    for (const auto& told : shared_->heard) events.push_back(told.event);
    return events;
  }

  // The first event for which `is_it` holds, waiting for it if need be.
  template <class E>
  [[nodiscard]] std::optional<Told<E>> wait_for(std::function<bool(const E&)> is_it, Duration limit = 10s) const {
    std::unique_lock lock(shared_->mutex);
    std::optional<Told<E>> found;
    shared_->changed.wait_for(lock, limit, [&] {
      for (const auto& told : shared_->heard) {
        const E* event = std::get_if<E>(&told.event);
        if (event == nullptr || !is_it(*event)) continue;
        found = {*event, told.at};
        return true;
      }
      return false;
    });
    return found;
  }

  [[nodiscard]] std::optional<Told<ActiveDatabaseChanged>> wait_for_switch(std::string_view to,
                                                                           Duration limit = 10s) const {
    return wait_for<ActiveDatabaseChanged>([to](const ActiveDatabaseChanged& e) { return e.to == to; }, limit);
  }

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Told<Event>> heard;
  };
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

[[nodiscard]] inline std::string active_of(const MultiDbClient& client) {
  for (const DatabaseStatus& database : client.databases()) {
    if (database.active) return database.name;
  }
  return "";
}

[[nodiscard]] inline DatabaseStatus status_of(const MultiDbClient& client, std::string_view name) {
  for (DatabaseStatus& database : client.databases()) {
    if (database.name == name) return database;
  }
  return {};
}

// The integer at `key`, asked without the library; 0 if there is none.
[[nodiscard]] inline std::int64_t count_on(const RedisServer& server, const std::string& key) {
  const std::string reply = server.command({"GET", key});
  return reply == "$-1\r\n" ? 0 : std::stoll(reply.substr(reply.find('\n') + 1));
}

[[nodiscard]] inline bool exists_on(const RedisServer& server, const std::string& key) {
  return server.command({"EXISTS", key}) == ":1\r\n";
}

// The ids of the connections whose line in CLIENT LIST contains `part`, e.g. "cmd=blpop".
[[nodiscard]] inline std::vector<std::string> connections_with(const RedisServer& server, const std::string& part) {
  std::vector<std::string> ids;
  const std::string list = server.command({"CLIENT", "LIST"});
  for (std::size_t at = list.find("id="); at != std::string::npos; at = list.find("\nid=", at)) {
    if (list[at] == '\n') ++at;
    const std::string line = list.substr(at, list.find('\n', at) - at);
    if (contains(line, part)) ids.push_back(line.substr(3, line.find(' ') - 3));
    ++at;
  }
  return ids;
}

// Waits until a connection runs `command` and cuts it from the server's side.
inline void cut_connection_that_runs(const RedisServer& server, const std::string& command) {
  std::vector<std::string> ids;
  ASSERT_TRUE(until([&] { return !(ids = connections_with(server, "cmd=" + command)).empty(); }));
  ASSERT_EQ(server.command({"CLIENT", "KILL", "ID", ids.front()}), ":1\r\n");
}

[[nodiscard]] inline std::ptrdiff_t entries_in(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

// What this process holds (invariant I9).
struct Holdings {
  std::ptrdiff_t threads = 0;
  std::ptrdiff_t descriptors = 0;
  friend bool operator==(const Holdings&, const Holdings&) = default;
  friend void PrintTo(const Holdings& h, std::ostream* out) {
    *out << h.threads << " threads, " << h.descriptors << " descriptors";
  }
};

[[nodiscard]] inline Holdings holdings() { return {entries_in("/proc/self/task"), entries_in("/proc/self/fd")}; }

// A joined thread stays in /proc for a moment.
inline void expect_holdings_return_to(const Holdings& before) {
  static_cast<void>(until([&] { return holdings() == before; }, 5s));
  EXPECT_EQ(holdings(), before);
}

// "east" (weight 1.0) and "west" (0.5). Detection is as it comes; only what follows a switch is hurried.
class TwoDatabases : public ::testing::Test {
 protected:
  static DatabaseConfig database(const RedisServer& server, std::string name, double weight) {
    return {.uri = server.uri(), .name = std::move(name), .weight = weight, .grace_period = 300ms};
  }

  [[nodiscard]] MultiDbConfig config() const {
    MultiDbConfig config;
    config.databases = {database(east, "east", 1.0), database(west, "west", 0.5)};
    config.auto_fallback_interval = 100ms;
    config.event_listeners = {events.listener()};
    return config;
  }

  // For what goes wrong on purpose and is not to be undone while the test looks.
  [[nodiscard]] MultiDbConfig config_that_stays_away() const {
    MultiDbConfig stays = config();
    stays.auto_fallback_interval = 0ms;
    return stays;
  }

  RedisServer east;
  RedisServer west;
  EventLog events;
};

}  // namespace meridian::testing
