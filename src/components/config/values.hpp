// How a value of each type that options have is written in a file, read from it, and compared.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <meridian/duration_text.hpp>
#include <meridian/multi_db_config.hpp>

#include "components/config/document.hpp"
#include "components/config/option.hpp"
#include "components/config/reading.hpp"

namespace meridian::config {

// The values of an enum by name, as written in the code.
template <class Enum>
struct Named {
  std::string_view name;
  Enum value;
};
template <class Enum>
[[nodiscard]] std::span<const Named<Enum>> names_of();

template <>
std::span<const Named<Protocol>> names_of();
template <>
std::span<const Named<TlsVersion>> names_of();
template <>
std::span<const Named<Repeat>> names_of();
template <>
std::span<const Named<Backoff::Kind>> names_of();
template <>
std::span<const Named<HealthCheckPolicy>> names_of();
template <>
std::span<const Named<InitialHealthCheckPolicy>> names_of();
template <>
std::span<const Named<WhenUnavailable>> names_of();
template <>
std::span<const Named<Failback>> names_of();

[[nodiscard]] std::string number_text(double value);
[[nodiscard]] std::string quoted_text(std::string_view text);

// The primary template is that of enums and of structs with options of their own.
template <class T>
struct Value {
  static std::string type() {
    if constexpr (std::is_enum_v<T>) return one_of();
    else return "table";
  }

  static std::string shown(const T& value) {
    if constexpr (std::is_enum_v<T>) return quoted_text(name(value));
    else return shown_table(value);
  }

  static void read(T& value, const Node& node, Reading& reading) {
    if constexpr (std::is_enum_v<T>) read_name(value, node, reading);
    else read_table(value, node, reading);
  }

  static bool same(const T& a, const T& b) {
    if constexpr (std::is_enum_v<T>) {
      return a == b;
    } else {
      for (const Option<T>& option : options_of<T>()) {
        if (!option.same(a, b)) return false;
      }
      return true;
    }
  }

 private:
  static std::string_view name(T value) {
    for (const Named<T>& named : names_of<T>()) {
      if (named.value == value) return named.name;
    }
    return "?";
  }

  static std::string one_of() {
    std::string text;
    for (const Named<T>& named : names_of<T>()) text += (text.empty() ? "" : ", ") + quoted_text(named.name);
    return text;
  }

  static void read_name(T& value, const Node& node, Reading& reading) {
    if (const auto* text = std::get_if<std::string>(&node.value)) {
      for (const Named<T>& named : names_of<T>()) {
        if (named.name == *text) {
          value = named.value;
          return;
        }
      }
    }
    reading.refuse(node, "one of " + one_of());
  }

  // Only what differs from the struct's own defaults, which have a table of their own.
  static std::string shown_table(const T& value) {
    static const T by_default{};
    std::string text;
    for (const Option<T>& option : options_of<T>()) {
      if (option.same(value, by_default)) continue;
      text += (text.empty() ? "" : ", ") + std::string(option.name) + " = " + option.shown(value);
    }
    return text.empty() ? "its defaults" : "{" + text + "}";
  }

  static void read_table(T& value, const Node& node, Reading& reading);
};

// The option that a file may set by this name, or nothing.
template <class Struct>
const Option<Struct>* option_for(std::string_view name) {
  for (const Option<Struct>& option : options_of<Struct>()) {
    if (option.name == name && option.read != nullptr) return &option;
  }
  return nullptr;
}

// "a, b, c": what a file may set.
template <class Struct>
std::string readable_names() {
  std::string text;
  for (const Option<Struct>& option : options_of<Struct>()) {
    if (option.read != nullptr) text += (text.empty() ? "" : ", ") + std::string(option.name);
  }
  return text;
}

template <class T>
void Value<T>::read_table(T& value, const Node& node, Reading& reading) {
  const auto* table = std::get_if<Table>(&node.value);
  if (table == nullptr) {
    reading.refuse(node, "a table of " + readable_names<T>());
    return;
  }
  for (const Node& entry : table->entries) {
    if (const Option<T>* option = option_for<T>(entry.key)) option->read(value, entry, reading);
    else reading.complain(entry.line, entry.path + " is not known: must be one of " + readable_names<T>());
  }
}

template <>
struct Value<bool> {
  static std::string type() { return "true or false"; }
  static std::string shown(bool value) { return value ? "true" : "false"; }
  static void read(bool& value, const Node& node, Reading& reading);
  static bool same(bool a, bool b) { return a == b; }
};

template <>
struct Value<double> {
  static std::string type() { return "number"; }
  static std::string shown(double value) { return number_text(value); }
  static void read(double& value, const Node& node, Reading& reading);
  static bool same(double a, double b) { return a == b; }
};

template <>
struct Value<Duration> {
  static std::string type() { return "duration"; }
  static std::string shown(Duration value) { return quoted_text(duration_text(value)); }
  static void read(Duration& value, const Node& node, Reading& reading);
  static bool same(Duration a, Duration b) { return a == b; }
};

template <>
struct Value<std::string> {
  static std::string type() { return "text"; }
  static std::string shown(const std::string& value) { return quoted_text(value); }
  static void read(std::string& value, const Node& node, Reading& reading);
  static bool same(const std::string& a, const std::string& b) { return a == b; }
};

template <>
struct Value<Secret> {
  static std::string type() { return "text"; }
  static std::string shown(const Secret& value) { return value.empty() ? quoted_text("") : "(a secret)"; }
  static void read(Secret& value, const Node& node, Reading& reading);
  static bool same(const Secret& a, const Secret& b) { return a.reveal_secret() == b.reveal_secret(); }
};

// The name of each.
template <>
struct Value<HealthChecks> {
  static std::string type() { return "list of \"ping\", \"echo\""; }
  static std::string shown(const HealthChecks& value);
  static void read(HealthChecks& value, const Node& node, Reading& reading);
  static bool same(const HealthChecks& a, const HealthChecks& b) { return shown(a) == shown(b); }
};

template <class T>
  requires std::is_integral_v<T>
struct Value<T> {
  static std::string type() { return "whole number"; }
  static std::string shown(T value) { return std::to_string(value); }
  static void read(T& value, const Node& node, Reading& reading) {
    const auto* number = std::get_if<std::int64_t>(&node.value);
    if (number != nullptr && std::in_range<T>(*number)) {
      value = static_cast<T>(*number);
      return;
    }
    constexpr bool fits = sizeof(T) < sizeof(std::int64_t);
    reading.refuse(node, "a whole number" + (fits ? " from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
                                                        std::to_string(std::numeric_limits<T>::max())
                                                  : std::string(std::is_signed_v<T> ? "" : ", 0 or greater")));
  }
  static bool same(T a, T b) { return a == b; }
};

template <class T>
struct Value<std::optional<T>> {
  static std::string type() { return Value<T>::type(); }
  static std::string shown(const std::optional<T>& value) { return value ? Value<T>::shown(*value) : "not set"; }
  static void read(std::optional<T>& value, const Node& node, Reading& reading) {
    Value<T>::read(value ? *value : value.emplace(), node, reading);
  }
  static bool same(const std::optional<T>& a, const std::optional<T>& b) {
    return a && b ? Value<T>::same(*a, *b) : a.has_value() == b.has_value();
  }
};

template <class T>
struct Value<std::vector<T>> {
  static std::string type() { return "list of " + Value<T>::type() + "s"; }
  static std::string shown(const std::vector<T>& value) {
    std::string text;
    for (const T& element : value) text += (text.empty() ? "" : ", ") + Value<T>::shown(element);
    return "[" + text + "]";
  }
  static void read(std::vector<T>& value, const Node& node, Reading& reading) {
    const auto* list = std::get_if<List>(&node.value);
    if (list == nullptr) {
      reading.refuse(node, "a " + type());
      return;
    }
    value.clear();
    for (const Node& element : list->elements) Value<T>::read(value.emplace_back(), element, reading);
  }
  static bool same(const std::vector<T>& a, const std::vector<T>& b) { return a == b; }
};

}  // namespace meridian::config
