// One probe of a database: asked on the standing check connection and, in parallel, on a fresh one (DET-5); any answer
// is an answer. Write and large probes use a fresh connection only, so that one which gets stuck does not silence the
// standing connection.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "core/patience.hpp"
#include "core/probe.hpp"
#include "health/exchange.hpp"

namespace meridian::health {

class Probe {
 public:
  using Done = std::function<void(const core::ProbeReport&)>;

  // `done` runs once, never inside the constructor, and may destroy the probe. Destroying it earlier abandons it.
  Probe(io::World& world, database::Database& database, core::ProbeKind kind, Duration timeout, Done done);
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

 private:
  void on_outcome(bool fresh, const Exchange::Outcome& outcome);
  [[nodiscard]] core::ProbeReport judge(const Exchange::Outcome& outcome) const;
  void on_timer();
  void finish(core::ProbeReport report);

  io::World& world_;
  const core::ProbeKind kind_;
  const TimePoint started_;
  core::Patience patience_;
  Done done_;
  std::unique_ptr<Exchange> standing_;
  std::unique_ptr<Exchange> fresh_;
  int open_ = 0;                             // connections that may still bring an answer
  std::optional<core::ProbeReport> failed_;  // the fresh connection's bad news, while the standing one may still answer
  std::unique_ptr<io::Timer> timer_;
  std::optional<core::ProbeReport> finished_;
};

}  // namespace meridian::health
