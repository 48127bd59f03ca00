#include "failover/inquiry.hpp"

#include <algorithm>
#include <utility>

#include "core/server_text.hpp"

namespace meridian::failover {
namespace {

using std::chrono::milliseconds;

constexpr Duration between_refusals = milliseconds(50);

// Large packets that do not pass look like loss; row 16 of faults.md asks for three seconds of the same.
constexpr Duration large_must_last = milliseconds(3000);

// How long a server must keep saying that it cannot serve; the rest leaves at the second word.
Duration must_last(ErrorCode code) noexcept {
  if (code == ErrorCode::cluster_down) return milliseconds(2000);
  return may_end_by_itself(code) ? Duration(milliseconds(500)) : between_refusals;
}

}  // namespace

bool may_end_by_itself(ErrorCode code) noexcept {
  return code == ErrorCode::busy || code == ErrorCode::out_of_memory || code == ErrorCode::misconfigured ||
         code == ErrorCode::no_replicas || code == ErrorCode::cluster_down;
}

void Inquiry::begin(TimePoint now, std::optional<ErrorCode> cannot_serve) {
  if (active_) return;
  active_ = true;
  probing_ = false;
  began_ = now;
  due_ = now;
  unanswered_ = refused_ = cannot_serve_ = probes_refused_ = 0;
  if (cannot_serve) {
    cannot_serve_ = 1;
    cannot_serve_at_ = now;
    due_ = now + between_refusals;
  }
}

void Inquiry::end() noexcept {
  active_ = false;
  probing_ = false;
  due_.reset();
}

bool Inquiry::clear_silence() noexcept {
  if (!active_ || cannot_serve_ > 0) return false;
  end();
  return true;
}

Inquiry::Verdict Inquiry::on_report(TimePoint now, const core::ProbeReport& report, int unanswered_limit) {
  probing_ = false;
  switch (report.verdict) {
    case core::ProbeVerdict::answered:
    case core::ProbeVerdict::not_permitted:
    case core::ProbeVerdict::local: end(); return Verdict::cleared;
    case core::ProbeVerdict::unanswered: return on_unanswered(now, report, unanswered_limit);
    case core::ProbeVerdict::refused:
    case core::ProbeVerdict::failed: return on_refused(now, report);
    case core::ProbeVerdict::cannot_serve: return on_cannot_serve(now, report);
  }
  return Verdict::pending;
}

Inquiry::Verdict Inquiry::on_unanswered(TimePoint now, const core::ProbeReport& report, int limit) {
  ++unanswered_;
  const bool lasted = kind_ != core::ProbeKind::large || now - began_ >= large_must_last;
  if (unanswered_ < limit || !lasted) return probe_again(now);
  return confirm(report.text + " " + std::to_string(unanswered_) + " times in a row");
}

Inquiry::Verdict Inquiry::on_refused(TimePoint now, const core::ProbeReport& report) {
  unanswered_ = 0;
  if (++refused_ == 1) refused_at_ = now;
  if (refused_ < 2 || now - refused_at_ < between_refusals) return probe_again(refused_at_ + between_refusals);
  return confirm(report.text);
}

Inquiry::Verdict Inquiry::on_cannot_serve(TimePoint now, const core::ProbeReport& report) {
  unanswered_ = 0;
  ++probes_refused_;
  if (++cannot_serve_ == 1) cannot_serve_at_ = now;
  const Duration needed = must_last(report.code);
  // What traffic was told is a word, but not a probe.
  const bool often_enough = may_end_by_itself(report.code) ? probes_refused_ >= 2 : cannot_serve_ >= 2;
  if (often_enough && now - cannot_serve_at_ >= needed) {
    return confirm("answers \"" + core::escape_server_text(report.text) + "\"");
  }
  const TimePoint at_the_end = cannot_serve_at_ + needed;
  return probe_again(std::max(now + between_refusals, std::min(at_the_end, now + milliseconds(225))));
}

Inquiry::Verdict Inquiry::probe_again(TimePoint due) noexcept {
  due_ = due;
  return Verdict::pending;
}

Inquiry::Verdict Inquiry::confirm(std::string evidence) {
  evidence_ = std::move(evidence);
  end();
  return Verdict::confirmed;
}

}  // namespace meridian::failover
