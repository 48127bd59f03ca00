// The program that uses the client: callers that call, one by one and in bursts, in every form there is.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include <meridian/script.hpp>

#include "client/multi_engine.hpp"
#include "simulation/history/ledger.hpp"
#include "simulation/history/plan.hpp"
#include "simulation/world/world.hpp"
#include "support/coroutine.hpp"

namespace meridian::simulation {

class Callers {
 public:
  using OnFailure = std::function<void(const CallRecord& record, const Error& error)>;

  // All of them outlive the calls.
  Callers(SimulatedWorld& world, client::MultiEngine& engine, Ledger& ledger, OnFailure on_failure);

  // Each calls now and then until `end`.
  void begin(const std::vector<CallerPlan>& plans, TimePoint end);

 private:
  struct Caller {
    std::uint64_t number;  // from 1; the same whatever thread of the simulator it is on
    CallerPlan plan;
    RandomStream random;
  };
  void call_later(Caller& caller);
  void call(Caller& caller, GroupId group);
  void begin_pipeline(Caller& caller);
  void push_for(CallRecord& pop, RandomStream& random);
  // Callers are part of the client's process: they stand still when it does.
  void as_the_program(io::Task task) { world_.scheduler().at(world_.now(), std::move(task), Lane::listeners); }
  void submit(CallRecord& record);
  void submit(CallRecord& record, Request request);
  testing::Detached run_pipeline(std::vector<CallRecord*> records);
  testing::Detached run_transaction(CallRecord& record);
  testing::Detached run_watched(CallRecord& record);
  template <class T>
  void finish(CallRecord& record, const Result<T>& outcome, const std::string& text) {
    ledger_.close(record, world_.now(), outcome ? std::nullopt : std::optional(outcome.error()), text);
    if (!outcome) on_failure_(record, outcome.error());
  }

  SimulatedWorld& world_;
  client::MultiEngine& engine_;
  Ledger& ledger_;
  const OnFailure on_failure_;
  const Script script_;
  std::deque<Caller> callers_;
  TimePoint end_{};
  GroupId last_group_ = 0;
};

}  // namespace meridian::simulation
