#include "client/single_engine.hpp"

#include <utility>

#include "client/blocking.hpp"
#include "database/standalone.hpp"

namespace meridian::client {
namespace {

// As `MultiDbConfig::suspicion_after`: so long a silent connection is given new commands.
constexpr Duration silent_after = std::chrono::milliseconds(250);

RunnerSettings runner_settings(const ClientOptions& options) {
  return {.retry = {.policy = options.command_retry, .repeat_up_to = options.repeat_up_to},
          .retry_budget = options.retry_budget,
          .command_deadline = options.command_deadline,
          .max_queued = options.max_queued,
          .max_queued_bytes = options.max_queued_bytes,
          .connections = static_cast<std::size_t>(options.connections),
          .cache = options.cache};
}

}  // namespace

SingleEngine::SingleEngine(io::World& world, const Target& target)
    : world_(world),
      options_(target.options),
      name_(io::address_of(target.endpoint).text()),
      runner_(world, *this, runner_settings(target.options)),
      subscriptions_(world, *this, [](const SubscriptionMoved&) {}),
      trouble_{ErrorCode::timed_out, Delivery::not_sent, "connecting to " + name_ + " takes longer than the deadline"} {
  ignore_answers();
  database::LinkSpec spec{
      .address = io::address_of(target.endpoint), .options = options_, .silent_after = silent_after};
  in_a_turn(world_, [&] {
    database_ = std::make_unique<database::Standalone>(world_, std::move(spec), nullptr, *this);
    database_->activate(0);
    subscriptions_.add_source({name_, database_.get()});
    subscriptions_.activate(0, 0, nullptr);
  });
}

SingleEngine::~SingleEngine() = default;

void SingleEngine::execute(std::span<const detail::EngineCall> calls, const CallOptions* options) {
  runner_.execute(calls, options);
}

void SingleEngine::start(std::span<const detail::EngineCall> calls, const CallOptions& options) {
  runner_.start(calls, options);
}

CacheStatistics SingleEngine::cache_statistics() {
  CacheStatistics statistics;
  if (!closed_) in_a_turn(world_, [&] { statistics = runner_.cache_statistics(); });
  return statistics;
}

void SingleEngine::close() noexcept {
  if (closed_.exchange(true)) return;
  in_a_turn(world_, [this] { close_on_loop(); });
  wait_until_told(world_);
}

void SingleEngine::close_on_loop() {
  subscriptions_.close();
  database_->close();
  runner_.close();
  database_.reset();
}

Route SingleEngine::route(const Need&) {
  Route route{.attempt_timeout = options_.command_timeout};
  if (database_->is_ready()) route.database = database_.get();
  return route;
}

protocol::Failure SingleEngine::why_waiting() const { return trouble_; }

void SingleEngine::on_database_ready(database::Database& database) {
  on_database_takes_more(database);
  subscriptions_.recover();
}

void SingleEngine::on_database_takes_more(database::Database&) {
  trouble_ = {ErrorCode::timed_out, Delivery::not_sent, "the connection to " + name_ + " took no more commands"};
  runner_.route_waiting();
}

void SingleEngine::on_push(database::Database&, ReplyView push) { runner_.on_push(push); }

void SingleEngine::on_tracking_lost(database::Database&) { runner_.on_tracking_lost(); }

void SingleEngine::on_connection_lost(database::Database&, database::Purpose, const database::LinkEnd& end,
                                      database::LinkId) {
  trouble_ = {end.code, Delivery::not_sent, end.message};
}

}  // namespace meridian::client
