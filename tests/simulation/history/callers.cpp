#include "simulation/history/callers.hpp"

#include <array>
#include <utility>

#include <meridian/commands.hpp>
#include <meridian/pipeline.hpp>
#include <meridian/transaction.hpp>

namespace meridian::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What is called instead of INCR, as often as each other.
constexpr std::array other_kinds = {CallKind::echo,    CallKind::get, CallKind::set,    CallKind::transaction,
                                    CallKind::watched, CallKind::pop, CallKind::script, CallKind::pipelined};

std::string text_of(const Result<std::int64_t>& result) { return result ? std::to_string(*result) : ""; }

}  // namespace

Callers::Callers(SimulatedWorld& world, client::MultiEngine& engine, Ledger& ledger, OnFailure on_failure)
    : world_(world),
      engine_(engine),
      ledger_(ledger),
      on_failure_(std::move(on_failure)),
      script_("return redis.call('INCR', KEYS[1])") {}

void Callers::begin(const std::vector<CallerPlan>& plans, TimePoint end) {
  end_ = end;
  const RandomStream random = world_.fork_random("caller");
  for (std::size_t i = 0; i < plans.size(); ++i) {
    call_later(callers_.emplace_back(Caller{.number = i + 1, .plan = plans[i], .random = random.fork(i)}));
  }
}

void Callers::call_later(Caller& caller) {
  const Duration think = caller.plan.think;
  world_.after(caller.random.between(think / 4, 2 * think), [this, &caller] {
    if (world_.now() >= end_) return;
    const auto count = caller.random.chance(caller.plan.burst) ? caller.random.between(5, 40) : 1;
    const GroupId group = ++last_group_;
    for (std::int64_t i = 0; i < count; ++i) call(caller, group);
    call_later(caller);
  });
}

void Callers::call(Caller& caller, GroupId group) {
  RandomStream& random = caller.random;
  CallKind kind = CallKind::increment;
  if (!random.chance(caller.plan.increments)) {
    kind = other_kinds[static_cast<std::size_t>(random.between(0, std::int64_t{other_kinds.size()} - 1))];
  }
  if (kind == CallKind::pipelined) return begin_pipeline(caller);
  // I6 does not hold for what has a connection of its own.
  const bool is_alone = kind == CallKind::pop || kind == CallKind::watched;
  CallRecord& record = ledger_.open(kind, is_alone ? 0 : group, caller.number, world_.now());
  if (kind == CallKind::pop) {
    record.blocks = random.between(Duration(milliseconds(50)), Duration(seconds(2)));
    push_for(record, random);
  }
  as_the_program([this, &record] { submit(record); });
}

void Callers::push_for(CallRecord& pop, RandomStream& random) {
  world_.after(random.between(Duration(0), pop.blocks), [this, &pop] {
    CallRecord& push = ledger_.open_push_for(pop, world_.now());
    as_the_program([this, &push] { submit(push); });
  });
}

void Callers::begin_pipeline(Caller& caller) {
  const GroupId group = ++last_group_;
  std::vector<CallRecord*> records(static_cast<std::size_t>(caller.random.between(2, 8)));
  for (CallRecord*& record : records) {
    record = &ledger_.open(CallKind::pipelined, group, caller.number, world_.now());
  }
  as_the_program([this, records = std::move(records)] {
    for (CallRecord* record : records) record->issued = world_.now();
    run_pipeline(records);
  });
}

void Callers::submit(CallRecord& record) {
  record.issued = world_.now();  // the program may have stood still since it was planned
  switch (record.kind) {
    case CallKind::echo: return submit(record, cmd::echo(record.key).request);
    case CallKind::get: return submit(record, cmd::get(record.key).request);
    case CallKind::set: return submit(record, cmd::set(record.key, record.expected).request);
    case CallKind::increment: return submit(record, cmd::incr(record.key).request);
    case CallKind::push: return submit(record, cmd::rpush(record.key, record.expected).request);
    case CallKind::script: return submit(record, cmd::run_script(script_, record.key).request);
    case CallKind::pop:
      detail::submit(engine_, cmd::blpop(record.key, record.blocks), {.caller = record.caller},
                     [this, &record](auto& over) {
                       const auto popped = over.take();
                       finish(record, popped, popped && *popped ? (*popped)->second : "");
                     });
      return;
    case CallKind::transaction: run_transaction(record); return;
    case CallKind::watched: run_watched(record); return;
    case CallKind::pipelined: return;  // together with the others of its pipeline
  }
}

void Callers::submit(CallRecord& record, Request request) {
  detail::submit(engine_, Command<Reply>{std::move(request), decode<Reply>}, {.caller = record.caller},
                 [this, &record](auto& over) {
                   const Result<Reply> outcome = over.take();
                   finish(record, outcome, outcome ? std::string(outcome->as_string().value_or("")) : "");
                 });
}

testing::Detached Callers::run_pipeline(std::vector<CallRecord*> records) {
  AsyncPipeline pipeline(engine_);
  std::vector<PipelineResult<std::int64_t>> results;
  results.reserve(records.size());
  for (const CallRecord* record : records) results.push_back(pipeline.incr(record->key));
  const CallOptions options{.caller = records.front()->caller};
  co_await pipeline.execute(options);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Result<std::int64_t> result = results[i].result();
    finish(*records[i], result, text_of(result));
  }
}

testing::Detached Callers::run_transaction(CallRecord& record) {
  AsyncTransaction transaction(engine_);
  auto one = transaction.incr(record.key);
  auto other = transaction.incr(other_counter(record.key));
  const CallOptions options{.caller = record.caller};
  co_await transaction.execute(options);
  const Result<std::int64_t> first = one.result();
  ledger_.expect_same_end(record, first.has_value(), other.result().has_value());
  finish(record, first, text_of(first));
}

// It reads at once what it decides on, and nobody else touches what it watches.
testing::Detached Callers::run_watched(CallRecord& record) {
  AsyncWatchedTransaction transaction(engine_, {.caller = record.caller});
  Result<bool> committed = true;
  try {
    co_await transaction.watch(record.key);
    const auto before = co_await transaction.now().get(record.key);
    static_cast<void>(before);
    static_cast<void>(transaction.incr(record.key));
    static_cast<void>(transaction.incr(other_counter(record.key)));
    committed = co_await transaction.commit();
  } catch (const Error& error) {
    committed = Unexpected(error);
  }
  finish(record, committed, committed && *committed ? "1" : "");
}

}  // namespace meridian::simulation
