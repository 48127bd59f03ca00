// The line that shows how things are: throughput, active database, breakers, failed calls by delivery.
#pragma once

#include <chrono>
#include <stop_token>
#include <thread>

#include <meridian/meridian.hpp>

#include "demo/screen.hpp"
#include "demo/workload.hpp"

namespace meridian::demo {

// Shown from construction to destruction: several times a second on a terminal, else once.
class LiveLine {
 public:
  // All three must outlive it.
  LiveLine(Screen& screen, const MultiDbClient& client, const Tally& tally);
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;
  ~LiveLine();

 private:
  void show(const std::stop_token& stop);
  [[nodiscard]] Line compose(double per_second) const;

  Screen& screen_;
  const MultiDbClient& client_;
  const Tally& tally_;
  std::jthread thread_;
};

}  // namespace meridian::demo
