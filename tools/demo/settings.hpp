// How fast a run goes, the client's configuration, and its print-out.
#pragma once

#include <cstddef>
#include <string>

#include <meridian/meridian.hpp>

#include "demo/screen.hpp"

namespace meridian::demo {

// What `--fast` changes: how long things are waited for after a failover. Nothing that detects a failure is in here.
struct Tempo {
  Duration grace_period = std::chrono::seconds(10);
  Duration auto_fallback_interval = std::chrono::seconds(5);
  Duration warm_up = std::chrono::seconds(5);
  // How long a server stays broken after the client has found the next one.
  Duration outage = std::chrono::seconds(4);

  [[nodiscard]] static Tempo fast() {
    return {.grace_period = std::chrono::seconds(2),
            .auto_fallback_interval = std::chrono::seconds(1),
            .warm_up = std::chrono::seconds(2),
            .outage = std::chrono::milliseconds(1500)};
  }
};

// 1.0, 0.5, 0.25 …: the first of the list is the heaviest.
[[nodiscard]] double weight_of(std::size_t index) noexcept;

// The library's defaults but for the tempo; the databases are still to be added.
[[nodiscard]] MultiDbConfig make_config(const Tempo& tempo);

[[nodiscard]] DatabaseConfig make_database(const Tempo& tempo, std::string name, std::string uri, std::size_t index);

void print_settings(Screen& screen, const MultiDbConfig& config);

}  // namespace meridian::demo
