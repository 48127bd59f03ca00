// Runs calls: takes them from any thread, sends them where the router says, repeats them as the rules allow, keeps
// their deadlines, completes each exactly once.
//
// Threads: `submit` is called from anywhere and only puts the call into the inbox (a mutex held for a push). Everything
// else happens on the loop, which owns every call from there on. Completions run on the loop, outside any lock, and
// nothing that they may call re-enters the runner: `submit` goes through the inbox again.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "client/call.hpp"
#include "client/router.hpp"
#include "failover/retry.hpp"
#include "io/world.hpp"

namespace meridian::client {

struct RunnerSettings {
  failover::RetryRules retry;
  std::size_t max_queued = 0;
  std::size_t max_queued_bytes = 0;
};

class CallRunner {
 public:
  CallRunner(io::World& world, Router& router, RunnerSettings settings);
  CallRunner(const CallRunner&) = delete;
  CallRunner& operator=(const CallRunner&) = delete;
  ~CallRunner();

  // Any thread. After `close` the call completes at once with `closed`, in the calling thread.
  void submit(std::unique_ptr<Call> call);

  // Loop: routes may have changed; whatever waits for one is tried again.
  void route_waiting();

  // Loop: calls go to another database from now on, or nowhere. What the old one rejected has nothing to wait for.
  void on_switch();

  // Loop: ends every call with `closed`; those that were handed to a connection must have failed through it before.
  void close();

 private:
  friend class Call;
  void on_reply(Call& call, ReplyView reply);
  void on_failure(Call& call, const protocol::Failure& failure);

  void drain_inbox();
  Call& take(std::unique_ptr<Call> call);
  void attempt(Call& call);
  void wait_for_route(Call& call);
  void wait_for_verdict(Call& call);
  void release_held();
  void wait_for_backoff(Call& call);
  void end_attempt(Call& call, const protocol::Failure& failure, std::string server_text);
  void complete(Call& call, Result<Reply> outcome);
  void fail(Call& call);
  void flush();
  void expire(std::map<std::uint64_t, Call*>& calls, TimePoint now, TimePoint& next);
  void on_timer();
  void schedule(TimePoint due);
  [[nodiscard]] Error error_of(const Call& call, const protocol::Failure& failure, std::string server_text) const;

  io::World& world_;
  Router& router_;
  const RunnerSettings settings_;

  std::mutex inbox_mutex_;
  std::vector<std::unique_ptr<Call>> inbox_;  // guarded by inbox_mutex_
  bool inbox_posted_ = false;                 // guarded by inbox_mutex_
  bool closed_ = false;                       // guarded by inbox_mutex_

  // Loop only.
  std::unordered_map<std::uint64_t, std::unique_ptr<Call>> calls_;  // by number
  std::map<std::uint64_t, Call*> waiting_;                          // for a route, in order of issue
  std::map<std::uint64_t, Call*> held_;                             // for a verdict on the database that rejected them
  std::multimap<TimePoint, Call*> delayed_;                         // for their backoff
  std::size_t waiting_bytes_ = 0;
  std::vector<database::Database*> to_flush_;
  std::uint64_t last_number_ = 0;
  std::unique_ptr<io::Timer> timer_;
  std::optional<TimePoint> armed_;
  bool routing_ = false;
  bool route_posted_ = false;
};

}  // namespace meridian::client
