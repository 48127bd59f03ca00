#include "health/probe.hpp"

#include <string>
#include <utility>

#include "core/cannot_serve.hpp"
#include "protocol/server_error.hpp"

namespace meridian::health {
namespace {

using core::ProbeKind;
using core::ProbeReport;
using core::ProbeVerdict;

constexpr CommandTraits read_traits{.repeat = Repeat::read_only};
constexpr CommandTraits write_traits{.repeat = Repeat::overwrite};

Request request_of(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::ping: return RequestBuilder("PING", read_traits).build();
    case ProbeKind::write: {
      // Writing nothing into a missing key creates nothing, and into an existing one changes nothing, but it meets
      // everything that a write meets. https://redis.io/docs/latest/commands/setrange/
      RequestBuilder setrange("SETRANGE", write_traits);
      setrange.arg("meridian:no-op-write-probe").arg(0).arg("");
      return std::move(setrange).build();
    }
    case ProbeKind::large: {
      RequestBuilder echo("ECHO", read_traits);
      echo.arg(std::string(4096, 'm'));
      return std::move(echo).build();
    }
  }
  return {};
}

}  // namespace

Probe::Probe(io::World& world, database::Database& database, ProbeKind kind, Duration timeout, Done done)
    : world_(world),
      kind_(kind),
      started_(world.clock.now()),
      patience_(started_, timeout),
      done_(std::move(done)),
      timer_(world.loop.make_timer()) {
  const bool ask_standing = kind == ProbeKind::ping && database.check_connection() != nullptr;
  open_ = ask_standing ? 2 : 1;
  if (ask_standing) {
    // May fail inside this call, when the write finds the connection dead.
    standing_ = Exchange::on_standing(world, database, request_of(kind),
                                      [this](const Exchange::Outcome& outcome) { on_outcome(false, outcome); });
  }
  fresh_ = Exchange::on_fresh(world, database, request_of(kind),
                              [this](const Exchange::Outcome& outcome) { on_outcome(true, outcome); });
  timer_->arm(patience_.due(), [this] { on_timer(); });
}

ProbeReport Probe::judge(const Exchange::Outcome& outcome) const {
  if (!outcome.reply) {
    ProbeVerdict verdict = ProbeVerdict::failed;
    if (outcome.end.code == ErrorCode::connect_refused) verdict = ProbeVerdict::refused;
    if (outcome.end.code == ErrorCode::local_resource) verdict = ProbeVerdict::local;
    // The server's own words, met while shaking hands.
    if (core::is_cannot_serve(outcome.end.code)) verdict = ProbeVerdict::cannot_serve;
    // Connecting took longer than we allow a connection: silence, not refusal.
    if (outcome.end.code == ErrorCode::connect_timeout) verdict = ProbeVerdict::unanswered;
    return {verdict, outcome.end.code, outcome.end.message, {}};
  }
  if (outcome.reply->type() == ReplyType::error) {
    const std::string text(outcome.reply->as_string().value_or(""));
    const ErrorCode code = protocol::classify(text, read_traits).code;
    if (core::is_cannot_serve(code)) return {ProbeVerdict::cannot_serve, code, text, {}};
    if (kind_ == ProbeKind::write && code == ErrorCode::no_permission) {
      return {ProbeVerdict::not_permitted, code, text, {}};
    }
  }
  return {ProbeVerdict::answered, ErrorCode::server_error, {}, world_.clock.now() - started_};
}

void Probe::on_outcome(bool fresh, const Exchange::Outcome& outcome) {
  ProbeReport report = judge(outcome);
  // Words from the server decide; a connection that fails leaves the other one its chance.
  if (outcome.reply) return finish(std::move(report));
  --open_;
  // What a new connection meets says more than the end of an old one.
  if (fresh || !failed_) failed_ = std::move(report);
  if (open_ == 0) finish(*failed_);
}

void Probe::on_timer() {
  // Keep both alive while looking: an answer found now finishes the probe.
  if (standing_) standing_->look();
  if (fresh_ && !finished_) fresh_->look();
  if (finished_) return;
  if (!patience_.is_over(world_.clock.now())) {
    timer_->arm(patience_.due(), [this] { on_timer(); });
    return;
  }
  if (failed_ && failed_->verdict == ProbeVerdict::refused) return finish(*failed_);
  finish({ProbeVerdict::unanswered, ErrorCode::timed_out, std::string(to_string(kind_)) + " was not answered", {}});
}

void Probe::finish(ProbeReport report) {
  if (finished_) return;
  finished_ = std::move(report);
  // Told from a task of its own: whoever hears it may destroy the probe, whose connections are on the stack now.
  timer_->arm(world_.clock.now(), [this] {
    const Done done = std::exchange(done_, nullptr);
    const ProbeReport told = *finished_;
    done(told);
  });
}

}  // namespace meridian::health
