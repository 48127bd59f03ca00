// A suspicion being looked into: probe after probe of one kind until it is cleared or confirmed (rules DET-3, DET-5).
// Pure: told what probes found, says what to do next.
#pragma once

#include <optional>
#include <string>

#include "core/probe.hpp"

namespace meridian::failover {

// The cannot-serve replies that often end without anybody's doing: a script, a full memory, a cluster's own failover.
// Leaving for them takes evidence that lasts (faults.md, section 2, column "Leave").
[[nodiscard]] bool may_end_by_itself(ErrorCode code) noexcept;

class Inquiry {
 public:
  explicit Inquiry(core::ProbeKind kind) noexcept : kind_(kind) {}

  [[nodiscard]] core::ProbeKind kind() const noexcept { return kind_; }
  [[nodiscard]] bool is_active() const noexcept { return active_; }

  // When the next probe is due; nothing while one is out or the inquiry is not active.
  [[nodiscard]] std::optional<TimePoint> probe_due() const noexcept {
    return active_ && !probing_ ? due_ : std::nullopt;
  }

  // Evidence arrived. No effect while active. `cannot_serve`: the reply that said so, which counts as the first
  // refusal.
  void begin(TimePoint now, std::optional<ErrorCode> cannot_serve = std::nullopt);

  // The probe that was due is out.
  void probe_started() noexcept { probing_ = true; }

  enum class Verdict { pending, cleared, confirmed };
  // REQUIRES: a probe is out. `evidence()` is set when confirmed.
  [[nodiscard]] Verdict on_report(TimePoint now, const core::ProbeReport& report, int unanswered_limit);

  // Bytes were heard on a connection that had been silent: that clears suspicion of silence, but not a server's own
  // words. Returns true if it was cleared by this.
  bool clear_silence() noexcept;

  void end() noexcept;

  // A probe has failed, but not yet as often or as long as it takes.
  [[nodiscard]] bool has_bad_news() const noexcept { return active_ && unanswered_ + refused_ + cannot_serve_ > 0; }

  [[nodiscard]] const std::string& evidence() const noexcept { return evidence_; }

 private:
  [[nodiscard]] Verdict on_unanswered(TimePoint now, const core::ProbeReport& report, int limit);
  [[nodiscard]] Verdict on_refused(TimePoint now, const core::ProbeReport& report);
  [[nodiscard]] Verdict on_cannot_serve(TimePoint now, const core::ProbeReport& report);
  [[nodiscard]] Verdict probe_again(TimePoint due) noexcept;
  [[nodiscard]] Verdict confirm(std::string evidence);

  const core::ProbeKind kind_;
  bool active_ = false;
  bool probing_ = false;
  std::optional<TimePoint> due_;
  TimePoint began_{};
  int unanswered_ = 0;
  int refused_ = 0;
  TimePoint refused_at_{};  // the first time
  int cannot_serve_ = 0;
  TimePoint cannot_serve_at_{};  // the first time
  int probes_refused_ = 0;       // of those, said to a probe
  std::string evidence_;
};

}  // namespace meridian::failover
