// One line for each type of event.
#include "demo/narration.hpp"

#include <cstdio>
#include <string_view>
#include <type_traits>
#include <variant>

namespace meridian::demo {
namespace {

std::string because(const std::string& evidence) { return evidence.empty() ? std::string() : ": " + evidence; }

Tone tone_of(CircuitState state) { return state == CircuitState::closed ? Tone::good : Tone::warning; }
Tone tone_of(Health health) { return health == Health::unhealthy ? Tone::warning : Tone::good; }

std::string text(std::string_view view) { return std::string(view); }

Line line(const ActiveDatabaseChanged& e) {
  const bool home = e.reason == SwitchReason::failback;
  return {{home ? "failback" : "failover", Tone::strong},
          {" " + e.from + " -> " + e.to + " (" + text(to_string(e.reason)) + ", epoch " + std::to_string(e.epoch) +
           ")" + because(e.evidence)}};
}

Line line(const CommandsFailed& e) {
  const std::string where = e.database.empty() ? "" : " on " + e.database;
  return {{"calls failed" + where, Tone::warning},
          {": not_sent " + std::to_string(e.not_sent) + ", rejected " + std::to_string(e.rejected) + ", in_doubt " +
           std::to_string(e.in_doubt) + "; the last: " + e.last_error}};
}

Line line(const CircuitStateChanged& e) {
  return {{"breaker of " + e.database + " "},
          {text(to_string(e.from)) + " -> " + text(to_string(e.to)), tone_of(e.to)},
          {because(e.evidence)}};
}

Line line(const HealthChanged& e) {
  return {{"health of " + e.database + " "},
          {text(to_string(e.from)) + " -> " + text(to_string(e.to)), tone_of(e.to)},
          {because(e.evidence)}};
}

Line line(const AllDatabasesUnavailable& e) {
  return {{"no database is usable", Tone::bad}, {" (epoch " + std::to_string(e.epoch) + ")" + because(e.evidence)}};
}

Line line(const ConfigurationRefused& e) {
  return {{"configuration refused by " + e.database, Tone::bad}, {because(e.evidence)}};
}

Line line(const SubscriptionMoved& e) {
  return {{"subscriptions moved", Tone::strong}, {" " + e.from + " -> " + e.to + ", gap " + measured(e.gap)}};
}

Line line(const SwitchWithheld& e) {
  return {{"only observed", Tone::warning},
          {" " + e.from + " -> " + e.to + " (" + text(to_string(e.reason)) + ")" + because(e.evidence)}};
}

Line line(const DatabaseAdded& e) { return {{"database added", Tone::strong}, {" " + e.database}}; }

Line line(const DatabaseRemoved& e) { return {{"database removed", Tone::strong}, {" " + e.database}}; }

Line line(const WeightChanged& e) {
  return {{"weight of " + e.database + " "}, {std::to_string(e.from) + " -> " + std::to_string(e.to)}};
}

}  // namespace

std::string measured(Duration duration) {
  const double milliseconds = std::chrono::duration<double, std::milli>(duration).count();
  char text[48];
  if (milliseconds < 1000) std::snprintf(text, sizeof text, "%.1f ms", milliseconds);
  else std::snprintf(text, sizeof text, "%.2f s", milliseconds / 1000);
  return text;
}

std::string configured(Duration duration) {
  using namespace std::chrono;
  if (duration % seconds(1) == Duration::zero()) return std::to_string(duration_cast<seconds>(duration).count()) + " s";
  return std::to_string(duration_cast<milliseconds>(duration).count()) + " ms";
}

Line describe(const Event& event) {
  return std::visit([](const auto& concrete) { return line(concrete); }, event);
}

}  // namespace meridian::demo
