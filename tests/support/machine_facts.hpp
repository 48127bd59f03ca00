// What a report says of the machine and the moment, for the tools that write figures into docs/.
#pragma once

#include <array>
#include <ctime>
#include <fstream>
#include <string>

namespace meridian::testing {

// "2026-11-21 12:30 UTC"
[[nodiscard]] inline std::string date() {
  const std::time_t now = std::time(nullptr);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", std::gmtime(&now));
  return text.data();
}

// The processor's model, or "unknown".
[[nodiscard]] inline std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

}  // namespace meridian::testing
