// The engine behind `Client`: one database, reconnected for ever.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <meridian/detail/engine.hpp>

#include "client/call_runner.hpp"
#include "client/subscriptions.hpp"
#include "database/database.hpp"

namespace meridian::client {

class SingleEngine final : public detail::Engine, public Router, public database::DatabaseOwner {
 public:
  // Starts to connect. REQUIRES: validated options; not on the loop.
  SingleEngine(io::World& world, const Target& target);
  // REQUIRES: close() was called and has run on the loop.
  ~SingleEngine() override;

  void execute(std::span<const detail::EngineCall> calls, const CallOptions* options) override;
  void start(std::span<const detail::EngineCall> calls, const CallOptions& options) override;
  void cancel(detail::Outcome& outcome) noexcept override { runner_.cancel(outcome); }
  [[nodiscard]] std::unique_ptr<detail::Session> make_session() override { return CallRunner::make_session(); }
  void end_session(std::unique_ptr<detail::Session> session, SessionEnd how) noexcept override {
    runner_.end_session(std::move(session), how);
  }
  [[nodiscard]] std::shared_ptr<detail::Subscription> make_subscription(SubscriberOptions options) override {
    return subscriptions_.make(std::move(options));
  }
  void close() noexcept override;
  [[nodiscard]] CacheStatistics cache_statistics() override;

 private:
  [[nodiscard]] Route route(const Need& need) override;
  [[nodiscard]] bool still_serves(std::size_t, std::uint64_t) const override { return true; }
  [[nodiscard]] protocol::Failure why_waiting() const override;
  [[nodiscard]] const std::string& database_name(std::size_t) const override { return name_; }
  [[nodiscard]] bool is_verdict_pending() const override { return false; }
  void on_answered(const Attempts&) override {}
  void on_attempt_failed(const Call&, const protocol::Failure&) override {}
  void on_call_failed(const Call&, const Error&) override {}

  void on_database_ready(database::Database& database) override;
  void on_database_takes_more(database::Database&) override;
  void on_connected(database::Database&) override {}
  void on_connection_lost(database::Database&, database::Purpose, const database::LinkEnd& end,
                          database::LinkId) override;
  void on_silence(database::Database&, database::Purpose, const protocol::OwedSummary&, database::LinkId) override {}
  void on_heard(database::Database&, database::Purpose) override {}
  void on_push(database::Database& database, ReplyView push) override;
  void on_tracking_lost(database::Database& database) override;
  void on_credentials_refused(database::Database&, const std::string&) override {}  // the next connect says it again

  void close_on_loop();

  io::World& world_;
  const ClientOptions options_;
  const std::string name_;
  CallRunner runner_;
  Subscriptions subscriptions_;
  std::unique_ptr<database::Database> database_;
  protocol::Failure trouble_;  // why there is no connection, as last seen
  std::atomic<bool> closed_{false};
};

}  // namespace meridian::client
