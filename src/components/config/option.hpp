// What there is to know about one option: its name, where it counts, how it is written and read. The manual's tables
// (docs/options.md), the reader of files and the comparison of two configurations all work from these descriptors.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <meridian/multi_db_config.hpp>

#include "components/config/document.hpp"
#include "components/config/reading.hpp"

namespace meridian::config {

// When a change of the option in a file that is read again comes into effect.
enum class Changes {
  at_once,
  at_restart,
  one_by_one,    // the databases: each is added, removed or given another weight
  not_in_files,  // it counts for a plain `Client` only, or the whole client decides it
};

template <class Struct>
struct Option {
  std::string_view name;
  std::string type;        // how it is written: "duration", "true or false"; empty: in code only
  std::string_view range;  // what is right; empty: anything of its type
  std::string_view meaning;
  Changes changes = Changes::at_restart;

  std::string (*shown)(const Struct&) = nullptr;           // the value as a file has it
  void (*read)(Struct&, const Node&, Reading&) = nullptr;  // null: in code only
  bool (*same)(const Struct&, const Struct&) = nullptr;
  void (*copy)(Struct& to, const Struct& from) = nullptr;
};

// The options of a struct, one for each field, in their order (option_tables.cpp).
template <class Struct>
[[nodiscard]] std::span<const Option<Struct>> options_of();

template <>
std::span<const Option<MultiDbConfig>> options_of();
template <>
std::span<const Option<DatabaseConfig>> options_of();
template <>
std::span<const Option<ClientOptions>> options_of();
template <>
std::span<const Option<CircuitBreakerOptions>> options_of();
template <>
std::span<const Option<SustainedFailures>> options_of();
template <>
std::span<const Option<RetryPolicy>> options_of();
template <>
std::span<const Option<Backoff>> options_of();
template <>
std::span<const Option<RetryBudget>> options_of();
template <>
std::span<const Option<CacheOptions>> options_of();
template <>
std::span<const Option<TlsOptions>> options_of();
template <>
std::span<const Option<Endpoint>> options_of();
template <>
std::span<const Option<Keepalive>> options_of();
template <>
std::span<const Option<ReplyLimits>> options_of();

}  // namespace meridian::config
