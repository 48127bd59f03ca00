// Values that are written and read in one way each.
#include "components/config/values.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace meridian::config {
namespace {

template <class T>
const T* get(const Node& node, Reading& reading, std::string_view rule) {
  const T* value = std::get_if<T>(&node.value);
  if (value == nullptr) reading.refuse(node, rule);
  return value;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char character) { return static_cast<char>(std::tolower(character)); });
  return result;
}

std::shared_ptr<const HealthCheck> check_named(const Node& node) {
  const auto* name = std::get_if<std::string>(&node.value);
  if (name != nullptr && *name == "ping") return ping_health_check();
  if (name != nullptr && *name == "echo") return echo_health_check();
  return nullptr;
}

}  // namespace

std::string number_text(double value) {
  std::array<char, 32> text;
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  return std::string(text.data(), written.ptr);
}

std::string quoted_text(std::string_view text) {
  std::string quotation = "\"";
  quotation += text;
  return quotation += '"';
}

void Value<bool>::read(bool& value, const Node& node, Reading& reading) {
  if (const auto* flag = get<bool>(node, reading, "true or false")) value = *flag;
}

void Value<double>::read(double& value, const Node& node, Reading& reading) {
  if (const auto* whole = std::get_if<std::int64_t>(&node.value)) value = static_cast<double>(*whole);
  else if (const auto* number = get<double>(node, reading, "a number")) value = *number;
}

void Value<Duration>::read(Duration& value, const Node& node, Reading& reading) {
  constexpr std::string_view rule = R"(a duration: a whole number with us, ms, s or m between quotes, as "250ms")";
  const auto* text = get<std::string>(node, reading, rule);
  if (text == nullptr) return;
  if (const std::optional<Duration> duration = parse_duration(*text)) value = *duration;
  else reading.refuse(node, rule);
}

void Value<std::string>::read(std::string& value, const Node& node, Reading& reading) {
  if (const auto* text = get<std::string>(node, reading, "a text between quotes")) value = *text;
}

void Value<Secret>::read(Secret& value, const Node& node, Reading& reading) {
  if (const auto* text = get<std::string>(node, reading, "a text between quotes")) value = *text;
}

std::string Value<HealthChecks>::shown(const HealthChecks& value) {
  std::string text;
  for (const auto& check : value) {
    text += (text.empty() ? "" : ", ") + quoted_text(check == nullptr ? "null" : lower(check->name()));
  }
  return "[" + text + "]";
}

void Value<HealthChecks>::read(HealthChecks& value, const Node& node, Reading& reading) {
  const auto* list = get<List>(node, reading, R"(a list of "ping" and "echo")");
  if (list == nullptr) return;
  value.clear();
  for (const Node& element : list->elements) {
    if (auto check = check_named(element)) value.push_back(std::move(check));
    else reading.refuse(element, R"("ping" or "echo"; others are given in code)");
  }
}

template <>
std::span<const Named<Protocol>> names_of() {
  static constexpr Named<Protocol> names[] = {
      {"negotiate", Protocol::negotiate}, {"resp2", Protocol::resp2}, {"resp3", Protocol::resp3}};
  return names;
}

template <>
std::span<const Named<TlsVersion>> names_of() {
  static constexpr Named<TlsVersion> names[] = {{"tls_1_2", TlsVersion::tls_1_2}, {"tls_1_3", TlsVersion::tls_1_3}};
  return names;
}

template <>
std::span<const Named<Repeat>> names_of() {
  static constexpr Named<Repeat> names[] = {{"read_only", Repeat::read_only},
                                            {"overwrite", Repeat::overwrite},
                                            {"conditional", Repeat::conditional},
                                            {"accumulate", Repeat::accumulate},
                                            {"administrative", Repeat::administrative}};
  return names;
}

template <>
std::span<const Named<Backoff::Kind>> names_of() {
  static constexpr Named<Backoff::Kind> names[] = {{"none", Backoff::Kind::none},
                                                   {"constant", Backoff::Kind::constant},
                                                   {"linear", Backoff::Kind::linear},
                                                   {"exponential", Backoff::Kind::exponential},
                                                   {"steps", Backoff::Kind::steps}};
  return names;
}

template <>
std::span<const Named<HealthCheckPolicy>> names_of() {
  static constexpr Named<HealthCheckPolicy> names[] = {
      {"all", HealthCheckPolicy::all}, {"any", HealthCheckPolicy::any}, {"majority", HealthCheckPolicy::majority}};
  return names;
}

template <>
std::span<const Named<InitialHealthCheckPolicy>> names_of() {
  static constexpr Named<InitialHealthCheckPolicy> names[] = {
      {"one_available", InitialHealthCheckPolicy::one_available},
      {"majority_available", InitialHealthCheckPolicy::majority_available},
      {"all_available", InitialHealthCheckPolicy::all_available}};
  return names;
}

template <>
std::span<const Named<WhenUnavailable>> names_of() {
  static constexpr Named<WhenUnavailable> names[] = {{"fail", WhenUnavailable::fail}, {"wait", WhenUnavailable::wait}};
  return names;
}

template <>
std::span<const Named<Failback>> names_of() {
  static constexpr Named<Failback> names[] = {
      {"immediate", Failback::immediate}, {"reads_first", Failback::reads_first}, {"ramp", Failback::ramp}};
  return names;
}

}  // namespace meridian::config
